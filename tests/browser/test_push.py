"""The worker shows what is pushed, once and neutrally, and leads to the page it is about."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from app.core.outbox import Message
from app.notifications.push_message import payload

pytestmark = pytest.mark.browser

SHOWN = """navigator.serviceWorker.ready.then(r => r.getNotifications()).then(all =>
  all.map(n => ({ title: n.title, body: n.body, tag: n.tag, lang: n.lang, link: n.data })))"""


@pytest.fixture
def served(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@pytest.fixture
def tab(served, whole_chromium) -> Iterator[Page]:
    context = whole_chromium.new_context(base_url=served)
    context.grant_permissions(["notifications"], origin=served)
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.goto("/offline")
    tab.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    yield tab
    context.close()


def push(tab: Page, served: str, data: str) -> None:
    """What the browser does when its push service delivers."""
    session = tab.context.new_cdp_session(tab)
    versions: list[dict] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: versions.extend(event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    for _ in range(50):
        if versions:
            break
        tab.evaluate("new Promise(done => setTimeout(done, 50))")
    [registration] = {row["registrationId"] for row in versions}
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": served, "registrationId": registration, "data": data},
    )
    session.detach()


def test_a_push_is_shown_once_and_neutrally(app, tab, served, eventually) -> None:
    from uuid import UUID

    from app.core.locale import speaking

    delivery_id = UUID(int=7)
    with app.app_context(), speaking("en", "UTC"):
        said = Message("Night of stories", ("Night of stories",), "/events/", headline="Secret")
        content = payload(delivery_id, said, shows_titles=False).decode()
    for _ in range(2):
        push(tab, served, content)
    shown = eventually(lambda: tab.evaluate(SHOWN))
    assert shown == [
        {
            "title": "Trellis",
            "body": "You have news in Trellis",
            "tag": delivery_id.hex,
            "lang": "en",
            "link": "/events/",
        }
    ]
    other = json.dumps({**json.loads(content), "tag": "other"})
    push(tab, served, other)
    eventually(lambda: len(tab.evaluate(SHOWN)) == 2)


def test_a_push_that_cannot_be_read_is_still_seen(tab, served, eventually) -> None:
    """Browsers take the permission away from pages that are pushed to and show nothing."""
    push(tab, served, "not json")
    [shown] = eventually(lambda: tab.evaluate(SHOWN))
    assert (shown["title"], shown["link"]) == ("Trellis", "/notifications/")
