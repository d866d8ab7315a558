"""Crawl the demo company as every persona: each page is sound, translated, and changes nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from babel import Locale
from sqlalchemy import JSON, String, func, select

from app.core import clock
from app.core.locale import LANGUAGES, speaking, zone_name
from app.core.money import CURRENCIES
from app.mentoring.library import library
from app.schema import metadata
from tests.judge import unmarked
from tests.personas import PERSONAS, as_persona

# A GET may renew a session and append to the audit log, nothing else.
MAY_CHANGE = {"sign_in", "audit_event"}
SAME_KIND = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|/ergs/(?!$|\?)[^/?]+|page=\d+|week=[^&]+")
PER_KIND = 2
MOST_PAGES = 60


def crawl(browser) -> Iterator[str]:
    """Fetch every page reachable by links, a few of each kind; the client judges each."""
    seen: dict[str, int] = {}
    waiting, done = ["/"], set()
    while waiting and len(done) < MOST_PAGES:
        url = waiting.pop(0)
        kind = SAME_KIND.sub("*", url)
        if url in done or seen.get(kind, 0) >= PER_KIND:
            continue
        done.add(url)
        seen[kind] = seen.get(kind, 0) + 1
        browser.get(url)
        assert browser.status < 400, f"{url} answers {browser.status}"
        yield url
        if browser.html:
            waiting += [
                href.split("#")[0]
                for _, href in browser.links()
                if href.startswith("/") and "lang=" not in href and href.split("#")[0]
            ]


def content_of(app: flask.Flask) -> set[str]:
    """What the organization wrote or named, and what CLDR and the zone database name."""
    words = {name.replace("_", " ") for name in clock.zone_names()} | set(clock.zone_names())
    with app.app_context(), speaking("en", "UTC"):
        words |= {zone_name(name) for name in clock.zone_names()}
    words |= {str(name) for name in Locale("en").languages.values()}
    words |= set(Locale("en").days["stand-alone"]["abbreviated"].values())
    words |= {language.name for language in LANGUAGES.values()}
    for reading in library().values():
        words.update(_texts([reading.title, reading.text]))
    with app.extensions["database"].engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [c for c in table.columns if isinstance(c.type, String | JSON)]
            if columns and table.name not in {"search_word", "delivery", "audit_event"}:
                for row in connection.execute(select(*columns)):
                    words.update(_texts(list(row)))
    return words


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (line.strip() for line in value.splitlines())
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


# What CLDR formats: amounts with or without a currency's code, months with their year, lengths.
FORMATTED = re.compile(
    r"[-−]?[A-Z]{0,3}[^\w\s]*\s?[\d.,]+( of [A-Z]{0,3}[^\w\s]*\s?[\d.,]+)?|[A-Z][a-z]+ \d{4}"
    r"|(\d+ (day|hour|minute)s?( and )?)+"
)


def _is_content(text: str, content: set[str]) -> bool:
    if FORMATTED.fullmatch(text) or text in CURRENCIES:
        return True
    bare = re.sub(r"^\d+\. ", "", text.removesuffix(" · Trellis"))
    return bare in content


def _rows(app: flask.Flask) -> dict[str, int]:
    with app.extensions["database"].engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name not in MAY_CHANGE
        }


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_is_sound_and_no_string_is_unmarked(demo, persona):
    browser = as_persona(demo, persona)
    before = _rows(demo)
    browser.get("/?lang=en-XA")
    content = content_of(demo)
    leaks: dict[str, list[str]] = {}
    pages = 0
    for url in crawl(browser):
        pages += 1
        found = unmarked(browser.html) if browser.html else []
        if interface := [text for text in found if not _is_content(text, content)]:
            leaks[url] = interface[:6]
    assert leaks == {}
    assert _rows(demo) == before
    assert pages >= {"anonymous": 2, "external": 6}.get(persona, 8)


SAID = {"Refused", "ValidationError", "StopValidation", "done", "flash"}


def test_no_refusal_or_answer_is_an_unmarked_string():
    """What no page shows by being opened; the command line speaks English."""
    bare = [
        f"{path}:{call.lineno}"
        for path in sorted(Path("app").rglob("*.py"))
        if path.parts[1] != "operations"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) in SAID
        and call.args
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert bare == []


@pytest.mark.parametrize(("lang", "direction"), [("es", "ltr"), ("ar", "rtl")])
def test_pages_follow_the_language_and_its_direction(demo, lang, direction):
    browser = as_persona(demo, "member")
    browser.get(f"/?lang={lang}")
    for url in crawl(browser):
        if browser.html:
            html = browser.tree if browser.tree.tag == "html" else browser.tree.find("html")
            assert (html.get("lang"), html.get("dir")) == (lang, direction), url


def test_the_language_switch_works_signed_out_without_scripts(anonymous):
    anonymous.get("/login")
    assert {"English", "Español", "العربية"} <= {text for text, _ in anonymous.links()}
    anonymous.click("Español")
    assert 'lang="es"' in anonymous.html
    anonymous.get("/login")
    assert 'lang="es"' in anonymous.html, "the choice is remembered"
