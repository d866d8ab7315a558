"""A word to the members before anybody else is told: rarely, at a good hour, and never twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.core import clock, ids, outbox
from app.core.quiet import is_quiet
from app.mentoring.models import Nudge
from app.mentoring.queries.facts import Watched
from app.mentoring.queries.nudges import Key, Wish, stands_still, wishes
from app.mentoring.rules.risks import NUDGES_A_WEEK, WEEK, Risk

KINDS = ("nudge", "nudge_mail")
# The hours of a working day at which a nudge is written, on the person's own clock. The mail waits
# for the digest of the day, which takes it along where there is one.
FROM, TO, MAIL_AT = time(8), time(16), time(11)
USE = timedelta(days=2)
SATURDAY = 5
ORDER = {rule: place for place, rule in enumerate(Risk)}


def concerned(db: Session, seen: Mapping[UUID, Watched]) -> list[UUID]:
    """People who might be nudged, or were and have not done it yet."""
    told = db.scalars(select(Nudge.person_id).where(Nudge.done_at.is_(None)))
    return sorted({wish.person_id for wish in wishes(seen)}.union(told))


def nudge(db: Session, seen: Mapping[UUID, Watched], only: Collection[UUID] | None = None) -> int:
    """Write at most one nudge a person and day, two in seven days; returns how many."""
    only = set(concerned(db, seen) if only is None else only)
    by_person: dict[UUID, list[Wish]] = defaultdict(list)
    for wish in wishes({key: one for key, one in seen.items() if not only.isdisjoint(one.people)}):
        if wish.person_id in only:
            by_person[wish.person_id].append(wish)
    _take_back(db, seen, only, {wish.key for row in by_person.values() for wish in row})
    now = clock.now()
    people = db.execute(
        select(Person.id, Person.zone, Person.quiet_from, Person.quiet_to).where(
            Person.id.in_(list(by_person)),
            Person.status == PersonStatus.ACTIVE,
            Person.email.is_not(None),
        )
    ).all()
    said, days = _told_before(db, list(by_person))
    written = 0
    for person in sorted(people, key=lambda row: row.id):
        local = now.astimezone(clock.zone(person.zone))
        quiet = is_quiet(now, clock.zone(person.zone), person.quiet_from, person.quiet_to)
        if quiet or local.weekday() >= SATURDAY or not FROM <= local.time() < TO:
            continue
        if not _may_hear(days[person.id], local.date()):
            continue
        fresh = [
            wish
            for wish in by_person[person.id]
            if wish.key not in said and local.date() not in seen[wish.relationship_id].facts.still
        ]
        if fresh:
            first = min(fresh, key=lambda w: (ORDER[w.rule], w.since, str(w.relationship_id)))
            written += _write(db, first, local)
    return written


def _told_before(db: Session, people: list[UUID]) -> tuple[set[Key], dict[UUID, list[date]]]:
    """What these people heard already, and on which days of the last weeks they heard anything."""
    said: set[Key] = set()
    days: dict[UUID, list[date]] = defaultdict(list)
    for row in db.scalars(select(Nudge).where(Nudge.person_id.in_(people))):
        said.add((row.relationship_id, row.person_id, row.rule, row.since))
        days[row.person_id].append(row.day)
    return said, days


def _may_hear(days: list[date], today: date) -> bool:
    """The caps: none today, and one at most in the six days before."""
    recent = [day for day in days if day > today - timedelta(days=WEEK)]
    return all(day < today for day in recent) and len(recent) < NUDGES_A_WEEK


def _write(db: Session, wish: Wish, local: datetime) -> int:
    """The row of the day is the proof: with it the message is in the outbox, else neither is."""
    insert = (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert
    nudge_id = ids.new_id("nudge", f"{wish.person_id}|{local.date()}")
    row = insert(Nudge).values(
        id=nudge_id,
        person_id=wish.person_id,
        relationship_id=wish.relationship_id,
        rule=wish.rule,
        since=wish.since,
        day=local.date(),
        written_at=clock.now(),
    )
    if db.scalar(row.on_conflict_do_nothing().returning(Nudge.id)) is None:
        return 0
    expires = clock.now() + USE
    put = partial(outbox.put, db, subject=nudge_id, person=wish.person_id, expires=expires)
    at = datetime.combine(local.date(), MAIL_AT, local.tzinfo)
    put("nudge")
    put("nudge_mail", due=max(at, clock.now()))
    return 1


def _take_back(
    db: Session, seen: Mapping[UUID, Watched], only: Collection[UUID], wanted: set[Key]
) -> None:
    """What is done is not asked for any more, also where the message has not left yet."""
    told = select(Nudge).where(Nudge.done_at.is_(None), Nudge.person_id.in_(only))
    for row in db.scalars(told.order_by(Nudge.id)).all():
        key = (row.relationship_id, row.person_id, row.rule, row.since)
        one = seen.get(row.relationship_id)
        if key in wanted or (one is not None and stands_still(one)):
            continue
        row.done_at = clock.now()
        outbox.withdraw(db, KINDS, subject=row.id, reason="done")
