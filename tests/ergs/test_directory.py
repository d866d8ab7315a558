"""The directory: filters, proposals by public facts alone, and its price with many groups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.accounts.models import Person
from app.core import clock, ids
from app.ergs.models import Erg, ErgText
from app.ergs.rules import Discovery, ErgState, Region, Visibility
from app.ergs.services import Words
from app.events.rules import Audience
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member
from tests.factories.events import make_event


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by first name."""
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        found = {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("bo", "dalia", "maria")
        }
        bo = db.get(Person, found["bo"])
        bo.site, bo.zone = "Mexico City", "America/Mexico_City"
        return found


@pytest.fixture
def groups(people, write):
    with write() as db:
        lead = people["dalia"]
        both = {"en": Words("Latinx", "m", "c"), "es": Words("Comunidad Latina", "m", "c")}
        latinx = make_erg(db, "latinx", lead=lead, words=both, roster=Visibility.COMPANY)
        make_chapter(db, latinx, "mexico-city", Region.LATIN_AMERICA)
        women = make_erg(db, "women", lead=lead, zone="Africa/Cairo")
        make_chapter(db, women, "in-engineering")
        make_erg(db, "parents", lead=lead, zone="America/Mexico_City")
        quiet = make_erg(
            db, "quiet", lead=lead, says_sensitive=True, zone="America/Mexico_City", words=both
        )
        hidden = make_erg(db, "secret", lead=lead, discovery=Discovery.HIDDEN, words=both)
        make_chapter(db, quiet, "mexico-city", Region.LATIN_AMERICA)
        make_chapter(db, hidden, "in-secrecy")
        return {erg.slug: erg.id for erg in (latinx, women, quiet, hidden)}


def listed(browser: Browser) -> set[str]:
    """The groups of the list, without what is proposed above it."""
    cards = [e for e in browser.tree.iter("article") if e.get("class") == "card"]
    return {link.get("href").split("/")[2] for card in cards for link in card.iter("a")}


def proposed(browser: Browser) -> dict[str, str]:
    """The proposed groups and the reason told."""
    for section in browser.tree.iter("section"):
        if section.get("aria-labelledby") == "suggested-title":
            return {
                next(li.iter("a")).get("href").split("/")[2]: "".join(li.itertext())
                for li in section.iter("li")
            }
    return {}


def test_filters_by_interest_language_and_region_together(browser, groups) -> None:
    bo = browser("bo")
    assert listed(bo.get("/ergs/?interest=in-engineering")) == {"women"}
    assert listed(bo.get("/ergs/?language=es")) == {"latinx", "quiet"}
    assert listed(bo.get("/ergs/?language=es&region=latin_america")) == {"latinx", "quiet"}
    assert listed(bo.get("/ergs/?language=es&region=europe")) == set()
    assert "women" in listed(bo.get("/ergs/?language=xx&interest=&soon=maybe"))
    bo.get("/ergs/").submit(action="/ergs/", language="es", region="latin_america")
    assert listed(bo) == {"latinx", "quiet"}


def test_interests_of_groups_one_does_not_find_are_not_offered(browser, groups) -> None:
    assert "in-secrecy" not in browser("bo").get("/ergs/").html
    assert "in-secrecy" in browser("dalia").get("/ergs/").html


def test_events_soon_are_those_that_the_reader_may_see(browser, groups, people, write) -> None:
    with write() as db:
        women, latinx = db.get(Erg, groups["women"]), db.get(Erg, groups["latinx"])
        make_event(db, latinx, "For all")
        make_event(db, women, "For members", audience=Audience.MEMBERS)
        make_member(db, women, people["maria"])
        far = clock.now() + timedelta(days=200)
        make_event(db, db.get(Erg, groups["quiet"]), "Far", starts_at=far)
    assert listed(browser("bo").get("/ergs/?soon=1")) == {"latinx"}
    assert listed(browser("maria").get("/ergs/?soon=1")) == {"latinx", "women"}
    assert browser("bo").get("/ergs/").has("Events soon")


def test_proposals_say_why_and_never_name_what_is_confidential_or_known(
    browser, groups, people, write
) -> None:
    bo = browser("bo").get("/ergs/")
    assert set(proposed(bo)) == {"latinx", "parents"}
    assert "It has a chapter where you work." in proposed(bo)["latinx"]
    assert "It is at home in your time zone." in proposed(bo)["parents"]
    assert proposed(bo.get("/ergs/?q=latinx")) == {}
    maria = proposed(browser("maria").get("/ergs/?lang=es"))
    assert set(maria) == {"latinx"}
    bo.get("/ergs/?lang=en")
    with write() as db:
        make_member(db, db.get(Erg, groups["latinx"]), people["bo"], visibility=Visibility.NOBODY)
    assert set(proposed(bo.get("/ergs/"))) == {"parents"}


def test_what_is_proposed_does_not_depend_on_who_belongs(browser, groups, people, write) -> None:
    before = browser("bo").get("/ergs/")
    first = proposed(before)
    with write() as db:
        for slug in ("latinx", "women"):
            make_member(
                db, db.get(Erg, groups[slug]), people["maria"], visibility=Visibility.COMPANY
            )
    assert proposed(before.get("/ergs/")) == first


def test_nobody_without_a_place_is_proposed_anything(browser, groups) -> None:
    assert proposed(browser("maria").get("/ergs/")) == {}


def test_a_thousand_groups_cost_as_much_as_five(app, people, groups, write, queries) -> None:
    with write() as db:
        db.get(Person, people["bo"]).site = "Mexico City"  # so that groups are proposed as well
    bo = Browser(app).sign_in("bo@t.example").get("/ergs/")
    paths = ("/ergs/", "/ergs/?soon=1&language=es", "/ergs/latinx/")
    few = {}
    for path in paths:
        with queries() as made:
            bo.get(path)
        few[path] = len(made)
    with write() as db:
        rows = [{"id": ids.new_id(), "slug": f"bulk-{n}"} for n in range(1000)]
        db.execute(insert(Erg), [{**row, "state": ErgState.ACTIVE} for row in rows])
        named = [(row["id"], row["slug"]) for row in rows]
        texts = [{"erg_id": i, "locale": "en", "name": s, "sort_key": s} for i, s in named]
        db.execute(insert(ErgText), texts)
    for path in paths:
        with queries() as made:
            bo.get(path)
        assert len(made) <= 8, "\n".join(made)
        assert len(made) <= few[path], path
    assert bo.get("/ergs/").has("Page 1 of 51")
