"""Joining, deciding, leaving and leading, on both databases."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.ergs import queries, services
from app.ergs.models import Erg, Membership, RoleGrant
from app.ergs.rules import (
    Admission,
    ErgState,
    MembershipState,
    Relation,
    RoleName,
    RoleState,
    Visibility,
)
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role


@pytest.fixture
def world(context):
    """An open group with a lead, and Maria."""
    with writing() as db:
        lead, maria = make_person(db, "Dalia Lead"), make_person(db, "Maria Ruiz")
        erg = make_erg(db, "women", lead=lead.id, roster=Visibility.COMPANY)
        return erg.id, lead.id, maria.id


def test_joining_an_open_group_takes_effect_at_once(world) -> None:
    erg_id, _, maria = world
    with writing() as db:
        row = services.join(
            db, maria, erg_id=erg_id, relation=Relation.ALLY, visibility=Visibility.COMPANY
        )
        assert (row.state, row.relation) == (MembershipState.ACTIVE, Relation.ALLY)
        assert queries.belongs(db, maria, [erg_id])


def test_joining_twice_makes_one_row(world) -> None:
    erg_id, _, maria = world
    for _ in range(2):
        with writing() as db:
            services.join(db, maria, erg_id=erg_id)
    with writing() as db:
        assert db.scalar(select(func.count()).where(Membership.person_id == maria)) == 1


def test_joining_at_once_from_two_devices_makes_one_row(app, world) -> None:
    erg_id, _, maria = world

    def press() -> None:
        with app.app_context(), writing() as db:
            services.join(db, maria, erg_id=erg_id)

    threads = [Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with writing() as db:
        assert db.scalar(select(func.count()).where(Membership.person_id == maria)) == 1


def test_a_draft_takes_no_members(world) -> None:
    with writing() as db:
        erg_id = make_erg(db, "later", state=ErgState.DRAFT).id
    with pytest.raises(Refused), writing() as db:
        services.join(db, world[2], erg_id=erg_id)


def test_activating_needs_a_lead_and_a_charter(world) -> None:
    with writing() as db:
        words = {"en": services.Words("Quiet", "Mission", charter="")}
        bare = make_erg(db, "bare", state=ErgState.DRAFT)
        quiet = make_erg(db, "quiet", words=words, state=ErgState.DRAFT)
        make_member(db, quiet, world[1])
        make_role(db, quiet, world[1], RoleName.LEAD)
        for erg in (bare, quiet):
            with pytest.raises(Refused):
                services.change_state(db, None, erg_id=erg.id, to=ErgState.ACTIVE)


def test_an_archived_group_stays_archived(world) -> None:
    with writing() as db:
        services.change_state(db, None, erg_id=world[0], to=ErgState.ARCHIVED)
        with pytest.raises(Refused):
            services.change_state(db, None, erg_id=world[0], to=ErgState.ACTIVE)


def asked(world, visibility: Visibility = Visibility.MEMBERS):
    erg_id, _, maria = world
    with writing() as db:
        db.get(Erg, erg_id).admission = Admission.APPROVAL
        db.flush()
        return services.join(db, maria, erg_id=erg_id, visibility=visibility).id


def test_a_request_reaches_the_leads_and_is_taken_back_from_them_once_decided(world) -> None:
    request_id = asked(world)
    with writing() as db:
        assert [d.person_id for d in outbox.pending(db, "erg_request", request_id)][0] == world[1]
        services.approve(db, world[1], request_id=request_id)
        assert not outbox.pending(db, "erg_request", request_id)
        assert {d.person_id for d in outbox.pending(db, "erg_decision", request_id)} == {world[2]}
        assert queries.belongs(db, world[2], [world[0]])


def test_declining_needs_a_reason_and_after_a_month_a_new_request_is_possible(world) -> None:
    request_id = asked(world)
    with writing() as db:
        with pytest.raises(Refused):
            services.decline(db, world[1], request_id=request_id, reason="  ")
        row = services.decline(db, world[1], request_id=request_id, reason="Pilot is full")
        assert (row.state, row.reason) == (MembershipState.DECLINED, "Pilot is full")
        with pytest.raises(Refused, match="You can ask again from"):
            services.join(db, world[2], erg_id=world[0])
    with clock.frozen(clock.now() + timedelta(days=31)), writing() as db:
        again = services.join(db, world[2], erg_id=world[0])
        assert again.id != request_id and again.state is MembershipState.REQUESTED


def test_a_request_taken_back_cannot_be_approved(world) -> None:
    request_id = asked(world)
    with writing() as db:
        services.leave(db, world[2], erg_id=world[0])
    with pytest.raises(Refused), writing() as db:
        services.approve(db, world[1], request_id=request_id)


def test_only_leads_decide_and_never_about_themselves(world) -> None:
    request_id = asked(world)
    with writing() as db:
        other = make_person(db, "Other")
        for stranger in (other.id, world[2]):
            with pytest.raises(Refused):
                services.approve(db, stranger, request_id=request_id)


def test_leaving_is_immediate_silent_and_can_be_undone(world) -> None:
    erg_id, _, maria = world
    request_id = asked(world)
    with writing() as db:
        services.approve(db, world[1], request_id=request_id)
        before = db.scalar(select(func.count()).select_from(outbox.Delivery))
        services.leave(db, maria, erg_id=erg_id)
        assert not queries.belongs(db, maria, [erg_id])
        assert db.scalar(select(func.count()).select_from(outbox.Delivery)) == before
        back = services.join(db, maria, erg_id=erg_id)
        assert back.state is MembershipState.ACTIVE, "who just left returns without asking again"
        states = db.scalars(select(Membership.state).where(Membership.person_id == maria)).all()
        assert sorted(states) == ["active", "left"], "history stays"


def test_the_last_lead_cannot_leave_or_resign(world) -> None:
    erg_id, lead, maria = world
    with writing() as db:
        grant_id = db.scalar(select(RoleGrant.id).where(RoleGrant.person_id == lead))
        with pytest.raises(Refused):
            services.leave(db, lead, erg_id=erg_id)
        with pytest.raises(Refused):
            services.end_role(db, lead, grant_id=grant_id)
        services.join(db, maria, erg_id=erg_id)
        services.grant(db, lead, erg_id=erg_id, person_id=maria, role=RoleName.CO_LEAD)
        services.end_role(db, lead, grant_id=grant_id)
        assert queries.leads_of(db, erg_id) == [maria]


def test_nobody_gives_a_role_to_themselves_and_leads_must_belong(world) -> None:
    erg_id, lead, maria = world
    with writing() as db:
        with pytest.raises(Refused):
            services.grant(db, lead, erg_id=erg_id, person_id=lead, role=RoleName.TREASURER)
        with pytest.raises(Refused):
            services.grant(db, lead, erg_id=erg_id, person_id=maria, role=RoleName.CO_LEAD)


def test_a_departure_ends_everything_and_reports_a_group_without_lead(world) -> None:
    erg_id, lead, maria = world
    with writing() as db:
        admin = make_person(db, "Farid Admin", roles=("org_admin",))
        services.join(db, maria, erg_id=erg_id)
        services.depart(db, maria)
        assert not outbox.pending(db, "erg_without_lead", erg_id)
        services.depart(db, lead)
        assert {d.person_id for d in outbox.pending(db, "erg_without_lead", erg_id)} == {admin.id}
        assert not queries.any_open(db, maria) and not queries.any_open(db, lead)
        assert set(db.scalars(select(RoleGrant.state))) == {RoleState.ENDED}


def test_the_audit_names_nobody_whose_membership_is_not_public(world) -> None:
    erg_id, _, maria = world
    with writing() as db:
        services.join(db, maria, erg_id=erg_id, visibility=Visibility.MEMBERS)
        services.show_to(db, maria, erg_id=erg_id, visibility=Visibility.COMPANY)
        services.leave(db, maria, erg_id=erg_id)
        rows = db.execute(
            select(AuditEvent.verb, AuditEvent.actor_id).where(
                AuditEvent.subject_type == "membership"
            )
        ).all()
    named = {verb for verb, actor_id in rows if actor_id == maria}
    assert named == {"left"}, "only the act under a public membership names its person"
