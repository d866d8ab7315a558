"""A joint run: several cohorts solved as one, reviewed apart, published and recalled together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, ids, jobs
from app.core.database import hold
from app.core.errors import Refused
from app.matching.joint import JointOutcome
from app.matching.types import Instance
from app.programs.models import Cohort, Enrollment, JointRun, MatchRun, Offer
from app.programs.rules import IN_POOL, RECALL_MINUTES, Role, RunState, form_from
from app.programs.services import choosing
from app.programs.services.moving import move
from app.programs.services.offers import holds_a_place
from app.programs.services.runs.publishing import complete_publication, to_publish
from app.programs.services.runs.saving import save_outcome
from app.programs.services.runs.starting import hold_matchable, older_runs, queued, waits_elsewhere
from app.programs.services.runs.working import claim_run, fail_run, note_progress

MOST = 12  # cohorts in one joint run


def start_joint_run(db: Session, actor_id: UUID, *, cohort_ids: Collection[UUID]) -> JointRun:
    """Queue one run over several cohorts; older ones of these that wait are put aside."""
    if not 2 <= len(set(cohort_ids)) <= MOST:
        raise Refused(_("Choose two to twelve cohorts to match together."), 422)
    cohorts = [hold_matchable(db, one) for one in sorted(set(cohort_ids))]
    for cohort in cohorts:
        _refuse_unless_joinable(db, cohort)
    chosen = {cohort.id for cohort in cohorts}
    for run in [run for cohort in cohorts for run in older_runs(db, cohort.id)]:
        together = [run] if run.joint_id is None else held_runs(db, run.joint_id)
        if any(one.cohort_id not in chosen for one in together):
            raise waits_elsewhere()
        for one in together:
            if one.state is RunState.REVIEW:
                move(db, actor_id, one, RunState.DISCARDED, reason="rerun")
    db.flush()
    seed = int.from_bytes(ids.random_bytes(4, "joint-run", cohorts[0].id), "big") % 2**31
    joint = JointRun(seed=seed, started_by=actor_id)
    db.add(joint)
    db.flush()
    for cohort in cohorts:
        queued(db, actor_id, cohort, seed=seed, joint_id=joint.id)
    jobs.wake_after(db, "run_joint", str(joint.id))
    return joint


def why_not_jointly(rules: Mapping[str, Any]) -> str:
    """Why a cohort under these rules cannot be matched together with others; empty when it can."""
    if form_from(rules).kind != "pairs":
        return str(_("This program makes groups. A joint run makes pairs of two; match it alone."))
    if choosing.is_asked(rules):
        return str(_("In this cohort mentees choose from a list of their own. Match it alone."))
    return ""


def _refuse_unless_joinable(db: Session, cohort: Cohort) -> None:
    if why := why_not_jointly(cohort.rules):
        raise Refused(_("%(cohort)s: %(why)s", cohort=cohort.title, why=why), 422)
    has_somebody = select(Offer.id).where(Offer.mentee_id == Enrollment.id, holds_a_place())
    waits = select(Enrollment.id).where(
        Enrollment.cohort_id == cohort.id,
        Enrollment.role == Role.MENTEE,
        Enrollment.state.in_(IN_POOL),
        Enrollment.takes_no_more.is_(False),
        ~has_somebody.exists(),
    )
    if db.scalar(waits.limit(1)) is None:
        raise Refused(
            _("%(cohort)s: nobody waits for a match here. Leave it out.", cohort=cohort.title), 422
        )


def held_runs(db: Session, joint_id: UUID) -> list[MatchRun]:
    """Lock a joint run, then its runs in one order for all who reach for them."""
    if hold(db, JointRun, joint_id) is None:
        raise Refused(_("This run no longer exists."))
    of_joint = select(MatchRun.id).where(MatchRun.joint_id == joint_id).order_by(MatchRun.id)
    held = [hold(db, MatchRun, run_id) for run_id in db.scalars(of_joint).all()]
    return [run for run in held if run is not None]


def claim_joint_run(db: Session, joint_id: UUID) -> bool:
    """Take all runs of a joint run for this worker; False when somebody else has them."""
    claimed = [claim_run(db, run.id) for run in held_runs(db, joint_id)]
    return bool(claimed) and all(claimed)


def note_joint_progress(db: Session, joint_id: UUID, phase: str, percent: int) -> None:
    """Say how far a joint run is, and keep its lease alive."""
    for run in held_runs(db, joint_id):
        note_progress(db, run.id, phase, percent)


def fail_joint_run(db: Session, joint_id: UUID, problem: Mapping[str, Any]) -> None:
    """All of it failed, for one reason."""
    for run in held_runs(db, joint_id):
        fail_run(db, run.id, problem)


def save_joint_outcome(
    db: Session, joint_id: UUID, found: JointOutcome, instances: Mapping[str, Instance]
) -> None:
    """Write down what each cohort got, and the proof over all of them; once."""
    runs = held_runs(db, joint_id)
    if any(run.state is not RunState.RUNNING for run in runs):
        return
    for run in runs:
        save_outcome(db, run.id, found.outcomes[str(run.id)], instances[str(run.id)])
    joint = db.get_one(JointRun, joint_id)
    joint.input_hash, joint.certificate = found.input_hash, found.certificate.serialized()
    joint.metrics = {
        "total": found.total,
        "floor": found.floor,
        "matched_share": found.matched_share,
        "pairs": sum(len(one.pairs) for one in found.outcomes.values()),
        "objective": next(iter(instances.values())).objective,
    }
    db.flush()


def publish_joint_run(db: Session, actor_id: UUID, *, joint_id: UUID) -> None:
    """Publish all cohorts' pairs: nothing leaves for half an hour."""
    runs = held_runs(db, joint_id)
    if not any(to_publish(db, run.id) for run in runs):
        raise Refused(_("There is no pair to publish. Run the matching again, or discard the run."))
    leaves_at = clock.now() + timedelta(minutes=RECALL_MINUTES)
    for run in runs:
        move(db, actor_id, run, RunState.PUBLISHING)
        run.publish_at = leaves_at
    db.flush()


def recall_joint_run(db: Session, actor_id: UUID, *, joint_id: UUID) -> None:
    """Take the publication of all cohorts back while nothing has left."""
    runs = held_runs(db, joint_id)
    if any(run.state is not RunState.PUBLISHING for run in runs):
        raise Refused(_("It is too late to recall: the offers have gone out."))
    for run in runs:
        move(db, actor_id, run, RunState.REVIEW, reason="recalled")
        run.publish_at = None
    db.flush()


def discard_joint_run(db: Session, actor_id: UUID, *, joint_id: UUID) -> None:
    """Put all of it aside; nobody ever hears of it."""
    for run in held_runs(db, joint_id):
        move(db, actor_id, run, RunState.DISCARDED)
    db.flush()


def due_joint_publications(db: Session) -> list[UUID]:
    """Joint runs whose recall window has passed."""
    found = select(MatchRun.joint_id).where(
        MatchRun.state == RunState.PUBLISHING,
        MatchRun.publish_at <= clock.now(),
        MatchRun.joint_id.is_not(None),
    )
    return [one for one in db.scalars(found.distinct()) if one is not None]


def complete_joint_publication(db: Session, joint_id: UUID) -> None:
    """Send the offers of all cohorts of a joint run, all or none, once."""
    for run in held_runs(db, joint_id):
        complete_publication(db, run.id)
