"""Setting the switches of a group."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.errors import Refused
from app.ergs.models import Erg
from app.ergs.rules import Switches, switches_of, would_unshield
from app.ergs.services.holding import hold_shaped


def set_switches(db: Session, actor_id: UUID | None, *, erg_id: UUID, switches: Switches) -> Erg:
    """Open or close what others learn; a member's own choice stays as narrow as it is."""
    erg = hold_shaped(db, actor_id, erg_id)
    before = switches_of(erg)
    if before == switches:
        return erg
    if would_unshield(erg.state, before, switches):
        raise Refused(
            _(
                "People joined this group because it is confidential, so it stays confidential. "
                "You can change everything else, or ask all members in a poll."
            )
        )
    erg.discovery, erg.admission = switches.discovery, switches.admission
    erg.roster, erg.says_sensitive = switches.roster, switches.says_sensitive
    db.flush()
    audit.record(db, actor_id, "set_switches", erg, before=str(before), after=str(switches))
    return erg
