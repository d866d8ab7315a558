"""Who may shape a group, asked fresh under a lock."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole
from app.accounts.rules import OrgRoleName
from app.core import clock
from app.ergs.models import Erg
from app.ergs.queries.standing import leads
from app.ergs.rules import ErgState


def administers(db: Session, person_id: UUID | None) -> bool:
    """Whether a person is an administrator of the organization today."""
    today = clock.now().date()
    found = db.scalar(
        select(OrgRole.id)
        .where(
            OrgRole.person_id == person_id,
            OrgRole.role == OrgRoleName.ORG_ADMIN,
            OrgRole.starts_on <= today,
            or_(OrgRole.ends_on.is_(None), OrgRole.ends_on >= today),
        )
        .limit(1)
    )
    return found is not None


def shapes(db: Session, person_id: UUID | None, erg: Erg) -> bool:
    """Whether a person writes a group's words and sets its switches.

    Its leads; while it is a draft, which has none, the administrators who founded it.
    """
    if leads(db, person_id, erg.id):
        return True
    return erg.state is ErgState.DRAFT and administers(db, person_id)


def moves(db: Session, person_id: UUID | None, erg: Erg) -> bool:
    """Whether a person starts, rests or archives a group: its leads and administrators."""
    return leads(db, person_id, erg.id) or administers(db, person_id)
