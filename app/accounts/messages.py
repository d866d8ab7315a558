"""What accounts say: names of people without one, the link that proves an address."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import PasswordReset, Person
from app.accounts.queries.resets import reset_token
from app.core import clock, outbox
from app.core.outbox import Delivery, Message, Recipient


def shown_name(person: Person) -> str:
    """A person's name, or for whoever has none the number they are known by."""
    if person.name:
        return person.name
    return _("Employee %(number)s", number=person.external_id or str(person.id)[:8])


def topic_labels() -> dict[str, str]:
    """What news is about, in the reader's language."""
    return {
        "account": _("My account"),
        "groups": _("Groups"),
        "events": _("Events"),
        "mentoring": _("Mentoring"),
        "programs": _("Programs"),
    }


def channel_labels() -> dict[str, str]:
    """How news arrives, in the reader's language."""
    return {"mail": _("Email"), "in_app": _("In Trellis")}


class PasswordResetLink:
    """The mail with the single-use link."""

    name = "password_reset"
    topic = "account"
    channels = ("mail",)
    is_urgent = True

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once the link was used or is too old."""
        reset = db.get(PasswordReset, delivery.subject_id)
        if reset is None or reset.used_at is not None:
            return "used"
        return "expired" if reset.expires_at <= clock.now() else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The link is made again from the row's id; the row keeps only its hash."""
        return Message(
            subject=_("Choose a new password"),
            lines=(
                _("Someone, hopefully you, asked for a new Trellis password for this address."),
                _("The link works once, for one hour. If it was not you, there is nothing to do."),
            ),
            link=f"/password/new/{reset_token(delivery.subject_id)}",
            link_text=_("Choose a new password"),
        )


outbox.kinds.add(PasswordResetLink.name, PasswordResetLink())
outbox.resolvers.add("accounts", queries.recipients)
