"""A simulated year: nobody is forgotten. 2,000 people, 300 relationships, every state."""

from __future__ import annotations

from collections import Counter
from statistics import median
from time import process_time

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import reading
from app.mentoring.models import Agreement, Goal, Meeting, Relationship, Rematch
from app.mentoring.rules import (
    AHEAD,
    LIVE,
    AgreementState,
    ClosingReason,
    GoalState,
    RelationshipState,
    SessionState,
)
from app.programs.models import Enrollment, Offer
from app.programs.rules import IN_POOL, EnrollmentState, OfferState, Role
from app.programs.services.offers import holds_a_place
from tests.simulation.risks import judge, watch
from tests.simulation.year import DAY, START, Year

# What a year passes through, and states that nobody gets to: an enrollment is admitted as soon as
# it is submitted (`admit`), so that nobody reviews one or says no to it.
STATES = {
    Relationship: (RelationshipState, set()),
    Meeting: (SessionState, set()),
    Goal: (GoalState, set()),
    Agreement: (AgreementState, set()),
    Offer: (OfferState, set()),
    Enrollment: (EnrollmentState, {"under_review", "declined"}),
}
OF_FEW = 5  # relationships of `tests/simulation/few.py`
MOST_SECONDS = 60
# Nobody raises a concern in the year, and no group is split or joined.
NOT_PLAYED = {ClosingReason.CONCERN, ClosingReason.RESHAPED}


@pytest.fixture
def year(environ, context):
    """Lived through once; SQLite, because nothing here depends on the database."""
    if not environ["DATABASE_URL"].startswith("sqlite"):
        pytest.skip("the year is lived through on SQLite")
    began = process_time()
    lived = Year().play(each_day=watch)
    spent = process_time() - began
    print(f"a year in {spent:.1f} seconds of processor")
    assert spent <= MOST_SECONDS, spent
    yield lived
    clock.configure(None)


def test_a_year_runs_through_every_state_forgets_nobody_and_sees_who_slips_away(year):
    db, today = reading(), (START + 364 * DAY).date()
    pairs = db.scalars(select(Relationship)).unique().all()
    assert len(pairs) == 300 + OF_FEW
    for kind, (states, elsewhere) in STATES.items():
        logged = select(AuditEvent.before, AuditEvent.after)
        rows = db.execute(logged.where(AuditEvent.subject_type == kind.__tablename__))
        been = {state for row in rows for state in row if state}
        assert {state.value for state in states} - been == elsewhere, kind.__name__
    reasons = Counter(pair.closing_reason for pair in pairs)
    assert reasons.keys() - {None} == set(ClosingReason) - NOT_PLAYED
    assert forgotten(db, pairs, today) == []
    seen = judge(year)
    print(seen)
    assert seen.seen_in_time >= 0.8 * seen.ran_out > 0, str(seen)
    assert seen.seen >= 0.8 * seen.silent, str(seen)
    assert median(seen.ahead) >= 14, str(seen)
    assert seen.disturbed <= 0.25 * seen.healthy, str(seen)


def forgotten(db, pairs, today) -> list[str]:
    """Relationships without a next step or an end, and mentees whom nobody looks after."""
    found = []
    placed = set(db.scalars(select(Offer.mentee_id).where(holds_a_place())))
    listed = set(db.scalars(select(Rematch.enrollment_id)))
    waiting = set(db.scalars(select(Enrollment.id).where(Enrollment.state.in_(IN_POOL))))
    ahead = set(db.scalars(select(Meeting.relationship_id).where(Meeting.state.in_(AHEAD))))
    for pair in pairs:
        if pair.state in LIVE:
            ends = pair.looks_back_until or pair.paused_until or pair.ends_on
            if ends is None or ends < today:
                found.append(f"{pair.state} since {pair.started_at} has no end")
            continue
        if pair.closing_reason is None or pair.closed_at is None or pair.id in ahead:
            found.append(f"{pair.id} has ended and has not")
        for member in pair.members:
            lost = member.role is Role.MENTEE and member.enrollment_id in waiting - placed
            over = pair.closing_reason is ClosingReason.COHORT_END
            if lost and not over and member.enrollment_id not in listed:
                found.append(f"{member.enrollment_id} waits, and nobody knows")
    return found
