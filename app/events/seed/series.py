"""Series of the demo company: a weekly lunch, a monthly evening, a coffee every other week."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.ergs import queries as ergs
from app.ergs.rules import TextStatus, Visibility
from app.events import services
from app.events.models import EventText, Occurrence, Series, SeriesDate
from app.events.rules import Access, Audience, EventKind, Mode, settled
from app.events.rules.series import Frequency, Recurrence, Repeats
from app.events.seed.stories import ABOUT
from app.events.services import Plan, subscriptions
from app.events.services import series as series_services

WEEKS_AGO = 6
TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3
SUBSCRIBERS = {"small": 4, "medium": 8, "large": 12}


@dataclass(frozen=True, slots=True)
class Round:
    """A series as the seed plans it; wall time in its own zone."""

    host: str
    weekday: int
    at: time
    zone: str
    rule: Recurrence
    kind: EventKind
    en: str
    es: str
    ar: str
    minutes: int = 60
    room: int | None = 0
    online: int | None = 0
    venue: str = ""
    site: str = ""
    star: str = ""


ROUNDS = (
    Round(
        "interfaith",
        TUESDAY,
        time(12, 30),
        "Asia/Amman",
        Recurrence(Frequency.WEEKLY, weekdays=(TUESDAY,)),
        EventKind.GATHERING,
        "Tuesday table: lunch across faiths",
        "Mesa del martes: almuerzo entre credos",
        "مائدة الثلاثاء: غداء بين الأديان",
        60,
        16,
        0,
        "Petra Terrace, Amman",
        "Amman",
    ),
    Round(
        "early-career",
        THURSDAY,
        time(17, 30),
        "Africa/Nairobi",
        Recurrence(Frequency.MONTHLY, weekdays=(THURSDAY,), nth=-1),
        EventKind.NETWORKING,
        "Last Thursday: meet someone new",
        "Último jueves: conoce a alguien nuevo",
        "آخر خميس: تعرف على شخص جديد",
        90,
        30,
        0,
        "Savannah Room, Nairobi",
        "Nairobi",
    ),
    Round(
        "asia-pacific",
        WEDNESDAY,
        time(16, 0),
        "Asia/Singapore",
        Recurrence(Frequency.WEEKLY, 2, (WEDNESDAY,)),
        EventKind.GATHERING,
        "Coffee across time zones",
        "Café entre husos horarios",
        "قهوة عبر المناطق الزمنية",
        30,
        0,
        None,
        star="kai",
    ),
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Series that began some weeks ago, with dates ahead, one changed and one canceled."""
    dice, now = ids.generator("series", size), clock.now()
    for number, story in enumerate(ROUNDS):
        with clock.frozen(now - timedelta(weeks=WEEKS_AGO)):
            made = _plan(db, story)
            _come(db, made, story, people, dice, SUBSCRIBERS[size])
        series_services.extend(db, made.id)
        for series_id, person_id in subscriptions.to_answer(db):
            subscriptions.answer_dates(db, series_id, person_id)
        if number == 0:
            _change_one(db, made, story)


def _plan(db: Session, story: Round) -> Series:
    erg = ergs.by_slug(db, story.host)
    assert erg is not None
    plan = Plan(
        title=story.en,
        description=ABOUT["en"],
        wall_start=datetime.combine(_first_day(story), story.at),
        zone=story.zone,
        kind=story.kind,
        audience=Audience.COMPANY,
        minutes=story.minutes,
        seats_in_person=story.room,
        seats_online=story.online,
        venue=story.venue,
        online_link="https://meet.demo.example/coffee" if story.online != 0 else "",
        captions=Access.YES,
        step_free=Access.YES if story.room != 0 else Access.ON_REQUEST,
        access_contact="access@demo.example",
    )
    occurrence = services.plan(db, None, erg_id=erg.id, plan=plan)
    event = occurrence.event
    for locale, title in (("es", story.es), ("ar", story.ar)):
        event.texts.append(
            EventText(
                locale=locale, status=TextStatus.TRANSLATED, title=title, description=ABOUT[locale]
            )
        )
    db.flush()
    services.index(db, event)
    services.publish(db, None, occurrence_id=occurrence.id)
    repeats = Repeats(story.rule, skips_holidays=True, holiday_site=story.site)
    return series_services.repeat(db, None, occurrence_id=occurrence.id, repeats=repeats)


def _first_day(story: Round) -> date:
    """The first day of the rule that lies ahead of the frozen day."""
    today = clock.now().date() + timedelta(days=1)
    first = today + timedelta(days=(story.weekday - today.weekday()) % 7)
    if story.rule.frequency is not Frequency.MONTHLY:
        return first
    return next(replace(story.rule, count=2).days(today))


def _come(
    db: Session,
    series: Series,
    story: Round,
    people: Mapping[str, Any],
    dice: random.Random,
    how_many: int,
) -> None:
    named = {person for key, person in people.items() if key != "all"}
    crowd = [person for person in people["all"] if person not in named]
    chosen: list[UUID] = dice.sample(crowd, min(how_many, len(crowd)))
    mode = Mode.ONLINE if story.room == 0 else Mode.IN_PERSON
    stars = [people[story.star]] if story.star else []
    for person in stars + chosen:
        shown = dice.choice((Visibility.COMPANY, Visibility.LEADS))
        subscriptions.subscribe(db, person, series_id=series.id, mode=mode, visibility=shown)


def _change_one(db: Session, series: Series, story: Round) -> None:
    """The second date ahead is an hour later and elsewhere, the fourth does not take place."""
    ahead = db.scalars(
        select(Occurrence)
        .join(SeriesDate, SeriesDate.occurrence_id == Occurrence.id)
        .where(SeriesDate.series_id == series.id, Occurrence.starts_at > clock.now())
        .order_by(SeriesDate.day)
    ).all()
    lead = ergs.leads_of(db, series.event.first_host.id)[0]
    later = ahead[1].wall_start + timedelta(hours=1)
    assert settled(later, story.zone).wall == later
    event = ahead[1].event
    plan = Plan(
        title=story.en,
        description=ABOUT["en"],
        wall_start=later,
        zone=story.zone,
        kind=event.kind,
        audience=event.audience,
        minutes=story.minutes,
        seats_in_person=story.room,
        seats_online=story.online,
        venue="Citadel Garden, Amman",
        captions=event.captions,
        step_free=event.step_free,
        access_contact=event.access_contact,
    )
    services.revise(db, lead, occurrence_id=ahead[1].id, plan=plan)
    services.cancel(db, lead, occurrence_id=ahead[3].id, reason="The terrace is being repaired.")
