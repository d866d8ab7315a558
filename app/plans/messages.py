"""What plans write to people; neither group nor subject is named outside of the pages."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs import queries as ergs
from app.plans.models import Recommendation
from app.plans.rules import RecommendationState


class Asked:
    """To whoever is asked: something waits for a public answer."""

    name = "recommendation_asked"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is open, and person and day are still the same."""
        row = db.get(Recommendation, delivery.subject_id)
        if row is None or row.state is not RecommendationState.OPEN:
            return "answered"
        is_same = row.revision == delivery.revision and row.owner_id == delivery.person_id
        return None if is_same else "changed since"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The words stand behind sign-in."""
        subject, line = self.words()
        return Message(
            subject=subject,
            lines=(line, _("Your answer will be read by everyone who sees the recommendation.")),
            link=f"/recommendations/{delivery.subject_id}/",
            link_text=_("Read and answer"),
        )

    def words(self) -> tuple[str, str]:
        """(subject, first line)"""
        return _("Your answer is wanted"), _("Colleagues recommend something and ask you.")


class Reminder(Asked):
    """A week before the day."""

    name = "recommendation_reminder"

    def words(self) -> tuple[str, str]:
        """Kindly."""
        return _("A reminder: your answer is wanted"), _(
            "Colleagues asked you about a recommendation. Your answer is due within a week."
        )


class Late(Asked):
    """On the morning after the day."""

    name = "recommendation_late"

    def words(self) -> tuple[str, str]:
        """Without blame."""
        return _("Your answer is due"), _(
            "Colleagues still wait for your answer to a recommendation. "
            "A short one is better than none."
        )


class Answered:
    """To the leads: there is an answer."""

    name = "recommendation_answered"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while that answer holds and the reader still leads."""
        row = db.get(Recommendation, delivery.subject_id)
        if row is None or not row.said or str(row.said[-1].id) != delivery.occasion:
            return "taken back"
        return None if ergs.leads(db, delivery.person_id, row.erg_id) else "not a lead"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What was answered stands on the page."""
        return Message(
            subject=_("There is an answer for you"),
            lines=(_("A recommendation that you sent was answered. Sign in to read it."),),
            link=f"/recommendations/{delivery.subject_id}/",
            link_text=_("Read the answer"),
        )


for kind in (Asked(), Reminder(), Late(), Answered()):
    outbox.kinds.add(kind.name, kind)
