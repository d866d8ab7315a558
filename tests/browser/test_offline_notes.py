"""Notes on the train: read and written without a connection, and no text of anybody is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from app.core.database import writing
from app.mentoring.models import Note, NoteVersion
from app.mentoring.rules import NoteScope
from app.mentoring.services import notes
from tests.browser.test_offline_answer import WAITING, sign_in
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_note, make_pair

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(app) -> dict:
    with app.app_context(), writing() as db:
        bo, chen = (
            make_person(db, name, f"{name.lower()}@t.example", PASSWORD) for name in ("Bo", "Chen")
        )
        pair = make_pair(db, bo, chen)
        note = make_note(db, pair, "Agenda", NoteScope.SHARED)
        return {"pair": pair.id, "note": note.id, "bo": bo.id, "chen": chen.id}


@pytest.fixture
def phone(app, chromium: Browser, scene) -> Iterator[Callable[[str], Page]]:
    """`phone("bo")`: a phone of its own, with the note and the list kept on it."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(who: str) -> Page:
        base = f"http://127.0.0.1:{server.server_port}"
        context = chromium.new_context(base_url=base, viewport={"width": 390, "height": 844})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        sign_in(page, who)
        page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        page.goto(list_of(scene))
        page.goto(f"/mentoring/notes/{scene['note']}")
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()
    server.shutdown()
    thread.join(5)
    assert faults == []


def list_of(scene) -> str:
    return f"/mentoring/{scene['pair']}/notes"


def leave(page: Page) -> None:
    page.context.set_offline(True)


def come_back(page: Page) -> None:
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")


def write(page: Page, text: str) -> None:
    page.fill("#note-text", text)
    expect(page.locator("#note-state")).to_contain_text("Kept on this device")


def kept(app, scene) -> tuple[str, set[str]]:
    """The note's text, and every text that is kept of it."""
    with app.app_context(), writing() as db:
        texts = select(NoteVersion.text).where(NoteVersion.note_id == scene["note"])
        return db.get_one(Note, scene["note"]).text, set(db.scalars(texts))


def test_two_phones_offline_edit_one_shared_note_and_both_texts_survive(
    app, phone, scene, eventually
) -> None:
    bo, chen = phone("bo"), phone("chen")
    for page, text in ((bo, "Agenda\nBudget"), (chen, "Agenda\nHiring")):
        leave(page)
        write(page, text)
    assert kept(app, scene) == ("Agenda", {"Agenda"})
    come_back(bo)
    expect(bo.locator("#status")).to_contain_text("is saved")
    come_back(chen)
    expect(chen.locator("#status")).to_contain_text("Both texts are kept")
    assert kept(app, scene) == ("Agenda\nBudget", {"Agenda", "Agenda\nBudget", "Agenda\nHiring"})
    chen.click("#status a")
    expect(chen.locator("h1")).to_have_text("Two texts of one note")
    expect(chen.locator("#note-text")).to_have_value("Agenda\nBudget\nHiring")
    chen.click("#keep-both")
    expect(chen.locator("main")).to_contain_text("Decided")
    assert kept(app, scene)[0] == "Agenda\nBudget\nHiring"
    eventually(lambda: chen.evaluate(WAITING) == 0 and bo.evaluate(WAITING) == 0)


def test_what_waits_is_there_again_after_a_reload_without_connection(
    app, phone, scene, eventually
) -> None:
    bo = phone("bo")
    leave(bo)
    write(bo, "Agenda, written in a tunnel")
    bo.reload()
    expect(bo.locator("#note-text")).to_have_value("Agenda, written in a tunnel")
    write(bo, "Agenda, written in a tunnel and on")
    assert bo.evaluate(WAITING) == 1, "a later text takes the place of the earlier one"
    come_back(bo)
    expect(bo.locator("#status")).to_contain_text("is saved")
    bo.fill("#note-text", "Agenda, written in a tunnel and on, with light")
    expect(bo.locator("#note-state")).to_contain_text("Saved at")
    text, texts = kept(app, scene)
    assert text.endswith("with light") and len(texts) == 2, "one sitting, one version, no conflict"


def test_new_notes_wait_in_a_list_and_each_is_sent_once(app, phone, scene, eventually) -> None:
    bo = phone("bo")
    leave(bo)
    bo.goto(list_of(scene))
    for text in ("First of the train", "Second of the train"):
        if not bo.locator("#note-text").is_visible():
            bo.click("summary:has-text('Write a note')")
        bo.fill("#note-text", text)
        bo.click("#save-note")
        expect(bo.locator("#notes-waiting")).to_contain_text(text)
        expect(bo.locator("#note-text")).to_have_value("")
    bo.reload()
    expect(bo.locator("#notes-waiting li")).to_have_count(2)
    come_back(bo)
    eventually(lambda: bo.evaluate(WAITING) == 0)
    with app.app_context(), writing() as db:
        own = select(Note.text, Note.scope).where(Note.scope == NoteScope.OWN)
        assert sorted(text for text, _ in db.execute(own)) == [
            "First of the train",
            "Second of the train",
        ]


def test_a_text_that_is_refused_stays_until_its_writer_gives_it_up(
    app, phone, scene, eventually
) -> None:
    bo = phone("bo")
    leave(bo)
    write(bo, "A thought nobody may lose")
    with app.app_context(), writing() as db:  # gone for good meanwhile
        notes.delete_note(db, scene["bo"], note_id=scene["note"])
        db.query(NoteVersion).delete()
        db.query(Note).delete()
    come_back(bo)
    expect(bo.locator("#status textarea")).to_have_value("A thought nobody may lose")
    assert bo.evaluate(WAITING) == 1
    bo.click("#status button")
    eventually(lambda: bo.evaluate(WAITING) == 0)


def test_signing_out_warns_of_what_waits(phone) -> None:
    bo = phone("bo")
    leave(bo)
    write(bo, "Only mine")
    bo.evaluate("document.getElementById('logout').click()")
    expect(bo.locator("#confirm-text")).to_contain_text("is not sent yet")
    bo.click("#confirm button[value=no]")
    assert bo.evaluate(WAITING) == 1


def test_typing_saves_by_itself_and_keeps_caret_and_page(app, phone, scene) -> None:
    bo = phone("bo")
    bo.focus("#note-text")
    bo.keyboard.press("End")
    bo.keyboard.type(", and more")
    expect(bo.locator("#note-state")).to_contain_text("Saved at")
    assert bo.evaluate("document.activeElement.id") == "note-text"
    bo.keyboard.type(" still")
    expect(bo.locator("#note-text")).to_have_value("Agenda, and more still")
    with bo.expect_response("**/mentoring/notes/*"):
        pass
    assert kept(app, scene)[0] == "Agenda, and more still"
