"""Offers: a place is promised once, the mentee has the last word, nothing waits for ever."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.services import deactivate
from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import Relationship
from app.programs.models import Enrollment, Offer, Program
from app.programs.rules import (
    CohortState,
    DeclineReason,
    EnrollmentState,
    OfferState,
    Role,
)
from app.programs.services import offers
from app.programs.services.enrollment import withdraw
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


@pytest.fixture
def cohort(context):
    with writing() as db:
        return make_cohort(db, CohortState.ACTIVE)


def pair_up(db, cohort, mentees=2, capacity=1):
    mentor = make_enrollment(db, cohort, Role.MENTOR, capacity=capacity)
    return mentor, [make_enrollment(db, cohort, Role.MENTEE) for _ in range(mentees)]


def state_of(offer: Offer) -> OfferState:
    return reading().scalars(select(Offer.state).where(Offer.id == offer.id)).one()


def test_an_open_offer_holds_its_place(cohort):
    with writing() as db:
        mentor, (first, second) = pair_up(db, cohort)
        make_offer(db, first, mentor)
    with writing() as db, pytest.raises(Refused, match="no free place"):
        make_offer(db, second, mentor)


def test_accepting_makes_the_pair_and_ends_the_mentees_other_offers_in_one_transaction(cohort):
    with writing() as db:
        one, (mentee,) = pair_up(db, cohort, mentees=1)
        other = make_enrollment(db, cohort, Role.MENTOR)
        kept, lost = make_offer(db, mentee, one), make_offer(db, mentee, other)
    with writing() as db:
        path = offers.accept(db, mentee.person_id, offer_id=kept.id)
    pair = reading().scalars(select(Relationship)).one()
    assert path == f"/mentoring/{pair.id}/" and pair.offer_id == kept.id
    assert {member.person_id for member in pair.members} == {mentee.person_id, one.person_id}
    assert (state_of(kept), state_of(lost)) == (OfferState.ACCEPTED, OfferState.SUPERSEDED)
    assert offers.places_taken(reading(), [one.id, other.id]) == {one.id: 1}


def test_only_the_people_of_an_offer_can_answer_it(cohort):
    with writing() as db:
        mentor, (mentee, stranger) = pair_up(db, cohort)
        offer = make_offer(db, mentee, mentor)
    with writing() as db, pytest.raises(Refused, match="Only the people"):
        offers.accept(db, stranger.person_id, offer_id=offer.id)


def test_where_the_mentor_is_asked_the_mentee_still_has_the_last_word(cohort):
    with writing() as db:
        db.get_one(Program, cohort.program_id).asks_mentor = True
        mentor, (mentee,) = pair_up(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
    with writing() as db, pytest.raises(Refused, match="other side's turn"):
        offers.accept(db, mentee.person_id, offer_id=offer.id)
    with writing() as db:
        assert offers.accept(db, mentor.person_id, offer_id=offer.id) is None
    assert state_of(offer) is OfferState.PARTLY_ACCEPTED
    assert reading().scalar(select(func.count()).select_from(Relationship)) == 0
    with writing() as db:
        assert offers.accept(db, mentee.person_id, offer_id=offer.id)


def test_a_decline_frees_the_place_and_its_reason_stays_with_the_organizers(cohort):
    with writing() as db:
        mentor, (first, second) = pair_up(db, cohort)
        offer = make_offer(db, first, mentor)
    with writing() as db:
        offers.decline(
            db, first.person_id, offer_id=offer.id, reason=DeclineReason.TIME, no_more=True
        )
    with writing() as db:
        make_offer(db, second, mentor)
        assert db.get_one(Enrollment, first.id).takes_no_more
        assert not outbox.pending(db, "offer_ended", offer.id), "the mentor was never asked"


def test_reminders_come_on_days_three_and_six_and_stop_with_the_answer(cohort):
    with writing() as db:
        mentor, (mentee,) = pair_up(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
    waiting = outbox.pending(reading(), "offer_waiting", offer.id)
    waiting = [delivery for delivery in waiting if delivery.channel == "mail"]
    days = [round((d.due_at - offer.offered_at) / timedelta(days=1)) for d in waiting]
    assert days == [0, 3, 6] and {d.person_id for d in waiting} == {mentee.person_id}
    with writing() as db:
        offers.accept(db, mentee.person_id, offer_id=offer.id)
    assert not outbox.pending(reading(), "offer_waiting", offer.id)


def test_an_offer_expires_by_itself_once_and_its_place_is_free(cohort):
    with writing() as db:
        mentor, (mentee, other) = pair_up(db, cohort)
        offer = make_offer(db, mentee, mentor)
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        with writing() as db:
            assert offers.expire_due(db) == 1
        with writing() as db:
            assert offers.expire_due(db) == 0
            make_offer(db, other, mentor)
        with writing() as db, pytest.raises(Refused, match="no longer open"):
            offers.accept(db, mentee.person_id, offer_id=offer.id)


def test_organizers_answer_only_for_people_who_cannot_sign_in(cohort):
    with writing() as db:
        organizer = make_person(db, "Olu Organizer")
        mentor, (mentee,) = pair_up(db, cohort, mentees=1, capacity=2)
        absent = make_enrollment(db, cohort, Role.MENTEE, make_person(db, "Ana", email=None))
        theirs, silent = make_offer(db, mentee, mentor), make_offer(db, absent, mentor)
    with writing() as db, pytest.raises(Refused, match="answers for themselves"):
        offers.accept(db, organizer.id, offer_id=theirs.id, on_behalf=True)
    with writing() as db:
        offers.accept(db, organizer.id, offer_id=silent.id, on_behalf=True)
    made = reading().get_one(Offer, silent.id)
    assert made.on_behalf and made.answered_by == organizer.id
    assert not outbox.pending(reading(), "offer_waiting", silent.id)


def test_an_offer_that_an_organizer_takes_back_is_recalled_and_nobody_reads_by_whom(cohort):
    with writing() as db:
        mentor, (mentee,) = pair_up(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
        amara = make_person(db, "Amara", roles=("program_manager",))
    with writing() as db:
        offers.withdraw_offer(db, amara.id, offer_id=offer.id, reason="A mistake.")
    assert state_of(offer) is OfferState.RECALLED
    told = {d.person_id for d in outbox.pending(reading(), "offer_ended", offer.id)}
    assert told == {mentee.person_id}
    with writing() as db, pytest.raises(Refused):
        offers.accept(db, mentee.person_id, offer_id=offer.id)
    with writing() as db:
        again = make_offer(db, mentee, mentor)
    assert state_of(again) is OfferState.OFFERED, "the place is free"


@pytest.mark.parametrize("role", list(Role))
def test_when_somebody_leaves_open_offers_end_and_the_other_side_is_told(cohort, role):
    with writing() as db:
        mentor, (mentee,) = pair_up(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
        leaver = mentor if role is Role.MENTOR else mentee
    with writing() as db:
        deactivate(db, None, person_id=leaver.person_id)
    db = reading()
    assert state_of(offer) is OfferState.WITHDRAWN
    assert db.get_one(Enrollment, leaver.id).state is EnrollmentState.WITHDRAWN
    told = {d.person_id for d in outbox.pending(db, "offer_ended", offer.id)}
    assert told == ({mentee.person_id} if role is Role.MENTOR else set())


def test_withdrawing_twice_is_refused_and_changes_nothing(cohort):
    with writing() as db:
        _mentor, (mentee,) = pair_up(db, cohort, mentees=1)
    with writing() as db:
        withdraw(db, mentee.person_id, enrollment_id=mentee.id)
    with writing() as db, pytest.raises(Refused):
        withdraw(db, mentee.person_id, enrollment_id=mentee.id)


def test_one_place_is_offered_to_exactly_one_of_many_at_once(app):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE)
        mentor, mentees = pair_up(db, cohort, mentees=8)
        mentor_id, ids = mentor.id, [mentee.id for mentee in mentees]
    start, won = threading.Barrier(len(ids)), []

    def compete(mentee_id):
        with app.app_context():
            start.wait()
            try:
                with writing() as db:
                    make_offer(
                        db, db.get_one(Enrollment, mentee_id), db.get_one(Enrollment, mentor_id)
                    )
                won.append(mentee_id)
            except Refused:
                pass

    threads = [threading.Thread(target=compete, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(won) == 1 and offers.places_taken(reading(), [mentor_id]) == {mentor_id: 1}


def test_every_change_of_an_offer_leaves_one_row_in_the_log(cohort):
    with writing() as db:
        mentor, (mentee,) = pair_up(db, cohort, mentees=1)
        offer = make_offer(db, mentee, mentor)
    with writing() as db:
        offers.accept(db, mentee.person_id, offer_id=offer.id)
    rows = (
        reading()
        .execute(
            select(AuditEvent.before, AuditEvent.after)
            .where(AuditEvent.subject_id == offer.id)
            .order_by(AuditEvent.at)
        )
        .all()
    )
    assert sorted(tuple(row) for row in rows) == [("draft", "offered"), ("offered", "accepted")]
