"""Messages of how relationships go on: questions, pauses, terms, endings, and coming back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.database import session_of
from app.core.locale import date_text, datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.events import ical
from app.mentoring.messages.base import About, meeting_of, partners
from app.mentoring.messages.sessions import WithEntry
from app.mentoring.models import Meeting, Relationship
from app.mentoring.rules import LIVE, RelationshipState
from app.programs.models import Enrollment
from app.programs.rules import EnrollmentState, Role

Lines = Callable[[Relationship, Recipient], tuple[str, ...]]
Wanted = Callable[[Relationship, Delivery], bool]


def in_state(*states: RelationshipState) -> Wanted:
    """Wanted while the relationship is in one of the states."""
    return lambda pair, _delivery: pair.state in states


class Step(About):
    """One kind of message: a neutral subject, its lines, and until when it is of use."""

    def __init__(
        self, name: str, subject: Any, lines: Lines, wanted: Wanted, page: str = "going-on"
    ) -> None:
        self.name, self.subject, self.lines = name, subject, lines
        self.is_wanted, self.page = wanted, page

    def only_in_app(self) -> Step:
        """News that is worth no mail."""
        self.channels = ("in_app",)
        return self

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when things have moved on meanwhile, or the person left."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None or not self.is_wanted(pair, delivery):
            return "moved_on"
        return None if pair.has(delivery.person_id) else "left"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What happened, what stays, and the page on which one goes on."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None:
            return None
        return Message(
            subject=str(self.subject),
            lines=self.lines(pair, to),
            link=f"/mentoring/{pair.id}/{self.page}",
            link_text=_("See how it goes on"),
        )


def _trial(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    until = datetime_text(pair.settles_at) if pair.settles_at else ""
    return (
        _("You have met %(names)s. Do you want to go on?", names=partners(pair, to)),
        _(
            "Answer for yourself until %(until)s; until then you can change your answer. "
            "If you say nothing, you go on.",
            until=until,
        ),
        _("Nobody ever sees your answer. When a pair ends, nobody learns why."),
    )


def _renewal(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    day = date_text(pair.ends_on) if pair.ends_on else ""
    return (
        _("Your time with %(names)s ends on %(day)s.", names=partners(pair, to), day=day),
        _("Do you want another term? It begins if everybody says yes. Nobody sees your answer."),
    )


def _paused(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    day = date_text(pair.paused_until) if pair.paused_until else ""
    return (
        _("You and %(names)s rest until %(day)s.", names=partners(pair, to), day=day),
        _("Reminders stop until then. Whoever asked for the pause can end it earlier."),
    )


def _resumed(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("The pause with %(names)s is over.", names=partners(pair, to)),
        _("Plan your next session when it suits you."),
    )


def _renewed(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    day = date_text(pair.ends_on) if pair.ends_on else ""
    return (
        _("You and %(names)s have another term.", names=partners(pair, to)),
        _("It lasts until %(day)s.", day=day),
    )


def _concluding(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    day = date_text(pair.looks_back_until) if pair.looks_back_until else ""
    return (
        _("Your time with %(names)s comes to its end.", names=partners(pair, to)),
        _("Look back until %(day)s: what did you reach, and what do you want to say?", day=day),
    )


def _completed(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("You and %(names)s have completed your time together.", names=partners(pair, to)),
        _("Your certificate is ready. Your goals and notes stay yours."),
    )


def _left(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("%(names)s cannot go on with you in this program.", names=partners(pair, to)),
        _("Your place is free for somebody else. Your goals and notes stay yours.")
        if pair.role_of(to.person_id) is Role.MENTOR
        else _("Your goals and notes stay yours. We look for a new match when your pause is over.")
        if _pauses(pair, to)
        else _("Your goals and notes stay yours. You get a new match within five working days."),
    )


def _pauses(pair: Relationship, to: Recipient) -> bool:
    enrollment_id = next(m.enrollment_id for m in pair.members if m.person_id == to.person_id)
    enrollment = session_of(pair).get(Enrollment, enrollment_id) if enrollment_id else None
    return enrollment is not None and enrollment.state is EnrollmentState.PAUSED


def _member_left(_pair: Relationship, _to: Recipient) -> tuple[str, ...]:
    return (
        _("Somebody has left one of your groups. The group goes on."),
        _("Planned sessions, goals and notes stay as they are."),
    )


def _reopen(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("%(names)s would like to go on with you.", names=partners(pair, to)),
        _("If you want that too, say so on the page. Otherwise you need not do anything."),
    )


def _reopened(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("You and %(names)s go on.", names=partners(pair, to)),
        _("Planned sessions that lie ahead are back in your calendar."),
    )


def _handover(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("%(names)s wrote a note for your next mentor.", names=partners(pair, to)),
        _("Read it, and decide whether it goes on. Without your yes nobody else reads it."),
    )


def _guide_taken(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("You and %(names)s follow a newer version of your guide.", names=partners(pair, to)),
        _("Sessions you have held stay held. You can read the guide, and go back if you like."),
    )


def _asked_for_trial(pair: Relationship, _delivery: Delivery) -> bool:
    return pair.state is RelationshipState.TRIAL and pair.trial_asked_at is not None


def _asked_for_term(pair: Relationship, delivery: Delivery) -> bool:
    is_open = pair.renewal_asked_at is not None and pair.term == delivery.revision
    return is_open and pair.state is RelationshipState.ACTIVE


class SessionLeft(WithEntry):
    """Somebody left a group that goes on: its sessions leave this one calendar."""

    name = "session_left"
    method = "CANCEL"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Wanted whatever becomes of the session, unless the person is back."""
        meeting = meeting_of(db, delivery)
        return "moved" if meeting is None or meeting.pair.has(delivery.person_id) else None

    def entry(self, db: Session, meeting: Meeting, to: Recipient) -> ical.Entry:
        """The entry as it was, taken away."""
        return replace(super().entry(db, meeting, to), is_canceled=True)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The entry that cancels it."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        when = datetime_text(meeting.starts_at)
        return Message(
            subject=_("A session leaves your calendar"),
            lines=(_("You no longer take part in the session on %(when)s.", when=when),),
            attachments=self.attachments(db, delivery, meeting, to),
        )


