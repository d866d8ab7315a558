"""Mutual wishes become an offer in the cohort that was chosen, or a neutral message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.core.policies import Actor
from app.programs import talks
from app.programs.models import CohortTalks, Offer
from app.programs.rules import EnrollmentState, OfferSource, OfferState, Role
from app.speed import services
from app.speed.models import SpeedMatch, SpeedSeat, SpeedSession
from app.speed.pairing import Side
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.programs import make_cohort, make_enrollment
from tests.factories.speed import make_speed, make_speed_event

START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-12-01T18:01Z"}


@pytest.fixture
def pair(write):
    """Two who talked and both want to go on; `join` enrolls them, `close` counts."""

    class Pair:
        pass

    found = Pair()
    with clock.frozen(START), write() as db:
        lead = make_person(db, "Lea Lead", "lea@t.example", PASSWORD)
        erg = make_erg(db, "women", lead=lead.id)
        date = make_speed_event(db, erg, starts_at=START + timedelta(minutes=5))
        mentor, mentee = make_person(db, "Mona Mentor"), make_person(db, "Max Mentee")
        sides = {mentor.id: Side.BOTH, mentee.id: Side.BOTH}
        session = make_speed(db, date, lead.id, sides, rounds=1)
        for verb in (services.draw_tables, services.start, services.finish):
            verb(db, lead.id, session_id=session.id)
        seats = {s.person_id: s.id for s in db.scalars(select(SpeedSeat))}
        services.wish(db, mentor.id, session_id=session.id, partners=[seats[mentee.id]])
        services.wish(db, mentee.id, session_id=session.id, partners=[seats[mentor.id]])
        cohort = make_cohort(db)
        found.session, found.cohort, found.lead = session.id, cohort.id, lead.id
        found.mentor, found.mentee, found.date = mentor.id, mentee.id, date.id
        found.actor = Actor(person_id=lead.id, roles=frozenset({"program_manager"}))
    return found


def link(write, pair) -> None:
    with clock.frozen(START), write() as db:
        services.send_to(
            db, pair.actor, session_id=pair.session, name="programs", chosen=str(pair.cohort)
        )


def enroll(write, pair, **columns) -> None:
    from app.programs.models import Cohort

    with clock.frozen(START), write() as db:
        cohort = db.get(Cohort, pair.cohort)
        for role, person in ((Role.MENTOR, pair.mentor), (Role.MENTEE, pair.mentee)):
            make_enrollment(db, cohort, role, db.get(Person, person), **columns)


def close(write, pair):
    with clock.frozen(START + timedelta(hours=49)), write() as db:
        services.close_due(db, pair.session)
        services.close_due(db, pair.session)
        offers = db.scalars(select(Offer)).all()
        return (
            [(one.source, one.state) for one in offers],
            set(db.scalars(select(Delivery.kind))),
            db.scalars(select(SpeedMatch)).one().is_followed,
        )


def test_both_in_the_pool_of_the_chosen_cohort_get_an_offer(write, pair) -> None:
    link(write, pair)
    enroll(write, pair)
    offers, kinds, is_followed = close(write, pair)
    assert offers == [(OfferSource.SPEED, OfferState.OFFERED)]
    assert is_followed and "speed_mutual" not in kinds
    with write() as db:
        row = db.scalars(select(AuditEvent).where(AuditEvent.verb == "talks_link")).one()
        assert row.subject_id == pair.cohort and row.actor_id == pair.lead


@pytest.mark.parametrize("case", ["no cohort", "not enrolled", "left the pool", "no place"])
def test_otherwise_both_are_told_and_take_it_from_there(write, pair, case) -> None:
    if case != "no cohort":
        link(write, pair)
    if case == "left the pool":
        enroll(write, pair, state=EnrollmentState.WITHDRAWN)
    if case == "no place":
        enroll(write, pair, takes_no_more=True)
    if case == "no cohort":
        enroll(write, pair)
    offers, kinds, is_followed = close(write, pair)
    assert offers == [] and not is_followed and "speed_mutual" in kinds


def test_only_cohorts_that_one_runs_can_be_chosen(write, pair) -> None:
    with clock.frozen(START), write() as db:
        assert [label for _, label in talks.cohorts_of(db, pair.actor)] == ["Career Growth, Spring"]
        mere_lead = Actor(person_id=pair.lead)
        assert talks.cohorts_of(db, mere_lead) == []
        for chosen in (str(pair.cohort), "nonsense"):
            with pytest.raises(Refused, match="from the list"):
                talks.choose(db, mere_lead, pair.session, chosen)
        stranger = Actor(person_id=pair.mentor, roles=frozenset({"program_manager"}))
        with pytest.raises(Refused, match="organizers"):
            services.send_to(
                db, stranger, session_id=pair.session, name="programs", chosen=str(pair.cohort)
            )
    link(write, pair)
    with clock.frozen(START), write() as db:
        services.send_to(db, pair.actor, session_id=pair.session, name="programs", chosen=None)
        assert db.get(CohortTalks, pair.session) is None


def test_the_lead_chooses_on_the_page(app, write, pair) -> None:
    from app.accounts.models import OrgRole
    from app.accounts.rules import OrgRoleName

    with write() as db:
        db.add(
            OrgRole(
                person_id=pair.lead,
                role=OrgRoleName.PROGRAM_MANAGER,
                starts_on=clock.now().date() - timedelta(days=9),
            )
        )
    lea = Browser(app).sign_in("lea@t.example").get(f"/events/{pair.date}/speed/destination")
    lea.submit("Save", chosen=str(pair.cohort))
    assert lea.has("Saved.")
    with write() as db:
        assert db.get(CohortTalks, pair.session).cohort_id == pair.cohort
        assert db.get(SpeedSession, pair.session).closed_at is None
