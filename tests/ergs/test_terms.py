"""Roles are proposed, accepted, begin, end, are taken away; a group never loses its last lead."""

from __future__ import annotations

import inspect
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.ergs import queries, services
from app.ergs.models import Membership, RoleGrant, RoleRemoval
from app.ergs.queries import terms
from app.ergs.rules import RoleName, RoleState
from app.ergs.rules.terms import (
    EXTENSION,
    TERM,
    RemovalState,
    RoleEnd,
    Step,
    answer_due,
    step_of,
    warning_for,
)
from app.ergs.services import departure, membership, roles
from app.ergs.services import roles_removal as removals
from app.ergs.services import terms as verbs
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member

TODAY = date(2026, 11, 21)


def later(days: int):
    return clock.frozen(clock.now() + timedelta(days=days))


@pytest.fixture
def world(context):
    """A group led by Dalia; Maria is a member, Bo and Farid (an administrator) are not."""
    with writing() as db:
        ids = {
            n: make_person(db, f"{n.title()} T", roles=("org_admin",) if n == "farid" else ()).id
            for n in ("dalia", "maria", "bo", "farid", "kai")
        }
        erg = make_erg(db, "women", lead=ids["dalia"])
        make_member(db, erg, ids["maria"])
        return {**ids, "erg": erg.id}


def propose(world, who: str, role=RoleName.CO_LEAD, by: str = "dalia", **term):
    with writing() as db:
        return verbs.propose(
            db, world[by], erg_id=world["erg"], person_id=world[who], role=role, **term
        ).id


def accepted(world, who: str, role=RoleName.CO_LEAD, by: str = "dalia", **term):
    grant_id = propose(world, who, role, by, **term)
    with writing() as db:
        verbs.accept(db, world[who], grant_id=grant_id)
    return grant_id


def sweep(world) -> None:
    with writing() as db:
        verbs.sweep_terms(db, world["erg"])


def state_of(grant_id) -> RoleState:
    with writing() as db:
        return db.get(RoleGrant, grant_id).state


def leads(world):
    with writing() as db:
        return set(queries.leads_of(db, world["erg"]))


def told(kind: str, subject) -> set:
    with writing() as db:
        return {d.person_id for d in outbox.pending(db, kind, subject)}


def outbox_of(subject, kind: str) -> list:
    with writing() as db:
        return list(outbox.pending(db, kind, subject))


# rules


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-16T09:00+00:00", date(2026, 11, 23)),
        ("2026-11-20T23:00+00:00", date(2026, 11, 27)),
        ("2026-11-21T09:00+00:00", date(2026, 11, 27)),
    ],
)
def test_an_answer_is_due_after_five_working_days(asked, due) -> None:
    assert answer_due(clock.parse_instant(asked)) == due


def test_warnings_come_thirty_and_seven_days_before_the_end() -> None:
    due = [days for days in range(40) if warning_for(TODAY + timedelta(days=days), TODAY) == 30]
    assert (due[0], due[-1]) == (8, 30)
    assert warning_for(TODAY + timedelta(days=7), TODAY) == 7
    assert (
        warning_for(None, TODAY) is None and warning_for(TODAY - timedelta(days=1), TODAY) is None
    )


@given(st.dates(), st.dates(), st.sampled_from(list(RoleState)), st.booleans())
def test_a_day_never_ends_the_last_lead(first, last, state, is_last) -> None:
    step = step_of(state, first, last, None, TODAY, is_last_lead=is_last)
    if is_last and state is RoleState.ACTIVE:
        assert step in (None, Step.EXTEND)
    if state in (RoleState.ENDED, RoleState.REVOKED):
        assert step is None


# proposing and answering


def test_a_role_begins_only_when_the_person_says_yes(world) -> None:
    grant_id = propose(world, "maria")
    assert leads(world) == {world["dalia"]}
    assert told("role_proposed", grant_id) == {world["maria"]}
    with writing() as db:
        verbs.accept(db, world["maria"], grant_id=grant_id)
        grant = db.get(RoleGrant, grant_id)
        assert grant.ends_on - grant.starts_on == TERM
    assert leads(world) == {world["dalia"], world["maria"]}
    assert told("role_changed", grant_id) == {world["dalia"]}


def test_whoever_does_not_belong_becomes_a_member_by_accepting_and_not_before(world) -> None:
    grant_id = propose(world, "bo")
    with writing() as db:
        assert not queries.belongs(db, world["bo"], [world["erg"]])
        verbs.accept(db, world["bo"], grant_id=grant_id)
        assert queries.belongs(db, world["bo"], [world["erg"]])


