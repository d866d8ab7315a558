"""From the tap on an answer to its confirmation, on a slow phone: 4 x CPU, 150 ms round trip.

    .venv/bin/python tests/benchmarks/bench_rsvp_tap.py [URL EMAIL PASSWORD PATH] [--rounds 30]

Chromium answers an event, back and forth between coming and maybe: of a running app, or when none
is named of the demo company, served by `trellis serve --web` for this run. Counted are the requests
and the packed bytes of each tap. Bounds: p95 <= 600 ms, one request, at most 2 KB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import CDPSession, Page, sync_playwright
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.core import migrations
from app.core.database import writing
from app.core.settings import load
from app.ergs.models import Erg
from app.factory import create_app
from app.operations import seed
from tests.factories.events import make_event

ROOT = Path(__file__).resolve().parents[2]
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
VIEW = {"width": 390, "height": 844}
BUTTONS = ("#rsvp-going", "#rsvp-maybe")


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """The demo company behind the real web server: address, who answers, and the event's path."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "TRELLIS_ENV": "testing",
        "DATA_DIR": str(folder),
        "TRELLIS_ARGON2_COST": "1",
        "SECRET_KEY": "b" * 40,
        "PORT": str(port),
    }
    app = create_app(load(settings))
    migrations.upgrade(app.extensions["database"])
    with app.app_context():
        seed.run("small")
        with writing() as db:
            group = db.scalars(select(Erg).where(Erg.slug == "women")).one()
            path = f"/events/{make_event(db, group, 'Evening of taps').id}/"
    app.extensions["database"].dispose()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--web"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(url)
        yield url, "bo@demo.example", seed.PASSWORD, path
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    """Until it answers; half a minute at most."""
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{url}/login").close()
            return
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """As people do."""
    page.goto(f"{url}/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def slow_down(page: Page) -> CDPSession:
    """The profile of a slow phone."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", SLOW)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return cdp


def tap(page: Page, button: str, sizes: list[int]) -> tuple[float, int]:
    """Milliseconds from the tap until it is said, and how many requests it took."""
    before = len(sizes)
    page.evaluate("document.querySelector('#status').replaceChildren()")
    started = time.perf_counter()
    page.click(button)
    page.wait_for_selector("#status .notice", state="attached")
    took = (time.perf_counter() - started) * 1000
    page.wait_for_timeout(300)  # nothing may follow
    return took, len(sizes) - before


def main() -> None:
    """Print the figures; leave with 1 when a bound is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("running", nargs="*", metavar="URL EMAIL PASSWORD PATH")
    parser.add_argument("--rounds", type=int, default=30)
    asked = parser.parse_args()
    if len(asked.running) not in (0, 4):
        parser.error("name the address, who answers, the password and the event's path, or nothing")
    if asked.running:
        sys.exit(measure(*asked.running, rounds=asked.rounds))
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as running:
        is_missed = measure(*running, rounds=asked.rounds)
    sys.exit(is_missed)


def measure(url: str, email: str, password: str, path: str, *, rounds: int) -> bool:
    """Tap, print the figures, and say whether a bound is missed."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=VIEW, has_touch=True)
        sign_in(page, url, email, password)
        page.goto(f"{url}{path}")
        page.wait_for_load_state("networkidle")
        cdp = slow_down(page)
        sizes: list[int] = []
        cdp.on("Network.loadingFinished", lambda it: sizes.append(int(it["encodedDataLength"])))
        taps = [tap(page, BUTTONS[n % 2], sizes) for n in range(rounds + 2)][2:]
        browser.close()
    p95 = statistics.quantiles((took for took, _ in taps), n=20)[18]
    most, largest = max(count for _, count in taps), max(sizes)
    median = statistics.median(took for took, _ in taps)
    print(f"tap to confirmation: median {median:.0f} ms, p95 {p95:.0f} ms (at most 600)")
    print(f"requests a tap: {most} (1)   largest answer: {largest} bytes (at most 2048)")
    return p95 > 600 or most != 1 or largest > 2048


if __name__ == "__main__":
    main()
