"""Seats that a partner lends to us: how many are used, and that it is never more than agreed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Enrollment, OutsideInvitation, Partner
from app.programs.rules import Role
from app.programs.rules.outside import KEEPS_ACCOUNT, InvitationState


def _used(partner_id: UUID, what: Any) -> Select[Any]:
    """Places of the mentors a partner lends us, each enrollment counted once."""
    came = (
        select(OutsideInvitation.id)
        .where(
            OutsideInvitation.partner_id == partner_id,
            OutsideInvitation.state == InvitationState.ACCEPTED,
            OutsideInvitation.cohort_id == Enrollment.cohort_id,
            OutsideInvitation.person_id == Enrollment.person_id,
        )
        .exists()
    )
    return select(what).where(
        came, Enrollment.role == Role.MENTOR, Enrollment.state.in_(KEEPS_ACCOUNT)
    )


def borrowed(db: Session, partner_id: UUID, *, but: UUID | None = None) -> int:
    """Seats borrowed from a partner now; an enrollment left out is not counted."""
    found = _used(partner_id, func.coalesce(func.sum(Enrollment.capacity), 0))
    if but is not None:
        found = found.where(Enrollment.id != but)
    return int(db.scalar(found) or 0)


def partner_of(db: Session, enrollment: Enrollment) -> UUID | None:
    """The partner that lends us this mentor for this cohort."""
    return db.scalar(
        select(OutsideInvitation.partner_id)
        .where(
            OutsideInvitation.cohort_id == enrollment.cohort_id,
            OutsideInvitation.person_id == enrollment.person_id,
            OutsideInvitation.state == InvitationState.ACCEPTED,
            OutsideInvitation.partner_id.is_not(None),
        )
        .limit(1)
    )


def hold_partner(db: Session, partner_id: UUID | None) -> Partner | None:
    """Lock an agreement before its seats are counted; refuses one that does not hold today."""
    if partner_id is None:
        return None
    partner = hold(db, Partner, partner_id)
    if partner is None or not partner.is_in_force:
        raise Refused(_("The agreement with this partner does not hold today."), 422)
    return partner


def refuse_over_agreement(db: Session, enrollment: Enrollment, wanted: int) -> None:
    """Refuse more places of a borrowed mentor than the agreement has seats for."""
    partner_id = partner_of(db, enrollment) if enrollment.role is Role.MENTOR else None
    if partner_id is None or wanted <= enrollment.capacity:
        return
    partner = hold_partner(db, partner_id)
    assert partner is not None
    left = partner.seats_borrowed - borrowed(db, partner_id, but=enrollment.id)
    if wanted > left:
        raise Refused(
            ngettext(
                "The agreement with your organization leaves %(num)s place for you.",
                "The agreement with your organization leaves %(num)s places for you.",
                max(0, left),
            ),
            422,
        )
