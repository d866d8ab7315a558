"""What programs tell people: enrollment received, an offer to answer, an offer that ended."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.messages import shown_name
from app.core import clock, outbox
from app.core.locale import datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.programs.models import Enrollment, Offer
from app.programs.rules import OPEN_OFFERS, EnrollmentState


class EnrollmentReceived:
    """Thanks, and what happens next."""

    name = "enrollment_received"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the person has left the cohort meanwhile."""
        row = db.get(Enrollment, delivery.subject_id)
        return None if row and row.state is EnrollmentState.READY else "left"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neutral: the mail names no program."""
        return Message(
            subject=_("Your enrollment has arrived"),
            lines=(
                _("Thank you for enrolling. Your answers are saved; you may still change them."),
                _("When the matching is done you get an offer and a week to think about it."),
            ),
            link="/programs/",
            link_text=_("See your enrollment"),
        )


def _offer(db: Session, delivery: Delivery) -> Offer | None:
    return db.scalar(
        select(Offer)
        .where(Offer.id == delivery.subject_id)
        .options(
            joinedload(Offer.mentee).joinedload(Enrollment.person),
            joinedload(Offer.mentor).joinedload(Enrollment.person),
        )
    )


class OfferWaiting:
    """An offer to answer: when it is made, and again after three and six days."""

    name = "offer_waiting"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once the offer was answered or ended."""
        offer = db.get(Offer, delivery.subject_id)
        if offer is None or offer.state not in OPEN_OFFERS:
            return "answered"
        return "expired" if offer.expires_at and offer.expires_at <= clock.now() else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Who it is about, until when, and that no answer is needed today."""
        offer = _offer(db, delivery)
        if offer is None or offer.expires_at is None:
            return None
        is_mentor = offer.mentor.person_id == to.person_id
        other = offer.mentee.person if is_mentor else offer.mentor.person
        is_new = delivery.occasion == "day-0"
        return Message(
            subject=_("Somebody to meet") if is_new else _("An offer is waiting for your answer"),
            lines=(
                _("We suggest %(name)s to you, and say why on the page.", name=shown_name(other)),
                _("Please answer by %(when)s.", when=datetime_text(offer.expires_at)),
            ),
            link=f"/programs/offers/{offer.id}/",
            link_text=_("See the offer and answer"),
        )


class OfferEnded:
    """An open offer that will not become a pair, and what happens now; never why."""

    name = "offer_ended"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Always wanted: nobody waits for an answer that cannot come."""
        return None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The same words for every cause."""
        return Message(
            subject=_("An offer has ended"),
            lines=(
                _("An offer that involved you has ended. That happens, and nobody is at fault."),
                _("You stay in the pool; the organizers look for your next match."),
            ),
            link="/programs/",
            link_text=_("See your programs"),
        )


for _kind in (EnrollmentReceived, OfferWaiting, OfferEnded):
    outbox.kinds.add(_kind.name, _kind())
