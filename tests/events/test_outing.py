"""Nobody is outed by an event: two companies that differ in one secret answer alike.

The secrets are an answer to events of a confidential group, and an entry that shall look neutral
in one's calendar. Each company is built from nothing with the same seed and clock; the secret is
the last thing that happens. Then the sweeps run, mails go out, and everybody without the right
reads all pages that know of events.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core import ids
from app.core.database import writing
from app.ergs.rules import Admission, Visibility
from app.events import queries, services
from app.events.models import EntryChoice, Event, Rsvp
from app.events.rules import Audience, Reply
from tests import databases
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event
from tests.outing import OBSERVERS, apart, company, heard, make_people, read

START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
SECRETS = ("an answer to a hidden event", "a neutral entry")
SHARED = (
    "/",
    "/events/",
    "/events/?show=mine",
    "/events/?group=pride",
    "/events/?q=maria",
    "/events/?q=evening",
    "/events/?access=captions&language=en&mode=in_person",
    "/events/?view=month&month=2026-12",
    "/events/?view=month&month=2026-12&day=2026-12-01&group=mine",
    "/events.csv",
    "/events.xlsx",
    "/events/calendar",
    "/search?q=evening",
    "/search?q=maria",
    "/ergs/",
    "/ergs/?soon=1",
    "/ergs/desk/",
    "/ergs/pride/",
    "/ergs/pride/members/",
    "/ergs/pride/health/",
    "/ergs/pride/health.csv",
    "/ergs/pride/fair-time/",
    "/ergs/women/",
    "/ergs/women/health/",
    "/ergs/women/fair-time/",
    "/manage/health/",
    "/notifications/",
)
OF_AN_EVENT = (
    "/events/{id}/",
    "/events/{id}/calendar.ics",
    "/events/{id}/calendar",
    "/events/{id}/edit",
    "/events/{id}/hosts",
    "/events/{id}/words",
    "/events/{id}/answering",
    "/events/{id}/repeat",
)
# Pages about people at an event: of a hidden one its leads count seats there, by right.
OF_PEOPLE = ("/events/{id}/people", "/events/{id}/people.csv", "/events/{id}/people.xlsx")


@pytest.fixture
def empty(shared_folder: Path) -> str:
    """The template of an empty company."""
    return databases.template(shared_folder, "sqlite", seeded=False)


def _built(secret: str, told: bool, by: str = "maria") -> dict[str, Any]:
    with writing() as db:
        people = make_people(db, "nils")
        women = make_erg(db, "women", lead=people["lead"], roster=Visibility.COMPANY)
        pride = make_erg(
            db,
            "pride",
            lead=people["lead"],
            roster=Visibility.NOBODY,
            says_sensitive=True,
            admission=Admission.APPROVAL,
        )
        for erg in (women, pride):
            make_member(db, erg, people["member"], visibility=Visibility.COMPANY)
        for name in ("maria", "nils"):
            make_member(db, pride, people[name], visibility=Visibility.NOBODY)
        open_one = make_event(db, women, "Open evening", starts_at=START, seats_in_person=9).id
        hidden = [
            make_event(
                db,
                pride,
                f"Evening for {audience}",
                audience=audience,
                starts_at=START,
                seats_in_person=9,
            ).id
            for audience in Audience
        ]
        for place in (open_one, *hidden):
            _go(db, people["member"], place)
        _go(db, people["maria"], open_one)
        feed = services.open_feed(db, people["member"])
    if told:
        with writing() as db, ids.seeded("secret"):
            if secret == SECRETS[0]:
                for place in hidden:
                    _go(db, people[by], place)
            else:
                services.choose_entry(
                    db, people["maria"], occurrence_id=open_one, is_discreet=True, is_silent=True
                )
    return {
        "all": [
            *SHARED,
            f"/calendar/{feed}.ics",
            *(path.format(id=open_one) for path in (*OF_AN_EVENT, *OF_PEOPLE)),
        ],
        "hidden": [path.format(id=i) for path in (*OF_AN_EVENT, *OF_PEOPLE) for i in hidden],
        "feed": feed,
    }


def _go(db, person_id: UUID, occurrence_id: UUID) -> None:
    services.answer(
        db,
        person_id,
        occurrence_id=occurrence_id,
        reply=Reply.GOING,
        visibility=Visibility.COMPANY,
    )


def told_apart(
    folder: Path, source: str, secret: str, among=None, observers=OBSERVERS, mails=True
) -> list[Any]:
    """Where the company with the secret differs from the one without it."""
    seen, sent = [], []
    for told in (False, True):
        place = folder / f"told-{told}"
        with company(place, source, partial(_built, secret, told)) as (app, paths):
            sent.append(heard(app, place) if mails else {})
            wanted = [*paths["all"], *paths["hidden"]]
            if among:
                wanted = [path for path in wanted if among in path]
                assert wanted, among
            by_right = set(paths["hidden"]) if secret == SECRETS[0] else set()
            found = read(app, wanted, observers)
            seen.append(
                {key: page for key, page in found.items() if not _has_the_right(key, by_right)}
            )
    assert seen[0].keys() == seen[1].keys(), "the same addresses"
    return apart(*seen) + apart(*sent)


def _has_the_right(key: tuple[str, str], by_right: set[str]) -> bool:
    """The lead counts the seats of the group's own events; nobody else does."""
    return key[0] == "lead" and key[1] in by_right


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_about_an_event_changes_no_byte_for_anybody_without_the_right(
    tmp_path, empty, secret
) -> None:
    assert told_apart(tmp_path, empty, secret) == []


