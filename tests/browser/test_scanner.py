"""Three scanners at one door: offline, then back; without a camera; without JavaScript."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from app.attendance.models import DoorScan
from app.ergs.rules import RoleName, Visibility
from app.events.models import Rsvp
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.attendance import code_of, make_date, make_place
from tests.factories.ergs import make_erg, make_member, make_role

pytestmark = pytest.mark.browser


class Door:
    """An event at whose door people stand now."""

    def __init__(self, write) -> None:
        with write() as db:
            lead = make_person(db, "Dalia Lead", "lead@t.example", PASSWORD).id
            helper = make_person(db, "Hind Helper", "helper@t.example", PASSWORD).id
            erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
            make_member(db, erg, helper, visibility=Visibility.COMPANY)
            make_role(db, erg, helper, RoleName.CHECK_IN)
            date = make_date(db, erg, "Harvest dinner", 0.5)
            people = [make_person(db, f"Guest {n}").id for n in range(5)]
            self.places = [make_place(db, date, person).id for person in people]
            self.codes = [code_of(place) for place in self.places]
            self.path = f"/events/{date.id}/check-in/scanner"
        self.write = write

    def states(self) -> list[str]:
        with self.write() as db:
            return [db.get(Rsvp, place).state for place in self.places]

    def scans(self) -> list[DoorScan]:
        with self.write() as db:
            return list(db.scalars(select(DoorScan)))


@pytest.fixture
def door(app, write) -> Door:
    return Door(write)


@pytest.fixture
def device(app, chromium, door) -> Iterator[Callable[..., Page]]:
    """A phone of its own, signed in, with the scanner open."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    contexts, faults = [], []

    def take_out(*, scripts: bool = True, before: str = "") -> Page:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{server.server_port}",
            viewport={"width": 320, "height": 640},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.add_init_script(before)
        page.goto("/login")
        page.fill("[name=email]", "helper@t.example")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(door.path)
        if scripts:
            expect(page.locator("#scanner")).to_have_attribute("data-ready", "5")
        return page

    yield take_out
    for context in contexts:
        context.close()
    server.shutdown()
    thread.join(5)
    assert faults == []


def read(page: Page, code: str) -> None:
    page.fill("#scanner-form [name=code]", code)
    page.press("#scanner-form [name=code]", "Enter")
    expect(page.locator("#scanner-form [name=code]")).to_have_value("")


def kept(page: Page, number: int) -> None:
    expect(page.locator("#scanner")).to_have_attribute("data-kept", str(number))


def test_three_devices_scan_offline_and_merge_when_they_are_back(device, door):
    phones = [device() for _ in range(3)]
    for phone in phones:
        phone.context.set_offline(True)
    for n, phone in enumerate(phones):
        for code in (door.codes[n], door.codes[3]):
            read(phone, code)
        kept(phone, 2)
        expect(phone.locator("#scanner-state")).to_have_text("Good code, kept")
    assert door.states() == ["going"] * 5
    for phone in reversed(phones):
        phone.context.set_offline(False)
        kept(phone, 0)
    assert door.states() == [*["checked_in"] * 4, "going"]
    assert len(door.scans()) == 6
    first = min(s.scanned_at for s in door.scans() if s.rsvp_id == door.places[3])
    by_device = {s.device: s.scanned_at for s in door.scans() if s.rsvp_id == door.places[3]}
    assert len(by_device) == 3 and first == min(by_device.values())


def test_an_invalid_code_never_freezes_the_scanner(device, door):
    phone = device()
    for junk in ("nonsense", "☃☃☃", "<script>", "0" * 60):
        read(phone, junk)
    read(phone, door.codes[0])
    expect(phone.locator("#scanner-state")).to_have_text("Guest 0: Checked in")
    phone.context.set_offline(True)
    read(phone, "XXXX-XXXX-XXXX")
    expect(phone.locator("#scanner-state")).to_have_text(
        "Not known on this device, kept to be checked"
    )
    read(phone, door.codes[1])
    phone.context.set_offline(False)
    kept(phone, 0)
    assert door.states()[:2] == ["checked_in"] * 2


