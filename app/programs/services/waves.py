"""Rolling waves: who waits in an evergreen cohort, or in one without sides, is matched by itself.

A wave is a run like any other, recorded and recallable for half an hour, but reviewed by nobody.
It starts once a week, or as soon as enough new people wait; who waited longest comes first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core import clock, ids, jobs
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, Enrollment, MatchRun, Offer, Program
from app.programs.rules import (
    IN_POOL,
    LIVE_RUNS,
    WAVE_DAYS,
    WAVE_ENOUGH,
    CohortState,
    Role,
    RunState,
    form_from,
)
from app.programs.services.following import IN_WORK, SERVED
from app.programs.services.moving import move
from app.programs.services.offers import holds_a_place

OPEN = (CohortState.ENROLLING, *SERVED)


def due_waves(db: Session) -> list[UUID]:
    """Cohorts in which a wave should start now."""
    rows = db.scalars(
        select(Cohort)
        .join(Program, Program.id == Cohort.program_id)
        .where(Cohort.state.in_(OPEN), Program.follows_up.is_(True))
        .order_by(Cohort.id)
    ).all()
    return [cohort.id for cohort in rows if _is_due(db, cohort)]


def _is_due(db: Session, cohort: Cohort) -> bool:
    form = form_from(cohort.rules)
    if cohort.wave_days is None and not (form.is_mutual and _had_a_run(db, cohort.id)):
        return False
    if _has_run(db, cohort.id, *IN_WORK):
        return False
    waiting, new = _counts(db, cohort)
    if waiting < max(form.least, 1):
        return False
    since = cohort.waved_at
    days = timedelta(days=cohort.wave_days or WAVE_DAYS)
    return since is None or since + days <= clock.now() or new >= WAVE_ENOUGH


def _had_a_run(db: Session, cohort_id: UUID) -> bool:
    """Outside of evergreen cohorts the first groups are the organizers' own."""
    return _has_run(db, cohort_id, RunState.PUBLISHED)


def _has_run(db: Session, cohort_id: UUID, *states: RunState) -> bool:
    found = select(MatchRun.id).where(MatchRun.cohort_id == cohort_id, MatchRun.state.in_(states))
    return db.scalar(found.limit(1)) is not None


def _counts(db: Session, cohort: Cohort) -> tuple[int, int]:
    """How many wait, and how many of them came after the last wave."""
    seats = (
        select(func.count(Offer.id))
        .where(Offer.mentee_id == Enrollment.id, holds_a_place())
        .scalar_subquery()
    )
    waits = select(Enrollment.waiting_since).where(
        Enrollment.cohort_id == cohort.id,
        Enrollment.role == Role.MENTEE,
        Enrollment.state.in_(IN_POOL),
        Enrollment.takes_no_more.is_(False),
        Enrollment.talks_first.is_(False),
        or_(seats == 0, seats < Enrollment.capacity),
    )
    since = list(db.scalars(waits))
    last = cohort.waved_at
    return len(since), sum(last is None or (at is not None and at > last) for at in since)


def start_wave(db: Session, cohort_id: UUID) -> MatchRun | None:
    """Queue a wave, unless it is not due any more: two sweeps at once start one."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.state not in OPEN or not _is_due(db, cohort):
        return None
    return _queued(db, None, cohort)


def is_served(cohort: Cohort, had_a_run: bool) -> bool:
    """Whether waves match this cohort; outside of evergreen ones the first groups are reviewed."""
    is_mutual = form_from(cohort.rules).is_mutual
    return cohort.state in OPEN and (cohort.wave_days is not None or (is_mutual and had_a_run))


def start_wave_now(db: Session, actor_id: UUID, *, cohort_id: UUID) -> MatchRun:
    """Queue a wave by hand, whatever day it is."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or not is_served(cohort, _had_a_run(db, cohort_id)):
        raise Refused(_("This cohort is not matched in waves. Start a match run instead."))
    if _has_run(db, cohort_id, *IN_WORK):
        raise Refused(_("A wave or a run is under way here. Look at it before you start another."))
    least = max(form_from(cohort.rules).least, 1)
    if _counts(db, cohort)[0] < least:
        raise Refused(
            ngettext(
                "Nobody waits here for whom a wave could find somebody.",
                "Fewer than %(num)s people wait here. A wave needs as many as one group has.",
                least,
            )
        )
    return _queued(db, actor_id, cohort)


def call_off_wave(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Take a wave back while nothing has left; whoever waits is in the next one.

    The weekly one comes as if a wave started by hand had never been.
    """
    cohort_id = db.scalar(select(MatchRun.cohort_id).where(MatchRun.id == run_id))
    cohort = hold(db, Cohort, cohort_id) if cohort_id is not None else None
    run = hold(db, MatchRun, run_id)
    if run is None or not run.is_wave or run.state not in (*LIVE_RUNS, RunState.PUBLISHING):
        raise Refused(_("It is too late to call this wave off: its offers have gone out."))
    if run.state is RunState.PUBLISHING:
        move(db, actor_id, run, RunState.REVIEW, reason="recalled")
        run.publish_at = None
    move(db, actor_id, run, RunState.DISCARDED, reason="called off")
    if cohort is not None and run.started_by is not None:
        cohort.waved_at = _last_wave(db, run)
    db.flush()


def _last_wave(db: Session, but: MatchRun) -> datetime | None:
    """When the last other wave started that nobody took back."""
    is_taken_back = MatchRun.started_by.is_not(None) & (MatchRun.state == RunState.DISCARDED)
    return db.scalar(
        select(func.max(MatchRun.created_at)).where(
            MatchRun.cohort_id == but.cohort_id,
            MatchRun.is_wave.is_(True),
            MatchRun.id != but.id,
            ~is_taken_back,
        )
    )


def _queued(db: Session, actor_id: UUID | None, cohort: Cohort) -> MatchRun:
    run = MatchRun(
        cohort_id=cohort.id,
        rules=cohort.rules,
        rule_version=int(cohort.rules.get("version", 1)),
        seed=int.from_bytes(ids.random_bytes(4, "match-run", cohort.id), "big") % 2**31,
        is_wave=True,
        started_by=actor_id,
        state=RunState.DRAFT,
    )
    cohort.waved_at = clock.now()
    db.add(run)
    db.flush()
    move(db, actor_id, run, RunState.QUEUED, reason="wave")
    db.flush()
    jobs.wake_after(db, "run_match", str(run.id))
    return run
