"""Answers, waiting, offers, plans and calendars, on both databases.

Tests named `test_bug_…` are bugs of other products that must not be ours.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

import app.events.services as services
from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.core.policies import Actor
from app.ergs import services as erg_services
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import queries
from app.events.models import Occurrence, Rsvp
from app.events.rules import Audience, Mode, Reply, RsvpState
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PEOPLE = 8


class World:
    """A group, its lead, eight people, and short words for what they do."""

    def __init__(self) -> None:
        self.ticks = 0  # nobody answers in the same second, so the order of the queue is known
        with writing() as db:
            self.lead = make_person(db, "Dalia Lead").id
            self.people = [make_person(db, f"Person {n}").id for n in range(PEOPLE)]
            self.erg = make_erg(db, "women", lead=self.lead, roster=Visibility.COMPANY).id

    def event(self, **traits) -> None:
        traits.setdefault("starts_at", NOW + timedelta(days=10))
        with writing() as db:
            self.id = make_event(db, db.get(Erg, self.erg), **traits).id

    def answer(self, n: int, reply: Reply = Reply.GOING, **fields) -> RsvpState:
        self.ticks += 1
        with later(seconds=self.ticks), writing() as db:
            return services.answer(
                db, self.people[n], occurrence_id=self.id, reply=reply, **fields
            ).state

    def revise(self, **traits) -> set[str]:
        traits.setdefault("starts_at", NOW + timedelta(days=10))
        with writing() as db:
            plan = make_plan(**traits)
            return services.revise(db, self.lead, occurrence_id=self.id, plan=plan)

    def sweep(self) -> None:
        with writing() as db:
            for occurrence_id in services.to_sweep(db):
                services.sweep_due(db, occurrence_id)

    def states(self) -> list[str]:
        with writing() as db:
            rows = dict(
                db.execute(
                    select(Rsvp.person_id, Rsvp.state).where(Rsvp.occurrence_id == self.id)
                ).all()
            )
        return [rows.get(person, "-") for person in self.people]

    def rsvp(self, n: int) -> Rsvp:
        with writing() as db:
            return queries.rsvp_of(db, self.id, self.people[n])

    def names(self, person_id) -> list[str]:
        with writing() as db:
            actor = Actor(person_id=person_id)
            return queries.attendees(db, actor, db.get(Occurrence, self.id))

    def pending(self, n: int) -> dict[str, Delivery]:
        with writing() as db:
            rows = db.scalars(
                select(Delivery).where(
                    Delivery.person_id == self.people[n], Delivery.state == DeliveryState.PENDING
                )
            )
            return {f"{row.kind}/{row.channel}": row for row in rows}


@pytest.fixture
def world(context):
    with clock.frozen(NOW):
        yield World()


@contextmanager
def later(**delta):
    with clock.frozen(clock.now() + timedelta(**delta)):
        yield


def test_going_maybe_no_and_back(world) -> None:
    world.event()
    assert world.answer(0) == "going"
    assert world.answer(0, Reply.MAYBE) == "maybe"
    assert world.answer(0) == "going"
    assert world.answer(0, Reply.NO) == "withdrawn"
    assert world.answer(1, Reply.NO) == "no"
    assert world.answer(1) == "going"


def test_a_full_event_has_an_ordered_waiting_list_and_promotes_in_order(world) -> None:
    world.event(seats_in_person=1)
    assert [world.answer(n) for n in range(3)] == ["going", "waitlisted", "waitlisted"]
    with writing() as db:
        rows = [queries.rsvp_of(db, world.id, p) for p in world.people[1:3]]
        assert [queries.position(db, row) for row in rows] == [1, 2]
    world.answer(0, Reply.NO)
    assert world.states()[:3] == ["withdrawn", "going", "waitlisted"]
    assert "event_seat/in_app" in world.pending(1)


def test_a_double_click_is_one_answer_and_one_message(world) -> None:
    world.event()
    world.answer(0)
    before = world.rsvp(0)
    world.answer(0)
    after = world.rsvp(0)
    assert (before.id, before.sequence) == (after.id, after.sequence)
    with writing() as db:
        assert db.scalar(select(func.count()).select_from(Rsvp)) == 1
        assert db.scalar(select(func.count()).where(AuditEvent.subject_type == "rsvp")) == 2


def test_maybe_holds_no_seat(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0, Reply.MAYBE)
    assert world.answer(1) == "going"


def test_a_party_larger_than_the_gap_is_skipped_but_keeps_its_place(world) -> None:
    world.event(seats_in_person=2, guest_limit=2)
    world.answer(0), world.answer(1)
    assert world.answer(2, guests=1) == "waitlisted"
    assert world.answer(3) == "waitlisted"
    world.answer(0, Reply.NO)
    assert world.states()[2:4] == ["waitlisted", "going"]
    world.answer(1, Reply.NO), world.answer(3, Reply.NO)
    assert world.states()[2] == "going"


def test_between_48_and_3_hours_a_seat_is_offered_and_moves_on_by_itself(world) -> None:
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=40))
    for n in range(3):
        world.answer(n)
    world.answer(0, Reply.NO)
    assert world.states()[:3] == ["withdrawn", "offered", "waitlisted"]
    six_hours = timedelta(hours=6)
    assert six_hours <= world.rsvp(1).offer_until - NOW < six_hours + timedelta(minutes=1)
    assert "event_offer/mail" in world.pending(1)
    assert world.answer(3) == "waitlisted", "a held seat is not sold over the counter"
    with later(hours=7):
        world.sweep()
        assert world.states()[:4] == ["withdrawn", "expired", "offered", "waitlisted"]
        assert world.answer(2) == "going"


def test_declining_an_offer_passes_it_to_the_next(world) -> None:
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=40))
    for n in range(3):
        world.answer(n)
    world.answer(0, Reply.NO)
    assert world.answer(1, Reply.NO) == "declined"
    assert world.states()[2] == "offered"


def test_under_3_hours_the_waiting_are_called_and_the_first_claim_wins(world) -> None:
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=2))
    for n in range(3):
        world.answer(n)
    world.answer(0, Reply.NO)
    assert world.states()[1:3] == ["waitlisted", "waitlisted"]
    assert all("event_call/mail" in world.pending(n) for n in (1, 2))
    assert world.answer(3) == "waitlisted", "a newcomer does not pass those who wait"
    assert world.answer(2) == "going"
    assert world.rsvp(1).called_at is None
    assert world.answer(1) == "waitlisted"


def test_capacity_lowered_below_attendance_ejects_nobody(world) -> None:
    world.event(seats_in_person=3)
    for n in range(4):
        world.answer(n)
    world.revise(seats_in_person=2)
    assert world.states()[:4] == ["going", "going", "going", "waitlisted"]
    with writing() as db:
        assert queries.places(db, db.get(Occurrence, world.id))[Mode.IN_PERSON].over == 1
    world.answer(0, Reply.NO)
    assert world.states()[3] == "waitlisted", "no promotion until under"
    world.answer(1, Reply.NO)
    assert world.states()[3] == "going"


def test_a_mode_switch_is_one_step_and_frees_the_old_seat(world) -> None:
    world.event(seats_in_person=1, seats_online=1)
    world.answer(0, mode=Mode.IN_PERSON), world.answer(1, mode=Mode.IN_PERSON)
    assert world.answer(0, mode=Mode.ONLINE) == "going"
    assert world.rsvp(0).mode is Mode.ONLINE and world.states()[1] == "going"


def test_guests_beyond_the_limit_are_refused(world) -> None:
    world.event(guest_limit=1)
    for guests in (2, -1):
        with pytest.raises(Refused):
            world.answer(0, guests=guests)


def test_an_event_for_members_takes_members_only_and_leaving_frees_the_seat(world) -> None:
    world.event(audience=Audience.MEMBERS, seats_in_person=1)
    with pytest.raises(Refused):
        world.answer(0)
    with writing() as db:
        erg = db.get(Erg, world.erg)
        for n in (0, 1, 2):
            make_member(db, erg, world.people[n])
    assert [world.answer(n) for n in (0, 1, 2)] == ["going", "waitlisted", "waitlisted"]
    with writing() as db:
        erg_services.leave(db, world.people[1], erg_id=world.erg)
        erg_services.leave(db, world.people[0], erg_id=world.erg)
    assert world.states()[:3] == ["withdrawn", "withdrawn", "going"]


def test_who_leaves_the_company_gives_seats_back(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    with writing() as db:
        services.depart(db, world.people[0])
    assert world.states()[:2] == ["withdrawn", "going"]


def test_organizers_remove_with_a_reason_and_the_seat_goes_on(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    rsvp_id = world.rsvp(0).id
    with pytest.raises(Refused), writing() as db:
        services.remove(db, world.people[2], rsvp_id=rsvp_id, reason="no")
    with writing() as db:
        services.remove(db, world.lead, rsvp_id=rsvp_id, reason="Registered twice")
    assert world.states()[:2] == ["removed", "going"]
    with pytest.raises(Refused):
        world.answer(0)


# Reminders and calendar entries


def test_reminders_lie_a_day_and_an_hour_before_and_vanish_with_the_answer(world) -> None:
    world.event()
    world.answer(0)
    due = {name: row.due_at for name, row in world.pending(0).items()}
    start = NOW + timedelta(days=10)
    assert due["event_tomorrow/mail"] == start - timedelta(hours=24)
    assert due["event_soon/in_app"] == start - timedelta(hours=1)
    world.answer(0, Reply.NO)
    assert set(world.pending(0)) == {"event_left/mail"}
    world.answer(0)
    assert {"event_tomorrow/mail", "event_soon/mail", "event_entry/mail"} <= set(world.pending(0))


def test_bug_reminders_after_a_move_at_the_old_time(world) -> None:
    world.event()
    world.answer(0)
    new_start = NOW + timedelta(days=12)
    assert "starts_at" in world.revise(starts_at=new_start)
    pending = world.pending(0)
    assert pending["event_tomorrow/mail"].due_at == new_start - timedelta(hours=24)
    assert "event_moved/in_app" in pending
    with writing() as db:
        states = db.scalars(select(Delivery.state).where(Delivery.kind == "event_tomorrow")).all()
    assert sorted(states) == ["pending", "pending", "skipped", "skipped"]


def test_bug_reminders_to_people_who_never_registered(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1), world.answer(2, Reply.MAYBE), world.answer(3, Reply.NO)
    reminders = ("event_tomorrow", "event_soon")
    for n in (1, 2, 3, 4):
        assert not any(name.startswith(reminders) for name in world.pending(n))


def test_bug_waitlisted_people_getting_you_are_attending(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    assert world.pending(1) == {}


def test_bug_calendar_entries_left_behind_after_cancel(world) -> None:
    world.event()
    world.answer(0)
    with writing() as db:
        services.cancel(db, world.lead, occurrence_id=world.id, reason="storm")
    assert set(world.pending(0)) == {"event_canceled/mail", "event_canceled/in_app"}


# Doors to a seat


def test_bug_an_offer_that_comes_back_to_life_after_cancel(world) -> None:
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=40))
    world.answer(0), world.answer(1), world.answer(0, Reply.NO)
    assert world.states()[1] == "offered"
    with writing() as db:
        services.cancel(db, world.lead, occurrence_id=world.id)
    assert world.states()[1] == "expired"
    with pytest.raises(Refused):
        world.answer(1)
    world.sweep()
    assert world.states()[1] == "expired"
    with pytest.raises(Refused), writing() as db:
        services.publish(db, world.lead, occurrence_id=world.id)


def test_bug_side_door_mode_switch(world) -> None:
    world.event(seats_in_person=5, seats_online=1)
    world.answer(0, mode=Mode.ONLINE), world.answer(1, mode=Mode.IN_PERSON)
    with pytest.raises(Refused):
        world.answer(1, mode=Mode.ONLINE)
    assert world.rsvp(1).mode is Mode.IN_PERSON and world.states()[1] == "going"


def test_bug_side_door_plus_one(world) -> None:
    world.event(seats_in_person=2, guest_limit=2)
    world.answer(0), world.answer(1)
    with pytest.raises(Refused):
        world.answer(0, guests=1)
    assert world.rsvp(0).guests == 0
    world.answer(1, Reply.NO)
    assert world.answer(0, guests=1) == "going" and world.answer(2) == "waitlisted"


def test_bug_side_door_closed_mode(world) -> None:
    world.event(seats_in_person=1)
    with pytest.raises(Refused):
        world.answer(0, mode=Mode.ONLINE)


def test_bug_promotion_of_someone_unapproved(world) -> None:
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    with writing() as db:
        row = queries.rsvp_of(db, world.id, world.people[1])
        row.state = RsvpState.PENDING_APPROVAL
    world.answer(0, Reply.NO)
    assert world.states()[1] == "pending_approval"


def test_bug_a_wrong_person_served_from_a_second_queue(world) -> None:
    world.event(seats_in_person=1, seats_online=1)
    world.answer(0, mode=Mode.IN_PERSON), world.answer(1, mode=Mode.ONLINE)
    world.answer(2, mode=Mode.ONLINE), world.answer(3, mode=Mode.IN_PERSON)
    world.answer(0, Reply.NO)
    assert world.states()[2:4] == ["waitlisted", "going"]


def test_bug_no_promotion_after_registration_closes(world) -> None:
    """The door is open until the end: what is freed after the start still goes to who waits."""
    world.event(seats_in_person=1)
    world.answer(0), world.answer(1)
    with later(days=10, minutes=5):
        world.answer(0, Reply.NO)
        assert world.rsvp(1).called_at is not None
        assert world.answer(1) == "going"


def test_answers_end_with_the_event(world) -> None:
    world.event()
    with later(days=10, hours=1), pytest.raises(Refused):
        world.answer(0)


# Planning


def test_saving_unchanged_changes_nothing(world) -> None:
    world.event(zone="America/St_Johns")
    world.answer(0)
    before = (world.rsvp(0).sequence, set(world.pending(0)))
    assert world.revise(zone="America/St_Johns") == set()
    with writing() as db:
        assert db.get(Occurrence, world.id).revision == 0
    assert (world.rsvp(0).sequence, set(world.pending(0))) == before


def test_only_leads_plan_and_nothing_is_published_before_access_is_answered(world) -> None:
    with pytest.raises(Refused), writing() as db:
        services.plan(db, world.people[0], erg_id=world.erg, plan=make_plan())
    with writing() as db:
        draft = services.plan(db, world.lead, erg_id=world.erg, plan=make_plan(captions=None)).id
    with pytest.raises(Refused), writing() as db:
        services.publish(db, world.lead, occurrence_id=draft)


def test_a_hidden_group_hosts_for_its_members_only(world) -> None:
    with writing() as db:
        erg = make_erg(db, "safe", lead=world.lead, discovery="hidden")
        with pytest.raises(Refused):
            services.plan(db, world.lead, erg_id=erg.id, plan=make_plan())


def test_bug_today_s_offset_used_across_a_clock_change(world) -> None:
    """Planned in summer time's absence for summer: the wall time holds, the instant follows."""
    with writing() as db:
        made = services.plan(
            db,
            None,
            erg_id=world.erg,
            plan=make_plan(starts_at=datetime(2027, 7, 1, 16, 0, tzinfo=UTC), zone="Europe/Berlin"),
        )
        assert made.wall_start == datetime(2027, 7, 1, 18, 0)
        assert made.starts_at == datetime(2027, 7, 1, 16, 0, tzinfo=UTC)
        assert made.wall_start.date() == date(2027, 7, 1)


