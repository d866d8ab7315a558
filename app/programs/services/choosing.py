"""A say in the choice: mentees rank a fair shortlist, and the next run follows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.matching.choosing import shortlists
from app.matching.explain import Explainer
from app.matching.types import IdPair, Instance, Outcome
from app.programs.models import Enrollment, Exclusion, MatchRun, ShortlistEntry
from app.programs.rules import Role, RunState
from app.programs.weights import choice_of

Ranked = Mapping[str, Sequence[str]]
DAYS = (1, 30)


def is_asked(rules: Mapping[str, Any]) -> bool:
    """Whether mentees get a shortlist under these rules, to rank or to ask."""
    return choice_of(rules) != "organizers"


def ranks_for(
    db: Session, cohort_id: UUID, rules: Mapping[str, Any], instance: Instance
) -> dict[str, list[str]]:
    """What mentees ranked when they were last asked, as far as the people are still there."""
    if not is_asked(rules):
        return {}
    last = (
        select(MatchRun.id)
        .where(MatchRun.cohort_id == cohort_id, MatchRun.choice_until.is_not(None))
        .order_by(MatchRun.created_at.desc(), MatchRun.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = db.execute(
        select(ShortlistEntry.mentee_id, ShortlistEntry.mentor_id)
        .where(ShortlistEntry.run_id == last, ShortlistEntry.rank.is_not(None))
        .order_by(ShortlistEntry.mentee_id, ShortlistEntry.rank)
    )
    mentees, mentors = ({p.id for p in side} for side in (instance.mentees, instance.mentors))
    ranked: dict[str, list[str]] = {}
    for mentee, mentor in rows:
        if str(mentee) in mentees and str(mentor) in mentors:
            ranked.setdefault(str(mentee), []).append(str(mentor))
    return ranked


def unwanted_pairs(db: Session, cohort_id: UUID, instance: Instance) -> frozenset[IdPair]:
    """Whom mentees ruled out themselves: left out of their own list and of nobody else's."""
    rows = db.execute(
        select(Exclusion.enrollment_id, Enrollment.id)
        .join(Enrollment, Enrollment.person_id == Exclusion.person_id)
        .where(Enrollment.cohort_id == cohort_id, Enrollment.role == Role.MENTOR)
    )
    mentees, mentors = ({p.id for p in side} for side in (instance.mentees, instance.mentors))
    pairs = ((str(mentee), str(mentor)) for mentee, mentor in rows)
    return frozenset((one, other) for one, other in pairs if one in mentees and other in mentors)


def keep_lists(
    db: Session, run: MatchRun, instance: Instance, outcome: Outcome, reasons: Any
) -> None:
    """Write down the shortlists of a run; nobody sees one before mentees are asked."""
    db.execute(delete(ShortlistEntry).where(ShortlistEntry.run_id == run.id))
    unwanted = unwanted_pairs(db, run.cohort_id, instance)
    explainer = Explainer.of(instance, outcome)
    for mentee, found in shortlists(instance, outcome, unwanted=unwanted).items():
        for place, one in enumerate(found):
            pair = explainer.explain_pair(mentee, one.mentor)
            row = ShortlistEntry(run_id=run.id, mentee_id=UUID(mentee), mentor_id=UUID(one.mentor))
            row.place, row.reasons = place, [reasons(part) for part in pair.contributions]
            db.add(row)


def open_choice(db: Session, actor_id: UUID, *, run_id: UUID, days: int) -> None:
    """Ask the mentees of a run to rank their shortlists, until a day."""
    run = hold(db, MatchRun, run_id)
    if run is None or run.state is not RunState.REVIEW or run.choice_until is not None:
        raise Refused(_("Mentees can be asked once, while a run waits for review."))
    if not is_asked(run.rules):
        raise Refused(_("Under the rules of this run nobody ranks a list. Review its proposals."))
    if not DAYS[0] <= days <= DAYS[1]:
        raise Refused(_("Give them between 1 and 30 days."), 422)
    people = db.execute(
        select(Enrollment.id, Enrollment.person_id)
        .where(
            Enrollment.id.in_(
                select(ShortlistEntry.mentee_id).where(ShortlistEntry.run_id == run_id)
            )
        )
        .order_by(Enrollment.id)
    ).all()
    if not people:
        raise Refused(_("This run has no shortlists. Let mentees choose, then run it again."))
    run.choice_until = clock.now() + timedelta(days=days)
    audit.record(db, actor_id, "match_run_choice_opened", run, after=str(days))
    for enrollment_id, person_id in people:
        outbox.put(
            db,
            "shortlist_waiting",
            subject=enrollment_id,
            person=person_id,
            occasion=str(run_id),
            expires=run.choice_until,
        )
    db.flush()


def remind(db: Session, actor_id: UUID, *, enrollment_id: UUID) -> None:
    """Remind a mentee of a list without an order; a second time the same day changes nothing."""
    mentee = hold(db, Enrollment, enrollment_id)
    run = db.scalar(
        select(MatchRun)
        .join(ShortlistEntry, ShortlistEntry.run_id == MatchRun.id)
        .where(
            ShortlistEntry.mentee_id == enrollment_id,
            MatchRun.state == RunState.REVIEW,
            MatchRun.choice_until > clock.now(),
        )
        .limit(1)
    )
    if mentee is None or run is None:
        raise Refused(_("The time to choose is over, so there is nothing to remind of."))
    outbox.put(
        db,
        "shortlist_waiting",
        subject=enrollment_id,
        person=mentee.person_id,
        occasion=f"{run.id}/{clock.now():%Y-%m-%d}",
        expires=run.choice_until,
    )
    audit.record(db, actor_id, "shortlist_reminded", mentee)
    db.flush()


def end_choice(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """End the ranking now."""
    run = hold(db, MatchRun, run_id)
    if run is None or not is_open(run):
        raise Refused(_("Mentees are not choosing at the moment."))
    run.choice_until = clock.now()
    audit.record(db, actor_id, "match_run_choice_ended", run)
    db.flush()


def is_open(run: MatchRun) -> bool:
    """Whether mentees may rank right now."""
    return run.choice_until is not None and run.choice_until > clock.now()


def refuse_while_choosing(run: MatchRun) -> None:
    """Nothing happens behind the back of people who are choosing."""
    if is_open(run):
        raise Refused(_("Mentees are still choosing. Wait until the day given, or end it now."))


def rank(
    db: Session, actor_id: UUID, *, run_id: UUID, enrollment_id: UUID, order: Sequence[UUID]
) -> None:
    """A mentee's own order of their shortlist; mentors left out count like anybody else."""
    run, mentee = hold(db, MatchRun, run_id), db.get(Enrollment, enrollment_id)
    if mentee is None or mentee.person_id != actor_id:
        raise Refused(_("Only you can say whom you would like to meet."), 403)
    if run is None or not is_open(run) or run.state is not RunState.REVIEW:
        raise Refused(_("The time to choose is over. You hear from us when the matching is done."))
    rows = db.scalars(
        select(ShortlistEntry).where(
            ShortlistEntry.run_id == run_id, ShortlistEntry.mentee_id == enrollment_id
        )
    ).all()
    if len(set(order)) != len(order) or not set(order) <= {row.mentor_id for row in rows}:
        raise Refused(_("Give each place once, to people of your list."), 422)
    for row in rows:
        row.rank = order.index(row.mentor_id) + 1 if row.mentor_id in order else None
    audit.record(db, actor_id, "shortlist_ranked", mentee)
    db.flush()