def test_what_was_kept_survives_closing_the_page(device, door):
    phone = device()
    phone.context.set_offline(True)
    read(phone, door.codes[0])
    kept(phone, 1)
    phone.close(run_before_unload=False)
    phone.context.set_offline(False)
    again = phone.context.new_page()
    again.goto(door.path)
    kept(again, 0)
    assert door.states()[0] == "checked_in"
    assert len(door.scans()) == 1


def test_no_name_is_on_the_device_beforehand(device, door):
    phone = device()
    store = """async () => {
      const db = await new Promise(done => {
        const r = indexedDB.open('trellis-scanner'); r.onsuccess = () => done(r.result); });
      const all = name => new Promise(done => {
        const r = db.transaction(name).objectStore(name).getAll();
        r.onsuccess = () => done(r.result); });
      return JSON.stringify([await all('packs'), await all('scans')]);
    }"""
    text = phone.evaluate(store)
    assert "Guest" not in text
    assert all(code in text for code in door.codes)
    assert "Guest" not in phone.content()


def test_the_scanner_works_without_javascript(device, door):
    phone = device(scripts=False)
    phone.fill("[name=code]", door.codes[2])
    phone.press("[name=code]", "Enter")
    expect(phone.locator("main")).to_contain_text("Guest 2: Checked in")
    assert door.states()[2] == "checked_in"


def test_the_scanner_fits_a_small_phone(device):
    phone = device()
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 320


# A browser that reads codes by itself, as most at the door do and the one of this suite does not:
# the red of a picture's middle says which code is on it. Its camera shows what `window.red` says.
READS_CODES = """(codes => {
  const pen = (width, height) =>
    Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  window.BarcodeDetector = class {
    constructor({ formats }) { this.reads = formats.includes('qr_code'); }
    async detect(source) {
      const seen = pen(1, 1);
      seen.drawImage(source, 0, 0, 1, 1);
      const code = this.reads && codes[Math.round(seen.getImageData(0, 0, 1, 1).data[0] / 50) - 1];
      return code ? [{ rawValue: code }] : [];
    }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const shown = pen(64, 64);
    setInterval(() => {
      shown.fillStyle = `rgb(${window.red || 0} 0 0)`;
      shown.fillRect(0, 0, 64, 64);
    }, 50);
    return shown.canvas.captureStream();
  };
})(%s)"""


def picture(red: int) -> dict[str, object]:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), (red, 0, 0)).save(content, "PNG")
    return {"name": "code.png", "mimeType": "image/png", "buffer": content.getvalue()}


def test_a_picture_of_a_code_checks_in_and_one_without_says_so(device, door):
    phone = device(before=READS_CODES % json.dumps(door.codes))
    said = phone.locator("#scanner-state")
    phone.get_by_label("Or a picture of a code").set_input_files(picture(100))
    expect(said).to_have_text("Guest 1: Checked in")
    phone.get_by_label("Or a picture of a code").set_input_files(picture(0))
    expect(said).to_have_text("No code in this. Try again.")
    broken = {"name": "code.png", "mimeType": "image/png", "buffer": b"no picture"}
    phone.get_by_label("Or a picture of a code").set_input_files(picture(150))
    expect(said).to_have_text("Guest 2: Checked in")
    phone.get_by_label("Or a picture of a code").set_input_files(broken)
    expect(said).to_have_text("No code in this. Try again.")
    assert door.states() == ["going", "checked_in", "checked_in", "going", "going"]


def test_the_camera_checks_in_each_code_it_sees_once(device, door):
    phone = device(before=READS_CODES % json.dumps(door.codes))
    said = phone.locator("#scanner-state")
    phone.get_by_role("button", name="Start the camera").click()
    expect(phone.locator("#scanner-start")).to_be_hidden()
    for number in (0, 3):
        phone.evaluate(f"window.red = {50 * number + 50}")
        expect(phone.locator("#scanner-log")).to_contain_text(f"Guest {number}: Checked in")
    expect(said).to_have_text("Scanned here before")
    assert door.states() == ["checked_in", "going", "going", "checked_in", "going"]
    assert len(door.scans()) == 2, "the camera looks four times a second"
