"""What budgets write to people; subjects and lines are neutral, sums and groups stay inside."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.budgets import queries
from app.budgets.models import BudgetRequest
from app.budgets.rules import WAITING
from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient


class RequestWaiting:
    """To treasurers and leads: a request waits for an answer."""

    name = "budget_waiting"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it waits, and the reader may still decide."""
        request = db.get(BudgetRequest, delivery.subject_id)
        if request is None or request.state not in WAITING:
            return "decided"
        decides = queries.handles_money(db, delivery.person_id, request.erg_id)
        return None if decides else "not deciding any more"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral line; everything else stands behind sign-in."""
        return Message(
            subject=_("A request is waiting for you"),
            lines=(_("Somebody asks for money of a group whose budget you look after."),),
            link=f"/budgets/requests/{delivery.subject_id}/",
            link_text=_("See the request"),
        )


class RequestDecided:
    """To whoever asked: there is an answer."""

    name = "budget_decided"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while that answer holds."""
        request = db.get(BudgetRequest, delivery.subject_id)
        if request is None:
            return "gone"
        holds = delivery.occasion == f"{request.state}|{request.changed_at.isoformat()}"
        return None if holds else "changed since"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The answer itself stands on the page."""
        return Message(
            subject=_("There is an answer to your request"),
            lines=(_("Your request was answered. Sign in to read it."),),
            link=f"/budgets/requests/{delivery.subject_id}/",
            link_text=_("See the answer"),
        )


for kind in (RequestWaiting(), RequestDecided()):
    outbox.kinds.add(kind.name, kind)
