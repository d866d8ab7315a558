"""Nudges to members, the notice before a silent end, and what organizers write to a pair.

None of them says what a rule has seen of somebody else, and subjects are neutral.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.locale import date_text
from app.core.outbox import OPEN, Delivery, DeliveryState, Message, Recipient
from app.mentoring import links
from app.mentoring.messages.base import About, partners
from app.mentoring.models import ClosingNotice, Nudge, Relationship, RiskFlag
from app.mentoring.queries.facts import watched
from app.mentoring.queries.messages import holds_back
from app.mentoring.queries.nudges import holds
from app.mentoring.rules import LIVE, FlagState
from app.mentoring.rules.risks import Risk
from app.posts.models import Digest
from app.posts.registry import riders


@dataclass(frozen=True, slots=True)
class Words:
    """What a nudge says: the next step first, then a way out; and the page of the step."""

    step: Any
    besides: Any
    act: Any
    page: str = ""


OR_ELSE = _l("If all is well and you meet elsewhere, say so there, and we stop asking.")
WORDS: dict[Risk, Words] = {
    Risk.FIRST_SESSION: Words(
        _l("Choose a time for your first session with %(names)s."),
        _l("Half an hour is enough to begin; the guide says what to talk about."),
        _l("Find a time"),
        "times",
    ),
    Risk.NO_SESSION: Words(
        _l("Choose a time for your next session with %(names)s."), OR_ELSE, _l("Find a time"), ""
    ),
    Risk.CANCELED_TWICE: Words(
        _l("Choose a time with %(names)s that will hold, or take a pause for a while."),
        _l("Two sessions were canceled; that happens. A shorter one is easier to keep."),
        _l("Find a time"),
    ),
    Risk.UNANSWERED: Words(
        _l("Write a line to %(names)s; a message waits for you."),
        _l("A short answer is enough, also if it is “next week”."),
        _l("Open your workspace"),
    ),
    Risk.NO_GOAL: Words(
        _l("Write down one thing you want to reach with %(names)s."),
        _l("One sentence and a first step are enough. You choose who sees it."),
        _l("Set a goal"),
    ),
    Risk.GOAL_STUCK: Words(
        _l("Look at your goal again: take a small step, change it, or let it go."),
        _l("You can talk about it at your next session with %(names)s."),
        _l("Open your goals"),
    ),
    Risk.FEEDBACK: Words(
        _l("Say at the next session with %(names)s what would make it more useful for you."),
        _l("Only you read this: what you thought of a session stays with you."),
        _l("Open your workspace"),
    ),
    Risk.SILENT: Words(
        _l("Tell us how it goes with %(names)s: one tap is enough."),
        _l("You go on, you meet elsewhere, you want a pause, or it has ended: each is fine."),
        _l("Answer with one tap"),
    ),
}


class NudgeNote(About):
    """The nudge in the app, at once."""

    name = "nudge"
    channels = ("in_app",)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the step has not been taken."""
        row = db.get(Nudge, delivery.subject_id)
        if row is None or row.done_at is not None:
            return "done"
        return None if _stands(db, row) else "done"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The next step first."""
        row = db.get(Nudge, delivery.subject_id)
        pair = db.get(Relationship, row.relationship_id) if row else None
        if row is None or pair is None:
            return None
        words, names = WORDS[row.rule], partners(pair, to)
        return Message(
            subject=_("A next step in your mentoring"),
            lines=(str(words.step) % {"names": names}, str(words.besides) % {"names": names}),
            link=link_of(row),
            link_text=str(words.act),
        )


def _stands(db: Session, row: Nudge) -> bool:
    """Whether the step is still to be taken, by somebody who wants to hear of it."""
    one = watched(db, [row.relationship_id]).get(row.relationship_id)
    return holds(one, row) and not holds_back(db, row.relationship_id, row.person_id)


class NudgeMail(NudgeNote):
    """The same by mail, unless the digest of the day has taken it along."""

    name = "nudge_mail"
    channels = ("mail",)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the digest has said it, or the step has been taken."""
        row = db.get(Nudge, delivery.subject_id)
        if row is not None and _is_in_digest(db, row):
            return "in the digest"
        return super().wanted(db, delivery)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """With the way to say that all is well."""
        message = super().message(db, delivery, to)
        row = db.get(Nudge, delivery.subject_id)
        if message is None or row is None or row.rule is Risk.SILENT:
            return message
        fewer = _("We write at most twice in a week, and stop when the step is taken.")
        return replace(message, lines=(*message.lines, fewer))


