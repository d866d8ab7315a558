"""What everybody meets first: landing, home, search, offline page, manifest, worker, assets."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event, select

from app.accounts.models import Person
from app.core import clock, registries
from app.core.database import writing
from app.core.registries import AgendaItem, SearchHit
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.judge import unmarked


@pytest.fixture
def bo(app) -> Browser:
    with app.app_context(), writing() as db:
        make_person(db, "Bo Lindqvist", "bo@test.example", PASSWORD)
    return Browser(app).sign_in("bo@test.example")


@pytest.fixture
def registered(monkeypatch):
    """Registries that hold only what the test adds."""
    for name in ("agenda", "search_sources"):
        monkeypatch.setattr(getattr(registries, name), "_items", {})
    return registries


def item(section: str, title: str, **ago: float) -> AgendaItem:
    return AgendaItem(section, clock.now() - timedelta(**ago), title, "", "/events/", "sprout")


def test_whoever_is_signed_out_reads_what_trellis_is_and_how_to_sign_in(anonymous):
    anonymous.get("/")
    assert anonymous.has("Find your people")
    assert ("Sign in", "/login") in anonymous.links()


def test_home_shows_answers_first_then_what_is_next_then_what_moved(bo, registered):
    registered.agenda.add(
        "a",
        lambda db, actor: [
            item("moved", "A goal moved", hours=1),
            item("next", "Second event", days=-2),
            item("answer", "An offer", hours=3),
            item("next", "First event", days=-1),
            item("moved", "An older move", days=9),
        ],
    )
    text = bo.get("/").text
    order = ["An offer", "First event", "Second event", "A goal moved", "An older move"]
    places = [text.index(title) for title in order]
    assert places == sorted(places)
    assert bo.has("Hello, Bo")


def test_home_puts_one_s_own_answers_first_and_makes_one_line_of_a_queue(bo, registered):
    queue = registries.Bundle("requests", lambda n: f"{n} requests wait", "/ergs/desk/")
    alone = registries.Bundle("reviews", lambda n: f"{n} reviews wait", "/ergs/desk/")

    def waiting(title: str, bundle: registries.Bundle, count: int = 1) -> AgendaItem:
        return replace(item("answer", title, days=5), bundle=bundle, count=count)

    registered.agenda.add(
        "a",
        lambda db, actor: [
            *(waiting(f"Group {n}", queue, n) for n in (1, 2, 3)),
            waiting("One document", alone),
            item("answer", "Did you meet Chen?", hours=1),
        ],
    )
    text = bo.get("/").text
    order = ["Did you meet Chen?", "6 requests wait", "One document"]
    assert [text.index(title) for title in order] == sorted(text.index(title) for title in order)
    assert "Group 2" not in text and ("6 requests wait", "/ergs/desk/") in bo.links()


def test_an_empty_home_teaches_the_first_step(bo, registered):
    bo.get("/")
    assert bo.has("Nothing is waiting for you")
    assert ("Find a group", "/ergs/") in bo.links()


def test_sqlite_prepares_the_statements_of_home_once(app, bo):
    """What a bound value lets it plan anew costs more than to run (`spelled`); it asks the
    authorizer while it prepares a statement, and only then."""
    prepared: list[str] = []
    engine = app.extensions["database"].engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans in its own way.")

    def asks(action: int, *_about) -> int:
        if action != sqlite3.SQLITE_TRANSACTION:
            prepared.append("once more")
        return sqlite3.SQLITE_OK

    def listen(connection, *_rest) -> None:
        connection.set_authorizer(asks)

    def note(_conn, _cursor, statement, *_rest) -> None:
        prepared.append(statement)

    with app.app_context(), writing() as db:
        erg = make_erg(db, "women", lead=make_person(db, "Dalia Test", "dalia@t.example").id)
        make_member(
            db, erg, db.scalars(select(Person.id).where(Person.name.startswith("Bo"))).one()
        )
    engine.dispose()
    event.listen(engine, "connect", listen)
    event.listen(engine, "before_cursor_execute", note)
    for _ in range(2):
        bo.get("/")
    prepared.clear()
    bo.get("/")
    again = {a for a, b in pairwise(prepared) if b == "once more" and a != b}
    assert len(prepared) >= 5 and not again, again


def test_home_asks_the_database_as_little_with_many_items_as_with_one(bo, registered, queries):
    registered.agenda.add("a", lambda db, actor: [item("next", "Event")] * rows)
    seen = {}
    for rows in (1, 200):
        with queries() as statements:
            bo.get("/")
        seen[rows] = len(statements)
    assert seen[1] == seen[200] <= 8


def test_search_gathers_every_source_and_says_when_nothing_is_found(bo, registered):
    registered.search_sources.add(
        "x",
        lambda db, actor, q: (
            [SearchHit("Women in Tech", "A group", "/ergs/wit/", "users")] if q == "women" else []
        ),
    )
    assert bo.get("/search?q=women").has("1 result")
    assert ("Women in Tech", "/ergs/wit/") in bo.links()
    assert bo.get("/search?q=%3Cb%3E").has("Nothing found for “<b>”")


def test_search_is_for_people_of_the_company(anonymous):
    anonymous.get("/search?q=x")
    assert anonymous.url.startswith("/login")


def test_the_menu_signs_out(bo):
    bo.get("/").submit("Sign out", action="/logout")
    bo.get("/")
    assert bo.has("Find your people")


def test_the_current_place_is_marked_in_the_navigation(bo):
    bo.get("/settings/")
    current = [e.get("href") for e in bo.tree.iter("a") if e.get("aria-current") == "page"]
    assert "/settings/" in current and "/" not in current


def test_the_offline_page_holds_nothing_of_its_reader(bo):
    bo.get("/offline")
    assert bo.has("You are offline")
    assert "Lindqvist" not in bo.html and 'data-user=""' in bo.html


def test_changing_the_language_keeps_the_page_and_its_query(anonymous):
    anonymous.get("/offline?page=2&lang=es")
    languages = {e.get("hreflang"): e.get("href") for e in anonymous.tree.iter("a")}
    assert languages["ar"] == "/offline?page=2&lang=ar"


@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_manifest_speaks_the_reader_s_language(app, lang, direction):
    answer = app.test_client().get(f"/manifest.webmanifest?lang={lang}")
    manifest = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["lang"], manifest["dir"]) == (lang, direction)
    assert len(manifest["short_name"]) <= 12 and manifest["id"] == manifest["scope"] == "/"
    purposes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert purposes >= {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    assert {shot["form_factor"] for shot in manifest["screenshots"]} == {"narrow", "wide"}
    for icon in manifest["icons"] + manifest["screenshots"]:
        image = app.test_client().get(icon["src"]).data
        size = int.from_bytes(image[16:20]), int.from_bytes(image[20:24])
        assert image.startswith(b"\x89PNG") and f"{size[0]}x{size[1]}" == icon["sizes"]


def test_the_worker_keeps_only_assets_that_exist(app):
    client = app.test_client()
    answer = client.get("/sw.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    listed = json.loads(re.search(r"ASSETS = (\[.*?\]);", answer.text)[1])
    assert listed and all(client.get(url).status_code == 200 for url in listed)


def test_assets_are_named_by_content_compressed_and_kept_for_ever(app, anonymous):
    href = re.search(r'href="(/assets/[^"]+app\.css)"', anonymous.get("/").html)[1]
    client = app.test_client()
    packed = client.get(href, headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert "immutable" in packed.headers["Cache-Control"]
    plain = client.get(href, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and len(plain.data) > len(packed.data)
    assert client.get(re.sub("/assets/[0-9a-f]+", "/assets/000000000000", href)).status_code == 404


def test_the_style_page_shows_every_component_and_no_string_is_unmarked(bo):
    bo.get("/styleguide?lang=en-XA")
    assert bo.status == 200
    assert unmarked(bo.html) == []


def test_the_style_page_does_not_exist_outside_of_development(app, environ, monkeypatch):
    from dataclasses import replace

    app.extensions["settings"] = replace(app.extensions["settings"], env="demo")
    assert app.test_client().get("/styleguide").status_code == 404
