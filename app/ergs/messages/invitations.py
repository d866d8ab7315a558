"""The message to somebody who is invited; it says neither where to nor by whom."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs.models import Invitation
from app.ergs.rules.invitations import InvitationState


class Invited:
    """To the invited person."""

    name = "erg_invitation"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it can be answered."""
        row = db.get(Invitation, delivery.subject_id)
        return None if row is not None and row.state is InvitationState.OPEN else "over"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A question; nothing happens without an answer."""
        return Message(
            subject=_("There is an invitation for you"),
            lines=(
                _("You are invited to a group. You decide, and nothing happens without you."),
                _("Nobody learns why you say no, and without an answer the invitation lapses."),
            ),
            link=f"/ergs/invitations/{delivery.subject_id}/",
            link_text=_("See the invitation"),
        )


outbox.kinds.add(Invited.name, Invited())
