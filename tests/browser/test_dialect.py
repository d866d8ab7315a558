"""The htmx 4 dialect of docs/htmx4.md in a real Chromium: swaps, status, focus, policy, offline."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import flask
import pytest
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from app.core.errors import Refused
from app.core.pages import done, page
from app.core.policies import anyone, guarded_by

pytestmark = pytest.mark.browser

TEMPLATES = {
    "box.html": """{% extends "layouts/plain.html" %}{% import "components/ui.html" as ui %}
{% block title %}Box{% endblock %}{% block main %}<h1>Box</h1>{% include "_box.html" %}
{{ ui.act("Plainly", "/box", values={"a": "plain"}, confirm="Really?") }}
{{ ui.search_box("/box", "Find", target="box") }}
{% endblock %}""",
    "_box.html": """{% import "components/ui.html" as ui %}
<section id="box" class="panel"><h2>{{ n }}</h2>
{% if n == "422" %}<p tabindex="-1" data-focus id="summary">Check it</p>{% endif %}
{% for a in ("kept", "gone", "refuse", "422") %}
{{ ui.act(a, "/box", target="box", values={"a": a}, id=None if a == "gone" else "do-" ~ a) }}
{% endfor %}
{{ ui.act("Ask", "/box", target="box", values={"a": "asked"}, id="ask", confirm="Sure?") }}
</section>""",
}
WATCH = """document.addEventListener(
  'securitypolicyviolation', e => console.error('CSP ' + e.blockedURI))"""


@guarded_by(anyone)
def box():
    form = flask.request.form
    if form.get("a") == "refuse":
        raise Refused("The event is full.")
    if form.get("a") == "422":
        return page("box.html", fragment="_box.html", status=422, n="422")
    if form:
        return done(f"Saved {form['a']}", to="/box", fragment="_box.html", n=form["a"])
    return page("box.html", fragment="_box.html", n=flask.request.args.get("q", "new"))


@pytest.fixture
def address(app) -> Iterator[str]:
    app.add_url_rule("/box", "box", box, methods=["GET", "POST"])
    app.jinja_loader = ChoiceLoader([app.jinja_loader, DictLoader(TEMPLATES)])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@pytest.fixture
def tab(chromium, address) -> Iterator[Page]:
    """A page on the box; at the end no policy was violated and no script failed."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 844})
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.add_init_script(WATCH)
    tab.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda e: complaints.append(str(e)))
    tab.goto("/box")
    yield tab
    context.close()
    # The browser itself notes every answer of 400 and more.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def test_an_act_swaps_its_partial_and_speaks_in_the_status_region(tab):
    tab.click("#do-kept")
    expect(tab.locator("#box h2")).to_have_text("kept")
    expect(tab.locator("#status[role=status]")).to_contain_text("Saved kept")
    expect(tab.locator("#do-kept")).to_be_focused()


def test_when_the_button_is_gone_the_heading_takes_the_focus(tab):
    tab.click("text=gone")
    expect(tab.locator("#box h2")).to_be_focused()


def test_a_refusal_leaves_the_page_alone_and_says_why(tab):
    tab.click("#do-refuse")
    expect(tab.locator("#status")).to_contain_text("The event is full.")
    expect(tab.locator("#box h2")).to_have_text("new")
    tab.keyboard.press("Escape")
    expect(tab.locator("#status")).to_be_empty()


def test_an_invalid_form_comes_back_with_its_summary_in_focus(tab):
    tab.click("#do-422")
    expect(tab.locator("#summary")).to_be_focused()


def test_a_question_comes_before_a_swap_and_no_means_no(tab):
    tab.click("#ask")
    tab.click("#confirm [value=no]")
    expect(tab.locator("#confirm")).not_to_be_visible()
    expect(tab.locator("#box h2")).to_have_text("new")
    tab.click("#ask")
    tab.click("#confirm [value=yes]")
    expect(tab.locator("#box h2")).to_have_text("asked")


def test_a_question_comes_before_a_plain_form_too_and_its_message_is_read_out(tab):
    tab.click("text=Plainly")
    tab.click("#confirm [value=yes]")
    expect(tab.locator("main .notice")).to_contain_text("Saved plain")
    expect(tab.locator("#announce")).to_contain_text("Saved plain")


def test_a_list_answers_while_one_types_and_the_address_follows(tab):
    tab.fill("#q", "wit")
    expect(tab.locator("#box h2")).to_have_text("wit")
    expect(tab.locator("#q")).to_be_focused()
    assert tab.url.endswith("/box?q=wit")


def test_without_a_connection_the_worker_shows_the_offline_page(tab):
    tab.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    tab.reload()
    tab.context.set_offline(True)
    tab.goto("/login")
    expect(tab.locator("h1")).to_have_text("You are offline")
    tab.context.set_offline(False)


def test_forms_work_without_script(chromium, address):
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    tab = context.new_page()
    tab.goto("/box")
    tab.click("#do-kept")
    expect(tab.locator("main .notice")).to_contain_text("Saved kept")
    context.close()
