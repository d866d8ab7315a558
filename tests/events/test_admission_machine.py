"""The door to a seat under everything that can happen, in any order (Hypothesis)."""

from __future__ import annotations

import ast
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import delete, select

from app.core import clock
from app.core.database import end_reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.ergs import services as groups
from app.ergs.models import Erg
from app.events import queries, services
from app.events.models import Occurrence, Rsvp
from app.events.rules import HELD, Audience, Mode, Reply, RsvpState, wall_of
from app.events.services import admission
from app.schema import metadata
from tests.events.world import NOW, Company, faults_of
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_plan

PEOPLE = 7
START = NOW + timedelta(days=4)
someone = st.integers(0, PEOPLE - 1)
mode = st.sampled_from(list(Mode))
# Nobody here sleeps, so an offer lasts six hours at most, and not into the last three.
SIX_HOURS, THREE_HOURS = timedelta(hours=6), timedelta(hours=3)
_S = RsvpState


class Door(RuleBasedStateMachine):
    """People, organizers, the door and the clock act; after every step the invariant holds."""

    app = None

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(self.app.app_context())
        self.now = NOW
        self.keys: list[tuple] = []
        with writing() as db:
            for table in reversed(metadata.sorted_tables):
                if table.name != "budget_entry":  # empty here, and final by a trigger
                    db.execute(delete(table))

    def teardown(self) -> None:
        end_reading()
        self.stack.close()

    @initialize(
        seats=st.integers(1, 4),
        online=st.sampled_from([0, 1, 2, None]),
        needs_yes=st.booleans(),
        closes=st.sampled_from([None, 60, 24 * 60]),
        audience=st.sampled_from(list(Audience)),
        is_draft=st.booleans(),
    )
    def begin(self, seats, online, needs_yes, closes, audience, is_draft) -> None:
        traits = {
            "starts_at": START,
            "seats_in_person": seats,
            "seats_online": online,
            "guest_limit": 2,
            "audience": audience,
        }
        with clock.frozen(self.now):
            self.company = Company(PEOPLE)
            with writing() as db:
                self.allies = make_erg(db, "allies", lead=make_person(db, "Abel Lead").id).id
                for n, group in enumerate([self.company.erg] * 3 + [self.allies] * 2):
                    make_member(db, db.get(Erg, group), self.company.people[n])
            self.company.event(published=not is_draft, **traits)
            self.company.rules(needs_approval=needs_yes, closes_minutes=closes)
            self.plan = make_plan(**traits)
        self.is_draft, self.is_paused = is_draft, False
        self.may_invite = audience is Audience.MEMBERS

    def _do(self, verb, **arguments) -> bool:
        """One act of its own transaction; what the rules refuse changes nothing."""
        self.now += timedelta(seconds=1)
        before = self._rows()
        try:
            with clock.frozen(self.now), writing() as db:
                verb(db, **arguments)
        except Refused:
            assert self._rows() == before, "a refused act left something behind"
            return False
        return True

    def _organize(self, verb, **arguments) -> bool:
        """An act of the lead about the event."""
        who = {"actor_id": self.company.lead, "occurrence_id": self.company.id}
        return self._do(verb, **who, **arguments)

    def _rows(self):
        with writing() as db:
            rows = db.execute(
                select(Rsvp.id, Rsvp.state, Rsvp.mode, Rsvp.guests, Rsvp.sequence).where(
                    Rsvp.occurrence_id == self.company.id
                )
            )
            return sorted(tuple(row) for row in rows)

    def _rsvp_id(self, n: int):
        with writing() as db:
            row = queries.rsvp_of(db, self.company.id, self.company.people[n])
            return row.id if row else None

    @rule(n=someone, how=mode, guests=st.integers(0, 2), key=st.integers(0, 3))
    def comes(self, n, how, guests, key) -> None:
        act = (n, Reply.GOING, how, guests, f"k{key}")
        self.keys.append(act)
        self._answer(*act)

    @rule(n=someone, reply=st.sampled_from([Reply.NO, Reply.NO, Reply.MAYBE]))
    def steps_back(self, n, reply) -> None:
        self._answer(n, reply, None, None, "")

    @rule(pick=st.integers(0, 10_000))
    def sends_an_old_act_again(self, pick) -> None:
        if self.keys:
            self._answer(*self.keys[pick % len(self.keys)])

    @rule(n=someone)
    def comes_after_all(self, n) -> None:
        who = self.company.people[n]
        self._do(services.come_after_all, actor_id=who, occurrence_id=self.company.id)

    def _answer(self, n, reply, how, guests, key) -> None:
        self._do(
            services.answer,
            actor_id=self.company.people[n],
            occurrence_id=self.company.id,
            reply=reply,
            mode=how,
            guests=guests,
            key=key,
        )

    @rule(n=someone, verb=st.sampled_from(["admit", "admit", "hold_back", "restore", "remove"]))
    def organizers_decide(self, n, verb) -> None:
        rsvp_id = self._rsvp_id(n)
        if rsvp_id is not None:
            more = {"reason": "full"} if verb == "remove" else {}
            act = getattr(services, verb)
            self._do(act, actor_id=self.company.lead, rsvp_id=rsvp_id, **more)

    @rule(needs_yes=st.booleans(), closes=st.sampled_from([None, 60, 24 * 60]))
    def rules_change(self, needs_yes, closes) -> None:
        self._organize(
            services.set_answering, needs_approval=needs_yes, closes_minutes=closes, questions=[]
        )

    @rule(
        seats=st.integers(0, 5),
        online=st.sampled_from([0, 1, 3, None]),
        delay=st.sampled_from([0, 0, 0, 20, -20, -60]),
    )
    def the_plan_changes(self, seats, online, delay) -> None:
        soonest = wall_of(self.now + timedelta(hours=1), self.plan.zone)
        start = self.plan.wall_start + timedelta(hours=delay)
        start = max(start, soonest) if delay < 0 else start
        plan = replace(self.plan, wall_start=start, seats_in_person=seats, seats_online=online)
        if self._organize(services.revise, plan=plan):
            self.plan = plan

    @rule(mode=st.sampled_from(list(Mode)), was=st.integers(0, 4), seats=st.integers(0, 5))
    def room_is_made_or_taken_back(self, mode, was, seats) -> None:
        if self._organize(services.change_seats, mode=mode, was=was, seats=seats):
            self.plan = replace(self.plan, **{f"seats_{mode}": seats})

    @precondition(lambda self: self.is_draft)
    @rule()
    def is_published(self) -> None:
        self.is_draft = not self._organize(services.publish)

    @precondition(lambda self: not self.is_paused)
    @rule()
    def is_put_off(self) -> None:
        self.is_paused = self._organize(services.postpone, reason="storm")

    @precondition(lambda self: self.is_paused)
    @rule()
    def goes_on_as_planned(self) -> None:
        self.is_paused = not self._organize(services.resume)

    @precondition(lambda self: self.is_paused)
    @rule(hours=st.sampled_from([2, 30, 100]))
    def goes_on_at_another_time(self, hours) -> None:
        start = wall_of(self.now + timedelta(hours=hours), self.plan.zone)
        if self._organize(services.resume, wall_start=start):
            self.plan, self.is_paused = replace(self.plan, wall_start=start), False

    @precondition(lambda self: self.may_invite)
    @rule()
    def a_group_is_invited(self) -> None:
        self.may_invite = not self._organize(services.invite_group, erg_id=self.allies)

    @rule(n=someone)
    def leaves_the_group_or_joins(self, n) -> None:
        who = {"actor_id": self.company.people[n], "erg_id": self.company.erg}
        if not self._do(groups.leave, **who):
            self._do(groups.join, **who)

    @rule(n=someone, how=mode)
    def walks_in(self, n, how) -> None:
        self._organize(services.walk_in, person_id=self.company.people[n], mode=how)

    @rule(n=someone)
    def is_checked_in_and_out_again(self, n) -> None:
        rsvp_id = self._rsvp_id(n)
        if rsvp_id is not None:
            self._do(services.check_in, actor_id=self.company.lead, rsvp_id=rsvp_id)
            self._do(services.undo_check_in, actor_id=self.company.lead, rsvp_id=rsvp_id)

    @rule(hours=st.sampled_from([1, 5, 7, 20, 43, 46]))
    def time_passes(self, hours) -> None:
        self.now += timedelta(hours=hours)
        self._do(lambda db: services.sweep_due(db, self.company.id))

    @invariant()
    def nobody_waits_in_vain_and_no_seat_is_sold_twice(self) -> None:
        with clock.frozen(self.now), writing() as db:
            occurrence = db.get(Occurrence, self.company.id)
            if admission.takes_claims(occurrence):
                assert faults_of(db, self.company.id, may_be_over=True) == []
            rows = db.scalars(select(Rsvp).where(Rsvp.occurrence_id == self.company.id)).all()
            for row in rows:
                has_deadline = row.state is _S.OFFERED and not self.is_paused
                assert (row.offer_until is not None) == has_deadline
                if row.state is _S.OFFERED and not self.is_paused:
                    at_most = min(self.now + SIX_HOURS, occurrence.starts_at - THREE_HOURS)
                    assert row.offer_until <= at_most, "an offer outlives the ladder"
                assert row.called_at is None or row.state is _S.WAITLISTED
                assert row.called_at is None or not self.is_paused
                if occurrence.event.needs_approval and row.state is _S.WAITLISTED:
                    assert row.approved_at is not None, "somebody unapproved stands in the queue"

    @invariant()
    def seats_grow_only_within_the_capacity(self) -> None:
        """Lowering seats ejects nobody; beyond them nothing is ever added."""
        with writing() as db:
            occurrence = db.get(Occurrence, self.company.id)
            rows = db.scalars(select(Rsvp).where(Rsvp.occurrence_id == self.company.id)).all()
            now = Counter[Mode]()
            for row in rows:
                now[row.mode] += row.seats if row.state in HELD else 0
            before = getattr(self, "held", Counter())
            for how in Mode:
                most = occurrence.capacity(how)
                if most is not None and now[how] > most:
                    assert now[how] <= before[how], f"{how}: {now[how]} of {most} seats"
            self.held = now

    @invariant()
    def only_who_goes_is_told_so(self) -> None:
        """An open entry for a calendar belongs to a place of this very version."""
        with writing() as db:
            open_entries = db.execute(
                select(Rsvp.state, Rsvp.sequence, Delivery.revision)
                .join(Rsvp, Rsvp.id == Delivery.subject_id)
                .where(Delivery.kind == "event_entry", Delivery.state == "pending")
            ).all()
        for state, sequence, revision in open_entries:
            assert state in (_S.GOING, _S.CHECKED_IN) and sequence == revision


