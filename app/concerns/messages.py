"""The one message of concerns: that there is something to read, and nothing else."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.concerns import queries
from app.concerns.models import Concern
from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient


class SomethingToRead:
    """Told to the person or to a reader; the same words whatever it is."""

    name = "something_to_read"
    topic = "account"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the concern is gone, or the person does not read it any more."""
        concern = db.get(Concern, delivery.subject_id)
        if concern is None:
            return "gone"
        if concern.raised_by == delivery.person_id:
            return None
        full = queries.in_full(db, concern.id)
        readers = queries.readers_now(db, full) if full is not None else []
        can_read = delivery.person_id in {person.id for person in readers}
        return None if can_read else "not a reader"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Nothing that a glance over a shoulder could understand."""
        return Message(
            subject=_("There is something for you to read"),
            lines=(_("Open Trellis to read it. On purpose this message says no more."),),
            link="/support/",
            link_text=_("Open"),
        )


class StillWaiting(SomethingToRead):
    """To readers alone: something waits longer than it should."""

    name = "something_waits"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped as soon as somebody has taken it."""
        concern = db.get(Concern, delivery.subject_id)
        if concern is None or not concern.waits:
            return "taken"
        return super().wanted(db, delivery)


for _kind in (SomethingToRead, StillWaiting):
    outbox.kinds.add(_kind.name, _kind())
