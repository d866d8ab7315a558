"""What counts in a cohort: tried without consequence, saved as a new version, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import ids, jobs
from app.core.database import hold
from app.core.errors import Refused
from app.matching.text import MatchingError
from app.programs import feed
from app.programs.figures import Figures, figures_of
from app.programs.forming import formed
from app.programs.models import Cohort, Enrollment, MatchRun, RulesVersion
from app.programs.rules import IN_POOL, LIVE_RUNS, CohortState, Role, RunState, form_from
from app.programs.services import choosing
from app.programs.services.moving import move
from app.programs.services.previewing import can_preview, previewed
from app.programs.services.programs import change_rules
from app.programs.services.replays import AT_ONCE
from app.programs.weights import choices

OVER = (CohortState.CLOSED, CohortState.ARCHIVED, CohortState.CANCELED)


def save_rules(
    db: Session, actor_id: UUID, *, cohort_id: UUID, version: int, rules: Mapping[str, Any]
) -> None:
    """Make rules a cohort's newest version, if nobody changed them since they were read."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.state in OVER:
        raise Refused(_("This cohort is over; what counts cannot be changed any more."))
    if int(cohort.rules.get("version", 0)) != version:
        raise Refused(
            _("Somebody else has changed what counts meanwhile. Reload the page, then change it.")
        )
    if rules.get("choice", "organizers") not in choices(rules):
        raise Refused(
            _("In this format the matching cannot follow such a choice. Let organizers review."),
            422,
        )
    change_rules(db, actor_id, cohort_id=cohort_id, rules=dict(rules))


def restore_rules(db: Session, actor_id: UUID, *, cohort_id: UUID, version: int) -> None:
    """Take a former version up again, as a new one."""
    cohort = hold(db, Cohort, cohort_id)
    former = db.scalar(
        select(RulesVersion).where(
            RulesVersion.cohort_id == cohort_id, RulesVersion.version == version
        )
    )
    if cohort is None or cohort.state in OVER or former is None:
        raise Refused(_("This version cannot be taken up again."))
    change_rules(db, actor_id, cohort_id=cohort_id, rules=former.rules)


def tried(
    db: Session, cohort_id: UUID, rules: Mapping[str, Any], *, exactly: bool = False
) -> Figures | None:
    """What a run under these rules would find; None when that needs a worker. Nothing is kept.

    Small cohorts are solved as a run would, but from public factors alone; larger ones are
    previewed, unless asked ``exactly``.
    """
    cohort = db.get_one(Cohort, cohort_id)
    is_large, can_be = size_of(db, cohort, rules)
    if is_large and (exactly or not can_be):
        return None
    try:
        found = (previewed if is_large else _solved)(db, cohort, rules, last_seed(db, cohort_id))
    except MatchingError as error:
        raise Refused(_("These rules cannot be met: no matching satisfies all of them.")) from error
    if found is None:
        raise Refused(_("There is nobody to match yet. Try again when people have enrolled."))
    return found


def size_of(db: Session, cohort: Cohort, rules: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether a cohort is too large to be solved in a page, and whether it can be previewed there.

    Counted are those who are ready, whether or not they have somebody already.
    """
    query = select(Enrollment.role, func.count()).where(
        Enrollment.cohort_id == cohort.id, Enrollment.state.in_(IN_POOL)
    )
    people = dict(db.execute(query.group_by(Enrollment.role)).tuples().all())
    mentees, mentors = people.get(Role.MENTEE, 0), people.get(Role.MENTOR, 0)
    if form_from(rules).is_mutual:
        mentors = mentees
    is_large = mentees > AT_ONCE[0] or mentors > AT_ONCE[1]
    return is_large, can_preview(rules, mentees, mentors)


def _solved(db: Session, cohort: Cohort, rules: Mapping[str, Any], seed: int) -> Figures | None:
    pool = feed.load_pool(db, cohort.id)
    whole = feed.instance_of(pool, rules, seed, feed.earlier_pairs(db, cohort.id))
    instance = feed.public_of(whole)
    if not instance.mentees or not instance.mentors:
        return None
    ranked = choosing.ranks_for(db, cohort.id, rules, instance)
    outcome = formed(form_from(rules), instance, ranked, explain=False)
    return figures_of(outcome, dict(instance.current))


def last_seed(db: Session, cohort_id: UUID) -> int:
    """The seed of the last run, so that ties fall the same way."""
    query = select(MatchRun.seed).where(
        MatchRun.cohort_id == cohort_id, MatchRun.is_trial.is_(False)
    )
    return db.scalar(query.order_by(MatchRun.created_at.desc(), MatchRun.id).limit(1)) or 0


def start_trial(
    db: Session, actor_id: UUID, *, cohort_id: UUID, rules: Mapping[str, Any]
) -> MatchRun:
    """Have a worker try rules; an older dry run that still waits is put aside."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.state in OVER:
        raise Refused(_("This cohort is over; what counts cannot be changed any more."))
    for older in db.scalars(
        select(MatchRun).where(
            MatchRun.cohort_id == cohort_id,
            MatchRun.is_trial.is_(True),
            MatchRun.state.in_(LIVE_RUNS),
        )
    ):
        move(db, actor_id, older, RunState.DISCARDED, reason="retried")
    trial = MatchRun(
        id=ids.new_id(),
        cohort_id=cohort_id,
        is_trial=True,
        rules=dict(rules),
        rule_version=int(cohort.rules.get("version", 1)),
        seed=last_seed(db, cohort_id),
        started_by=actor_id,
        state=RunState.DRAFT,
    )
    db.add(trial)
    db.flush()
    move(db, actor_id, trial, RunState.QUEUED)
    db.flush()
    jobs.wake_after(db, "run_match", str(trial.id))
    return trial
