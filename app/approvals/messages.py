"""What approvals write to people; neither group nor item nor person is named."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.approvals import queries
from app.approvals.models import Approval
from app.approvals.rules import ApprovalState
from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient


class DecisionWaiting:
    """To whoever may decide: something waits, or its deadline has passed."""

    name = "approval_waiting"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the reader's word still counts."""
        row = db.get(Approval, delivery.subject_id)
        if row is None or row.state is not ApprovalState.WAITING:
            return "decided"
        return None if queries.fresh_mandate(db, delivery.person_id, row) else "not asked any more"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral line; what it is stands behind sign-in."""
        row = db.get(Approval, delivery.subject_id)
        is_late = row is not None and row.late_at is not None
        return Message(
            subject=_("Something is waiting for your decision"),
            lines=(
                _("A deadline has passed, so your decision counts as well now.")
                if is_late
                else _("Somebody in a group of yours has asked for your approval."),
                _("You can approve it, ask for changes, or reject it with a reason."),
            ),
            link="/",
            link_text=_("See what is waiting"),
        )


class Decided:
    """To the author: there is a decision."""

    name = "approval_decided"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only when it was not taken back."""
        row = db.get(Approval, delivery.subject_id)
        decided = (ApprovalState.APPROVED, ApprovalState.CHANGES, ApprovalState.REJECTED)
        return None if row is not None and row.state in decided else "changed since"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The decision itself stands behind sign-in."""
        return Message(
            subject=_("There is an answer for you"),
            lines=(_("Something you asked approval for has an answer. Sign in to read it."),),
            link="/",
            link_text=_("Open Trellis"),
        )


for kind in (DecisionWaiting(), Decided()):
    outbox.kinds.add(kind.name, kind)
