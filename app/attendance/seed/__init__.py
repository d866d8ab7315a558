"""The demo company at the door: who came, what they said, what they need, what others missed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.attendance import queries, services
from app.attendance.messages import AccessAnswer, Feedback, Missed
from app.attendance.rules import MaterialKind, Method, NeedState
from app.attendance.seed.stories import LIVE, MATERIALS, NEEDS, SAID, Today, Wanted
from app.attendance.services.scanning import add_scan
from app.core import clock, ids
from app.core.outbox import Delivery, DeliveryState
from app.ergs import queries as ergs
from app.ergs.rules import TextStatus, Visibility
from app.events import services as events
from app.events.models import EventText, Occurrence, Rsvp
from app.events.queries import WITH_HOSTS, WITH_WORDS
from app.events.rules import Access, EventKind, Mode, Reply, RsvpState, wall_of
from app.events.services import Plan
from app.resources.models import Resource

PAST, ANSWERS = 4, (3, 14, 8, 0)  # answers given about each date of the past, the latest first
HERE_NOW = 7


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Live through the last dates and today's; news of before today are not sent any more."""
    dice = ids.generator("attendance", size)
    for number, occurrence in enumerate(_dates(db, is_past=True)):
        _live_through(db, occurrence, dice, uses_door=number != 2)
        _say_how_it_was(db, occurrence, dice, ANSWERS[number])
        _leave_something(db, occurrence, number)
    _today(db, people, dice)
    _need_something(db, people)
    told = (AccessAnswer.name, Feedback.name, Missed.name)
    db.execute(
        update(Delivery)
        .where(Delivery.kind.in_(told), Delivery.state == DeliveryState.PENDING)
        .values(state=DeliveryState.SKIPPED, outcome="before today", finished_at=clock.now())
    )


def _dates(db: Session, *, is_past: bool) -> list[Occurrence]:
    """The latest dates of the past, or the next that lie ahead, of groups that hide nothing."""
    now = clock.now()
    chosen = (
        select(Occurrence)
        .where(Occurrence.ends_at < now if is_past else Occurrence.starts_at > now)
        .order_by(Occurrence.starts_at.desc() if is_past else Occurrence.starts_at, Occurrence.id)
        .options(WITH_WORDS, WITH_HOSTS)
    )
    rows = [row for row in db.scalars(chosen).unique() if not row.event.is_hidden]
    return rows[:PAST] if is_past else rows


def _going(db: Session, occurrence_id: UUID) -> list[Rsvp]:
    return list(
        db.scalars(
            select(Rsvp)
            .where(Rsvp.occurrence_id == occurrence_id, Rsvp.state == RsvpState.GOING)
            .order_by(Rsvp.id)
        )
    )


def _lead(db: Session, occurrence: Occurrence) -> UUID | None:
    leads = ergs.leads_of(db, occurrence.event.accepted_hosts[0].id)
    return leads[0] if leads else None


def _live_through(
    db: Session, occurrence: Occurrence, dice: random.Random, *, uses_door: bool
) -> None:
    """Most come, a few do not, somebody is scanned twice; once nobody keeps the door."""
    by = _lead(db, occurrence)
    if uses_door:
        for number, rsvp in enumerate(_going(db, occurrence.id)):
            if dice.random() < 0.85:
                _scan(db, by, occurrence, rsvp, number)
    with clock.frozen(occurrence.ends_at + timedelta(hours=2)):
        services.settle(db, occurrence.id)


def _scan(db: Session, by: UUID | None, occurrence: Occurrence, rsvp: Rsvp, number: int) -> None:
    at = occurrence.starts_at + timedelta(seconds=25 * number - 600)
    method = (Method.SCAN, Method.SCAN, Method.BY_NAME, Method.ROOM_CODE)[number % 4]
    for again in range(2 if number % 9 == 8 else 1):
        with clock.frozen(at + timedelta(seconds=40 * again)):
            is_alone = method is Method.ROOM_CODE
            add_scan(db, None if is_alone else by, rsvp, method, clock.now())


def _say_how_it_was(db: Session, occurrence: Occurrence, dice: random.Random, wanted: int) -> None:
    with clock.frozen(occurrence.ends_at + timedelta(hours=25)):
        services.ask_for_feedback(db, occurrence.id)
        asked = [
            rsvp.person_id
            for rsvp in db.scalars(
                select(Rsvp).where(Rsvp.occurrence_id == occurrence.id).order_by(Rsvp.person_id)
            )
            if queries.place_of(db, occurrence.id, rsvp.person_id)
        ]
        for number, person in enumerate(dice.sample(asked, min(wanted, len(asked)))):
            stars, good, change = SAID[number % len(SAID)]
            services.give_feedback(
                db,
                person,
                occurrence_id=occurrence.id,
                stars=stars,
                good=good,
                change=change,
            )


