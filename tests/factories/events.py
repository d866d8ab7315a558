"""Events for tests, through the services that pages use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import links, services
from app.events.models import EventText, Occurrence, Series
from app.events.rules import Access, Audience, HostState, Question, QuestionKind, Reply, wall_of
from app.events.rules.series import Frequency, Recurrence, Repeats
from app.events.services import Plan, series
from tests.factories.accounts import outing_person
from tests.factories.ergs import make_erg

OF_MEMBERS = (
    "answering",
    "calendar",
    "cancellation",
    "edit",
    "hosts",
    "hosts?q=fri",
    "postponement",
    "repeat",
    "words",
)


def make_plan(
    title: str = "Kickoff", *, starts_at: datetime | None = None, zone: str = "UTC", **traits: Any
) -> Plan:
    """A plan that may be published; by default ten days ahead, unlimited, in person."""
    start = starts_at or (clock.now() + timedelta(days=10)).replace(second=0, microsecond=0)
    usual: dict[str, Any] = {
        "venue": "Hall 1",
        "captions": Access.YES,
        "step_free": Access.YES,
        "access_contact": "access@test.example",
    }
    return Plan(title=title, wall_start=wall_of(start, zone), zone=zone, **{**usual, **traits})


def make_event(
    db: Session, erg: Erg, title: str = "Kickoff", *, published: bool = True, **traits: Any
) -> Occurrence:
    """An event of a group, published unless told otherwise."""
    occurrence = services.plan(db, None, erg_id=erg.id, plan=make_plan(title, **traits))
    if published:
        services.publish(db, None, occurrence_id=occurrence.id)
    return occurrence


def make_series(db: Session, erg: Erg, title: str = "Lunch", **traits: Any) -> Series:
    """A weekly series of a group that begins with a published event."""
    first = make_event(db, erg, title, **traits)
    rule = Recurrence(Frequency.WEEKLY, weekdays=(first.wall_start.weekday(),))
    return series.repeat(db, None, occurrence_id=first.id, repeats=Repeats(rule))


def planned(db: Session) -> dict[str, dict[str, Any]]:
    """Scenes of planning as the demo company has them: asked to host, on its way, put off."""
    titles = {
        "asked": "Family day at the park",
        "submitted": "How I found my second career",
        "postponed": "Cooking together: okonomiyaki",
    }
    found = {
        name: db.scalars(
            select(Occurrence)
            .join(EventText, EventText.event_id == Occurrence.event_id)
            .where(EventText.title == title)
        ).one()
        for name, title in titles.items()
    }
    scenes: dict[str, dict[str, Any]] = {
        name: {"occurrence_id": row.id} for name, row in found.items()
    }
    (question,) = [h for h in found["asked"].event.hosts if h.state is HostState.ASKED]
    scenes["asked"]["erg_id"] = question.erg_id
    return scenes


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Events whose organizers decide: for everyone, and for members; Maria comes to the first."""
    question = Question("diet", QuestionKind.TEXT, "Food?", "To order")
    everyone = make_event(db, erg, "Open supper", seats_in_person=1, guest_limit=1)
    members = make_event(db, erg, "Supper of members", audience=Audience.MEMBERS)
    answers = []
    for date, people in (
        (everyone, (member_id, outing_person(db, "maria"))),
        (members, (member_id,)),
    ):
        services.set_answering(
            db,
            lead_id,
            occurrence_id=date.id,
            needs_approval=date is members,
            closes_minutes=60,
            questions=[question],
        )
        answers += [
            services.answer(
                db,
                person_id,
                occurrence_id=date.id,
                reply=Reply.GOING,
                visibility=Visibility.LEADS,
                told={"diet": "Vegan"},
            )
            for person_id in people
        ]
    late = make_event(db, erg, "Supper put off", audience=Audience.MEMBERS)
    services.postpone(db, lead_id, occurrence_id=late.id)
    friends = make_erg(db, f"{erg.slug}-friends", lead=lead_id)
    services.ask_host(db, lead_id, occurrence_id=everyone.id, erg_id=friends.id)
    weekly = make_series(db, erg, audience=Audience.MEMBERS)
    about_one = (
        "",
        "calendar.ics",
        "people",
        "people?show=asking",
        "people?q=maria",
        "people.csv",
        "people.xlsx",
    )
    return [
        *(f"/events/?{query}" for query in ("show=mine", f"group={erg.slug}", "q=supper")),
        f"/events/?view=month&month={everyone.starts_at:%Y-%m}",
        "/events/",
        "/events.csv",
        "/events.xlsx",
        "/events/calendar",
        f"/calendar/{services.open_feed(db, member_id)}.ics",
        f"/events/new?host={erg.slug}",
        f"/ergs/{erg.slug}/fair-time/",
        *(f"/events/{date.id}/{page}" for date in (everyone, members) for page in about_one),
        *(f"/events/{members.id}/{page}" for page in OF_MEMBERS),
        f"/events/{late.id}/new-date",
        f"/events/{everyone.id}/hosts/{friends.id}/answer",
        f"/events/answers/{links.token(answers[0].id)}",
        f"/events/people/{answers[0].id}/removal",
        *(f"/events/series/{weekly.id}/{page}" for page in ("", "edit", "end")),
    ]
