"""Invitations, roles, promises and exchanges for the tests that cross all domains."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.ergs import queries
from app.ergs.models import Erg
from app.ergs.rules import MembershipState, RoleName, Visibility
from app.ergs.rules.sponsor import CommitmentKind, CommitmentState
from app.ergs.services import relay, roles_removal, sponsor, terms
from app.ergs.services.invitations import invite
from app.ergs.services.snapshots import take_snapshot
from tests.factories.accounts import make_person, outing_person
from tests.factories.ergs import make_member, make_poll, make_role

Scene = dict[str, Any]
ARGUMENTS = (
    "grant_id",
    "removal_id",
    "invitation_id",
    "thread_id",
    "membership_id",
    "commitment_id",
    "poll_id",
)


def scenes(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    """What can be answered, confirmed, read and taken back, in an open and in a hidden group."""
    found: dict[str, Scene] = {"absent": {name: ids.new_id() for name in ARGUMENTS}}
    for name, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        found[name] = _scene(db, erg, star)
        found[f"{name} asked"] = {**found[name], **_asked(db, erg, star)}
        found[f"{name} marked"] = {**found[name], **_marked(db, erg, star)}
    found["absent"]["slug"] = "no-such-thing"
    return found


def _scene(db: Session, erg: Erg, star: dict[str, Person]) -> Scene:
    """A second lead, whose role dalia proposes to end; kai sponsors; elena is invited."""
    lead, second, elena = star["dalia"].id, star["person21"].id, star["elena"].id
    if queries.open_membership(db, erg.id, second) is None:
        make_member(db, erg, second, visibility=Visibility.MEMBERS)
    grant = make_role(db, erg, second, RoleName.CO_LEAD)
    removal = roles_removal.propose_removal(db, lead, grant_id=grant.id, reason="Away")
    member = make_member(db, erg, make_person(db, "Noor Member").id, visibility=Visibility.MEMBERS)
    thread = relay.write_to_leads(db, member.person_id, erg_id=erg.id, text="Hello")
    if not sponsor.sponsor.is_sponsor(db, star["kai"].id, erg.id):
        make_role(db, erg, star["kai"].id, RoleName.SPONSOR)
    return {
        "slug": erg.slug,
        "grant_id": grant.id,
        "removal_id": removal.id,
        "invitation_id": invite(db, lead, erg_id=erg.id, person_id=elena).id,
        "thread_id": thread.id,
        "membership_id": member.id,
        "commitment_id": _promise(db, erg, star["kai"].id),
        "poll_id": make_poll(db, erg).id,
    }


def _asked(db: Session, erg: Erg, star: dict[str, Person]) -> Scene:
    """A role that waits for elena's answer, and an exchange of elena's own."""
    lead, elena = star["dalia"].id, star["elena"].id
    row = make_member(db, erg, elena, visibility=Visibility.NOBODY, state=MembershipState.REQUESTED)
    thread = relay.write_to_leads(db, elena, erg_id=erg.id, text="A question")
    grant = terms.propose(db, lead, erg_id=erg.id, person_id=elena, role=RoleName.COMMS)
    return {"grant_id": grant.id, "thread_id": thread.id, "membership_id": row.id}


def _marked(db: Session, erg: Erg, star: dict[str, Person]) -> Scene:
    """A promise about which kai has said something."""
    row_id = _promise(db, erg, star["kai"].id)
    sponsor.mark(db, star["kai"].id, commitment_id=row_id, to=CommitmentState.KEPT)
    return {"commitment_id": row_id}


def _promise(db: Session, erg: Erg, person_id: UUID) -> UUID:
    return sponsor.commit_to(
        db,
        person_id,
        erg_id=erg.id,
        kind=CommitmentKind.MENTORS_ONE,
        due_on=clock.now().date() + timedelta(days=3),
    ).id


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """All of this in one group, with Maria invited and asked, whether or not she belongs."""
    maria, kept_by = outing_person(db, "maria"), outing_person(db, "sponsor")
    invitation = invite(db, lead_id, erg_id=erg.id, person_id=maria)
    grant = terms.propose(db, lead_id, erg_id=erg.id, person_id=maria, role=RoleName.COMMS)
    thread = relay.write_to_leads(db, member_id, erg_id=erg.id, text="A question")
    make_role(db, erg, kept_by, RoleName.SPONSOR)
    _promise(db, erg, kept_by)
    second = make_member(db, erg, make_person(db, "Noor Second").id, visibility=Visibility.COMPANY)
    led = make_role(db, erg, second.person_id, RoleName.CO_LEAD)
    removal = roles_removal.propose_removal(db, lead_id, grant_id=led.id, reason="Away")
    take_snapshot(db, erg.id)
    manage = f"/ergs/{erg.slug}/manage"
    return [
        f"{manage}/",
        f"{manage}/roles/",
        f"{manage}/roles/new?q=maria",
        f"{manage}/roles/new?person={maria}",
        f"{manage}/invitations/",
        f"{manage}/invitations/?q=maria",
        f"{manage}/invitations/?person={maria}",
        f"{manage}/messages/",
        f"/ergs/{erg.slug}/messages/new",
        f"/ergs/messages/{thread.id}/",
        f"/ergs/invitations/{invitation.id}/",
        f"/ergs/roles/{grant.id}/",
        f"/ergs/removals/{removal.id}/",
        f"{manage}/messages/to/{second.id}",
        f"/ergs/{erg.slug}/sponsor/",
        f"/ergs/{erg.slug}/sponsor/brief",
        "/ergs/desk/?q=maria",
        "/search?q=maria",
    ]
