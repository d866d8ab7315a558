"""People from outside, partners and invitations for tests, through the services pages use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.programs.models import Cohort, OutsideInvitation, Partner
from app.programs.outside import links
from app.programs.rules import CohortState
from app.programs.services import offers, outside
from app.programs.services.outside import Guest, Terms
from tests.factories.programs import make_cohort


def make_partner(db: Session, name: str = "Harbor Trust", **terms: Any) -> Partner:
    """A partner with two seats each way, unless told otherwise."""
    agreed = {"seats_lent": 2, "seats_borrowed": 2, **terms}
    return outside.add_partner(db, None, terms=Terms(name=name, **agreed))


def make_invitation(
    db: Session,
    cohort: Cohort,
    organizer: UUID,
    email: str = "nadia@harbor.example",
    days: int = 14,
    **traits: Any,
) -> OutsideInvitation:
    """An invitation that waits for an answer."""
    last = clock.now().date() + timedelta(days=days)
    guest = Guest(email=email, answer_by=last, name=traits.pop("name", "Nadia Haas"), **traits)
    return outside.invite(db, organizer, cohort_id=cohort.id, guest=guest)


def scenes(db: Session, star: dict[str, Person]) -> dict[str, dict[str, Any]]:
    """URL arguments: an invitation that waits, one that lena has accepted, a lent place."""
    amara = star["amara"]
    cohort = make_cohort(db, CohortState.ENROLLING, manager=amara, title="Open to Guests")
    partner = make_partner(db)
    waiting = make_invitation(db, cohort, amara.id)
    accepted = make_invitation(db, cohort, amara.id, star["lena"].email or "")
    enrollment = outside.accept(db, invitation_id=accepted.id)
    offers.choose_places(db, star["chen"].id, at_most=20)
    seat = outside.lend(db, star["chen"].id, partner_id=partner.id)
    names = ("cohort_id", "invitation_id", "enrollment_id", "partner_id", "seat_id")
    return {
        "open": {
            "cohort_id": cohort.id,
            "invitation_id": waiting.id,
            "token": links.token(waiting.id),
            "enrollment_id": enrollment.id,
            "partner_id": partner.id,
            "seat_id": seat.id,
        },
        "answered": {"invitation_id": accepted.id, "token": links.token(accepted.id)},
        "absent": {**{name: ids.new_id() for name in names}, "token": "no-such-token"},
    }
