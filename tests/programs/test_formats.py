"""Every format from enrollment to the workspace, by its own rules."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.mentoring.models import Member, Relationship
from app.mentoring.rules import RelationshipState
from app.programs.models import Candidate, Enrollment, Exclusion, Offer, PairDecision
from app.programs.rules import (
    SHAPES,
    CohortState,
    Decision,
    DeclineReason,
    Format,
    OfferState,
    Role,
    form_from,
    is_unusual_length,
    may_rate,
)
from app.programs.services import offers, replays
from app.programs.templates import TEMPLATES
from app.programs.wording import proof_text
from tests.factories.accounts import make_person
from tests.factories.formats import (
    make_members,
    make_sides,
    open_offers,
    publish_now,
    run_once,
    say_yes,
    start_with,
)
from tests.factories.programs import make_enrollment


@pytest.fixture
def amara(context):
    with writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


def relationships(cohort):
    end_reading()
    return list(
        reading().scalars(
            select(Relationship)
            .where(Relationship.cohort_id == cohort.id)
            .order_by(Relationship.started_at, Relationship.id)
        )
    )


def decline(offer):
    with writing() as db:
        person_id = db.get_one(Enrollment, offer.mentee_id).person_id
        offers.decline(db, person_id, offer_id=offer.id, reason=DeclineReason.TIME)


def test_every_format_has_a_template_a_shape_and_a_length_that_suits_it():
    assert {template.format for template in TEMPLATES.values()} == set(Format) == set(SHAPES)
    for template in TEMPLATES.values():
        assert not is_unusual_length(template.format, template.months)
        assert form_from(template.rules()).kind == SHAPES[template.format].kind
    assert is_unusual_length(Format.ONE_TO_ONE, 2) and is_unusual_length(Format.CIRCLE, 19)
    assert not is_unusual_length(Format.FLASH, 1)


@pytest.mark.parametrize("template", ["flash", "project", "sponsorship", "onboarding_buddy"])
def test_formats_of_two_go_from_enrollment_to_a_workspace(amara, template):
    cohort = start_with(template)
    with writing() as db:
        make_sides(db, cohort, 2, 2)
    publish_now(run_once(cohort, amara).id, amara)
    paths = [say_yes(offer) for offer in open_offers(cohort)]
    pairs = relationships(cohort)
    assert {f"/mentoring/{pair.id}/" for pair in pairs} == set(paths) and len(paths) == 2
    for pair in pairs:
        assert pair.format is TEMPLATES[template].format and pair.guide_id is not None
        assert len(pair.members) == 2 and not pair.is_gathering


def test_peers_are_pairs_and_one_group_of_three_each_with_an_own_yes(amara):
    cohort = start_with("peer")
    with writing() as db:
        make_members(db, cohort, 5)
    run = run_once(cohort, amara)
    assert run.metrics["matched_share"] == 1 and run.metrics["groups"] == 2
    publish_now(run.id, amara)
    found = open_offers(cohort)
    sizes = Counter(offer.group_id for offer in found)
    assert sorted(sizes.values()) == [2, 3] and len({offer.mentee_id for offer in found}) == 5
    two = [offer for offer in found if sizes[offer.group_id] == 2]
    assert say_yes(two[0]) and relationships(cohort)[0].is_gathering
    told = select(func.count(Delivery.person_id.distinct())).where(Delivery.kind == "pair_started")
    assert reading().scalar(told) == 0, "nobody hears of a pair that is not one yet"
    say_yes(two[1])
    (pair,) = relationships(cohort)
    assert not pair.is_gathering and len(pair.members) == 2 and reading().scalar(told) == 2
    three = [offer for offer in found if sizes[offer.group_id] == 3]
    for offer in three:
        say_yes(offer)
    assert sorted(len(one.members) for one in relationships(cohort)) == [2, 3]


def test_when_a_peer_says_no_the_other_is_free_again_and_they_are_not_proposed_again(amara):
    cohort = start_with("peer")
    with writing() as db:
        make_members(db, cohort, 2)
    publish_now(run_once(cohort, amara).id, amara)
    yes, no = open_offers(cohort)
    say_yes(yes)
    decline(no)
    (pair,) = relationships(cohort)
    assert pair.state is RelationshipState.CLOSED
    assert reading().get_one(Offer, yes.id).released_at is not None
    again = run_once(cohort, amara)
    assert again.metrics["pairs"] == 0 and len(again.unmatched) == 2


def test_a_circle_begins_with_its_least_size_and_later_ones_join(amara):
    cohort = start_with("circle")
    with writing() as db:
        make_members(db, cohort, 5)
    run = run_once(cohort, amara)
    seats = reading().scalars(select(Candidate).where(Candidate.run_id == run.id)).all()
    assert {seat.group_no for seat in seats} == {1} and len(seats) == 5
    assert all(seat.mentee_id != seat.mentor_id and seat.reasons for seat in seats)
    publish_now(run.id, amara)
    first, second, third, fourth, fifth = open_offers(cohort)
    for offer in (first, second):
        say_yes(offer)
    (circle,) = relationships(cohort)
    assert circle.is_gathering and len(circle.members) == 2
    say_yes(third)
    (circle,) = relationships(cohort)
    assert not circle.is_gathering and circle.state is RelationshipState.ACTIVE
    decline(fourth)
    say_yes(fifth)
    (circle,) = relationships(cohort)
    assert len(circle.members) == 4 and {m.role for m in circle.members} == {Role.MENTEE}
    assert {m.offer_id for m in circle.members} == {first.id, second.id, third.id, fifth.id}


def test_a_circle_that_cannot_come_about_any_more_lets_everybody_go(amara):
    cohort = start_with("circle")
    with writing() as db:
        make_members(db, cohort, 4)
    publish_now(run_once(cohort, amara).id, amara)
    first, second, third, fourth = open_offers(cohort)
    say_yes(first)
    decline(second)
    assert relationships(cohort)[0].is_gathering, "three of four are still possible"
    decline(third)
    states = [reading().get_one(Offer, one.id).state for one in (first, fourth)]
    assert states == [OfferState.ACCEPTED, OfferState.WITHDRAWN]
    assert reading().get_one(Offer, first.id).released_at is not None
    assert relationships(cohort)[0].state is RelationshipState.CLOSED
    assert reading().get_one(Enrollment, first.mentee_id).missed_rounds == 1
    told = select(Delivery.person_id).where(Delivery.kind.in_(["offer_ended", "pair_ended"]))
    people = {reading().get_one(Enrollment, one.mentee_id).person_id for one in (first, fourth)}
    assert set(reading().scalars(told)) == people


def test_nobody_is_in_two_circles_of_a_cohort_unless_they_said_so(amara):
    cohort = start_with("circle")
    with writing() as db:
        once, twice = make_members(db, cohort, 2)
        twice.capacity = 2
        others = make_members(db, cohort, 6)
    seat = offers.Seat
    with writing() as db:
        for group in ([once, twice, *others[:2]], [once, twice, *others[2:5]]):
            ids = [one.id for one in group]
            made = offers.make_seats(
                db,
                amara.id,
                cohort_id=cohort.id,
                seats=[seat(one, ids[0] if one != ids[0] else ids[1]) for one in ids],
                source="organizer",
            )
            assert len({offer.group_id for offer in made}) == 1
    held = Counter(offer.mentee_id for offer in open_offers(cohort))
    assert held[once.id] == 1 and held[twice.id] == 2 and sum(held.values()) == 8
    for offer in open_offers(cohort):
        assert offer.mentee_id != offer.mentor_id


def test_whom_somebody_ruled_out_is_in_no_circle_with_them(amara):
    cohort = start_with("circle")
    with writing() as db:
        rows = make_members(db, cohort, 7)
        db.add(Exclusion(enrollment_id=rows[0].id, person_id=rows[1].person_id))
        db.add(
            PairDecision(
                cohort_id=cohort.id,
                mentee_id=rows[2].id,
                mentor_id=rows[3].id,
                kind=Decision.LOCK,
            )
        )
    run = run_once(cohort, amara)
    of = {
        seat.mentee_id: seat.group_no
        for seat in reading().scalars(select(Candidate).where(Candidate.run_id == run.id))
    }
    assert len(of) == 7 and of[rows[0].id] != of[rows[1].id] and of[rows[2].id] == of[rows[3].id]
    assert replays.replay(replays.record_of(reading(), run.id))["state"] == "equal"


def test_a_group_gathers_around_its_mentor_and_takes_no_more_than_its_places(amara):
    cohort = start_with("group_mentoring")
    with writing() as db:
        make_sides(db, cohort, 9, 3, capacity=6)
    run = run_once(cohort, amara)
    seats = reading().scalars(select(Candidate).where(Candidate.run_id == run.id)).all()
    sizes = Counter(seat.mentor_id for seat in seats)
    assert sum(sizes.values()) == 9 and min(sizes.values()) >= 4 and max(sizes.values()) <= 6
    assert len({seat.group_no for seat in seats}) == len(sizes) == 2
    publish_now(run.id, amara)
    found = open_offers(cohort)
    (mentor_id, size), *_rest = Counter(o.mentor_id for o in found).most_common()
    group = [offer for offer in found if offer.mentor_id == mentor_id]
    assert len({offer.group_id for offer in group}) == 1
    for offer in group[:3]:
        say_yes(offer)
    (led,) = relationships(cohort)
    assert led.is_gathering and Counter(m.role for m in led.members) == {
        Role.MENTEE: 3,
        Role.MENTOR: 1,
    }
    say_yes(group[3])
    (led,) = relationships(cohort)
    assert not led.is_gathering and len(led.members) == 5
    assert offers.places_taken(reading(), [mentor_id]) == {mentor_id: size}
    with writing() as db:
        late = make_enrollment(db, cohort, Role.MENTEE)
        offer = (
            offers.make_offer(
                db,
                amara.id,
                cohort_id=cohort.id,
                mentee_id=late.id,
                mentor_id=mentor_id,
                source="organizer",
            )
            if size < 6
            else None
        )
    if offer is not None:
        say_yes(offer)
        (led,) = relationships(cohort)
        assert late.person_id in {m.person_id for m in led.members}


def test_in_reverse_programs_the_leader_is_asked_first_and_the_junior_decides(amara):
    cohort = start_with("reverse")
    with writing() as db:
        leader = make_enrollment(db, cohort, Role.MENTEE, make_person(db, "Lia Leader", level=7))
        near = make_enrollment(db, cohort, Role.MENTOR, make_person(db, "Ada", level=3))
        make_enrollment(db, cohort, Role.MENTOR, make_person(db, "Zed", level=6))
    run = run_once(cohort, amara)
    chosen = reading().scalars(select(Candidate).where(Candidate.run_id == run.id)).one()
    assert chosen.mentor_id == near.id, "the gap is mirrored: a junior two to five levels below"
    publish_now(run.id, amara)
    (offer,) = open_offers(cohort)
    with pytest.raises(Refused, match="other side's turn"):
        say_yes(offer, Role.MENTOR)
    assert say_yes(offer, Role.MENTEE) is None
    assert reading().scalar(select(func.count()).select_from(Relationship)) == 0
    assert say_yes(offer, Role.MENTOR)
    (pair,) = relationships(cohort)
    assert pair.role_of(leader.person_id) is Role.MENTEE
    assert not may_rate(Format.REVERSE, Role.MENTEE) and may_rate(Format.REVERSE, Role.MENTOR)


def test_members_leave_a_running_circle_one_by_one_and_their_places_are_free(amara):
    cohort = start_with("circle")
    with writing() as db:
        make_members(db, cohort, 5)
    publish_now(run_once(cohort, amara).id, amara)
    found = open_offers(cohort)
    for offer in found:
        say_yes(offer)
    (circle,) = relationships(cohort)
    assert len(circle.members) == 5
    with writing() as db:
        from app.programs.services.enrollment import withdraw

        withdraw(db, None, enrollment_id=found[0].mentee_id)
    (circle,) = relationships(cohort)
    left = [m for m in circle.members if m.left_at is not None]
    assert circle.state is RelationshipState.ACTIVE and len(left) == 1
    assert reading().get_one(Offer, found[0].id).released_at is not None
    assert reading().scalar(select(func.count()).select_from(Member)) == 5
    assert reading().get_one(Offer, found[1].id).released_at is None
    assert cohort.state is CohortState.MATCHING


def test_pairs_of_peers_are_called_the_highest_only_where_every_pair_was_compared(context):
    assert "then the highest sum" in proof_text("peers", {"total": 9.0, "bound": None})
    many = proof_text("peers", {"total": 499.7, "bound": 500.0})
    assert "highest" not in many and "at most 0.1% below the best possible" in many