def test_a_sponsor_need_not_belong(world) -> None:
    accepted(world, "kai", RoleName.SPONSOR)
    with writing() as db:
        assert not queries.belongs(db, world["kai"], [world["erg"]])
        assert queries.standing_of(db, world["kai"]).holds(world["erg"], RoleName.SPONSOR)


def test_a_no_ends_it_and_an_unanswered_proposal_lapses(world) -> None:
    refused, open_ = propose(world, "maria"), propose(world, "bo", RoleName.COMMS)
    with writing() as db:
        verbs.refuse(db, world["maria"], grant_id=refused)
        assert db.get(RoleGrant, refused).ended_why is RoleEnd.DECLINED
    with later(15):
        sweep(world)
    with writing() as db:
        assert db.get(RoleGrant, open_).ended_why is RoleEnd.UNANSWERED
    with pytest.raises(Refused), writing() as db:
        verbs.accept(db, world["bo"], grant_id=open_)


@pytest.mark.parametrize(
    ("by", "who"), [("dalia", "dalia"), ("maria", "bo"), ("farid", "bo"), ("bo", "maria")]
)
def test_only_leads_propose_and_never_themselves(world, by, who) -> None:
    with pytest.raises(Refused):
        propose(world, who, RoleName.TREASURER, by=by)


def test_nobody_else_answers_and_the_same_role_is_not_proposed_twice(world) -> None:
    grant_id = propose(world, "maria")
    for act in (verbs.accept, verbs.refuse):
        with pytest.raises(Refused), writing() as db:
            act(db, world["dalia"], grant_id=grant_id)
    with pytest.raises(Refused):
        propose(world, "maria")
    with writing() as db:
        verbs.withdraw_proposal(db, world["dalia"], grant_id=grant_id)
    assert not told("role_proposed", grant_id)
    propose(world, "maria")


# the days


def test_a_successor_learns_without_rights_until_the_first_day(world) -> None:
    first = clock.now().date() + timedelta(days=10)
    grant_id = accepted(world, "maria", RoleName.LEAD, starts_on=first)
    sweep(world)
    assert state_of(grant_id) is RoleState.SHADOW and leads(world) == {world["dalia"]}
    with later(10):
        sweep(world)
        assert state_of(grant_id) is RoleState.ACTIVE
        assert leads(world) == {world["dalia"], world["maria"]}


def test_holder_and_leads_are_warned_once_each_time_and_a_second_run_changes_nothing(world) -> None:
    last = clock.now().date() + timedelta(days=40)
    grant_id = accepted(world, "maria", ends_on=last)
    for days, expected in ((5, 0), (12, 4), (13, 4), (34, 8), (34, 8)):
        with later(days):
            sweep(world)
            with writing() as db:
                assert len(outbox.pending(db, "role_ends", grant_id)) == expected, days


def test_a_term_ends_on_its_day_and_both_sides_hear_of_it(world) -> None:
    last = clock.now().date() + timedelta(days=40)
    grant_id = accepted(world, "maria", RoleName.TREASURER, ends_on=last)
    with later(40):
        sweep(world)
        assert state_of(grant_id) is RoleState.ACTIVE, "the last day counts"
    with later(41):
        sweep(world)
        sweep(world)
    with writing() as db:
        grant = db.get(RoleGrant, grant_id)
        assert (grant.state, grant.ended_why) == (RoleState.ENDED, RoleEnd.TERM)
        assert world["maria"] in {
            d.person_id
            for d in outbox.pending(db, "role_changed", grant_id)
            if d.occasion == "ended"
        }


def test_the_term_of_the_only_lead_is_extended_and_everybody_who_can_act_hears_it(world) -> None:
    with writing() as db:
        grant = db.scalar(select(RoleGrant).where(RoleGrant.person_id == world["dalia"]))
        grant.ends_on = clock.now().date() + timedelta(days=3)
        grant_id = grant.id
    with later(5):
        assert leads(world) == {world["dalia"]}, "no gap before the sweep"
        sweep(world)
        sweep(world)
        with writing() as db:
            assert db.get(RoleGrant, grant_id).ends_on == clock.now().date() + EXTENSION
    assert leads(world) == {world["dalia"]}
    assert told("role_extended", grant_id) == {world["dalia"], world["farid"]}


