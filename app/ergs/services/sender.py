"""The name under which a group writes, and where answers go."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.core.errors import Refused
from app.ergs.models import Erg
from app.ergs.rules.sender import domain_of, is_fit_name
from app.ergs.services.holding import hold_shaped


def set_sender(db: Session, actor_id: UUID, *, erg_id: UUID, name: str, reply_to: str) -> Erg:
    """Name the group in mails of its news; answers stay within the domain of who sets this."""
    erg = hold_shaped(db, actor_id, erg_id)
    if erg.is_discreet and (name or reply_to):
        raise Refused(_("Mails of this group stay neutral, so that no mailbox tells who belongs."))
    if not is_fit_name(name):
        raise Refused(_("Use a plain name of at most 60 characters, without an address."), 422)
    own = domain_of(db.get_one(Person, actor_id).email)
    if reply_to and (not domain_of(reply_to) or domain_of(reply_to) != own):
        raise Refused(_("Enter an address of your own company, such as group@example.com."), 422)
    if (erg.sender_name, erg.reply_to) != (name, reply_to):
        erg.sender_name, erg.reply_to = name, reply_to
        db.flush()
        audit.record(db, actor_id, "set_sender", erg)
    return erg