def test_the_audit_names_nobody_who_hides_their_answer(world) -> None:
    world.event()
    world.answer(0, visibility=Visibility.LEADS)
    world.answer(1, visibility=Visibility.COMPANY)
    with writing() as db:
        actors = set(
            db.scalars(select(AuditEvent.actor_id).where(AuditEvent.subject_type == "rsvp"))
        )
    assert actors == {None, world.people[1]}


def test_names_are_shown_as_far_as_people_let_them_and_never_at_hidden_events(world) -> None:
    world.event()
    world.answer(0, visibility=Visibility.COMPANY)
    world.answer(1, visibility=Visibility.LEADS)
    world.answer(2, visibility=Visibility.NOBODY)
    assert world.names(world.people[5]) == ["Person 0"]
    assert world.names(world.lead) == ["Person 0", "Person 1"]
    with writing() as db:
        db.get(Erg, world.erg).says_sensitive = True
    assert world.names(world.lead) == []


def test_at_an_event_for_members_a_name_needs_a_visible_membership_too(world) -> None:
    with writing() as db:
        erg = db.get(Erg, world.erg)
        for n, visibility in enumerate((Visibility.MEMBERS, Visibility.NOBODY, Visibility.MEMBERS)):
            make_member(db, erg, world.people[n], visibility=visibility)
    world.event(audience=Audience.MEMBERS)
    world.answer(0, visibility=Visibility.COMPANY)
    world.answer(1, visibility=Visibility.COMPANY)
    assert world.names(world.people[2]) == ["Person 0"]
