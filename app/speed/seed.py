"""Speed mentoring in the demo company: an evening that was, and one to come."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.outbox import Delivery, DeliveryState
from app.ergs import queries as ergs
from app.ergs.rules import TextStatus, Visibility
from app.events import services as events
from app.events.models import Event, EventText, Occurrence, Rsvp
from app.events.rules import Access, EventKind, Mode, Reply
from app.events.services import Plan
from app.speed import queries, services
from app.speed.models import SpeedSeat, SpeedSession, SpeedTable
from app.speed.pairing import Side
from app.speed.rules import TOPICS, PromptSet
from app.speed.services import Settings

HOST, DAYS_AGO = "women", 12
PEOPLE = {"small": 22, "medium": 40, "large": 60}
TITLES = {
    "en": "An evening of first talks",
    "es": "Una tarde de primeras charlas",
    "ar": "أمسية المحادثات الأولى",
}
ABOUT = {
    "en": "Six short talks with people you do not know yet. A prompt helps you to begin.",
    "es": "Seis charlas breves con personas que aún no conoces. Una pregunta ayuda a empezar.",
    "ar": "ست محادثات قصيرة مع أشخاص لا تعرفهم بعد، وسؤال يساعدكم على البداية.",
}
OWN_IN_ARABIC = {
    "Which table, real or not, would you most like to sit at in five years?": (
        "إلى أي طاولة، حقيقية كانت أم لا، تودون الجلوس بعد خمس سنوات؟"
    ),
}


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """One session over, with mutual wishes; one in two days, with people on their sides."""
    dice = ids.generator("speed", size)
    _past(db, people, size, dice)
    _coming(db, dice)
    db.execute(
        update(Delivery)
        .where(
            Delivery.due_at <= clock.now(),
            Delivery.state == DeliveryState.PENDING,
            Delivery.kind.like("speed%") | Delivery.kind.like("event%"),
        )
        .values(state=DeliveryState.SKIPPED, outcome="before today", finished_at=clock.now())
    )


def _past(db: Session, people: Mapping[str, Any], size: str, dice: random.Random) -> None:
    erg = ergs.by_slug(db, HOST)
    assert erg is not None
    begin = datetime.combine((clock.now() - timedelta(days=DAYS_AGO)).date(), time(17, 0))
    with clock.frozen(clock.now() - timedelta(days=DAYS_AGO + 9)):
        date = _plan(db, erg.id, begin)
        stars = [people["bo"], people["juno"], people["kai"], people["elena"]]
        named = {person for key, person in people.items() if key != "all"}
        others = dice.sample([p for p in people["all"] if p not in named], PEOPLE[size])
        lead = ergs.leads_of(db, erg.id)[0]
        session = services.set_up(
            db, lead, occurrence_id=date.id, settings=Settings(rounds=6, round_minutes=8)
        )
        for number, person in enumerate([*stars, *others]):
            _come(db, session, person, dice)
            sides = (Side.MENTOR, Side.MENTEE) if number % 9 else (Side.BOTH, Side.BOTH)
            _sit(db, session, person, sides[number % 2], dice)
    start = date.starts_at
    with clock.frozen(start):
        services.draw_tables(db, lead, session_id=session.id)
        services.start(db, lead, session_id=session.id)
    with clock.frozen(start + timedelta(minutes=70)):
        services.catch_up_due(db, session.id)
        _wish(db, session, people["bo"], dice)
    with clock.frozen(start + timedelta(days=3)):
        services.close_due(db, session.id)


def _plan(db: Session, erg_id: UUID, begin: datetime) -> Occurrence:
    plan = Plan(
        title=TITLES["en"],
        description=ABOUT["en"],
        wall_start=begin,
        zone="Europe/Stockholm",
        kind=EventKind.SPEED_MENTORING,
        minutes=75,
        seats_in_person=80,
        seats_online=0,
        venue="Strandvägen Studio, Stockholm",
        captions=Access.ON_REQUEST,
        step_free=Access.YES,
        access_contact="access@demo.example",
    )
    date = events.plan(db, None, erg_id=erg_id, plan=plan)
    date.event.texts.extend(
        EventText(
            locale=locale,
            status=TextStatus.TRANSLATED,
            title=TITLES[locale],
            description=ABOUT[locale],
        )
        for locale in ("es", "ar")
    )
    db.flush()
    events.index(db, date.event)
    events.publish(db, None, occurrence_id=date.id)
    return date


def _come(db: Session, session: SpeedSession, person: UUID, dice: random.Random) -> None:
    events.answer(
        db,
        person,
        occurrence_id=session.occurrence_id,
        reply=Reply.GOING,
        mode=Mode.IN_PERSON,
        guests=0,
        visibility=dice.choice((Visibility.COMPANY, Visibility.LEADS)),
    )


def _sit(db: Session, session: SpeedSession, person: UUID, side: Side, dice: random.Random) -> None:
    topics = dice.sample(sorted(TOPICS), dice.randint(1, 3))
    services.choose_side(db, person, session_id=session.id, side=side, topics=topics)


def _wish(db: Session, session: SpeedSession, named: UUID, dice: random.Random) -> None:
    """Most people mark one or two; Bo and whoever sat with him first both want to go on."""
    seats = {
        seat.id: seat
        for seat in db.scalars(
            select(SpeedSeat).where(SpeedSeat.session_id == session.id).order_by(SpeedSeat.id)
        )
    }
    met: dict[UUID, list[UUID]] = {seat: [] for seat in seats}
    for table in db.scalars(
        select(SpeedTable)
        .where(SpeedTable.session_id == session.id)
        .order_by(SpeedTable.round, SpeedTable.number)
    ):
        met[table.mentor_id].append(table.mentee_id)
        met[table.mentee_id].append(table.mentor_id)
    his = next(seat for seat in seats.values() if seat.person_id == named)
    first = met[his.id][0]
    for seat_id, seat in seats.items():
        wanted = set(dice.sample(met[seat_id], min(len(met[seat_id]), dice.randint(0, 2))))
        wanted |= {first} if seat_id == his.id else {his.id} if seat_id == first else set()
        services.wish(db, seat.person_id, session_id=session.id, partners=wanted)


def _coming(db: Session, dice: random.Random) -> None:
    """The session in two days: two thirds of those who come have chosen a side."""
    date = db.scalars(
        select(Occurrence)
        .join(Event, Event.id == Occurrence.event_id)
        .where(Event.kind == EventKind.SPEED_MENTORING, Occurrence.starts_at > clock.now())
        .order_by(Occurrence.starts_at, Occurrence.id)
    ).first()
    if date is None:
        return
    lead = next(one for erg in date.event.accepted_hosts for one in ergs.leads_of(db, erg.id))
    session = services.set_up(
        db,
        lead,
        occurrence_id=date.id,
        settings=Settings(
            rounds=5, round_minutes=9, prompt_set=PromptSet.GROWTH, own_prompts=tuple(OWN_IN_ARABIC)
        ),
    )
    services.translate_prompts(db, lead, session_id=session.id, locale="ar", lines=OWN_IN_ARABIC)
    going = db.scalars(
        select(Rsvp.person_id)
        .where(Rsvp.occurrence_id == date.id, Rsvp.state.in_(queries.COMING))
        .order_by(Rsvp.queued_at, Rsvp.id)
    ).all()
    for number, person in enumerate(going):
        if number % 3 < 2:
            _sit(db, session, person, (Side.MENTEE, Side.MENTOR)[number % 2], dice)
