"""The pairs of the demo company at work: sessions held, goals on their way, one question open."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.outbox import Delivery, DeliveryState
from app.mentoring import (
    seed_circles,
    seed_guides,
    seed_kept,
    seed_lives,
    seed_notes,
    seed_risks,
    seed_talk,
)
from app.mentoring.models import Meeting, Relationship
from app.mentoring.queries.slots import weeks_of
from app.mentoring.rules import Claim, Sharing
from app.mentoring.rules.slots import propose
from app.mentoring.services import proposing, series, sessions, trial, work
from app.programs.rules import Role

GOALS = (
    (
        "Lead the planning of the next release",
        "I ran two planning rounds on my own",
        (
            "Shadow one planning round",
            "Run the retrospective",
            "Plan a small release",
            "Plan the spring release",
        ),
    ),
    (
        "Speak at the all-hands",
        "Ten minutes on stage, with questions",
        ("Present to the team", "Ask for a slot", "Rehearse with my mentor"),
    ),
    (
        "Know five leaders outside of my field",
        "Five conversations, one follow-up each",
        ("Draw my network", "Ask for two introductions", "Have the first coffee"),
    ),
    (
        "Decide whether I want to lead people",
        "A decision that I can explain",
        ("Talk to three managers", "Take over the interns for a month"),
    ),
)
KINDS = (
    "offer_waiting",
    "offer_ended",
    "enrollment_received",
    "still_waiting",
    "pair_started",
    "pair_ended",
    "session_planned",
    "session_canceled",
    "session_reminder",
    "did_you_meet",
    "session_entry",
    "session_proposed",
    "series_planned",
    "slots_expired",
    "trial_question",
    "renewal_question",
    "pair_paused",
    "pair_concluding",
    "pair_completed",
    "board_news",
    "pair_message",
    "reshaping_asked",
    "closing_questions",
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Give the pairs of the cohort under way their two months of history."""
    dice = ids.generator("mentoring")
    now = clock.now()
    pairs = db.scalars(select(Relationship).order_by(Relationship.id)).all()
    old, usual, young = seed_lives.split(pairs, now)
    for number, pair in enumerate(usual):
        with clock.frozen(now - timedelta(days=58)):
            _agree(db, pair, number)
        _goals(db, pair, dice, now)
        for round_ in range(1 + number % 3):
            _meet(db, pair, now - timedelta(days=54 - 14 * round_), dice)
        if number % 3 == 0 or pair.has(people["hugo"]):
            _planned(db, pair, now - timedelta(days=1), now - timedelta(days=5), 15)
        if pair.has(people["hugo"]) or not _looks_ahead(db, pair, number, now):
            _plan_next(db, pair, now, dice)
    sessions.mark_due(db)
    trial.ask_where_met(db)
    trial.settle(db)
    for pair in young:
        seed_lives.begin(db, pair, now, _planned)
    for pair in old:
        _goals(db, pair, dice, now)
        seed_talk.past(db, pair, people["bo"], now)
        seed_notes.past(db, pair, people["bo"], now)
        seed_lives.grow_old(db, pair, now, _planned, people["bo"])
    seed_lives.turn(db, usual, {people["hugo"], people["dalia"]}, now)
    seed_kept.seed(db, usual, people["dalia"], now, _planned)
    seed_talk.lively(db, usual, people["hugo"], now)
    seed_notes.lively(db, usual, people["hugo"], now)
    seed_risks.seed(db, people, usual, now)
    seed_circles.seed(db, people["amara"], now)
    seed_guides.seed(db, usual, people["hugo"])
    _forget_old_news(db, now)


def _agree(db: Session, pair: Relationship, number: int) -> None:
    for member in pair.members[: 1 + (number % 4 > 0)]:
        work.sign(db, member.person_id, relationship_id=pair.id, revision=1)


def _goals(db: Session, pair: Relationship, dice: random.Random, now: datetime) -> None:
    mentee = next(member for member in pair.members if member.role is Role.MENTEE)
    text, measure, steps = dice.choice(GOALS)
    with clock.frozen(now - timedelta(days=50)):
        goal = work.set_goal(
            db,
            mentee.person_id,
            relationship_id=pair.id,
            text=text,
            measure=measure,
            target_on=(now + timedelta(days=90)).date(),
            steps=steps,
            sharing=Sharing.PAIR,
            baseline=dice.randint(1, 3),
        )
    db.refresh(goal, ["steps"])
    for n, step in enumerate(goal.steps[: dice.randint(0, len(steps) - 1)]):
        with clock.frozen(now - timedelta(days=40 - 9 * n)):
            work.tick_step(db, mentee.person_id, goal_id=goal.id, step_id=step.id, is_done=True)


def _wall(day: datetime, zone: str, hour: int) -> datetime:
    return datetime.combine(day.astimezone(clock.zone(zone)).date(), time(hour))


def _planned(db: Session, pair: Relationship, day: datetime, asked: datetime, hour: int) -> Meeting:
    planner = pair.members[0]
    with clock.frozen(asked):
        return sessions.plan(
            db,
            planner.person_id,
            relationship_id=pair.id,
            zone=planner.person.zone,
            wall_time=_wall(day, planner.person.zone, hour),
            place="Video call",
        )


def _meet(db: Session, pair: Relationship, day: datetime, dice: random.Random) -> None:
    """A session that one or both say was held."""
    meeting = _planned(db, pair, day, day - timedelta(days=4), dice.randint(9, 16))
    with clock.frozen(day + timedelta(days=1)):
        sessions.mark_due(db)
        for member in pair.members[: dice.choice((1, 2, 2))]:
            sessions.answer(db, member.person_id, session_id=meeting.id, said=Claim.MET)


def _plan_next(db: Session, pair: Relationship, now: datetime, dice: random.Random) -> None:
    day = now + timedelta(days=dice.randint(2, 12))
    _planned(db, pair, day, now - timedelta(days=1), dice.randint(9, 16))


def _looks_ahead(db: Session, pair: Relationship, number: int, now: datetime) -> bool:
    """Some mentors have just proposed times, some pairs have planned the rest of their guide."""
    mentor = next((m for m in pair.members if m.role is Role.MENTOR), pair.members[-1])
    if number % 5 == 1:
        slots = propose(weeks_of(db, pair).sides, now=now, minutes=60)
        if slots:
            proposing.propose(
                db,
                mentor.person_id,
                relationship_id=pair.id,
                starts=[slot.starts_at for slot in slots],
                place="Video call",
            )
        return bool(slots)
    if number % 5 == 2:
        zone = mentor.person.zone
        series.plan_series(
            db,
            mentor.person_id,
            relationship_id=pair.id,
            first=_wall(now + timedelta(days=4), zone, 14),
            zone=zone,
            count=4,
            place="Video call",
        )
    return number % 5 == 2


def _forget_old_news(db: Session, now: datetime) -> None:
    """What the past would have told is not sent again when the demo starts."""
    db.execute(
        update(Delivery)
        .where(
            Delivery.kind.in_(KINDS),
            Delivery.state == DeliveryState.PENDING,
            Delivery.due_at <= now,
        )
        .values(state=DeliveryState.SKIPPED, outcome="seed", finished_at=now)
        .execution_options(synchronize_session=False)
    )
