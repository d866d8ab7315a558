"""A real Chromium against a real server on the seeded demo company."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

from app.core import clock
from app.core.database import writing
from app.core.settings import load
from app.factory import create_app
from tests.browser import more_scenes
from tests.browser.hands import Hands
from tests.browser.looks import is_fault
from tests.browser.pages import Tour
from tests.client import PASSWORD
from tests.contracts.access_world import build
from tests.databases import DEMO_DAY, TEST_ENVIRONMENT
from tests.factories.accounts import make_person

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AT = f"{DEMO_DAY}T09:00Z"
SIZES = {"phone": (390, 844), "small": (320, 640), "desktop": (1440, 900)}


WHOLE = ["chromium", "chromium-browser"]
# The same engine without a window: pages cost a quarter less of the processor.
SHELL = "chromium-headless-shell"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The lightest Chromium of this machine."""
    yield from _launched(playwright, [SHELL, *WHOLE])


@pytest.fixture(scope="session")
def whole_chromium(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium with all its services, for what the shell has not: notifications."""
    yield from _launched(playwright, WHOLE)


def _launched(playwright: Playwright, names: list[str]) -> Iterator[Browser]:
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    path = next(filter(None, found), None)
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and no Chromium was found")
        pytest.skip("no Chromium on this machine (set CHROMIUM or install it)")
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@contextmanager
def served(app: flask.Flask) -> Iterator[str]:
    """The address of an app while it answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@pytest.fixture(scope="session")
def live(seeded_sqlite: Path, worker_folder: Path) -> Iterator[str]:
    """The address of the demo company, served for the whole session on its own copy."""
    with served(_company(seeded_sqlite, worker_folder, "live")) as address:
        yield address


@pytest.fixture(scope="session")
def company_tour(seeded_sqlite: Path, worker_folder: Path, chromium: Browser) -> Iterator[Tour]:
    """Every page of the demo company and of what the access matrix adds to it."""
    app = _company(seeded_sqlite, worker_folder, "tour")
    for status in (403, 404):  # asked who may open what, the app need not draw each refusal
        app.register_error_handler(status, lambda _error, status=status: ("", status))
    with app.app_context(), writing() as db:
        scenes = build(db)
        more_scenes.add_to(db, scenes)
    with served(app) as address:
        tour = Tour(app, scenes, chromium, address)
        yield tour
        tour.close()


@pytest.fixture
def tour(company_tour: Tour) -> Iterator[Tour]:
    """The tour, on its own day."""
    clock.configure(AT)
    yield company_tour
    clock.configure(None)


def _company(seeded: Path, folder: Path, name: str) -> flask.Flask:
    """The app on a copy of the demo company of its own."""
    copy = folder / f"{name}.sqlite3"
    shutil.copyfile(seeded, copy)
    database = {"DATABASE_URL": f"sqlite:///{copy}", "DATA_DIR": str(folder)}
    return create_app(load({**TEST_ENVIRONMENT, **database, "TRELLIS_NOW": AT}))


@pytest.fixture
def visit(chromium: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """`visit("/ergs/", as_="bo", size="phone", lang="ar")` opens a page, signed in on demand.

    Afterwards no page may have broken the content security policy or logged an error.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    clock.configure(AT)  # tests between those of the browser set the process's clock to their own

    def open_page(
        path: str,
        *,
        as_: str | None = None,
        size: str = "phone",
        lang: str = "en",
        dark: bool = False,
        scripts: bool = True,
    ) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale=lang,
            base_url=live,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if is_fault(m) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        if as_:
            _sign_in(page, as_)
        joiner = "&" if "?" in path else "?"
        page.goto(f"{path}{joiner}lang={lang}" if lang != "en" else path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    clock.configure(None)
    assert complaints == []


@pytest.fixture
def people(write) -> dict:
    with write() as db:
        return {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("dalia", "bo", "chen", "kai")
        }


@pytest.fixture
def hands(app, chromium) -> Iterator[Callable[[str, str], Hands]]:
    """`hands("bo", "/ergs/")`: signed in by keyboard, on a page."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def sit_down(name: str, path: str) -> Hands:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": 1200, "height": 800},
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.goto("/login")
        mine = Hands(page)
        mine.to("[name=email]")
        mine.write(f"{name}@t.example")
        mine.to("[name=password]")
        mine.write(PASSWORD)
        mine.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(path)
        return mine

    with served(app) as address:
        yield sit_down
        for context in contexts:
            context.close()
    assert faults == []


def _sign_in(page: Page, who: str) -> None:
    domain = "external" if who == "lena" else "demo"
    page.goto("/login")
    page.fill("[name=email]", f"{who}@{domain}.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
