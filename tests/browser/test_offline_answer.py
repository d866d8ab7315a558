"""An answer given without a connection: kept, shown, sent once, and what became of it is said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import writing
from app.events import services
from app.events.models import Rsvp
from app.events.rules import Reply
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

pytestmark = pytest.mark.browser
WAITING = (
    "new Promise(r => { const o = indexedDB.open('answers', 1);"
    " o.onupgradeneeded = () => o.result.createObjectStore('answers', { keyPath: 'key' });"
    " o.onsuccess = () => {"
    " const q = o.result.transaction('answers').objectStore('answers').count();"
    " q.onsuccess = () => { o.result.close(); r(q.result); }; }; })"
)


@pytest.fixture
def scene(app) -> dict:
    with app.app_context(), writing() as db:
        people = {
            n: make_person(db, n.title(), f"{n}@t.example", PASSWORD).id for n in ("bo", "kai")
        }
        erg = make_erg(db, "women", lead=make_person(db, "Dalia").id)
        start = clock.now() + timedelta(days=10)
        people["event"] = make_event(db, erg, seats_in_person=1, starts_at=start).id
        return people


@pytest.fixture
def context(app, chromium: Browser, scene) -> Iterator[BrowserContext]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.server_port}")
    context.set_default_timeout(10_000)
    yield context
    context.close()
    server.shutdown()
    thread.join(5)


def sign_in(page: Page, who: str = "bo") -> None:
    page.goto("/login")
    page.fill("[name=email]", f"{who}@t.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def page(context: BrowserContext, scene) -> Page:
    """Bo on the event's page, the worker in control."""
    page = context.new_page()
    sign_in(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.goto(f"/events/{scene['event']}/")
    return page


def answer_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.click("#rsvp-going")
    expect(page.locator("#status")).to_contain_text("kept on this device")


def state_of(app, scene, who: str = "bo") -> str | None:
    with app.app_context(), writing() as db:
        return db.scalar(
            select(Rsvp.state).where(
                Rsvp.occurrence_id == scene["event"], Rsvp.person_id == scene[who]
            )
        )


def test_it_is_kept_shown_and_sent_exactly_once(app, page, scene, eventually) -> None:
    answer_offline(page)
    assert state_of(app, scene) is None
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#status")).to_contain_text("You are going")
    assert state_of(app, scene) == "going"
    eventually(lambda: page.evaluate(WAITING) == 0)
    page.reload()
    expect(page.locator("#rsvp-title")).to_have_text("You are going")
    with app.app_context(), writing() as db:
        rows = db.scalars(select(AuditEvent).where(AuditEvent.subject_type == "rsvp")).all()
    assert len(rows) == 2, "one answer: asked for a seat, got it"


def test_full_meanwhile_says_so(app, page, scene) -> None:
    answer_offline(page)
    with app.app_context(), writing() as db:
        services.answer(db, scene["kai"], occurrence_id=scene["event"], reply=Reply.GOING)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#status")).to_contain_text("You are on the waiting list")
    assert state_of(app, scene) == "waitlisted"


def test_an_expired_sign_in_keeps_it_and_asks(app, page, scene, eventually) -> None:
    answer_offline(page)
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.goto("/login")
    expect(page.locator("#status")).to_contain_text("Sign in, and it is sent")
    assert state_of(app, scene) is None and page.evaluate(WAITING) == 1
    sign_in(page)
    eventually(lambda: state_of(app, scene) == "going")


def test_another_reader_of_the_device_ends_it(app, page, scene, eventually) -> None:
    answer_offline(page)
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.goto("/login")
    expect(page.locator("#status")).to_contain_text("Sign in, and it is sent")
    sign_in(page, "kai")
    eventually(lambda: page.evaluate(WAITING) == 0)
    assert state_of(app, scene) is None and state_of(app, scene, "kai") is None
