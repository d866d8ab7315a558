"""A group under the lock."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Erg
from app.ergs.rules import ErgState


def hold_erg(db: Session, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None:
        raise Refused(_("This group does not exist any more."), 404)
    return erg


def hold_shaped(db: Session, actor_id: UUID | None, erg_id: UUID) -> Erg:
    """A group that is about to be changed by one who may; None acts for seeds."""
    erg = hold_erg(db, erg_id)
    if actor_id is not None and not queries.shapes(db, actor_id, erg):
        raise Refused(_("Only the leads of the group can change it."), 403)
    if erg.state is ErgState.ARCHIVED:
        raise Refused(_("This group is archived. What it was stays as it is."))
    return erg
