"""The part of the demo in which people choose: a run in review, a list to put in order, a request
that waits, an offer that is overdue."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Refused
from app.matching.solver import solve
from app.programs import feed
from app.programs.models import Candidate, Cohort, Enrollment, MatchRun, ShortlistEntry
from app.programs.rules import Decision, OfferSource
from app.programs.services import choosing, offers, requests, runs
from app.programs.services import programs as services

NOTE = "You moved from engineering to product; I would like to learn how you decided to."


def seed_choice(db: Session, actor_id: UUID, cohort: Cohort, mine: UUID, asked: UUID) -> None:
    """Rules in two versions, a run with decisions, and lists that mentees have been sent.

    `mine` is the enrollment of the mentee who signs in to look at it, `asked` a mentor's who does.
    """
    with clock.frozen(clock.now() - timedelta(days=9)):
        services.change_rules(
            db, actor_id, cohort_id=cohort.id, rules={**cohort.rules, "choice": "requests"}
        )
        run = _worked_off(db, runs.start_run(db, actor_id, cohort_id=cohort.id))
        _decide(db, actor_id, run)
    with clock.frozen(clock.now() - timedelta(days=4)):
        choosing.open_choice(db, actor_id, run_id=run.id, days=11)
        _ask(db, run, mine, asked)
        _overdue(db, actor_id, run, mine)


def _worked_off(db: Session, run: MatchRun) -> MatchRun:
    """What a worker does, in this transaction."""
    runs.claim_run(db, run.id)
    instance = feed.instance_for(db, run)
    runs.save_outcome(db, run.id, solve(instance), instance)
    return run


def _decide(db: Session, actor_id: UUID, run: MatchRun) -> None:
    """The weakest pair is ruled out, the next one fixed by hand."""
    weakest = db.scalars(
        select(Candidate)
        .where(Candidate.run_id == run.id)
        .order_by(Candidate.score, Candidate.id)
        .limit(2)
    ).all()
    words = ("They share a project this year.", "Both asked for it after the kickoff.")
    for pair, kind, why in zip(weakest, (Decision.VETO, Decision.LOCK), words, strict=False):
        who = {"mentee_id": pair.mentee_id, "mentor_id": pair.mentor_id}
        runs.decide(db, actor_id, run_id=run.id, kind=kind, reason=why, **who)


def _ask(db: Session, run: MatchRun, mine: UUID, asked: UUID) -> None:
    """Somebody else than the visitor has asked a mentor; the visitor's list is untouched."""
    for entry in sorted(_lists(db, run, besides=mine), key=lambda one: one.mentor_id != asked):
        try:
            person_id = db.get_one(Enrollment, entry.mentee_id).person_id
            who = {"mentee_id": entry.mentee_id, "mentor_id": entry.mentor_id}
            requests.ask(db, person_id, run_id=run.id, note=NOTE, **who)
            return
        except Refused:
            continue


def _overdue(db: Session, actor_id: UUID, run: MatchRun, mine: UUID) -> None:
    """An offer of the organizer to somebody who has not answered for four days."""
    for entry in reversed(_lists(db, run, besides=mine)):
        try:
            offers.make_offer(
                db,
                actor_id,
                cohort_id=run.cohort_id,
                mentee_id=entry.mentee_id,
                mentor_id=entry.mentor_id,
                source=OfferSource.ORGANIZER,
                reasons=entry.reasons,
            )
            return
        except Refused:
            continue


def _lists(db: Session, run: MatchRun, *, besides: UUID) -> list[ShortlistEntry]:
    return list(
        db.scalars(
            select(ShortlistEntry)
            .where(ShortlistEntry.run_id == run.id, ShortlistEntry.mentee_id != besides)
            .order_by(ShortlistEntry.mentee_id, ShortlistEntry.place)
        )
    )
