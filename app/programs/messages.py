"""What programs tell people: enrollment received, an offer to answer, an offer that ended."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.messages import shown_name
from app.core import clock, outbox
from app.core.locale import datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.programs.models import Enrollment, MatchRequest, MatchRun, Offer, ShortlistEntry
from app.programs.queries.requests import choices_of, next_choice
from app.programs.queries.standing import waits_of
from app.programs.rules import OPEN_OFFERS, EnrollmentState, RequestState


class EnrollmentReceived:
    """Thanks, and what happens next."""

    name = "enrollment_received"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the person has left the cohort meanwhile."""
        row = db.get(Enrollment, delivery.subject_id)
        here = (EnrollmentState.READY, EnrollmentState.TRAINING_DUE)
        return None if row and row.state in here else "left"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neutral: the mail names no program."""
        row = db.get(Enrollment, delivery.subject_id)
        if row is not None and row.state is EnrollmentState.TRAINING_DUE:
            return Message(
                subject=_("Your enrollment has arrived"),
                lines=(
                    _("Thank you for enrolling. Your answers are saved."),
                    _("One thing comes first: ten minutes about listening. Then you are matched."),
                ),
                link=f"/programs/enrollments/{row.id}/listening",
                link_text=_("Begin"),
            )
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
        if offer.group_id is not None:
            suggested = _("We suggest a group to you, and say who and why on the page.")
        else:
            suggested = _(
                "We suggest %(name)s to you, and say why on the page.", name=shown_name(other)
            )
        is_new = delivery.occasion == "day-0"
        return Message(
            subject=_("Somebody to meet") if is_new else _("An offer is waiting for your answer"),
            lines=(
                suggested,
                _("Please answer by %(when)s.", when=datetime_text(offer.expires_at)),
            ),
            link=f"/programs/offers/{offer.id}/",
            link_text=_("See the offer and answer"),
        )


class StillWaiting:
    """A matching is published and has nobody for this person yet; never why."""

    name = "still_waiting"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the person has left, wants no offers, or has heard of somebody meanwhile."""
        row = db.get(Enrollment, delivery.subject_id, options=(joinedload(Enrollment.cohort),))
        return None if row and waits_of(db, [row])[0] else "not waiting"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The same words to everybody: no name, no program, nobody's answer."""
        return Message(
            subject=_("Your match is still to come"),
            lines=(
                _("A matching has taken place, and you are still waiting for a match."),
                _("It looks at everybody together, so waiting says nothing about you."),
                _("In the next one, whoever has waited comes first."),
            ),
            link="/programs/",
            link_text=_("See what you can do"),
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


class ShortlistWaiting:
    """A list of mentors to rank, until a day."""

    name = "shortlist_waiting"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the person has left, or the time is over."""
        row = db.get(Enrollment, delivery.subject_id)
        if row is None or row.state is not EnrollmentState.READY:
            return "left"
        return None if self._until(db, delivery) else "over"

    def _until(self, db: Session, delivery: Delivery) -> datetime | None:
        return db.scalar(
            select(MatchRun.choice_until)
            .join(ShortlistEntry, ShortlistEntry.run_id == MatchRun.id)
            .where(
                ShortlistEntry.mentee_id == delivery.subject_id,
                MatchRun.choice_until > clock.now(),
            )
            .limit(1)
        )

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Until when, and that not answering costs nothing."""
        until = self._until(db, delivery)
        if until is None:
            return None
        return Message(
            subject=_("You have a say in your match"),
            lines=(
                _("We have a short list of mentors for you. Put them in your own order."),
                _("You have time until %(when)s.", when=datetime_text(until)),
                _("If you do nothing, you are matched all the same."),
            ),
            link=f"/programs/enrollments/{delivery.subject_id}/shortlist",
            link_text=_("See your list"),
        )


def _request(db: Session, delivery: Delivery) -> MatchRequest | None:
    return db.scalar(
        select(MatchRequest)
        .where(MatchRequest.id == delivery.subject_id)
        .options(
            joinedload(MatchRequest.mentee).joinedload(Enrollment.person),
            joinedload(MatchRequest.mentor).joinedload(Enrollment.person),
        )
    )


class RequestWaiting:
    """A mentee asks: at once, and again after three and six days."""

    name = "request_waiting"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once it was answered or ended."""
        row = db.get(MatchRequest, delivery.subject_id)
        if row is None or row.state is not RequestState.ASKED:
            return "answered"
        return "expired" if row.expires_at <= clock.now() else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Who asks, until when, and what happens without an answer; never the note."""
        row = _request(db, delivery)
        if row is None:
            return None
        is_new = delivery.occasion == "day-0"
        return Message(
            subject=_("Somebody would like to meet you")
            if is_new
            else _("A request is waiting for your answer"),
            lines=(
                _("%(name)s would like you as a mentor.", name=shown_name(row.mentee.person)),
                _("Please say yes or no by %(when)s.", when=datetime_text(row.expires_at)),
                _("Without an answer the request ends by itself, and somebody else is asked."),
            ),
            link=f"/programs/requests/{row.id}/",
            link_text=_("See the request and answer"),
        )


class RequestAnswered:
    """What became of one's own request, and what comes next; never why."""

    name = "request_answered"
    topic = "programs"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the answer was taken back."""
        row = db.get(MatchRequest, delivery.subject_id)
        return None if row and row.state is not RequestState.ASKED else "open"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A yes, or the same words for every other end; the next step in both."""
        row = _request(db, delivery)
        if row is None:
            return None
        name = shown_name(row.mentor.person)
        if row.state is RequestState.ACCEPTED:
            lines = (
                _("%(name)s has said yes. You are a pair now.", name=name),
                _("Next step: plan your first session."),
            )
        else:
            lines = (
                _("Your request to %(name)s has ended without a match.", name=name),
                _("That happens, and nobody is at fault."),
                self._next(db, row),
            )
        return Message(
            subject=_("An answer to your request"),
            lines=lines,
            link=f"/programs/requests/{row.id}/",
            link_text=_("See what comes next"),
        )

    def _next(self, db: Session, row: MatchRequest) -> str:
        run = db.get_one(MatchRun, row.run_id)
        following = next_choice(choices_of(db, row.mentee_id, row.run_id))
        is_open = run.choice_until is not None and run.choice_until > clock.now()
        if following is None or not is_open:
            return _("Next step: none for you. The organizers find you a match.")
        return _("Next step: ask %(name)s of your list.", name=shown_name(following.person))


for _kind in (
    EnrollmentReceived,
    OfferWaiting,
    StillWaiting,
    OfferEnded,
    ShortlistWaiting,
    RequestWaiting,
    RequestAnswered,
):
    outbox.kinds.add(_kind.name, _kind())
