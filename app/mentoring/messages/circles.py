"""What groups are told: news on the board, turns, too few for a session, and topics."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core import outbox
from app.core.locale import current_language, datetime_text, format_number
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring.messages.base import About, AboutSession, meeting_of
from app.mentoring.models import Meeting, Relationship
from app.mentoring.queries.board import reading_of
from app.mentoring.queries.circles import coming, facilitator_of, in_turn, quorum_of
from app.mentoring.queries.reshaping import open_for
from app.mentoring.queries.scheduling import guide_session_of
from app.mentoring.queries.sessions import PAIR_WITH_MEMBERS
from app.mentoring.queries.topics import latest_round
from app.mentoring.rules import LIVE, spoken
from app.mentoring.rules.circles import RoundState


class AboutGroup(About):
    """A message about a group that lives, to somebody who belongs to it."""

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the group has ended or the person has left."""
        group = db.get(Relationship, delivery.subject_id)
        if group is None or group.state not in LIVE:
            return "ended"
        return None if group.has(delivery.person_id) else "left"


class BoardNews(AboutGroup):
    """Something new on a board: told once until it is read, and never what."""

    name = "board_news"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once the person has read the board."""
        row = reading_of(db, delivery.subject_id, delivery.person_id)
        if (row.number if row else 0) != delivery.revision:
            return "read"
        return super().wanted(db, delivery)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """That there is something, and where."""
        return Message(
            subject=_("There is something new for you"),
            lines=(
                _("Somebody of your group wrote on its board."),
                _("You hear of it again only after you have looked."),
            ),
            link=f"/mentoring/{delivery.subject_id}/board/",
            link_text=_("Open the board"),
        )


class TopicVote(AboutGroup):
    """A vote on the next topic is open."""

    name = "topic_vote"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Until when, and that nobody sees whose ticks are whose."""
        row = latest_round(db, delivery.subject_id)
        if row is None or row.number != delivery.revision or row.state is not RoundState.OPEN:
            return None
        return Message(
            subject=_("Your group votes"),
            lines=(
                _("Your group chooses the topic of its next session."),
                _("Propose and tick until %(when)s.", when=datetime_text(row.closes_at)),
                _("Nobody sees what you tick."),
            ),
            link=f"/mentoring/{delivery.subject_id}/topics/",
            link_text=_("Vote"),
        )


class TopicChosen(AboutGroup):
    """The vote is closed; the page says what was chosen."""

    name = "topic_chosen"
    channels: tuple[str, ...] = ("in_app",)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """That it is decided, and where."""
        return Message(
            subject=_("Your group has chosen a topic"),
            lines=(_("Read what you talk about next time."),),
            link=f"/mentoring/{delivery.subject_id}/topics/",
            link_text=_("See the topic"),
        )