PAUSED, CLOSED = RelationshipState.PAUSED, RelationshipState.CLOSED
STEPS = (
    Step("trial_question", _l("Do you want to go on?"), _trial, _asked_for_trial),
    Step("renewal_question", _l("Another term?"), _renewal, _asked_for_term),
    Step("pair_paused", _l("A pause"), _paused, in_state(PAUSED)),
    Step("pair_resumed", _l("The pause is over"), _resumed, in_state(RelationshipState.ACTIVE), ""),
    Step("pair_renewed", _l("Another term"), _renewed, in_state(*LIVE)),
    Step(
        "pair_concluding",
        _l("Time to look back"),
        _concluding,
        in_state(RelationshipState.CONCLUDING),
    ),
    Step("pair_completed", _l("Completed"), _completed, in_state(CLOSED), "certificate"),
    Step("partner_left", _l("A change in your mentoring"), _left, in_state(CLOSED)),
    Step("member_left", _l("A change in your mentoring"), _member_left, in_state(*LIVE), ""),
    Step("reopen_asked", _l("Go on after all?"), _reopen, in_state(CLOSED)),
    Step("pair_reopened", _l("You go on"), _reopened, in_state(*LIVE), ""),
    Step("guide_taken", _l("A newer guide"), _guide_taken, in_state(*LIVE), "guide").only_in_app(),
    Step("handover_written", _l("A note for your next mentor"), _handover, lambda *_any: True),
)
for _each in STEPS:
    outbox.kinds.add(_each.name, _each)
outbox.kinds.add(SessionLeft.name, SessionLeft())