def test_a_renewed_term_goes_on_without_a_warning_or_a_gap(world) -> None:
    first = accepted(world, "maria", ends_on=clock.now().date() + timedelta(days=20))
    with writing() as db:
        second = verbs.renew(db, world["dalia"], grant_id=first).id
    with pytest.raises(Refused, match="already proposed"), writing() as db:
        verbs.renew(db, world["dalia"], grant_id=first)
    sweep(world)
    warned = len(outbox_of(first, "role_ends"))
    assert warned, "no answer yet"
    with writing() as db:
        verbs.accept(db, world["maria"], grant_id=second)
    with later(15):
        sweep(world)
        assert len(outbox_of(first, "role_ends")) == warned, "no second warning"
    with later(21):
        sweep(world)
        assert leads(world) == {world["dalia"], world["maria"]}
        assert (state_of(first), state_of(second)) == (RoleState.ENDED, RoleState.ACTIVE)
        assert told("role_changed", first) == {world["dalia"]}, "of the first yes, not of an end"


def test_who_is_removed_does_not_come_back_with_the_next_term(world) -> None:
    accepted(world, "bo")
    first = accepted(world, "maria", ends_on=clock.now().date() + timedelta(days=20))
    with writing() as db:
        second = verbs.renew(db, world["dalia"], grant_id=first).id
        verbs.accept(db, world["maria"], grant_id=second)
        removal = removals.propose_removal(db, world["dalia"], grant_id=first, reason="Absent.").id
        removals.confirm_removal(db, world["bo"], removal_id=removal)
    assert (state_of(first), state_of(second)) == (RoleState.REVOKED, RoleState.REVOKED)


def test_of_two_leads_whose_terms_end_on_one_day_one_stays(world) -> None:
    last = clock.now().date() + timedelta(days=3)
    accepted(world, "maria", ends_on=last)
    with writing() as db:
        db.scalar(select(RoleGrant).where(RoleGrant.person_id == world["dalia"])).ends_on = last
    with later(9):
        sweep(world)
        assert len(leads(world)) == 1


# the last lead


def test_the_last_lead_cannot_resign_or_leave_even_with_a_successor_in_waiting(world) -> None:
    first = clock.now().date() + timedelta(days=10)
    accepted(world, "maria", RoleName.LEAD, starts_on=first)
    with writing() as db:
        own = db.scalar(select(RoleGrant.id).where(RoleGrant.person_id == world["dalia"]))
    for act in (
        lambda db: verbs.resign(db, world["dalia"], grant_id=own),
        lambda db: services.leave(db, world["dalia"], erg_id=world["erg"]),
    ):
        with pytest.raises(Refused), writing() as db:
            act(db)
    with later(10):
        sweep(world)
        with writing() as db:
            verbs.resign(db, world["dalia"], grant_id=own)
        assert leads(world) == {world["maria"]}


def test_a_successor_begins_at_once_when_the_only_lead_leaves_the_company(world) -> None:
    first = clock.now().date() + timedelta(days=10)
    grant_id = accepted(world, "maria", RoleName.LEAD, starts_on=first)
    with writing() as db:
        services.depart(db, world["dalia"])
    assert leads(world) == {world["maria"]} and state_of(grant_id) is RoleState.ACTIVE
    assert not told("erg_without_lead", world["erg"])


def test_without_any_lead_administrators_are_asked_and_may_propose_one(world) -> None:
    with writing() as db:
        services.depart(db, world["dalia"])
        assert [erg.id for erg in terms.without_lead(db)] == [world["erg"]]
    assert told("erg_without_lead", world["erg"]) == {world["farid"]}
    accepted(world, "maria", RoleName.LEAD, by="farid")
    assert leads(world) == {world["maria"]}
    with writing() as db:
        assert terms.without_lead(db) == []
    with pytest.raises(Refused):
        propose(world, "bo", by="farid")


def test_leaving_ends_every_role_but_a_sponsors(world) -> None:
    ids = [accepted(world, "maria", role) for role in (RoleName.COMMS, RoleName.SPONSOR)]
    ids.append(propose(world, "maria", RoleName.TREASURER))
    with writing() as db:
        services.leave(db, world["maria"], erg_id=world["erg"])
    assert [state_of(i) for i in ids] == [RoleState.ENDED, RoleState.ACTIVE, RoleState.REVOKED]


# two people


def removal_of(world, grant_id, by="dalia"):
    with writing() as db:
        return removals.propose_removal(
            db, world[by], grant_id=grant_id, reason="Never answers."
        ).id


