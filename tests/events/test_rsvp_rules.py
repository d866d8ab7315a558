"""Keys, guests, questions, approval, registration and walk-ins, through the services."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState, kinds
from app.ergs.models import Erg
from app.events import queries, services
from app.events.jobs import hand_on_seats
from app.events.models import Occurrence, Rsvp
from app.events.rules import Mode, Question, QuestionKind, Reply, wall_of
from app.events.services import dates
from tests.events.world import NOW, Company, later
from tests.factories.ergs import make_member
from tests.factories.events import make_plan

DIET = Question("diet", QuestionKind.CHOICE, "What do you eat?", "To order", "", ("All", "Vegan"))
SIZE = Question("size", QuestionKind.TEXT, "Shirt size?", "To print", "", (), is_required=True)


@pytest.fixture
def world(context):
    with clock.frozen(NOW):
        yield Company()


def rows(kind) -> int:
    with writing() as db:
        return db.scalar(select(func.count()).select_from(kind))


def pending(world, n: int) -> set[str]:
    with writing() as db:
        return set(
            db.scalars(
                select(Delivery.kind).where(
                    Delivery.person_id == world.people[n],
                    Delivery.state == DeliveryState.PENDING,
                )
            )
        )


def news(world, n: int, kind: str) -> list[Delivery]:
    rsvp_id = world.rsvp(n).id
    with writing() as db:
        return outbox.pending(db, kind, rsvp_id)


# Client keys


def test_the_same_key_twice_changes_nothing_twice(world) -> None:
    world.event(guest_limit=2)
    assert world.answer(0, key="k1", guests=1) == "going"
    before, audits, mails = world.rsvp(0), rows(AuditEvent), rows(Delivery)
    assert world.answer(0, key="k1", guests=1) == "going"
    after = world.rsvp(0)
    assert (after.sequence, after.answered, after.changed_at) == (
        before.sequence,
        before.answered,
        before.changed_at,
    )
    assert (rows(AuditEvent), rows(Delivery)) == (audits, mails)


def test_an_old_key_sent_again_does_not_bring_the_old_answer_back(world) -> None:
    world.event()
    world.answer(0, key="k1")
    assert world.answer(0, Reply.NO, key="k2") == "withdrawn"
    assert world.answer(0, key="k1") == "withdrawn"
    assert world.answer(0, key="k3") == "going", "a new act is a new act"


def test_a_kept_page_can_ask_for_two_things_under_one_key(world) -> None:
    world.event()
    assert world.answer(0, key="k1") == "going"
    assert world.answer(0, Reply.NO, key="k1") == "withdrawn"
    assert world.answer(0, key="k1") == "withdrawn", "the first act was carried out already"


def test_an_answer_that_waited_on_a_device_does_not_undo_a_newer_one(world) -> None:
    world.event()
    world.answer(0, key="k1")
    world.answer(0, Reply.NO, key="laptop")
    with pytest.raises(Refused, match="newer answer"):
        world.answer(0, key="phone", seen=0)
    assert world.states(1) == ["withdrawn"]
    assert world.answer(1, key="phone", seen=0) == "going"


# Guests


def test_guests_are_named_renamed_and_forgotten_when_one_does_not_come(world) -> None:
    world.event(guest_limit=2)
    world.answer(0, guests=2, names=["  Ada  L. ", "Grace"])
    assert world.rsvp(0).guest_names == ["Ada L.", "Grace"]
    world.answer(0, guests=1, names=["Grace"])
    assert (world.rsvp(0).guests, world.rsvp(0).guest_names) == (1, ["Grace"])
    world.answer(0, guests=0)
    assert world.rsvp(0).guest_names == []
    world.answer(0, guests=1, names=["Ada"])
    world.answer(0, Reply.MAYBE)
    assert world.rsvp(0).guest_names == []
    world.answer(0, guests=1, names=["Ada"])
    world.answer(0, Reply.NO)
    with later(minutes=5):
        hand_on_seats()
        assert world.rsvp(0).guest_names == ["Ada"], "for as long as that can be taken back"
    with later(minutes=12):
        hand_on_seats()
        assert world.rsvp(0).guest_names == []


def test_whoever_comes_after_all_asks_again_with_the_same_words(world) -> None:
    world.event(guest_limit=1, seats_in_person=3)
    world.rules(questions=[DIET, SIZE])
    said = {"guests": 1, "names": ["Ada"], "told": {"diet": "Vegan", "size": "L"}}
    world.answer(0, **said)
    world.answer(0, Reply.NO)
    with later(minutes=1), writing() as db:
        here = {"actor_id": world.people[0], "occurrence_id": world.id}
        for _tap in range(2):
            assert services.come_after_all(db, **here).state == "going"
    back = world.rsvp(0)
    assert (back.guests, back.guest_names, back.told) == (1, ["Ada"], said["told"])
    with pytest.raises(Refused, match="nothing to take back"), writing() as db:
        services.come_after_all(db, world.people[1], occurrence_id=world.id)


def test_whose_seat_went_on_waits_when_they_come_after_all(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    world.answer(0, Reply.NO)
    with later(minutes=1), writing() as db:
        services.come_after_all(db, world.people[0], occurrence_id=world.id)
    assert world.states(2) == ["waitlisted", "going"] and world.faults() == []


def test_more_names_than_guests_are_refused_and_the_seat_stays(world) -> None:
    world.event(guest_limit=2)
    world.answer(0, guests=1)
    with pytest.raises(Refused):
        world.answer(0, guests=1, names=["Ada", "Grace"])
    assert world.rsvp(0).guests == 1


def test_accepting_keeps_the_party_that_was_asked_for(world) -> None:
    world.event(seats_in_person=2, guest_limit=1, starts_at=NOW + timedelta(hours=40))
    world.answer(0), world.answer(1), world.answer(2, guests=1)
    world.answer(0, Reply.NO), world.answer(1, Reply.NO)
    assert world.states(3)[2] == "offered"
    assert world.answer(2) == "going" and world.rsvp(2).guests == 1


# Moves


def moved(world, way: str, **delta: float) -> None:
    """The event takes place at another time, by each way there is."""
    starts_at = NOW + timedelta(**delta)
    with writing() as db:
        if way == "resumed":
            services.postpone(db, world.lead, occurrence_id=world.id)
            at = {"wall_start": wall_of(starts_at, "UTC"), "zone": "UTC"}
            services.resume(db, world.lead, occurrence_id=world.id, **at)
        elif way == "revised":
            plan = make_plan(starts_at=starts_at, seats_in_person=1)
            services.revise(db, world.lead, occurrence_id=world.id, plan=plan)
        else:
            occurrence = db.get(Occurrence, world.id)
            occurrence.starts_at, occurrence.ends_at = starts_at, starts_at + timedelta(hours=1)
            dates.announce(db, occurrence)


def one_offer(world) -> None:
    """One seat, given back 40 hours before; person 1 is offered it, 2 waits, 3 said maybe."""
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=40))
    world.answer(0), world.answer(1), world.answer(2), world.answer(3, Reply.MAYBE)
    world.answer(0, Reply.NO)
    assert world.states(4) == ["withdrawn", "offered", "waitlisted", "maybe"]


@pytest.mark.parametrize("way", ["revised", "announced", "resumed"])
def test_an_offer_gets_the_deadline_of_the_new_time_and_says_so(world, way) -> None:
    one_offer(world)
    assert world.rsvp(1).offer_until == NOW + timedelta(hours=6, seconds=5)
    with later(hours=1):
        moved(world, way, hours=6)
        assert world.rsvp(1).offer_until == NOW + timedelta(hours=3), "three hours before the start"
        offers = news(world, 1, "event_offer")
        assert {row.expires_at for row in offers} == {NOW + timedelta(hours=3)}
        assert len(offers) == 2, "by mail and in the app, the old one is taken back"


@pytest.mark.parametrize("way", ["revised", "announced", "resumed"])
def test_moved_so_near_that_nothing_is_offered_all_who_wait_are_called(world, way) -> None:
    one_offer(world)
    moved(world, way, hours=2)
    assert world.states(4) == ["withdrawn", "waitlisted", "waitlisted", "maybe"]
    assert all("event_call" in pending(world, n) for n in (1, 2))
    assert world.answer(2) == "going" and world.states(2)[1] == "waitlisted"
    assert world.faults() == []


@pytest.mark.parametrize("way", ["revised", "announced", "resumed"])
def test_whoever_waits_holds_an_offer_or_said_maybe_hears_of_a_move(world, way) -> None:
    one_offer(world)
    moved(world, way, hours=30)
    told = "event_resumed" if way == "resumed" else "event_moved"
    for n in (1, 2, 3):
        assert told in pending(world, n), n
        (row,) = news(world, n, told)
        with writing() as db:
            assert kinds[told].wanted(db, row) is None
            assert "Your answer still holds" in kinds[told].words(db.get(Rsvp, row.subject_id))[1]
    assert told not in pending(world, 0)


def test_whoever_gets_a_seat_by_the_same_change_hears_of_the_move_too(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    with writing() as db:
        plan = make_plan(starts_at=NOW + timedelta(days=20), seats_in_person=2)
        services.revise(db, world.lead, occurrence_id=world.id, plan=plan)
    assert world.states(2) == ["going", "going"]
    (row,) = news(world, 1, "event_moved")
    with writing() as db:
        assert kinds["event_moved"].wanted(db, row) is None


def test_whoever_waits_hears_that_it_is_put_off_and_nothing_when_that_is_taken_back(world) -> None:
    one_offer(world)
    with writing() as db:
        services.postpone(db, world.lead, occurrence_id=world.id)
    for n in (1, 2, 3):
        row, _other = news(world, n, "event_postponed")
        with writing() as db:
            rsvp, kind = db.get(Rsvp, row.subject_id), kinds["event_postponed"]
            assert kind.wanted(db, row) is None and "Your answer is kept" in kind.words(rsvp)[1]
            assert row.due_at == NOW + timedelta(minutes=5)
    with writing() as db:
        services.resume(db, world.lead, occurrence_id=world.id)
    assert not any("event_postponed" in pending(world, n) for n in (1, 2, 3))


def test_whoever_leaves_the_company_keeps_no_seat_at_what_is_put_off(world) -> None:
    world.event()
    world.answer(0)
    with writing() as db:
        services.postpone(db, world.lead, occurrence_id=world.id)
    with later(days=20), writing() as db:
        services.depart(db, world.people[0])
    assert world.states(1) == ["withdrawn"]


def test_new_words_alone_keep_the_deadline_of_an_offer(world) -> None:
    one_offer(world)
    before = world.rsvp(1).offer_until
    with later(hours=2), writing() as db:
        plan = make_plan(
            starts_at=NOW + timedelta(hours=40), seats_in_person=1, venue="Another hall"
        )
        services.revise(db, world.lead, occurrence_id=world.id, plan=plan)
    assert world.rsvp(1).offer_until == before


# Ends


def test_whoever_asked_or_said_maybe_hears_that_it_was_canceled(world) -> None:
    world.event()
    world.rules(needs_approval=True)
    world.answer(0), world.answer(1, Reply.MAYBE)
    with writing() as db:
        asked = queries.to_tell(db, db.get(Occurrence, world.id))
        services.cancel(db, world.lead, occurrence_id=world.id)
    assert world.states(2) == ["expired", "maybe"]
    told = [n for n in range(3) if "event_wait_over" in pending(world, n)]
    assert told == [0, 1] and asked == 2, "the page says beforehand how many are told"


def test_an_offer_that_ran_out_is_told_with_what_can_be_done_now(world) -> None:
    one_offer(world)
    with later(hours=7):
        world.sweep()
        assert world.states(3)[1:] == ["expired", "offered"]
        row, other = news(world, 1, kind := "event_offer_over")
        assert {row.channel, other.channel} == {"mail", "in_app"}
        with writing() as db:
            assert kinds[kind].wanted(db, row) is None
            assert "ask for a seat again" in kinds[kind].words(db.get(Rsvp, row.subject_id))[1]
        world.rules(closes_minutes=60 * 39)
        with writing() as db:
            assert "Registration is closed" in kinds[kind].words(db.get(Rsvp, row.subject_id))[1]


# Approval


def test_organizers_admit_decline_and_take_both_back(world) -> None:
    world.event(seats_in_person=1)
    world.rules(needs_approval=True)
    assert [world.answer(n) for n in range(3)] == ["pending_approval"] * 3
    assert world.act("admit", 0) == "going" and "event_entry" in pending(world, 0)
    assert world.act("admit", 1) == "waitlisted" and "event_admitted" in pending(world, 1)
    assert world.act("hold_back", 0) == "pending_approval"
    assert world.states(2)[1] == "going", "the seat went to who was admitted and waited"
    assert world.act("remove", 2, reason="Only new members") == "removed"
    assert world.rsvp(2).reason == "Only new members" and "event_removed" in pending(world, 2)
    assert world.act("restore", 2) == "pending_approval"
    assert "event_removed" not in pending(world, 2)
    assert world.faults() == []


def test_nobody_decides_about_themselves_and_only_leads_decide(world) -> None:
    world.event()
    world.rules(needs_approval=True)
    world.answer(0)
    with writing() as db:
        own = services.answer(db, world.lead, occurrence_id=world.id, reply=Reply.GOING).id
        other = db.scalar(select(Rsvp.id).where(Rsvp.person_id == world.people[0]))
    for actor, rsvp_id in ((world.lead, own), (world.people[1], other)):
        with pytest.raises(Refused), writing() as db:
            services.admit(db, actor, rsvp_id=rsvp_id)


def test_asking_for_approval_from_now_on_asks_about_who_waits_and_keeps_who_goes(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    world.rules(needs_approval=True)
    assert world.states(2) == ["going", "pending_approval"]
    world.answer(0, Reply.NO)
    assert world.states(2) == ["withdrawn", "pending_approval"]
    world.rules(needs_approval=False)
    assert world.states(2) == ["withdrawn", "going"]


def test_a_removal_needs_a_reason_tells_later_and_is_taken_back_through_the_queue(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    with pytest.raises(Refused):
        world.act("remove", 0, reason="  ")
    assert world.act("remove", 0, reason="Registered twice") == "removed"
    assert world.states(2) == ["removed", "going"]
    with pytest.raises(Refused, match="took you off"):
        world.answer(0)
    assert world.act("restore", 0) == "waitlisted", "no seat is sold twice by an undo"
    world.answer(1, Reply.NO)
    assert world.states(2) == ["going", "withdrawn"]


def test_admitting_twice_says_so(world) -> None:
    world.event()
    world.rules(needs_approval=True)
    world.answer(0)
    world.act("admit", 0)
    with pytest.raises(Refused, match="decided already"):
        world.act("admit", 0)


# Registration closes, promotion does not


def test_after_registration_closes_nobody_new_asks_but_who_waits_is_served(world) -> None:
    world.event(seats_in_person=1, guest_limit=1)
    world.rules(closes_minutes=3 * 24 * 60)
    world.answer(0), world.answer(1)
    with later(days=7, minutes=1):
        with pytest.raises(Refused, match="closed"):
            world.answer(2)
        world.answer(0, Reply.NO)
        assert world.states(2) == ["withdrawn", "going"]
        with pytest.raises(Refused, match="cannot ask for more"):
            world.answer(1, guests=1)
        assert world.answer(1, Reply.NO) == "withdrawn", "leaving is always possible"


# Questions


def test_required_questions_are_answered_before_a_seat_is_asked_for(world) -> None:
    world.event()
    world.rules(questions=[DIET, SIZE])
    for told in (None, {}, {"size": "M", "diet": "Stones"}, {"size": "x" * 201}):
        with pytest.raises(Refused, match="questions"):
            world.answer(0, told=told)
    assert world.states(1) == ["-"]
    assert world.answer(0, told={"size": " M ", "diet": "Vegan", "else": "?"}) == "going"
    assert world.rsvp(0).told == {"size": "M", "diet": "Vegan"}
    assert world.answer(0, guests=0) == "going", "what was told stays when nothing new is told"
    world.answer(0, Reply.NO)
    with later(minutes=12):
        hand_on_seats()
    assert world.rsvp(0).told == {}, "as soon as stepping back cannot be undone any more"


def test_a_question_that_goes_takes_its_answers_along(world) -> None:
    world.event()
    world.rules(questions=[DIET, SIZE])
    world.answer(0, told={"size": "M", "diet": "All"})
    world.rules(questions=[DIET])
    assert world.rsvp(0).told == {"diet": "All"}


def test_a_month_after_the_end_words_are_forgotten_and_coming_is_not(world) -> None:
    world.event(guest_limit=1)
    world.rules(questions=[DIET])
    world.answer(0, guests=1, names=["Ada"], told={"diet": "All"}, key="k1")
    for days, names in ((39, ["Ada"]), (41, [])):
        with later(days=days), writing() as db:
            for occurrence_id in services.to_forget(db):
                services.forget(db, occurrence_id=occurrence_id)
        row = world.rsvp(0)
        assert (row.guest_names, bool(row.told), bool(row.presses)) == (
            names,
            bool(names),
            bool(names),
        )
    assert row.state == "going" and row.guests == 1
    with later(days=41), writing() as db:
        assert services.to_forget(db) == [] and db.get(Occurrence, world.id).purged_at


# The door


def test_a_walk_in_takes_a_free_seat_and_never_one_too_many(world) -> None:
    world.event(seats_in_person=2)
    world.answer(0)
    with later(days=10, minutes=5):
        assert world.walk_in(1) == "going" and world.walk_in(1) == "going"
        with pytest.raises(Refused, match="no free seat"):
            world.walk_in(2)
        assert world.states(3) == ["going", "going", "-"] and world.faults() == []


def test_a_walk_in_before_the_start_does_not_pass_those_who_wait(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    with later(days=9, hours=23):
        world.answer(0, Reply.NO)
        assert world.rsvp(1).called_at is not None
        with pytest.raises(Refused):
            world.walk_in(2)
        assert world.walk_in(1) == "going", "who was called may claim it at the door"
    world.event(title="Next", seats_in_person=1, starts_at=NOW + timedelta(days=12))
    world.answer(0), world.answer(1)
    with later(days=12, minutes=1):
        world.answer(0, Reply.NO)
        assert world.walk_in(2) == "going", "from the start on who is there has claimed first"
        assert world.faults() == []


def test_the_door_is_kept_by_organizers_and_their_yes_is_in_it(world) -> None:
    world.event()
    world.rules(needs_approval=True)
    assert world.answer(0) == "pending_approval"
    with pytest.raises(Refused), writing() as db:
        services.walk_in(
            db,
            world.people[1],
            occurrence_id=world.id,
            person_id=world.people[0],
            mode=Mode.IN_PERSON,
        )
    assert world.walk_in(0) == "going"


def test_the_door_of_an_event_for_members_lets_members_in(world) -> None:
    world.event(audience="members")
    with pytest.raises(Refused):
        world.walk_in(0)
    with writing() as db:
        make_member(db, db.get(Erg, world.erg), world.people[0])
    assert world.walk_in(0) == "going"