class TooFewCome(AboutSession):
    """A day before a session that too few come to; it can be held all the same."""

    name = "too_few_come"
    is_urgent = True

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when enough have said yes meanwhile."""
        meeting = _with_replies(db, delivery)
        if meeting is not None and coming(meeting, meeting.pair) >= quorum_of(meeting.pair):
            return "enough"
        return super().wanted(db, delivery)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """How many come, how many it takes, and what can be done."""
        meeting = _with_replies(db, delivery)
        if meeting is None:
            return None
        come, people = coming(meeting, meeting.pair), len(in_turn(meeting.pair))
        return Message(
            subject=_("Your session is at risk"),
            lines=(
                _(
                    "%(come)s of %(all)s come on %(when)s; you agreed on %(needed)s or more.",
                    come=format_number(come),
                    all=format_number(people),
                    when=datetime_text(meeting.starts_at),
                    needed=format_number(quorum_of(meeting.pair)),
                ),
                _("Say whether you come, move it to a time that suits more, or meet all the same."),
            ),
            link=f"/mentoring/sessions/{meeting.id}/",
            link_text=_("Open the session"),
        )


def _with_replies(db: Session, delivery: Delivery) -> Meeting | None:
    found = select(Meeting).where(Meeting.id == delivery.subject_id)
    options = (PAIR_WITH_MEMBERS, joinedload(Meeting.replies))
    return db.scalars(found.options(*options)).unique().one_or_none()


class FacilitatorReminder(AboutSession):
    """Two days before: it is your turn, and this is what the guide tells whoever facilitates."""

    name = "facilitator_reminder"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when somebody else has taken the turn."""
        meeting = meeting_of(db, delivery)
        host = facilitator_of(db, meeting.pair) if meeting else None
        if host is None or host.person_id != delivery.person_id:
            return "swapped"
        return super().wanted(db, delivery)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """When, and the notes of the guide."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        part = guide_session_of(db, meeting)
        tag = current_language().tag
        notes = [spoken(p.text, tag)[0] for p in part.prompts if p.is_for_host] if part else []
        topic = [_("Your topic: %(topic)s", topic=meeting.topic)] if meeting.topic else []
        return Message(
            subject=_("It is your turn to facilitate"),
            lines=(
                _("You facilitate on %(when)s.", when=datetime_text(meeting.starts_at)),
                *topic,
                *notes,
                _("If you cannot, ask somebody to swap, or let the next one begin."),
            ),
            link=f"/mentoring/{meeting.relationship_id}/group/",
            link_text=_("See whose turn it is"),
        )


class Turn(AboutGroup):
    """News about whose turn it is: one kind each, a neutral subject, one line."""

    def __init__(self, name: str, line: Any) -> None:
        self.name, self.line = name, line

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What happened, and where one answers."""
        return Message(
            subject=_("Who facilitates your next session"),
            lines=(str(self.line),),
            link=f"/mentoring/{delivery.subject_id}/group/",
            link_text=_("See whose turn it is"),
        )


TURNS = (
    Turn("turn_asked", _l("Somebody asks you to facilitate instead, and would take your turn.")),
    Turn("turn_taken", _l("Your turn was taken. You facilitate when it would have been theirs.")),
    Turn("turn_left", _l("Your question was answered with no, so it is still your turn.")),
    Turn("turn_yours", _l("The one before you could not, so you facilitate the next session.")),
)


class ReshapingAsked(AboutGroup):
    """Organizers propose that circles become one, or two; everybody answers for themselves."""

    name = "reshaping_asked"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Until when, and that nobody sees the answer."""
        row = open_for(db, delivery.subject_id)
        if row is None:
            return None
        return Message(
            subject=_("A question about your group"),
            lines=(
                _("The organizers propose how your group could go on."),
                _(
                    "Answer until %(when)s. Nobody sees your answer.",
                    when=datetime_text(row.closes_at),
                ),
            ),
            link=f"/mentoring/{delivery.subject_id}/group/",
            link_text=_("Read and answer"),
        )


class CircleReshaped(About):
    """A circle has become another one; what was written stays readable."""

    name = "circle_reshaped"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when it was taken back at once."""
        circle = db.get(Relationship, delivery.subject_id)
        return None if circle is not None and circle.state not in LIVE else "recalled"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What changes, and what stays."""
        return Message(
            subject=_("Your group has a new shape"),
            lines=(
                _("Your group goes on with other people. Its planned sessions are canceled."),
                _("What you wrote in the former one stays readable for those who were in it."),
            ),
            link="/mentoring/",
            link_text=_("See your groups"),
        )


class CircleWithoutYou(About):
    """A former circle goes on after all, and somebody has no seat in it any more."""

    name = "circle_without_you"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the person is in it again."""
        circle = db.get(Relationship, delivery.subject_id)
        return "back" if circle is None or circle.has(delivery.person_id) else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What happened, what stays, and whom to ask."""
        return Message(
            subject=_("Your group has a new shape"),
            lines=(
                _("Your former group goes on after all, but you have no seat in it any more."),
                _("Your goals and notes stay yours. Ask the organizers for another group."),
            ),
            link="/mentoring/",
            link_text=_("See your groups"),
        )


KINDS = (
    ReshapingAsked(),
    CircleReshaped(),
    CircleWithoutYou(),
    BoardNews(),
    TopicVote(),
    TopicChosen(),
    TooFewCome(),
    FacilitatorReminder(),
    *TURNS,
)
for _each in KINDS:
    outbox.kinds.add(_each.name, _each)
