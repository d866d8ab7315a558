"""The quarterly brief to a sponsor."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs.models import Erg
from app.ergs.queries import sponsor


class QuarterlyBrief:
    """To the executive sponsor: what to talk about with the leads."""

    name = "sponsor_brief"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only to whoever still sponsors the group."""
        is_here = sponsor.is_sponsor(db, delivery.person_id, delivery.subject_id)
        return None if is_here else "not a sponsor"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The figures stand behind sign-in."""
        erg = db.get(Erg, delivery.subject_id)
        if erg is None:
            return None
        return Message(
            subject=_("Your quarterly brief is ready"),
            lines=(
                _("How the group that you sponsor is doing, in a few figures and without names."),
                _("It also lists what you promised, and what is still open."),
            ),
            link="/" if erg.is_discreet else f"/ergs/{erg.slug}/sponsor/brief",
            link_text=_("Read the brief"),
        )


outbox.kinds.add(QuarterlyBrief.name, QuarterlyBrief())
