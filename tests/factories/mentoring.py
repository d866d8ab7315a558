"""Pairs for tests, made the way the app makes them: by an accepted offer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.mentoring.models import Meeting, Relationship
from app.mentoring.services import sessions
from app.programs.models import Cohort
from app.programs.rules import CohortState, Role
from app.programs.services import offers
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


def make_pair(
    db: Session,
    mentee: Person | None = None,
    mentor: Person | None = None,
    cohort: Cohort | None = None,
) -> Relationship:
    """A pair that has just begun."""
    cohort = cohort or make_cohort(db, CohortState.ACTIVE)
    mentee = mentee or make_person(db, name="Mina Mentee")
    mentor = mentor or make_person(db, name="Omar Mentor")
    one = make_enrollment(db, cohort, Role.MENTEE, mentee)
    other = make_enrollment(db, cohort, Role.MENTOR, mentor)
    offer = make_offer(db, one, other)
    offers.accept(db, mentee.id, offer_id=offer.id)
    pair = db.query(Relationship).filter_by(offer_id=offer.id).one()
    assert len(pair.members) == 2  # loaded, so that tests may look at it after the transaction
    return pair


def plan_session(
    db: Session, pair: Relationship, starts: datetime | None = None, **columns: Any
) -> Meeting:
    """A session in two days, or at an instant."""
    starts = (starts or clock.now() + timedelta(days=2)).replace(tzinfo=None, microsecond=0)
    return sessions.plan(
        db,
        pair.members[0].person_id,
        relationship_id=pair.id,
        wall_time=starts,
        zone="UTC",
        **columns,
    )
