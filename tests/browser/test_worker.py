"""What stays on a device: pages that opted in, for their reader only, gone with the reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import flask
import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from app.core.pages import page
from app.core.policies import anyone, guarded_by

pytestmark = pytest.mark.browser


@guarded_by(anyone)
def kept() -> flask.Response:
    """A page that opts in for the reader named in a cookie, or not at all."""
    answer = page("layouts/error.html", status=200, problem="Kept", explanation="")
    if reader := flask.request.cookies.get("reader"):
        text = answer.get_data(as_text=True)
        answer.set_data(text.replace('data-user=""', f'data-user="{reader}"'))
        answer.headers["X-Trellis-Offline"] = reader
    return answer


@pytest.fixture
def tab(app, chromium) -> Iterator[Page]:
    app.add_url_rule("/kept", "kept", kept)
    app.add_url_rule("/other", "other", kept)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.server_port}")
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.goto("/offline")
    tab.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    tab.reload()
    yield tab
    context.close()
    server.shutdown()
    thread.join(5)


def read_as(tab: Page, reader: str, path: str = "/kept") -> None:
    tab.context.clear_cookies()
    if reader:
        tab.context.add_cookies([{"name": "reader", "value": reader, "url": tab.url}])
    tab.goto(path)
    expect(tab.locator("h1")).to_have_text("Kept")


def offline(tab: Page, path: str) -> str:
    tab.context.set_offline(True)
    tab.goto(path)
    title = tab.locator("h1").inner_text()
    tab.context.set_offline(False)
    return title


def pages_of(tab: Page) -> list[str]:
    names: list[str] = tab.evaluate("caches.keys()")
    return [name for name in names if name.startswith("pages-")]


def keep_as(tab: Page, reader: str, eventually) -> None:
    """Read until it is kept: a message of a page just left may still empty what is kept, which
    costs a reader a page and never shows one to another."""

    def is_kept() -> bool:
        read_as(tab, reader)
        return pages_of(tab) == [f"pages-{reader}"]

    eventually(is_kept)


def test_only_pages_that_opted_in_are_shown_without_a_connection(tab, eventually):
    read_as(tab, "", "/other")
    keep_as(tab, "a1", eventually)
    assert offline(tab, "/kept") == "Kept"
    assert offline(tab, "/other") == "You are offline"


def test_what_the_former_reader_kept_is_gone_when_another_reads(tab, eventually):
    keep_as(tab, "a1", eventually)
    read_as(tab, "b2", "/other")
    eventually(lambda: "pages-a1" not in pages_of(tab))
    assert offline(tab, "/kept") == "You are offline"


def test_a_page_read_signed_out_empties_what_was_kept(tab, eventually):
    keep_as(tab, "a1", eventually)
    read_as(tab, "", "/other")
    eventually(lambda: pages_of(tab) == [])
    assert offline(tab, "/kept") == "You are offline"


def test_what_was_read_a_week_ago_is_not_shown_and_goes(tab, eventually):
    keep_as(tab, "a1", eventually)
    assert offline(tab, "/kept") == "Kept"
    ages = """async days => {
        const cache = await caches.open('pages-a1'), kept = await cache.match('/kept');
        const headers = new Headers(kept.headers);
        headers.set('Date', new Date(Date.now() - days * 864e5).toUTCString());
        await cache.put('/kept', new Response(await kept.text(), { headers }));
    }"""
    tab.evaluate(ages, 6.9)
    assert offline(tab, "/kept") == "Kept"
    tab.evaluate(ages, 7.1)
    assert offline(tab, "/kept") == "You are offline"
    read_as(tab, "a1", "/other")
    eventually(lambda: tab.evaluate("caches.match('/kept').then(kept => !kept)"))


def test_the_offline_page_follows_the_language(tab, eventually):
    tab.goto("/offline?lang=ar")
    # The English page says "rtl" too, of its link to Arabic; only the page itself counts.
    kept = "caches.match('/offline').then(r => r.text()).then(t => /<html [^>]*dir=.rtl/.test(t))"
    eventually(lambda: tab.evaluate(kept))
    tab.context.set_offline(True)
    tab.goto("/login")
    expect(tab.locator("html")).to_have_attribute("dir", "rtl")
    tab.context.set_offline(False)
