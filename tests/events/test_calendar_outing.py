"""One answer to a hidden event changes no byte that others get: pages, feeds, mails, pushes.

Two companies, built alike with one seed and clock; in one of them Maria goes to the evening of her
confidential group. Then a day passes: entries go out, reminders ring, summaries are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock, delivery, ids, jobs
from app.core.database import reading, writing
from app.ergs.models import Erg
from app.events import services
from app.events.messages.about import About
from app.events.rules import Audience, Reply
from tests import databases
from tests.client import Browser
from tests.contracts.outing import built
from tests.factories.events import make_event
from tests.notifications.push_world import PushService
from tests.outing import AT, company, heard, read

NOW = datetime.fromisoformat(AT.replace("Z", "+00:00"))
OBSERVERS = ("outsider", "member", "admin", "analyst", "auditor", "nobody")
RINGING = ("outsider", "member", "lead", "admin", "maria")

GROUP = partial(built, "pride", (), belongs=True)


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def empty(shared_folder: Path) -> str:
    return databases.template(shared_folder, "sqlite", seeded=False)


def furnished(app, service: PushService, *, goes: bool) -> list[str]:
    """The evening, who goes, whose devices ring; returns the addresses to compare."""
    with app.app_context():
        with ids.seeded("evening"), writing() as db:
            people: dict[str, UUID] = {
                person.email.split("@")[0]: person.id for person in db.scalars(select(Person))
            }
            erg = db.scalars(select(Erg)).one()
            occurrence = make_event(
                db,
                erg,
                "Secret evening",
                starts_at=NOW + timedelta(hours=26),
                audience=Audience.MEMBERS,
                venue="Rainbow bar",
                seats_in_person=5,
            )
            occurrence_id = occurrence.id
            services.answer(db, people["member"], occurrence_id=occurrence_id, reply=Reply.GOING)
            services.choose_usual(db, people["member"], is_discreet=False, wants_summary=True)
            tokens = [services.open_feed(db, people[name]) for name in ("member", "outsider")]
        if goes:
            with ids.seeded("maria"), writing() as db:
                services.answer(db, people["maria"], occurrence_id=occurrence_id, reply=Reply.GOING)
    for name in RINGING:
        browser = Browser(app).sign_in(f"{name}@t.example").get("/notifications/push")
        browser.submit(action="/notifications/push/device", **service.device(name))
    return [
        "/",
        "/events/",
        f"/events/{occurrence_id}/",
        f"/events/{occurrence_id}/calendar",
        f"/events/{occurrence_id}/calendar.ics",
        "/events/calendar",
        "/notifications/",
        "/notifications/push",
        "/search?q=evening",
        "/settings/",
        *(f"/calendar/{token}.ics" for token in tokens),
    ]


def rung(service: PushService) -> list[tuple[str, str]]:
    """What the devices of everybody but Maria showed."""
    said = [(got.path, str(sorted(service.opened(got).items()))) for got in service.got]
    return sorted(each for each in said if each[0] != "/maria")


def one_world(folder: Path, source: str, service: PushService, *, goes: bool) -> dict[str, Any]:
    """All that others get in a company in which Maria goes, or does not."""
    service.got.clear()
    place = folder / str(goes)
    with company(place, source, GROUP) as (app, _paths):
        paths = furnished(app, service, goes=goes)
        found: dict[str, Any] = {}
        for hours in (0, 3, 25.5):
            clock.configure((NOW + timedelta(hours=hours)).isoformat())
            mails = heard(app, place)
            with app.app_context():
                while not delivery.deliver("push"):
                    pass
            found[f"mails {hours}"] = mails
            found[f"pushes {hours}"] = rung(service)
        clock.configure(AT)
        found["pages"] = read(app, paths, OBSERVERS)
    return found


def told_apart(folder: Path, source: str, service: PushService) -> list[str]:
    without = one_world(folder, source, service, goes=False)
    with_her = one_world(folder, source, service, goes=True)
    assert without["pages"].keys() == with_her["pages"].keys()
    different = [name for name in without if without[name] != with_her[name] and name != "pages"]
    return different + [
        str(key) for key, page in without["pages"].items() if page != with_her["pages"][key]
    ]


def test_an_answer_to_a_hidden_event_changes_nothing_that_others_get(
    tmp_path, empty, service
) -> None:
    assert told_apart(tmp_path, empty, service) == []
    own = [service.opened(got) for got in service.got if got.path == "/maria"]
    assert own, "she herself is reminded"
    shown = " ".join(map(str, own))
    assert "Secret" not in shown and "Rainbow" not in shown


def names_everybody(asked):
    """A reminder that says how many go: the mistake this test is there for."""

    def message(kind, db, row, to):
        said = asked(kind, db, row, to)
        from app.events.models import Rsvp

        count = db.query(Rsvp).count()
        return said and replace(said, lines=(*said.lines, f"{count} go"), link=f"/?n={count}")

    return message


def test_a_planted_leak_is_caught(tmp_path, empty, service, monkeypatch) -> None:
    monkeypatch.setattr(About, "message", names_everybody(About.message))
    found = told_apart(tmp_path, empty, service)
    assert any("mails" in each for each in found) and any("pushes" in each for each in found)


def test_sweeps_and_pages_are_looked_at(tmp_path, empty, service) -> None:
    """The comparison above sees answers, not only refusals."""
    with company(tmp_path / "look", empty, GROUP) as (app, _paths):
        paths = furnished(app, service, goes=True)
        assert {"calendar_replies", "event_summaries", "push_upkeep"} <= {n for n, _ in jobs.sweeps}
        answers = read(app, paths, ("member", "outsider", "nobody"))
        with app.app_context():
            assert reading().scalars(select(Erg)).one().is_discreet
    ok = [key for key, page in answers.items() if page.startswith("200")]
    assert len([key for key in ok if key[0] == "member"]) >= len(paths) - 1
