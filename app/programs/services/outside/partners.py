"""Partner organizations and what is agreed with them. Nothing is sent to them from here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import search
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Partner


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed with a partner, and with whom one talks about it."""

    name: str
    seats_lent: int = 0
    seats_borrowed: int = 0
    agreement: str = ""
    agreed_on: date | None = None
    ends_on: date | None = None
    contact_name: str = ""
    contact_email: str = ""


def add_partner(db: Session, actor_id: UUID | None, *, terms: Terms) -> Partner:
    """Note an exchange with another organization."""
    partner = Partner(created_by=actor_id)
    db.add(partner)
    _write(db, actor_id, partner, terms, "partner_added")
    return partner


def change_partner(db: Session, actor_id: UUID, *, partner_id: UUID, terms: Terms) -> None:
    """Change what was agreed; seats in use stay, no new ones beyond the number."""
    partner = hold(db, Partner, partner_id)
    if partner is None:
        raise Refused(_("This partner no longer exists."))
    _write(db, actor_id, partner, terms, "partner_changed")


def _write(db: Session, actor_id: UUID | None, partner: Partner, terms: Terms, verb: str) -> None:
    before = f"{partner.seats_lent}/{partner.seats_borrowed}" if partner.id else None
    for name, value in asdict(terms).items():
        setattr(partner, name, value)
    db.flush()
    search.put(db, "partners", partner.id, partner.name, partner.contact_name)
    after = f"{partner.seats_lent}/{partner.seats_borrowed}"
    audit.record(db, actor_id, verb, partner, before=before, after=after)
    db.flush()
