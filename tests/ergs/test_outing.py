"""Nobody is outed: a confidential membership changes no byte that anybody else can see.

The same database is crawled twice by everybody without the right, over all pages of groups and
events, home and search: before and after exactly one confidential membership is added.
"""

from __future__ import annotations

import re
from contextlib import closing
from uuid import UUID

import pytest
from sqlalchemy import delete

import app.ergs.queries as erg_queries
import app.events.queries as event_queries
from app.accounts.models import SignIn
from app.core import clock
from app.core.database import Database
from app.core.settings import load
from app.ergs.models import Erg
from app.ergs.rules import SEEN_BY, Admission, Viewer, Visibility
from app.events import services as event_services
from app.events.models import Rsvp
from app.events.rules import Audience, Mode, Reply, RsvpState
from app.factory import create_app
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event

OBSERVERS = ("outsider", "member", "lead", "admin")
GROUPS = {
    "women": {"roster": Visibility.COMPANY},
    "parents": {"roster": Visibility.MEMBERS, "admission": Admission.APPROVAL},
    "ability": {"roster": Visibility.LEADS},
    "pride": {"roster": Visibility.NOBODY, "says_sensitive": True},
}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z", "TRELLIS_SEED": "worlds"}


@pytest.fixture
def world(write):
    """Four kinds of groups with a lead, a member, an event each; Maria, who comes to the events."""
    with write() as db:
        ids = {name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD,
                                 ("org_admin",) if name == "admin" else ()).id
               for name in (*OBSERVERS, "maria")}
        events = []
        for slug, switches in GROUPS.items():
            erg = make_erg(db, slug, lead=ids["lead"], **switches)
            make_member(db, erg, ids["member"], visibility=Visibility.COMPANY)
            for audience in Audience:
                events.append(make_event(db, erg, f"{slug} {audience}", audience=audience,
                                         seats_in_person=9).id)
        for occurrence_id in events[::2]:
            for person in (ids["maria"], ids["member"]):
                event_services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING,
                                      visibility=Visibility.COMPANY)
        return ids["maria"], events


def paths(events: list[UUID]) -> list[str]:
    found = ["/", "/ergs/", "/ergs/?mine=1", "/ergs/?q=test", "/ergs/?q=pri", "/events/",
             "/events/?show=mine", "/events/?show=past", "/events/?q=women", "/events/calendar",
             "/search?q=maria", "/search?q=women", "/ergs/?page=2"]
    for slug in GROUPS:
        found += [f"/ergs/{slug}/", f"/ergs/{slug}/members/", f"/ergs/{slug}/members/?q=maria",
                  f"/ergs/{slug}/manage/", f"/events/?group={slug}", f"/events/new?host={slug}"]
    for event_id in events:
        found += [f"/events/{event_id}/", f"/events/{event_id}/calendar.ics",
                  f"/events/{event_id}/edit"]
    return found


def crawl(app, events: list[UUID]) -> dict[tuple[str, str], bytes]:
    """Every answer as page and as fragment, for every observer and for nobody."""
    seen = {}
    for observer in (*OBSERVERS, "nobody"):
        browser = Browser(app)
        if observer != "nobody":
            browser.sign_in(f"{observer}@t.example")
        for path in paths(events):
            for headers in ({}, {"HX-Request": "true", "HX-Request-Type": "partial"}):
                answer = browser.client.get(path, headers=headers)
                key = f"{path}{' as fragment' if headers else ''}"
                seen[observer, key] = comparable(answer)
    return seen


def comparable(answer) -> bytes:
    """Status, headers and body, without what the form protection draws anew each time."""
    headers = sorted((k, v) for k, v in answer.headers if k not in ("Date", "Set-Cookie"))
    body = answer.get_data(as_text=True)
    body = re.sub(r'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', r"\1", body)
    return f"{answer.status_code}{headers}{body}".encode()


def differences(environ, world, write, slug: str) -> list[tuple[str, str]]:
    maria, events = world
    first = look(environ, events)
    with write() as db:
        db.execute(delete(SignIn))
        erg = db.query(Erg).filter_by(slug=slug).one()
        make_member(db, erg, maria, visibility=Visibility.NOBODY)
    second = look(environ, events)
    assert first.keys() == second.keys() and len(first) > 400
    return [key for key in first if first[key] != second[key]]


def look(environ, events):
    """A fresh app draws the same random values, so that only the data can differ."""
    app = create_app(load(environ))
    with closing(_Closing(app.extensions["database"])):
        return crawl(app, events)


class _Closing:
    def __init__(self, database: Database) -> None:
        self.close = database.dispose


@pytest.mark.parametrize("slug", GROUPS)
def test_a_confidential_membership_changes_no_byte_for_anybody_else(
    environ, world, write, slug
) -> None:
    assert differences(environ, world, write, slug) == []


def count_everybody(db, erg_ids):
    return {erg_id: db.query(erg_queries.Membership).filter_by(erg_id=erg_id).count()
            for erg_id in erg_ids}


def name_everybody_to(viewer):
    return {**SEEN_BY, viewer: frozenset(Visibility)}


LEAKS = {
    "a count of all": ("women", erg_queries, "_shown_to_all", count_everybody),
    "a roster for leads": ("women", erg_queries, "SEEN_BY", name_everybody_to(Viewer.LEAD)),
    "a roster for members": ("women", erg_queries, "SEEN_BY", name_everybody_to(Viewer.MEMBER)),
    "names at an event for members": (
        "women", event_queries, "SEEN_BY", name_everybody_to(Viewer.MEMBER)),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(environ, world, write, monkeypatch, leak) -> None:
    """Otherwise the test above would say nothing."""
    slug, module, name, planted = LEAKS[leak]
    if "event" in leak:
        keep_marias_seat(world, write)
    monkeypatch.setattr(module, name, planted)
    assert differences(environ, world, write, slug) != []


def keep_marias_seat(world, write) -> None:
    """Maria was a member, answered the event for members, and left; her answer was kept."""
    maria, events = world
    with write() as db:
        db.add(Rsvp(occurrence_id=events[1], person_id=maria, state=RsvpState.GOING,
                    mode=Mode.IN_PERSON, visibility=Visibility.COMPANY, queued_at=clock.now()))
