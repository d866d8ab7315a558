"""A test client that uses pages as a person does and judges every page it fetches.

`Browser(app)` is a plain browser; `Browser(app, htmx=True)` sends what htmx sends for elements
that carry hx- attributes. Both press real buttons of real forms, so that a journey is written once
and run twice.
"""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import flask
from flask.sessions import SessionMixin
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Person
from app.accounts.services import open_session
from app.accounts.views.signin import begin
from app.core import locale
from app.core.database import end_reading, reading, writing
from app.core.policies import Actor
from tests.judge import judge, parse

PASSWORD = "trellis-demo"


class Browser:
    """Fetches, judges, clicks and submits; `page` is what it sees now."""

    def __init__(self, app: flask.Flask, *, htmx: bool = False, lang: str | None = None) -> None:
        self.client = app.test_client()
        self.htmx = htmx
        self.url = "/"
        self._html: str | None = ""
        self.status = 0
        self.headers: Any = {}
        self.lang = lang

    # fetching
    def get(self, url: str, **headers: str) -> Browser:
        """Open a page as a person would, following redirects."""
        sent = dict(headers)
        if self.lang:
            sent.setdefault("Accept-Language", self.lang)
        return self._see(self.client.get(url, headers=sent))

    def fragment(self, url: str) -> str:
        """Fetch as htmx does for a part of the page."""
        answer = self.client.get(url, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        self._judge(answer, fragment=True)
        return answer.get_data(as_text=True)

    def sign_in(self, email: str) -> Browser:
        """Be signed in, without the pages; home is opened once somebody looks at it."""
        app = self.client.application
        with app.test_request_context(headers={"User-Agent": "Werkzeug"}):
            person_id = reading().scalars(select(Person.id).where(Person.email == email)).one()
            end_reading()
            with writing() as db:
                token = open_session(db, person_id, device="a test").token
            begin(Actor(person_id=person_id, token=token))
            answer = flask.Response()
            app.session_interface.save_session(app, cast(SessionMixin, flask.session), answer)
        name, _, value = answer.headers["Set-Cookie"].split(";")[0].partition("=")
        self.client.set_cookie(name, value)
        self.url, self._html = "/", None
        return self

    def sign_in_by_form(self, email: str, password: str = PASSWORD) -> Browser:
        """Sign in by the form on the page."""
        self.get("/login")
        self.submit(action="/login", email=email, password=password)
        assert "/login" not in self.url, f"sign-in of {email} refused: {self.text[:300]}"
        return self

    # reading
    @property
    def html(self) -> str:
        """The page it sees now."""
        if self._html is None:
            self.get("/")
        return self._html or ""

    @html.setter
    def html(self, text: str) -> None:
        self._html = text

    @property
    def tree(self) -> Element:
        return parse(self.html, fragment=False)[0]

    @property
    def text(self) -> str:
        """All visible text of the page, blanks folded."""
        body = self.tree.find("body")
        return " ".join("".join(body.itertext()).split()) if body is not None else ""

    def has(self, text: str) -> bool:
        """Whether the text stands on the page."""
        return " ".join(text.split()) in self.text

    def links(self) -> list[tuple[str, str]]:
        """(text, href) of all links."""
        return [(_text(e), e.get("href", "")) for e in self.tree.iter("a")]

    # acting
    def click(self, text: str) -> Browser:
        """Follow the first link whose text or label contains `text`."""
        for label, href in self.links():
            if text in label and href:
                return self.get(href)
        raise AssertionError(f"no link {text!r} on {self.url}: {[t for t, _ in self.links()]}")

    def form(self, button: str | None = None, action: str | None = None) -> Element:
        """The form with that button text or action."""
        for form in self.tree.iter("form"):
            if action is not None and (form.get("action") or "").split("?")[0] != action:
                continue
            if button is None or self._button(form, button) is not None:
                return form
        forms = [f.get("action") for f in self.tree.iter("form")]
        raise AssertionError(f"no form {button or action!r} on {self.url}; forms: {forms}")

    def submit(
        self,
        button: str | None = None,
        *,
        action: str | None = None,
        files: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Browser:
        """Fill the fields of a real form and press its button."""
        form = self.form(button, action)
        data = _values(form)
        names = {e.get("name") for e in form.iter() if e.get("name")}
        for name, value in fields.items():
            assert name in names, f"form has no field {name!r}: {sorted(n for n in names if n)}"
            data[name] = value
        pressed = self._button(form, button) if button else None
        if pressed is not None and pressed.get("name"):
            data[pressed.get("name", "")] = pressed.get("value", "")
        return self._send(form, pressed, data, files or {})

    def _button(self, form: Element, text: str) -> Element | None:
        for e in form.iter("button"):
            if text in _text(e) and e.get("type", "submit") == "submit":
                return e
        return None

    def _send(
        self, form: Element, pressed: Element | None, data: dict[str, Any], files: dict[str, Any]
    ) -> Browser:
        target = (pressed.get("formaction") if pressed is not None else None) or form.get("action")
        url = target or self.url
        if form.get("method", "get").lower() == "get":
            return self._see(self.client.get(url, query_string=data))
        live = self.htmx and form.get("hx-post") is not None
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if live else {}
        answer = self.client.post(url, data={**data, **files}, headers=headers)
        return self._swap(answer) if live else self._see(answer)

    def _swap(self, answer: TestResponse) -> Browser:
        """Do what htmx does: follow HX-Redirect, else check the fragment and look at the page."""
        if "HX-Redirect" in answer.headers:
            return self.get(answer.headers["HX-Redirect"])
        self._judge(answer, fragment=True)
        self.status, self.headers = answer.status_code, answer.headers
        swapped = answer.get_data(as_text=True)
        if answer.status_code >= 400:
            self.html = self.html.replace("</main>", swapped + "</main>", 1)
            return self
        status = self.status
        root = re.search(r'<[a-z]+[^>]*\bid="([^"]+)"', swapped)
        self.get(self.url)
        assert root is None or f'id="{root.group(1)}"' in self.html, f"page lacks #{root.group(1)}"
        self.status = status
        self.html = self.html.replace("</main>", f"<div>{_announced(swapped)}</div></main>", 1)
        return self

    def _see(self, answer: TestResponse) -> Browser:
        for _ in range(5):
            if answer.status_code not in (301, 302, 303, 307, 308):
                break
            if "://" in answer.headers["Location"]:  # elsewhere, which is not ours to judge
                self.url, self.status = answer.headers["Location"], answer.status_code
                self.headers, self.html = answer.headers, ""
                return self
            answer = self.client.get(answer.headers["Location"])
        query = answer.request.query_string.decode() if answer.request else ""
        path = answer.request.path if answer.request else self.url
        self.url = f"{path}?{query}" if query else path
        self.status, self.headers = answer.status_code, answer.headers
        self.html = answer.get_data(as_text=True) if "text/html" in answer.content_type else ""
        self._judge(answer, fragment=False)
        return self

    def _judge(self, answer: TestResponse, *, fragment: bool) -> None:
        if "text/html" not in (answer.content_type or ""):
            return
        faults = judge(answer.get_data(as_text=True), fragment=fragment)
        assert not faults, f"{self.url}: {faults}"


def said(app: flask.Flask, tag: str, sentence: str, **names: str) -> str:
    """A sentence of the interface as readers of that language see it."""
    with app.app_context(), locale.speaking(tag, "UTC"):
        return gettext(sentence, **names)


def _announced(swapped: str) -> str:
    found = re.search(r'<div id="status"[^>]*>(.*?)</div>', swapped, re.S)
    return found.group(1) if found else ""


def _text(e: Element) -> str:
    return " ".join("".join(e.itertext()).split()) or e.get("aria-label", "")


def _values(form: Element) -> dict[str, Any]:
    """What a browser would send if the form were submitted untouched."""
    data: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        if name in data:
            kept = data[name] if isinstance(data[name], list) else [data[name]]
            data[name] = [*kept, value]
        else:
            data[name] = value

    for e in form.iter():
        name = e.get("name")
        if not name or e.get("disabled") is not None:
            continue
        kind = e.get("type", "text")
        if e.tag == "input" and (kind not in ("checkbox", "radio", "submit", "file", "button")):
            add(name, e.get("value", ""))
        elif e.tag == "input" and kind in ("checkbox", "radio") and e.get("checked") is not None:
            add(name, e.get("value", "on"))
        elif e.tag == "textarea":
            add(name, "".join(e.itertext()))
        elif e.tag == "select":
            for value in _chosen(e):
                add(name, value)
    return data


def _chosen(select: Element) -> list[str]:
    options = list(select.iter("option"))
    chosen = [o for o in options if o.get("selected") is not None]
    if not chosen and options and select.get("multiple") is None:
        chosen = options[:1]
    return [o.get("value", _text(o)) for o in chosen]


def query_of(url: str) -> dict[str, str]:
    """The query of a URL as a dict."""
    return dict(parse_qsl(urlsplit(url).query))
