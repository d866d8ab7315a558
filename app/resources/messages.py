"""What resources write to their owners."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.outbox import Delivery, Message, Recipient
from app.resources.models import Resource


class ReviewDue:
    """To the owner: somebody should look whether a resource is still right."""

    name = "resource_review"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only to the present owner, on or after the day that is set now."""
        row = db.get(Resource, delivery.subject_id)
        if row is None or row.retired_at is not None:
            return "retired"
        if row.owner_id != delivery.person_id:
            return "somebody else's"
        is_due = row.review_on is not None and row.review_on <= clock.now().date()
        return None if is_due else "moved"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Which one and whose stands behind sign-in."""
        return Message(
            subject=_("Is it still right?"),
            lines=(
                _("A resource that you look after is due for a review today."),
                _("Please look whether it is still right, and say so or upload a new version."),
            ),
            link=f"/ergs/resources/{delivery.subject_id}",
            link_text=_("See the resource"),
        )


outbox.kinds.add("resource_review", ReviewDue())