def _leave_something(db: Session, occurrence: Occurrence, number: int) -> None:
    with clock.frozen(min(clock.now(), occurrence.ends_at + timedelta(days=2))):
        for kind, title, url, notes in MATERIALS[number % len(MATERIALS)]:
            services.add_material(
                db,
                None,
                occurrence_id=occurrence.id,
                kind=kind,
                title=title,
                url=url,
                notes=notes,
            )
        resources: list[Resource] = queries.pickable_resources(db, occurrence.event)
        if resources:
            services.add_material(
                db,
                None,
                occurrence_id=occurrence.id,
                kind=MaterialKind.RESOURCE,
                title=resources[0].texts[0].title,
                resource_id=resources[0].id,
            )


def _today(db: Session, people: Mapping[str, Any], dice: random.Random) -> None:
    """One date that goes on all day, so that its door can be tried at any hour."""
    start = clock.now().replace(hour=7, minute=0, second=0, microsecond=0)
    with clock.frozen(start - timedelta(days=12)):
        occurrence = _planned(db, LIVE, start)
        named = [people[key] for key in LIVE.guests]
        stars = {person for key, person in people.items() if key != "all"}
        crowd = [person for person in people["all"] if person not in stars]
        for number, person in enumerate([*named, *dice.sample(crowd, LIVE.crowd)]):
            _answer(db, occurrence, person, number)
    by = _lead(db, occurrence)
    own = {people[key] for key in LIVE.guests}
    came = [rsvp for rsvp in _going(db, occurrence.id) if rsvp.person_id not in own]
    for number, rsvp in enumerate(came[:HERE_NOW]):
        _scan(db, by, occurrence, rsvp, number)


def _planned(db: Session, today: Today, start: Any) -> Occurrence:
    erg = ergs.by_slug(db, today.host)
    assert erg is not None
    occurrence = events.plan(
        db,
        None,
        erg_id=erg.id,
        plan=Plan(
            title=today.titles["en"],
            description=today.about["en"],
            wall_start=wall_of(start, today.zone),
            zone=today.zone,
            kind=EventKind.GATHERING,
            minutes=today.minutes,
            seats_in_person=today.room,
            seats_online=None,
            venue=today.venue,
            online_link="https://meet.demo.example/open-house",
            guest_limit=2,
            captions=Access.YES,
            step_free=Access.YES,
            access_contact="access@demo.example",
        ),
    )
    for locale in ("es", "ar"):
        occurrence.event.texts.append(
            EventText(
                locale=locale,
                status=TextStatus.TRANSLATED,
                title=today.titles[locale],
                description=today.about[locale],
            )
        )
    db.flush()
    events.index(db, occurrence.event)
    events.publish(db, None, occurrence_id=occurrence.id)
    return occurrence


def _answer(db: Session, occurrence: Occurrence, person: UUID, number: int) -> None:
    shown = (Visibility.COMPANY, Visibility.LEADS, Visibility.COMPANY, Visibility.NOBODY)
    with clock.frozen(clock.now() + timedelta(minutes=11 * number)):
        events.answer(
            db,
            person,
            occurrence_id=occurrence.id,
            reply=Reply.GOING,
            mode=Mode.ONLINE if number % 3 == 2 else Mode.IN_PERSON,
            guests=1 if number % 5 == 4 else 0,
            visibility=shown[number % len(shown)],
        )


def _need_something(db: Session, people: Mapping[str, Any]) -> None:
    """At the next dates of one group: a need that is arranged, one that is not, two still open."""
    stars = {person for key, person in people.items() if key != "all"}
    for occurrence in _dates(db, is_past=False):
        if not any(erg.slug == LIVE.host for erg in occurrence.event.accepted_hosts):
            continue
        goers = [r for r in _going(db, occurrence.id) if r.person_id not in stars]
        for rsvp, need in zip(goers, NEEDS, strict=False):
            _need(db, occurrence, rsvp.person_id, need)


def _need(db: Session, occurrence: Occurrence, person: UUID, need: Wanted) -> None:
    row = services.say_needs(
        db, person, occurrence_id=occurrence.id, kinds=need.kinds, text=need.text
    )
    found = queries.access_leads(db, occurrence.event).values()
    readers = [reader for people in found for reader in sorted(people)]
    by = readers[0] if readers else _lead(db, occurrence)
    if by is not None and row is not None and need.state is not NeedState.OPEN:
        services.answer_need(db, by, need_id=row.id, state=need.state, words=need.answer)
