"""Nobody is outed: a confidential membership changes no byte that anybody else can see.

The same database is crawled twice by everybody without the right, over all pages of groups and
events, home and search: before and after exactly one confidential membership is added.
"""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import bindparam, delete, func, select

import app.ergs.queries.groups as erg_groups
import app.ergs.queries.people as erg_people
import app.events.queries.answers as event_queries
from app.accounts.models import SignIn
from app.audit.models import AuditEvent
from app.core import clock
from app.core.settings import load
from app.ergs.models import Erg, Membership
from app.ergs.rules import SEEN_BY, Admission, MembershipState, Viewer, Visibility
from app.events import services as event_services
from app.events.models import Rsvp
from app.events.rules import Audience, Mode, Reply, RsvpState
from app.factory import create_app
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member
from tests.factories.events import make_event

AS_HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
OBSERVERS = ("outsider", "member", "lead", "admin")
GROUPS = {
    "women": {"roster": Visibility.COMPANY},
    "pride": {"roster": Visibility.NOBODY, "says_sensitive": True, "admission": Admission.APPROVAL},
}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z", "TRELLIS_SEED": "worlds"}


@pytest.fixture
def world(write):
    """Two kinds of groups with a lead, a member, an event each; Maria, who comes to the events."""
    with write() as db:
        ids = {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "admin" else (),
            ).id
            for name in (*OBSERVERS, "maria")
        }
        events = []
        for slug, switches in GROUPS.items():
            erg = make_erg(db, slug, lead=ids["lead"], **switches)
            make_member(db, erg, ids["member"], visibility=Visibility.COMPANY)
            make_chapter(db, erg, "place")
            for audience in Audience:
                events.append(
                    make_event(
                        db, erg, f"{slug} {audience}", audience=audience, seats_in_person=9
                    ).id
                )
        for occurrence_id in events[::2]:
            for person in (ids["maria"], ids["member"]):
                event_services.answer(
                    db,
                    person,
                    occurrence_id=occurrence_id,
                    reply=Reply.GOING,
                    visibility=Visibility.COMPANY,
                )
        return ids["maria"], events


def all_paths(events: list[UUID]) -> list[str]:
    """Every page of groups and events, home and search, with words that name Maria."""
    found = [
        "/",
        "/ergs/",
        "/ergs/?mine=1",
        "/ergs/?soon=1",
        "/ergs/?interest=place",
        "/ergs/?language=en",
        "/manage/ergs/",
        "/manage/ergs/?state=active&q=pri",
        "/ergs/?q=test",
        "/ergs/?q=pri",
        "/events/",
        "/events/?show=mine",
        "/events/?show=past",
        "/events/?q=women",
        "/events/calendar",
        "/search?q=maria",
        "/search?q=women",
        "/ergs/?page=2",
    ]
    for slug in GROUPS:
        found += [
            f"/ergs/{slug}/",
            f"/ergs/{slug}/members/",
            f"/ergs/{slug}/members/?q=maria",
            f"/ergs/{slug}/manage/",
            f"/ergs/{slug}/manage/roles/",
            f"/ergs/{slug}/manage/roles/new?q=maria",
            f"/ergs/{slug}/manage/invitations/",
            f"/ergs/{slug}/manage/invitations/?q=maria",
            f"/ergs/{slug}/manage/messages/",
            f"/ergs/{slug}/sponsor/",
            f"/ergs/{slug}/sponsor/brief",
            f"/ergs/{slug}/edit/",
            f"/ergs/{slug}/texts/es/",
            f"/ergs/{slug}/switches/",
            f"/ergs/{slug}/poll/",
            f"/ergs/{slug}/sender/",
            f"/ergs/{slug}/switches/?viewer=lead&discovery=listed&admission=open&roster=company",
            f"/ergs/{slug}/manage/chapters/",
            f"/ergs/{slug}/chapters/place/",
            f"/ergs/{slug}/chapters/place/edit",
            f"/ergs/{slug}/picture/",
            f"/ergs/{slug}/archive/",
            f"/events/?group={slug}",
            f"/events/new?host={slug}",
            f"/events/new?host={slug}&kind=workshop",
        ]
    for event_id in events:
        found += [
            f"/events/{event_id}/",
            f"/events/{event_id}/calendar.ics",
            f"/events/{event_id}/edit",
            *(f"/events/{event_id}/{page}" for page in ("hosts", "hosts?q=e", "words")),
            *(f"/events/{event_id}/{page}" for page in ("cancellation", "postponement")),
        ]
    return found


