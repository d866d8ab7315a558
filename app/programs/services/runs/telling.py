"""Those whom a publication leaves without a match hear that it is still to come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core import clock, outbox
from app.programs.models import Candidate, Cohort, Enrollment, MatchRun
from app.programs.rules import OFFER_DAYS, Role, knows_of_offer

ONCE = "wave"  # whoever waits through several waves is told after the first


def tell_waiting(db: Session, run: MatchRun, missed: Collection[UUID]) -> None:
    """Tell whoever a run found nobody for.

    Where somebody else is asked first, all mentees of the run are asked about in a week: those who
    have heard of nothing then get the same words, whether or not an offer was declined meanwhile.
    """
    program = db.get_one(Cohort, run.cohort_id).program
    wanted, due = set(missed), clock.now()
    if not knows_of_offer(program.format, program.asks_mentor, False, Role.MENTEE):
        of_run = select(Candidate.mentee_id).where(Candidate.run_id == run.id)
        wanted, due = wanted | set(db.scalars(of_run)), due + timedelta(days=OFFER_DAYS + 1)
    people = db.scalars(
        select(Enrollment)
        .where(Enrollment.id.in_(wanted))
        .order_by(Enrollment.id)
        .options(joinedload(Enrollment.person))
    )
    for one in people:
        if one.person.can_sign_in:
            outbox.put(
                db,
                "still_waiting",
                subject=one.id,
                person=one.person_id,
                due=due,
                occasion=ONCE if run.is_wave else str(run.id),
                expires=due + timedelta(days=OFFER_DAYS),
            )
