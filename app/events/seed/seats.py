"""A small evening whose organizers decide who comes, with questions, guests and a queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.ergs import queries as ergs
from app.ergs.rules import TextStatus, Visibility
from app.events import services
from app.events.models import EventText, Rsvp
from app.events.rules import Access, EventKind, Mode, Question, QuestionKind, Reply
from app.events.services import Plan

SEATS, AHEAD = 4, 16
QUESTIONS = (
    Question(
        "dish",
        QuestionKind.CHOICE,
        "Which dish do you cook with us?",
        "We buy what is needed",
        "The organizers and the kitchen",
        ("Injera", "Arepas", "Dumplings"),
        is_required=True,
    ),
    Question("first", QuestionKind.YES_NO, "Is it your first time?", "To introduce you"),
    Question("song", QuestionKind.TEXT, "A song for the evening?", "The playlist", "Everyone"),
)
TITLES = {
    "es": "Una mesa, tres cocinas",
    "ar": "مائدة واحدة وثلاثة مطابخ",
}
GUESTS = ("Tiruwork Alemu", "Camila Restrepo", "Wei Ling Tan")


def seed(db: Session, people: Mapping[str, Any]) -> None:
    """Plan it, ask, and let people of everywhere ask to come; some are admitted, one is not."""
    with clock.frozen(clock.now() - timedelta(days=6)):
        date_id = _plan(db)
        asking = [person for person in people["all"] if person not in set(_stars(people))][40:48]
        for n, person in enumerate(asking):
            with clock.frozen(clock.now() + timedelta(hours=3 * n)):
                _ask(db, date_id, person, n)
    rows = db.scalars(
        select(Rsvp).where(Rsvp.occurrence_id == date_id).order_by(Rsvp.queued_at)
    ).all()
    for rsvp in rows[:5]:
        services.admit(db, None, rsvp_id=rsvp.id)
    if len(rows) > 5:
        reason = "This time we cook with people who are new in the company. Please come in spring!"
        services.remove(db, None, rsvp_id=rows[5].id, reason=reason)


def _stars(people: Mapping[str, Any]) -> list[UUID]:
    return [person for key, person in people.items() if key != "all"]


def _plan(db: Session) -> UUID:
    erg = ergs.by_slug(db, "women")
    assert erg is not None
    day = (clock.now() + timedelta(days=6 + AHEAD)).date()
    plan = Plan(
        title="One table, three kitchens",
        description="We cook, we eat, we clean up. The kitchen is small, so we look at who comes.",
        wall_start=datetime.combine(day, time(18, 30)),
        zone="Africa/Addis_Ababa",
        kind=EventKind.TEAM_BUILDING,
        minutes=150,
        seats_in_person=SEATS,
        seats_online=0,
        venue="Teaching kitchen, Bole Road, Addis Ababa",
        guest_limit=1,
        captions=Access.ON_REQUEST,
        step_free=Access.YES,
        access_contact="access@demo.example",
    )
    date = services.plan(db, None, erg_id=erg.id, plan=plan)
    for locale, title in TITLES.items():
        date.event.texts.append(
            EventText(locale=locale, status=TextStatus.TRANSLATED, title=title, description="")
        )
    db.flush()
    services.index(db, date.event)
    services.publish(db, None, occurrence_id=date.id)
    services.set_answering(
        db,
        None,
        occurrence_id=date.id,
        needs_approval=True,
        closes_minutes=2 * 24 * 60,
        questions=QUESTIONS,
    )
    return date.id


def _ask(db: Session, date_id: UUID, person: UUID, n: int) -> None:
    guests = int(n % 3 == 1)
    services.answer(
        db,
        person,
        occurrence_id=date_id,
        reply=Reply.GOING,
        mode=Mode.IN_PERSON,
        guests=guests,
        visibility=Visibility.NOBODY if n == 3 else Visibility.LEADS,
        names=[GUESTS[n % 3]] * guests,
        told={"dish": QUESTIONS[0].options[n % 3], "first": "yes" if n % 2 else "no"},
    )