def test_to_those_who_count_seats_it_is_all_the_same_who_answered(tmp_path, empty) -> None:
    """The lead of the confidential group sees that a seat is taken, never by whom."""
    seen = []
    for by in ("maria", "nils"):
        built = partial(_built, SECRETS[0], told=True, by=by)
        with company(tmp_path / by, empty, built) as (app, paths):
            seen.append(read(app, [*paths["all"], *paths["hidden"]], ("lead", "admin")))
    apart = [key for key in seen[0] if _drawn_anew(seen[0][key]) != _drawn_anew(seen[1][key])]
    assert apart == []
    pages = [text for (name, path), text in seen[0].items() if path in paths["hidden"]]
    assert pages and not any("Nils" in text for text in pages)


def _drawn_anew(text: str) -> str:
    """Without the letters and the address of an answer, which are random."""
    return re.sub(r"Alias \w{4}|/people/[0-9a-f-]{36}", "", text)


# What a mistake would let out


def secret_is_told(db) -> bool:
    """Whether the secret of this company is there."""
    maria = select(Person.id).where(Person.email == "maria@t.example")
    seats = db.scalars(select(Rsvp.id).where(Rsvp.person_id.in_(maria))).all()
    return len(seats) > 1 or bool(db.scalars(select(EntryChoice.person_id)).all())


def shifts(change):
    """A query that answers otherwise when the secret is told."""
    return lambda asked: (
        lambda db, *args, **names: (
            change(asked(db, *args, **names)) if secret_is_told(db) else asked(db, *args, **names)
        )
    )


def never_hidden(_asked):
    return property(lambda _event: False)


def counts_answers(asked):
    """Cells of an export with one more: how many answered."""
    return lambda occurrence, *rest: [
        *asked(occurrence, *rest),
        queries.answers.Session.object_session(occurrence).query(Rsvp).count(),
    ]


def titled_by_size(asked):
    """A title in search and home that tells how many come."""
    return lambda event: (
        f"{asked(event)} ({queries.answers.Session.object_session(event).query(Rsvp).count()})"
    )


def of_everybody(_asked):
    """Home that forgot to ask whose places it shows."""
    return lambda db, _person_id, *_rest: list(db.scalars(select(Rsvp).order_by(Rsvp.changed_at)))


def a_word_more(asked):
    """A calendar entry that counts."""

    def message(kind, db, delivery, to):
        said = asked(kind, db, delivery, to)
        return said and replace(said, subject=f"{said.subject} ({db.query(Rsvp).count()})")

    return message


def without_neutral_ones(asked):
    """A list of names that leaves out whoever wants neutral words."""
    return shifts(lambda names: [name for name in names if "Maria" not in name])(asked)


one_more = shifts(lambda found: replace(found, total=found.total + 21))
a_day_less = shifts(lambda found: replace(found, days={}))
one_less = shifts(lambda found: found[1:])

# What leaks: (where, what, the mistake, the secret, part of the address or None for mails)
ANSWER, NEUTRAL = SECRETS
LEAKS = {
    "free seats": ("events.models.base", "Event.is_hidden", never_hidden, ANSWER, "hidden"),
    "the number of pages": ("events.queries", "listing", one_more, ANSWER, "/events/?q=evening"),
    "days of the month": ("events.queries", "month_of", a_day_less, ANSWER, "view=month"),
    "cells of a file": ("events.views.export", "_cells", counts_answers, ANSWER, "/events.csv"),
    "hits of the search": (
        "events.agenda.base", "title_of", titled_by_size, ANSWER, "/search?q=evening",
    ),
    "somebody else's home": ("events.queries", "ahead_of", of_everybody, ANSWER, "/"),
    "rows of a list": ("events.queries", "drawn", one_less, ANSWER, "month=2026-12&day"),
    "the subject of an entry": (
        "events.messages.entry", "CalendarEntry.message", a_word_more, ANSWER, None,
    ),
    "who wants neutral words": (
        "events.queries", "attendees", without_neutral_ones, NEUTRAL, "/events/",
    ),
    "the order of organizers' answers": (
        "events.queries", "people_of", shifts(lambda f: replace(f, rows=f.rows[::-1])), NEUTRAL,
        "/people",
    ),
}  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(tmp_path, empty, monkeypatch, leak) -> None:
    """Otherwise the tests above would say nothing."""
    module, name, mistake, secret, among = LEAKS[leak]
    target: Any = importlib.import_module(f"app.{module}")
    *outer, last = name.split(".")
    for part in outer:
        target = getattr(target, part)
    monkeypatch.setattr(target, last, mistake(getattr(target, last)))
    part = "/events/" if among == "hidden" else among
    found = told_apart(
        tmp_path, empty, secret, part or "/notifications/", ("member", "lead"), mails=among is None
    )
    assert found != []


def test_the_secret_is_told_by_what_the_leaks_ask_for(tmp_path, empty) -> None:
    """The mistakes above look at the secret itself."""
    for secret in SECRETS:
        for told in (False, True):
            folder = tmp_path / f"{secret}-{told}"
            with (
                company(folder, empty, partial(_built, secret, told)) as (app, _paths),
                app.app_context(),
                writing() as db,
            ):
                assert secret_is_told(db) is told
                assert db.query(Event).count() == 3
