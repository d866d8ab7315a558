"""Events on their way through a group's chain; put off and back; over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.approvals import queries as rounds
from app.approvals import services as approvals
from app.approvals.rules import ApprovalState, Decider, Stage, Verdict
from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.ergs.models import Erg
from app.ergs.rules import RoleName
from app.events import services
from app.events.models import Occurrence, Rsvp, SeriesDate
from app.events.rules import EventState, OccurrenceState, Reply, RsvpState
from app.events.rules.series import Change, Frequency, Recurrence, Repeats
from app.events.services import series, series_change
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_plan

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
START = NOW + timedelta(days=10)
S = EventState


class World:
    """A group with two leads; one plans, the other one approves."""

    def __init__(self) -> None:
        with writing() as db:
            self.dalia, self.nia = (make_person(db, n).id for n in ("Dalia", "Nia"))
            self.people = [make_person(db, f"Person {n}").id for n in range(4)]
            erg = make_erg(db, "women", lead=self.dalia)
            make_member(db, erg, self.nia)
            make_role(db, erg, self.nia, RoleName.LEAD)
            self.erg = erg.id

    def chain(self) -> None:
        with writing() as db:
            approvals.set_chain(
                db, None, erg_id=self.erg, kind="event", stages=[Stage(Decider.LEAD, 2)]
            )

    def plan(self, **traits) -> None:
        plan = make_plan(starts_at=START, **traits)
        with writing() as db:
            self.id = services.plan(db, self.dalia, erg_id=self.erg, plan=plan).id

    def do(self, verb: str, who=None, **more):
        with writing() as db:
            return getattr(services, verb)(db, who or self.dalia, occurrence_id=self.id, **more)

    def decide(self, verdict: Verdict, reason: str = "") -> None:
        with writing() as db:
            row = self.round(db)
            approvals.decide(db, self.nia, approval_id=row.id, verdict=verdict, reason=reason)

    def round(self, db):
        event_id = db.get(Occurrence, self.id).event_id
        waiting = rounds.waiting_round(db, "event", event_id)
        return waiting or rounds.last_round(db, "event", event_id)

    @property
    def state(self) -> EventState:
        with writing() as db:
            return db.get(Occurrence, self.id).event.state

    def revise(self, **traits) -> set[str]:
        return self.do("revise", plan=make_plan(starts_at=START, **traits))

    def waiting(self, kind: str) -> int:
        """How many messages of a kind wait to be sent."""
        with writing() as db:
            return len(
                db.scalars(
                    select(Delivery).where(
                        Delivery.kind == kind, Delivery.state == DeliveryState.PENDING
                    )
                ).all()
            )


@pytest.fixture
def world(context):
    with clock.frozen(NOW):
        yield World()


def test_without_a_chain_publishing_is_one_step(world) -> None:
    world.plan()
    world.do("publish")
    assert world.state is S.PUBLISHED


def test_with_a_chain_somebody_else_says_yes_first(world) -> None:
    world.chain()
    world.plan()
    with pytest.raises(Refused, match="approves its events first"):
        world.do("publish")
    world.do("submit")
    assert world.state is S.SUBMITTED
    with pytest.raises(Refused, match="never the author"), writing() as db:
        approvals.decide(db, world.dalia, approval_id=world.round(db).id, verdict=Verdict.APPROVE)
    world.decide(Verdict.APPROVE)
    assert world.state is S.APPROVED
    world.do("publish")
    assert world.state is S.PUBLISHED


@pytest.mark.parametrize("verdict", [Verdict.CHANGES, Verdict.REJECT])
def test_a_no_goes_back_with_a_reason_and_can_be_asked_again(world, verdict) -> None:
    world.chain()
    world.plan()
    world.do("submit")
    world.decide(verdict, "Please add a step-free way.")
    assert world.state is S.CHANGES_REQUESTED
    with pytest.raises(Refused):
        world.do("publish")
    world.revise(title="Kickoff with a ramp")
    world.do("submit")
    world.decide(Verdict.APPROVE)
    assert world.state is S.APPROVED


def test_it_can_be_taken_back_and_sent_again(world) -> None:
    world.chain()
    world.plan()
    world.do("submit")
    world.do("take_back")
    with writing() as db:
        assert world.round(db).state is ApprovalState.WITHDRAWN
    assert world.state is S.DRAFT
    world.do("submit")
    assert world.state is S.SUBMITTED


def test_a_decision_can_be_undone_until_the_event_is_published(world) -> None:
    world.chain()
    world.plan()
    world.do("submit")
    world.decide(Verdict.APPROVE)
    with writing() as db:
        approvals.undo(db, world.nia, approval_id=world.round(db).id)
    assert world.state is S.SUBMITTED
    world.decide(Verdict.APPROVE)
    world.do("publish")
    with pytest.raises(Refused, match="published or canceled"), writing() as db:
        approvals.undo(db, world.nia, approval_id=world.round(db).id)


def test_a_change_that_matters_makes_a_yes_void(world) -> None:
    world.chain()
    world.plan()
    world.do("submit")
    world.decide(Verdict.APPROVE)
    assert world.revise(access_contact="somebody@test.example") == {"access_contact"}
    assert world.state is S.APPROVED, "whom to ask about access is nothing they judge"
    with clock.frozen(NOW + timedelta(hours=1)):
        world.revise(seats_in_person=500)
    assert world.state is S.SUBMITTED
    with writing() as db:
        row = world.round(db)
        assert row.state is ApprovalState.WAITING and row.facts["seats"] == "large"


def test_approvers_hear_of_changes_after_publication_and_it_stays_published(world) -> None:
    world.chain()
    world.plan()
    world.do("submit")
    world.decide(Verdict.APPROVE)
    world.do("publish")
    world.revise(venue="Hall 2")
    assert world.state is S.PUBLISHED and world.waiting("event_changed_since") == 1


def test_approvers_of_a_series_hear_of_one_date_and_of_those_from_then_on(world) -> None:
    world.chain()
    world.plan()
    with writing() as db:
        rule = Recurrence(Frequency.WEEKLY)
        made = series.repeat(db, world.dalia, occurrence_id=world.id, repeats=Repeats(rule))
        series_id = made.id
        days = select(SeriesDate).where(SeriesDate.series_id == series_id).order_by(SeriesDate.day)
        dates = [(row.day, row.occurrence_id) for row in db.scalars(days)]
    world.do("submit")
    world.decide(Verdict.APPROVE)
    world.do("publish")
    first, world.id = world.id, dates[1][1]
    world.revise(venue="Hall 2")
    assert world.waiting("event_changed_since") == 1
    with clock.frozen(NOW + timedelta(hours=1)), writing() as db:
        plan = make_plan()
        change = Change(
            title="Later",
            description="",
            venue=plan.venue,
            online_link="",
            first_day=dates[3][0],
            wall_time=plan.wall_start.time(),
            zone="UTC",
            minutes=60,
            seats_in_person=None,
            seats_online=0,
            repeats=Repeats(rule),
        )
        series_change.revise_series(
            db, world.dalia, series_id=series_id, change=change, from_day=dates[3][0]
        )
    assert world.waiting("event_changed_since") == 2
    with writing() as db:
        told = db.scalars(select(Delivery).where(Delivery.kind == "event_changed_since")).all()
        kind = outbox.kinds["event_changed_since"]
        assert all("Some of its dates" in kind.message(db, row, None).lines[0] for row in told)
    world.id = first


def test_a_rule_on_facts_of_events_needs_nobody(world) -> None:
    world.chain()
    with writing() as db:
        approvals.add_rule(
            db,
            world.nia,
            erg_id=world.erg,
            kind="event",
            conditions={"seats": "small", "speaker": "own"},
        )
    world.plan(seats_in_person=20)
    world.do("submit")
    assert world.state is S.APPROVED
    world.plan(title="With a guest", seats_in_person=20, has_external_speaker=True)
    world.do("submit")
    assert world.state is S.SUBMITTED


def test_canceling_ends_the_round(world) -> None:
    world.chain()
    world.plan()
    world.do("submit")
    world.do("cancel", reason="No room")
    with writing() as db:
        assert world.round(db).state is ApprovalState.WITHDRAWN


# put off and back


def _answers(world) -> list[RsvpState]:
    with writing() as db:
        rows = db.execute(select(Rsvp.person_id, Rsvp.state).where(Rsvp.occurrence_id == world.id))
        found = dict(rows.tuples().all())
    return [found[person] for person in world.people[: len(found)]]


def test_postponed_keeps_answers_and_the_new_time_brings_them_back(world) -> None:
    world.plan(seats_in_person=1)
    world.do("publish")
    for n, person in enumerate(world.people[:2]):
        with clock.frozen(NOW + timedelta(seconds=n)):
            world.do("answer", person, reply=Reply.GOING)
    world.do("postpone", reason="The hall is flooded")
    assert world.state is S.POSTPONED
    assert world.waiting("event_postponed") and not world.waiting("event_tomorrow")
    with pytest.raises(Refused, match="answers"):
        world.do("answer", world.people[2], reply=Reply.GOING)
    later = (START + timedelta(days=14)).replace(tzinfo=None)
    with clock.frozen(NOW + timedelta(hours=1)):
        world.do("resume", wall_start=later, zone="UTC")
    assert world.state is S.PUBLISHED
    assert _answers(world) == [RsvpState.GOING, RsvpState.WAITLISTED]
    with writing() as db:
        due = db.scalars(
            select(Delivery.due_at).where(
                Delivery.kind == "event_tomorrow", Delivery.state == DeliveryState.PENDING
            )
        ).all()
        assert set(due) == {START + timedelta(days=13)}, "reminders at the new time only"
    assert world.waiting("event_resumed") == 2, "who goes and who waits"


def test_a_postponement_taken_back_at_once_is_heard_by_nobody(world) -> None:
    world.plan()
    world.do("publish")
    world.do("answer", world.people[0], reply=Reply.GOING)
    world.do("postpone")
    world.do("resume")
    with writing() as db:
        occurrence = db.get(Occurrence, world.id)
        assert occurrence.starts_at == START
    assert world.waiting("event_postponed") == 0 and world.waiting("event_resumed") == 0


def test_an_offer_is_kept_while_it_is_postponed_and_offered_anew(world) -> None:
    world.plan(seats_in_person=1)
    world.do("publish")
    soon = START - timedelta(hours=24)
    for n, person in enumerate(world.people[:2]):
        with clock.frozen(NOW + timedelta(seconds=n)):
            world.do("answer", person, reply=Reply.GOING)
    with clock.frozen(soon):
        world.do("answer", world.people[0], reply=Reply.NO)
        assert _answers(world)[1] is RsvpState.OFFERED
        world.do("postpone")
    with clock.frozen(soon + timedelta(days=2)):
        with writing() as db:
            services.sweep_due(db, world.id)
        assert _answers(world)[1] is RsvpState.OFFERED, "its deadline stands still"
        later = (START + timedelta(days=14)).replace(tzinfo=None)
        world.do("resume", wall_start=later, zone="UTC")
        world.do("answer", world.people[1], reply=Reply.GOING)
    assert _answers(world)[1] is RsvpState.GOING


def test_a_postponed_event_can_be_canceled_for_good(world) -> None:
    world.plan()
    world.do("publish")
    world.do("postpone")
    world.do("cancel")
    with pytest.raises(Refused, match="not postponed"):
        world.do("resume")
    with writing() as db:
        assert db.get(Occurrence, world.id).state is OccurrenceState.CANCELED


def test_it_is_over_a_day_after_its_end_and_only_once(world) -> None:
    world.plan()
    world.do("publish")
    with clock.frozen(START + timedelta(hours=20)), writing() as db:
        assert services.over(db) == []
    with clock.frozen(START + timedelta(days=2)), writing() as db:
        (event_id,) = services.over(db)
        services.complete(db, event_id)
        services.complete(db, event_id)
        assert services.over(db) == []
    assert world.state is S.COMPLETED
    with clock.frozen(START + timedelta(days=2)), pytest.raises(Refused):
        world.do("cancel")


def test_translations_follow_the_original(world) -> None:
    world.plan(title="Kickoff")
    world.do("translate", locale="es", title="Inicio", description="")
    world.do("translate", locale="es", title="Inicio", description="")
    assert _texts(world) == {"en": "source", "es": "translated"}
    world.revise(title="Grand kickoff")
    assert _texts(world) == {"en": "source", "es": "stale"}
    world.do("translate", locale="es", title="Gran inicio", description="")
    assert _texts(world) == {"en": "source", "es": "translated"}
    with pytest.raises(Refused, match="original"):
        world.do("translate", locale="en", title="No", description="")
    world.do("translate", locale="es", title="", description="")
    assert _texts(world) == {"en": "source"}


def _texts(world) -> dict[str, str]:
    with writing() as db:
        return {t.locale: t.status.value for t in db.get(Occurrence, world.id).event.texts}


def test_only_leads_of_a_host_run_it(world) -> None:
    world.plan()
    for verb in ("submit", "publish", "postpone", "cancel", "take_back"):
        with pytest.raises(Refused, match="Only organizers"):
            world.do(verb, world.people[0])
    with writing() as db:
        assert db.get(Erg, world.erg) is not None