def test_the_door_keeps_its_promises_whatever_happens(app) -> None:
    Door.app = app
    machine = Door.TestCase
    machine.settings = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine().runTest()


def calls_in(folder: str) -> dict[str, set[str]]:
    """Who calls what: names of called functions with the functions they are called in."""
    found: dict[str, set[str]] = {}
    for path in sorted(Path(folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in (c for c in ast.walk(node) if isinstance(c, ast.Call)):
                name = ast.unparse(call.func).rpartition(".")[2]
                target = [ast.unparse(a) for a in call.args[2:3]]
                if name == "move" and target and target[0].endswith((".GOING", ".OFFERED")):
                    found.setdefault("gives", set()).add(f"{path.stem}.{node.name}")
                for known in {name, ast.unparse(call.func)}:
                    found.setdefault(known, set()).add(f"{path.stem}.{node.name}")
    return found


def test_every_caller_that_can_make_or_restore_a_claim_is_known() -> None:
    """Whoever adds a way to a seat must come here, and explain it to the state machine above."""
    calls = calls_in("app")
    assert calls["gives"] == {"admission.accept", "admission.give_seat", "admission._carry_out"}
    assert calls["give_seat"] == {"admission._carry_out", "walking_in._seat"}
    assert calls["accept"] >= {"claiming._take_offer", "walking_in.walk_in"}
    assert calls["approve"] >= {"organizing.admit", "walking_in._seat"}
    assert calls["queue_up"] == {"claiming._ask_for_seat", "walking_in._seat"}
    assert calls["has_room"] == {"claiming._change_seat", "walking_in._seat"}
    assert calls["admission.settle"] == {
        "answering.answer",
        "approving.publish",
        "audience.invite_group",
        "dates.announce",
        "ending.resume",
        "giving_back._give_back",
        "giving_back.sweep_due",
        "organizing.admit",
        "organizing.hold_back",
        "organizing.remove",
        "organizing.restore",
        "organizing.set_answering",
        "planning._follow_up",
        "series_change._tell",
        "walking_in._seat",
    }