def crawl(app, paths: list[str], observers: tuple[str, ...]) -> dict[tuple[str, str], bytes]:
    """Every answer, of lists also the fragment, for every observer."""
    seen = {}
    for observer in observers:
        browser = Browser(app)
        if observer != "nobody":
            browser.sign_in(f"{observer}@t.example")
        for path in paths:
            seen[observer, path] = comparable(browser.client.get(path))
            if "?" in path:
                part = browser.client.get(path, headers=AS_HTMX)
                seen[observer, f"fragment of {path}"] = comparable(part)
    return seen


def comparable(answer) -> bytes:
    """Status, headers and body, without what the form protection draws anew each time."""
    headers = sorted((k, v) for k, v in answer.headers if k not in ("Date", "Set-Cookie"))
    body = answer.get_data(as_text=True)
    body = re.sub(r'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', r"\1", body)
    return f"{answer.status_code}{headers}{body}".encode()


def differences(environ, write, slug, maria, paths, observers=(*OBSERVERS, "nobody")) -> list:
    """What differs once Maria belongs to the group and nobody may know."""
    forget_sign_ins(write)
    first = look(environ, paths, observers)
    forget_sign_ins(write)
    with write() as db:
        erg = db.query(Erg).filter_by(slug=slug).one()
        make_member(db, erg, maria, visibility=Visibility.NOBODY)
    second = look(environ, paths, observers)
    assert first.keys() == second.keys()
    return [key for key in first if first[key] != second[key]]


def forget_sign_ins(write) -> None:
    """The next crawl draws the same tokens and ids again."""
    with write() as db:
        db.execute(delete(SignIn))
        db.execute(delete(AuditEvent))


def look(environ, paths, observers):
    """A fresh app draws the same random values, so that only the data can differ."""
    app = create_app(load(environ))
    try:
        return crawl(app, paths, observers)
    finally:
        app.extensions["database"].dispose()


@pytest.mark.parametrize("slug", GROUPS)
def test_a_confidential_membership_changes_no_byte_for_anybody_else(
    environ, world, write, slug
) -> None:
    maria, events = world
    assert differences(environ, write, slug, maria, all_paths(events)) == []


def count_everybody():
    wanted = bindparam("ids", expanding=True)
    counted = select(Membership.erg_id, func.count()).where(Membership.erg_id.in_(wanted))
    return counted.group_by(Membership.erg_id)


def name_everybody_to(viewer):
    return {**SEEN_BY, viewer: frozenset(Visibility)}


def size_of_all(*_anything):
    """How many belong, whoever may know."""
    counted = select(func.count()).where(
        Membership.erg_id == Erg.id, Membership.state == MembershipState.ACTIVE
    )
    return counted.correlate(Erg).scalar_subquery()


LEAKS = {
    "an order by size": (erg_groups, "name_in", lambda _tag: -size_of_all(), "/ergs/"),
    "a filter by size": (
        erg_groups,
        "_has_events_soon",
        lambda *_who: size_of_all() > 2,
        "/ergs/?soon=1",
    ),
    "a count of all": (erg_groups, "_shown_to_all", count_everybody, "/ergs/"),
    "a roster for leads": (
        erg_people,
        "SEEN_BY",
        name_everybody_to(Viewer.LEAD),
        "/ergs/women/members/",
    ),
    "a roster for members": (
        erg_people,
        "SEEN_BY",
        name_everybody_to(Viewer.MEMBER),
        "/ergs/women/members/",
    ),
    "names at an event for members": (
        event_queries,
        "SEEN_BY",
        name_everybody_to(Viewer.MEMBER),
        "event",
    ),
}


@pytest.fixture
def built_anew():
    """Statements are built once a process: forget them when a leak is planted, and afterwards."""

    def forget() -> None:
        for built in (erg_groups._page_of, erg_groups._sizes):
            built.cache_clear()

    yield forget
    forget()


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(environ, world, write, monkeypatch, built_anew, leak) -> None:
    """Otherwise the test above would say nothing."""
    module, name, planted, path = LEAKS[leak]
    maria, events = world
    keep_marias_seat(write, maria, events[1])
    path = f"/events/{events[1]}/" if path == "event" else path
    assert differences(environ, write, "women", maria, [path], ("member", "lead")) == []
    monkeypatch.setattr(module, name, planted)
    built_anew()
    with write() as db:
        db.execute(delete(Membership).where(Membership.person_id == maria))
    assert differences(environ, write, "women", maria, [path], ("member", "lead")) != []


def keep_marias_seat(write, maria, occurrence_id) -> None:
    """Maria was a member once, answered the event for members, and her answer was kept."""
    with write() as db:
        db.add(
            Rsvp(
                occurrence_id=occurrence_id,
                person_id=maria,
                state=RsvpState.GOING,
                mode=Mode.IN_PERSON,
                visibility=Visibility.COMPANY,
                queued_at=clock.now(),
            )
        )
