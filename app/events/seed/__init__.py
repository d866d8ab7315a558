"""The events of the demo company: planned, published, answered."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.outbox import Delivery, DeliveryState
from app.ergs import queries as ergs
from app.ergs.models import Membership
from app.ergs.rules import MembershipState, TextStatus, Visibility
from app.events import services
from app.events.models import EventHost, EventText, Occurrence
from app.events.rules import Access, Audience, HostState, Mode, Reply
from app.events.seed import calendars, planning, seats, series
from app.events.seed.stories import ABOUT, STORIES, Story
from app.events.services import Plan

ANSWERS = {"small": 15, "medium": 40, "large": 60}
SATURDAY, DAY_OUT = 5, 180  # only days out happen on weekends
# Sign-ins who have answered before the visitor comes; Bo's way to the kickoff is his own.
STARS = {
    "Speed mentoring: six talks in an hour": ("elena",),
    "Kickoff: women’s leadership mentoring": ("dalia", "kai", "hugo"),
    "Family day at the park": ("hugo",),
    "From bystander to ally": ("bo",),
    "Quiet evening": ("juno",),
}


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Plan every story and let people answer; news of before today are not sent any more."""
    dice = ids.generator("events", size)
    for story in STORIES:
        planned = clock.now() + timedelta(days=min(story.days, 0) - 30)
        with clock.frozen(planned):
            occurrence = _plan(db, story)
            _answer(db, story, occurrence, people, dice, ANSWERS[size])
    planning.seed(db)
    series.seed(db, people, size)
    calendars.seed(db, people)
    seats.seed(db, people)
    db.execute(
        update(Delivery)
        .where(Delivery.due_at <= clock.now(), Delivery.state == DeliveryState.PENDING)
        .values(state=DeliveryState.SKIPPED, outcome="before today", finished_at=clock.now())
    )


def _plan(db: Session, story: Story) -> Occurrence:
    erg = ergs.by_slug(db, story.host)
    assert erg is not None
    day = (clock.now() + timedelta(days=30 + max(story.days, 0))).date()
    if day.weekday() >= SATURDAY and story.minutes < DAY_OUT:
        day += timedelta(days=2)
    occurrence = services.plan(
        db,
        None,
        erg_id=erg.id,
        plan=Plan(
            title=story.en,
            description=ABOUT["en"],
            wall_start=datetime.combine(day, story.at),
            zone=story.zone,
            kind=story.kind,
            audience=story.audience,
            minutes=story.minutes,
            seats_in_person=story.room,
            seats_online=story.online,
            venue=story.venue,
            online_link="https://meet.demo.example/room" if story.online != 0 else "",
            guest_limit=story.guests,
            captions=story.captions,
            step_free=Access.YES if story.room != 0 else Access.ON_REQUEST,
            access_contact="access@demo.example",
        ),
    )
    event = occurrence.event
    for locale, title in (("es", story.es), ("ar", story.ar)):
        event.texts.append(
            EventText(
                locale=locale, status=TextStatus.TRANSLATED, title=title, description=ABOUT[locale]
            )
        )
    if story.co_host:
        helper = ergs.by_slug(db, story.co_host)
        assert helper is not None
        event.hosts.append(EventHost(erg=helper, state=HostState.ACCEPTED))
    db.flush()
    services.index(db, event)
    services.publish(db, None, occurrence_id=occurrence.id)
    return occurrence


def _answer(
    db: Session,
    story: Story,
    occurrence: Occurrence,
    people: Mapping[str, Any],
    dice: random.Random,
    limit: int,
) -> None:
    named = {person for key, person in people.items() if key != "all"}
    crowd = [person for person in _audience(db, story, people) if person not in named]
    wanted = dice.sample(crowd, min(limit, len(crowd)))
    for key in STARS.get(story.en, ()):
        _say(db, occurrence, people[key], Reply.GOING, Visibility.COMPANY, dice, 0)
    for number, person in enumerate(wanted, 1):
        reply = dice.choices(list(Reply), (8, 1, 1))[0]
        shown = dice.choices((Visibility.COMPANY, Visibility.LEADS, Visibility.NOBODY), (6, 3, 1))
        _say(db, occurrence, person, reply, shown[0], dice, number)


def _say(
    db: Session,
    occurrence: Occurrence,
    person: UUID,
    reply: Reply,
    shown: Visibility,
    dice: random.Random,
    number: int,
) -> None:
    guests = dice.randint(0, min(1, occurrence.event.guest_limit))
    open_modes: list[Mode] = occurrence.modes
    with clock.frozen(clock.now() + timedelta(minutes=17 * number)):
        services.answer(
            db,
            person,
            occurrence_id=occurrence.id,
            reply=reply,
            mode=dice.choice(open_modes),
            guests=guests,
            visibility=shown,
        )


def _audience(db: Session, story: Story, people: Mapping[str, Any]) -> list[UUID]:
    if story.audience is Audience.COMPANY:
        return list(people["all"])
    erg = ergs.by_slug(db, story.host)
    assert erg is not None
    return list(
        db.scalars(
            select(Membership.person_id)
            .where(Membership.erg_id == erg.id, Membership.state == MembershipState.ACTIVE)
            .order_by(Membership.person_id)
        )
    )