def link_of(row: Nudge) -> str:
    """Where the step is taken; the question of silence has a link that needs no sign-in."""
    if row.rule is Risk.SILENT:
        return f"/mentoring/still/{links.still_token(row.id, row.person_id)}"
    page = WORDS[row.rule].page
    return f"/mentoring/{row.relationship_id}/{page}{'/' if page else ''}"


def _is_in_digest(db: Session, row: Nudge) -> bool:
    """Whether a digest left after the nudge was written and before its own mail."""
    told = (
        select(Delivery.id)
        .join(Digest, Digest.id == Delivery.subject_id)
        .where(
            Delivery.kind == "digest",
            Delivery.person_id == row.person_id,
            Delivery.state == DeliveryState.SENT,
            Delivery.finished_at >= row.written_at,
            Digest.day == row.day,
        )
    )
    return db.scalar(told.limit(1)) is not None


def ride(db: Session, person_id: UUID) -> Iterator[str]:
    """What of today's nudges goes into a digest that is being written: the step, without a name."""
    rows = db.scalars(
        select(Nudge)
        .join(Delivery, Delivery.subject_id == Nudge.id)
        .where(
            Nudge.person_id == person_id,
            Nudge.done_at.is_(None),
            Delivery.kind == NudgeMail.name,
            Delivery.state.in_(OPEN),
            Delivery.expires_at > clock.now(),
        )
    ).all()
    for row in rows:
        pair = db.get(Relationship, row.relationship_id)
        if pair is not None and _stands(db, row):
            yield _("Your mentoring has a next step. Sign in to see it.")


class NoticeOfEnd(About):
    """Ninety silent days: the day on which it ends, and how it does not."""

    name = "closing_notice"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while the notice stands."""
        return None if db.get(ClosingNotice, delivery.subject_id) else "withdrawn"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Nobody is at fault."""
        pair = db.get(Relationship, delivery.subject_id)
        notice = db.get(ClosingNotice, delivery.subject_id)
        if pair is None or notice is None:
            return None
        return Message(
            subject=_("Do you still meet?"),
            lines=(
                _(
                    "Nothing has been heard of you and %(names)s for three months. "
                    "Without a word from one of you it ends on %(day)s.",
                    names=partners(pair, to),
                    day=date_text(notice.closes_on),
                ),
                _(
                    "Plan a session, or say that you are fine. After the end you have two weeks"
                    " to take it back."
                ),
            ),
            link=f"/mentoring/{pair.id}/seen/",
            link_text=_("Say that you go on"),
        )


class Letter(About):
    """What organizers write to everybody of a relationship; the same words to each."""

    def __init__(self, name: str, line: Any, page: str = "") -> None:
        self.name, self.line, self.page = name, line, page

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the relationship has ended."""
        flag = db.get(RiskFlag, delivery.subject_id)
        pair = db.get(Relationship, flag.relationship_id) if flag else None
        return None if pair is not None and pair.state in LIVE else "ended"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A friendly question, without what a rule has seen."""
        flag = db.get(RiskFlag, delivery.subject_id)
        pair = db.get(Relationship, flag.relationship_id) if flag else None
        if pair is None:
            return None
        return Message(
            subject=_("A word from the organizers of your program"),
            lines=(
                str(self.line) % {"names": partners(pair, to)},
                _("Everybody of you gets this message in the same words."),
            ),
            link=f"/mentoring/{pair.id}/{self.page}",
            link_text=_("Open your workspace"),
        )


class FlagGiven(About):
    """An organizer is asked to look after a pair; which one and why stands on the page alone."""

    name = "flag_given"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is theirs and not settled."""
        flag = db.get(RiskFlag, delivery.subject_id)
        is_theirs = flag is not None and flag.owner_id == delivery.person_id
        return None if flag and is_theirs and flag.state is not FlagState.RESOLVED else "not theirs"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Where to look."""
        return Message(
            subject=_("A pair may need you"),
            lines=(_("Another organizer asks you to look after a pair of your program."),),
            link=f"/mentoring/risks/{delivery.subject_id}/",
            link_text=_("See what you can do"),
        )


LETTERS = (
    Letter(
        "organizer_asks",
        _l("How is it going with %(names)s? If there is anything you need, write to us."),
    ),
    Letter(
        "organizer_finds_time",
        _l(
            "Is it hard to find a time with %(names)s? Your workspace finds hours that suit "
            "everybody; we are glad to help."
        ),
    ),
    Letter(
        "organizer_offers_pause",
        _l(
            "If there is much to do right now, you and %(names)s may pause for up to sixty days; "
            "it goes on by itself."
        ),
        "going-on",
    ),
)
for _each in (NudgeNote(), NudgeMail(), NoticeOfEnd(), FlagGiven(), *LETTERS):
    outbox.kinds.add(_each.name, _each)
riders.add("mentoring", ride)