def test_a_lead_is_removed_by_two_others_and_by_nobody_alone(world) -> None:
    grant_id = accepted(world, "maria")
    accepted(world, "bo")
    removal_id = removal_of(world, grant_id)
    assert told("role_removal", removal_id) == {world["bo"]}
    for who in ("dalia", "maria", "farid", "kai"):
        with pytest.raises(Refused), writing() as db:
            removals.confirm_removal(db, world[who], removal_id=removal_id)
    assert state_of(grant_id) is RoleState.ACTIVE
    with writing() as db:
        removals.confirm_removal(db, world["bo"], removal_id=removal_id)
        assert db.get(RoleGrant, grant_id).ended_why is RoleEnd.REMOVED
    assert leads(world) == {world["dalia"], world["bo"]}
    assert world["maria"] in told("role_changed", grant_id)


def test_where_there_is_no_third_lead_an_administrator_is_the_second_person(world) -> None:
    grant_id = accepted(world, "maria")
    removal_id = removal_of(world, grant_id)
    assert told("role_removal", removal_id) == {world["farid"]}
    with writing() as db:
        removals.confirm_removal(db, world["farid"], removal_id=removal_id)
    assert leads(world) == {world["dalia"]}


def test_a_removal_can_be_taken_back_and_lapses_after_two_weeks(world) -> None:
    grant_id = accepted(world, "maria")
    first = removal_of(world, grant_id)
    assert removal_of(world, grant_id) == first, "one at a time"
    with pytest.raises(Refused), writing() as db:
        removals.withdraw_removal(db, world["maria"], removal_id=first)
    with writing() as db:
        removals.withdraw_removal(db, world["dalia"], removal_id=first)
    second = removal_of(world, grant_id)
    with later(15):
        with pytest.raises(Refused), writing() as db:
            removals.confirm_removal(db, world["farid"], removal_id=second)
        sweep(world)
    with writing() as db:
        states = {row.id: row.state for row in db.scalars(select(RoleRemoval))}
    assert states == {first: RemovalState.WITHDRAWN, second: RemovalState.EXPIRED}


def test_a_removal_is_void_once_its_proposer_does_not_lead_any_more(world) -> None:
    grant_id = accepted(world, "maria")
    accepted(world, "bo")
    removal_id = removal_of(world, grant_id)
    with writing() as db:
        services.leave(db, world["dalia"], erg_id=world["erg"])
    with pytest.raises(Refused), writing() as db:
        removals.confirm_removal(db, world["bo"], removal_id=removal_id)


def test_other_roles_are_ended_by_one_lead_and_leads_are_not(world) -> None:
    helper, lead = accepted(world, "maria", RoleName.COMMS), accepted(world, "bo")
    with writing() as db:
        verbs.revoke(db, world["dalia"], grant_id=helper)
    assert state_of(helper) is RoleState.REVOKED
    with pytest.raises(Refused), writing() as db:
        verbs.revoke(db, world["dalia"], grant_id=lead)


def test_a_chapters_lead_has_a_term_too_and_may_go_because_the_group_is_led(world) -> None:
    with writing() as db:
        erg = db.get(Membership, db.scalar(select(Membership.id))).erg_id
        chapter = make_chapter(db, db.get(services.groups.Erg, erg), "paris")
        chapter_id = chapter.id
    last = clock.now().date() + timedelta(days=5)
    grant_id = accepted(world, "maria", RoleName.LEAD, chapter_id=chapter_id, ends_on=last)
    assert leads(world) == {world["dalia"]}
    with later(6):
        sweep(world)
    assert state_of(grant_id) is RoleState.ENDED
    again = accepted(world, "bo", RoleName.LEAD, chapter_id=chapter_id)
    with writing() as db:
        verbs.resign(db, world["bo"], grant_id=again)
    assert state_of(again) is RoleState.ENDED


PEOPLE = ("ada", "ben", "cleo", "dan")


