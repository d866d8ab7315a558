"""That something was written; what and by whom stands behind sign-in."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs import queries
from app.ergs.models import RelayMessage, RelayThread


class Written:
    """To the other side of an exchange."""

    name = "relay_message"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """To the member always, to leads while they lead."""
        row = db.get(RelayMessage, delivery.subject_id)
        thread = db.get(RelayThread, row.thread_id) if row else None
        if row is None or thread is None:
            return "gone"
        is_own = thread.person_id == delivery.person_id
        is_lead = queries.leads(db, delivery.person_id, thread.erg_id)
        return None if is_own or is_lead else "not a lead"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The text never leaves the product."""
        row = db.get(RelayMessage, delivery.subject_id)
        if row is None:
            return None
        return Message(
            subject=_("There is a message for you"),
            lines=(_("Sign in to read it and to answer."),),
            link=f"/ergs/messages/{row.thread_id}/",
            link_text=_("Read the message"),
        )


outbox.kinds.add(Written.name, Written())
