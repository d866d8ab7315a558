"""A group under the lock."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.database import hold
from app.core.errors import Refused
from app.ergs.models import Erg


def hold_erg(db: Session, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None:
        raise Refused(_("This group does not exist any more."), 404)
    return erg