class Leadership(RuleBasedStateMachine):
    """Whatever people do and however the days pass, an active group has a lead or admins know."""

    app = None
    who = st.sampled_from(PEOPLE)

    @initialize()
    def found(self) -> None:
        self.now = clock.now()
        self.gone: set[str] = set()
        self.reported = False
        with writing() as db:
            self.ids = {name: make_person(db, name).id for name in PEOPLE}
            admin = make_person(db, "admin", roles=("org_admin",))
            self.ids["admin"] = admin.id
            self.erg = make_erg(db, f"g-{admin.id.hex}", lead=self.ids["ada"]).id

    def attempt(self, act) -> None:
        """One act as somebody tries it; what the rules refuse changes nothing."""
        with clock.frozen(self.now):
            try:
                with writing() as db:
                    act(db)
            except Refused:
                pass

    def grants(self, *where):
        with writing() as db:
            rows = db.scalars(
                select(RoleGrant.id)
                .where(RoleGrant.erg_id == self.erg, *where)
                .order_by(RoleGrant.starts_on, RoleGrant.id)
            )
            return list(rows)

    @rule(
        by=st.sampled_from((*PEOPLE, "admin")),
        who=who,
        start=st.integers(0, 9),
        days=st.integers(1, 40),
    )
    def ask_to_lead(self, by, who, start, days) -> None:
        if by in self.gone or who in self.gone:
            return
        first = self.now.date() + timedelta(days=start)
        self.attempt(
            lambda db: verbs.propose(
                db,
                self.ids[by],
                erg_id=self.erg,
                person_id=self.ids[who],
                role=RoleName.LEAD,
                starts_on=first,
                ends_on=first + timedelta(days=days),
            )
        )

    @rule(who=who)
    def accept_everything(self, who) -> None:
        mine = (RoleGrant.person_id == self.ids[who], RoleGrant.state == RoleState.PROPOSED)
        for grant_id in self.grants(*mine):
            self.attempt(lambda db, g=grant_id: verbs.accept(db, self.ids[who], grant_id=g))

    @rule(who=who)
    def resign(self, who) -> None:
        mine = (RoleGrant.person_id == self.ids[who], RoleGrant.state == RoleState.ACTIVE)
        for grant_id in self.grants(*mine)[:1]:
            self.attempt(lambda db, g=grant_id: verbs.resign(db, self.ids[who], grant_id=g))

    @rule(who=who)
    def leave(self, who) -> None:
        self.attempt(lambda db: services.leave(db, self.ids[who], erg_id=self.erg))

    @rule(by=who, who=who)
    def remove(self, by, who) -> None:
        held = (RoleGrant.person_id == self.ids[who], RoleGrant.state == RoleState.ACTIVE)
        for grant_id in self.grants(*held)[:1]:
            self.attempt(
                lambda db, g=grant_id: removals.propose_removal(
                    db, self.ids[by], grant_id=g, reason="Away"
                )
            )

    @rule(who=st.sampled_from((*PEOPLE, "admin")))
    def confirm(self, who) -> None:
        with writing() as db:
            asked = list(db.scalars(select(RoleRemoval.id).where(RoleRemoval.erg_id == self.erg)))
        for removal_id in asked:
            self.attempt(
                lambda db, r=removal_id: removals.confirm_removal(db, self.ids[who], removal_id=r)
            )

    @rule(who=who)
    def leave_the_company(self, who) -> None:
        if who not in self.gone and len(self.gone) < 2:
            self.gone.add(who)
            self.attempt(lambda db: services.depart(db, self.ids[who]))

    @rule(days=st.integers(1, 40))
    def wait(self, days) -> None:
        self.now += timedelta(days=days)

    @rule()
    def run_the_sweep(self) -> None:
        self.attempt(lambda db: verbs.sweep_terms(db, self.erg))

    @invariant()
    def somebody_leads_or_administrators_know(self) -> None:
        if not hasattr(self, "erg"):
            return
        with clock.frozen(self.now), writing() as db:
            led = queries.leads_of(db, self.erg)
            if not led:
                assert self.gone, "only a departure may take the last lead"
                assert outbox.pending(db, "erg_without_lead", self.erg), "and it is reported"
                assert self.erg in {erg.id for erg in terms.without_lead(db)}
            belonging = queries.members_among(db, [self.erg], led)
            assert set(led) == belonging, "whoever leads belongs"


def test_an_active_group_is_never_silently_without_a_lead(context, ids_in_order) -> None:
    run_state_machine_as_test(
        Leadership,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_path_out_of_leading_is_watched() -> None:
    """Whoever adds a way to end a role has to think of the last lead: these are all callers."""
    callers = {
        f"{module.__name__.rsplit('.', 1)[1]}.{name}"
        for module in (departure, membership, roles, verbs, removals)
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and "end_grant(db" in inspect.getsource(inspect.unwrap(function))
    }
    assert callers == {
        "departure.depart",
        "membership.leave",
        "roles.end_role",
        "roles_removal.confirm_removal",
        "terms._take_step",
        "terms.refuse",
        "terms.revoke",
        "terms.withdraw_proposal",
    }
