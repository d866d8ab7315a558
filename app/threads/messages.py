"""What discussions write to people; no group, no title, no person is ever named."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs import queries as ergs
from app.threads import queries
from app.threads.models import Following, Post, Report, Thread, ThreadAppeal
from app.threads.rules import AppealState, PostState, ReportState, Stance


class Mentioned:
    """To a member: a post speaks to them."""

    name = "thread_mention"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only to members who have not read or muted it, while the post stands."""
        post = db.get(Post, delivery.subject_id)
        thread = db.get(Thread, post.thread_id) if post else None
        if post is None or thread is None or post.state is not PostState.SHOWN:
            return "gone"
        if not ergs.belongs(db, delivery.person_id, [thread.erg_id]):
            return "not a member"
        own = db.get(Following, (thread.id, delivery.person_id))
        if own is not None and own.stance is Stance.MUTE:
            return "muted"
        return "read" if own is not None and own.seen >= post.number else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Where and by whom stands behind sign-in."""
        return Message(
            subject=_("Somebody mentioned you"),
            lines=(_("Somebody mentioned you in a discussion. Sign in to read it."),),
            link=f"/ergs/said/{delivery.subject_id}",
            link_text=_("Read the discussion"),
        )


class PostRemoved:
    """To an author: a moderator took a post away; why, and how to appeal, stands on its page."""

    name = "thread_removed"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is removed."""
        post = db.get(Post, delivery.subject_id)
        return None if post is not None and post.state is PostState.REMOVED else "shown again"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neutral: what it was about stands behind sign-in."""
        return Message(
            subject=_("Something you wrote was removed"),
            lines=(
                _("A moderator removed something you wrote."),
                _("Sign in to read the reason, and what you can do if you see it differently."),
            ),
            link=f"/ergs/removed/{delivery.subject_id}/",
            link_text=_("Read the reason"),
        )


class ReportWaits:
    """To those who may decide: a post was reported."""

    name = "thread_report"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is open and the reader is the right person."""
        report = db.get(Report, delivery.subject_id)
        if report is None or report.state is not ReportState.OPEN:
            return "decided"
        judges = queries.judges_of(db, report.post_id)
        return None if delivery.person_id in judges else "somebody else decides"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neither the group nor the post is named."""
        return Message(
            subject=_("A report is waiting for you"),
            lines=(
                _("Somebody asks a moderator to look at a post."),
                _("Please decide within two days. Nobody learns who reported it."),
            ),
            link=f"/ergs/reports/{delivery.subject_id}",
            link_text=_("See the report"),
        )


class AppealWaits:
    """To those who may decide: an author asks for a second look."""

    name = "thread_appeal"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is open and the reader is the right person."""
        row = db.get(ThreadAppeal, delivery.subject_id)
        if row is None or row.state is not AppealState.WAITING:
            return "decided"
        deciders = queries.deciders_of(db, row.id)
        return None if delivery.person_id in deciders else "somebody else decides"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neither the group nor the post is named."""
        return Message(
            subject=_("A second look is asked for"),
            lines=(_("The author of a removed post sees it differently. Please decide."),),
            link=f"/ergs/appeals/{delivery.subject_id}/",
            link_text=_("See the appeal"),
        )


class AppealDecided:
    """To the author, when the decision can no longer be taken back."""

    name = "thread_appeal_decided"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is decided."""
        row = db.get(ThreadAppeal, delivery.subject_id)
        return "open again" if row is None or row.state is AppealState.WAITING else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """How, stands behind sign-in."""
        row = db.get(ThreadAppeal, delivery.subject_id)
        if row is None:
            return None
        return Message(
            subject=_("Somebody took a second look"),
            lines=(_("You asked for a second look at something you wrote. There is an answer."),),
            link=f"/ergs/removed/{row.post_id}/",
            link_text=_("Read the answer"),
        )


for kind in (Mentioned(), PostRemoved(), ReportWaits(), AppealWaits(), AppealDecided()):
    outbox.kinds.add(kind.name, kind)
