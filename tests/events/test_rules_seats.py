"""The exact waitlist as a pure rule: never oversold, nobody passed over, order kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.events.rules import Claim, Ladder, Verdict, admit, free_seats, ladder_at

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
claims = st.builds(
    Claim,
    id=st.uuids(version=4),
    seats=st.integers(1, 4),
    priority=st.integers(0, 1),
    queued_at=st.integers(0, 20).map(lambda n: NOW + timedelta(minutes=n)),
    is_present=st.just(False),
    was_called=st.booleans(),
)
queues = st.lists(claims, max_size=8, unique_by=lambda c: c.id)
gaps = st.one_of(st.none(), st.integers(0, 8))


def given_out(decisions, queue) -> int:
    seats = {claim.id: claim.seats for claim in queue}
    return sum(seats[d.claim_id] for d in decisions if d.verdict is not Verdict.CALL)


@given(gaps, queues, st.sampled_from(list(Ladder)))
def test_never_more_seats_than_there_are(free, queue, ladder) -> None:
    if free is not None:
        assert given_out(admit(free, queue, ladder), queue) <= free


@given(gaps, queues, st.sampled_from([Ladder.AUTOMATIC, Ladder.TIMED]))
def test_nobody_who_fits_keeps_waiting_and_no_one_behind_was_served_in_their_stead(
    free, queue, ladder
) -> None:
    decisions = admit(free, queue, ladder)
    served = {d.claim_id for d in decisions}
    rest = None if free is None else free - given_out(decisions, queue)
    for claim in queue:
        if claim.id not in served:
            assert rest is not None and claim.seats > rest
            before = sum(c.seats for c in queue if c.id in served and c.order < claim.order)
            assert claim.seats > free - before, "it was passed over although it fitted"


@given(gaps, queues)
def test_close_to_the_start_everybody_who_fits_is_called_and_nobody_seated_unasked(
    free, queue
) -> None:
    decisions = admit(free, queue, Ladder.BROADCAST)
    assert all(d.verdict is Verdict.CALL for d in decisions)
    called = {d.claim_id for d in decisions} | {c.id for c in queue if c.was_called}
    assert all(c.id in called for c in queue if free is None or c.seats <= free)


@given(st.integers(1, 5), queues, claims)
def test_a_free_seat_is_never_sold_over_the_counter_while_somebody_waits(free, queue, new) -> None:
    fits = [c for c in queue if c.seats <= free and c.id != new.id]
    present = Claim(new.id, 1, NOW + timedelta(days=1), 9, is_present=True)
    for ladder in Ladder:
        decisions = admit(free, [*[c for c in queue if c.id != new.id], present], ladder)
        won = any(d.claim_id == new.id and d.verdict is Verdict.SEAT for d in decisions)
        if ladder is Ladder.BROADCAST:
            assert won == (not fits)
        elif won:
            served = {d.claim_id for d in decisions}
            before = sum(c.seats for c in queue if c.id in served and c.id != new.id)
            assert before + 1 <= free


def test_a_larger_party_is_skipped_but_keeps_its_place() -> None:
    big = Claim(UUID(int=1), 3, NOW)
    small = Claim(UUID(int=2), 1, NOW + timedelta(minutes=1))
    assert [d.claim_id for d in admit(2, [small, big], Ladder.AUTOMATIC)] == [small.id]
    assert [d.claim_id for d in admit(3, [small, big], Ladder.AUTOMATIC)] == [big.id]


def test_of_two_called_people_the_first_claim_wins() -> None:
    first = Claim(UUID(int=1), 1, NOW, was_called=True)
    quick = Claim(UUID(int=2), 1, NOW + timedelta(minutes=1), was_called=True, is_present=True)
    decisions = admit(1, [first, quick], Ladder.BROADCAST)
    assert [(d.claim_id, d.verdict) for d in decisions] == [(quick.id, Verdict.SEAT)]


@pytest.mark.parametrize(
    ("left", "rung"),
    [
        (timedelta(hours=48, seconds=1), Ladder.AUTOMATIC),
        (timedelta(hours=48), Ladder.TIMED),
        (timedelta(hours=3, seconds=1), Ladder.TIMED),
        (timedelta(hours=3), Ladder.BROADCAST),
        (timedelta(hours=-1), Ladder.BROADCAST),
    ],
)
def test_the_rungs_of_the_ladder(left, rung) -> None:
    assert ladder_at(NOW, NOW + left) is rung


def test_capacity_lowered_below_attendance_leaves_no_free_seat_and_no_negative_one() -> None:
    assert free_seats(3, 5) == 0 and free_seats(None, 10_000) is None and free_seats(0, 0) == 0


class Door(RuleBasedStateMachine):
    """People come, go, wait and are served while time runs and seats change."""

    @initialize(seats=st.integers(0, 5))
    def open(self, seats: int) -> None:
        self.capacity, self.hours, self.number = seats, 100, 0
        self.sitting: dict[UUID, int] = {}
        self.waiting: dict[UUID, Claim] = {}
        self.lowered = False

    @property
    def ladder(self) -> Ladder:
        return ladder_at(NOW, NOW + timedelta(hours=self.hours))

    def free(self) -> int:
        return free_seats(self.capacity, sum(self.sitting.values())) or 0

    def settle(self, present: UUID | None = None) -> None:
        queue = [
            Claim(c.id, c.seats, c.queued_at, c.priority, c.id == present, c.was_called)
            for c in self.waiting.values()
        ]
        for decision in admit(self.free(), queue, self.ladder):
            claim = self.waiting[decision.claim_id]
            if decision.verdict is Verdict.CALL:
                self.waiting[claim.id] = Claim(
                    claim.id, claim.seats, claim.queued_at, claim.priority, was_called=True
                )
            else:
                self.sitting[claim.id] = self.waiting.pop(claim.id).seats

    @rule(seats=st.integers(1, 3))
    def somebody_asks(self, seats: int) -> None:
        self.number += 1
        claim = Claim(UUID(int=self.number), seats, NOW + timedelta(seconds=self.number))
        self.waiting[claim.id] = claim
        self.settle(claim.id)

    @precondition(lambda self: self.sitting)
    @rule(data=st.data())
    def somebody_withdraws(self, data) -> None:
        del self.sitting[data.draw(st.sampled_from(sorted(self.sitting)))]
        self.settle()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def somebody_who_waits_presses_again(self, data) -> None:
        self.settle(data.draw(st.sampled_from(sorted(self.waiting))))

    @rule(seats=st.integers(0, 6))
    def the_room_changes(self, seats: int) -> None:
        self.capacity = seats
        self.settle()

    @rule(hours=st.integers(0, 60))
    def time_passes(self, hours: int) -> None:
        self.hours -= hours
        self.settle()

    @invariant()
    def nobody_waits_for_a_seat_that_is_free(self) -> None:
        for claim in self.waiting.values():
            if claim.seats <= self.free():
                assert self.ladder is Ladder.BROADCAST and claim.was_called


TestDoor = Door.TestCase
