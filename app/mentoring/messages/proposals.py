"""Messages about times that were proposed, and about a whole series."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core import outbox
from app.core.locale import datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring.messages.base import About, AboutSession, meeting_of, partners
from app.mentoring.models import Meeting, Relationship, SessionSlot
from app.mentoring.queries.messages import holds_back
from app.mentoring.rules import LIVE, SessionState


class SessionProposed(AboutSession):
    """Somebody proposes times; one tap takes one of them."""

    name = "session_proposed"
    states = (SessionState.PROPOSED,)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The times on the reader's clock."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        starts = db.scalars(
            select(SessionSlot.starts_at)
            .where(SessionSlot.session_id == meeting.id)
            .order_by(SessionSlot.starts_at)
        )
        return Message(
            subject=_("Which time suits you?"),
            lines=(
                _("%(name)s proposes these times:", name=_proposer(meeting)),
                *(datetime_text(at) for at in starts),
                _("One tap on one of them is enough. If none suits, propose others."),
            ),
            link=f"/mentoring/{meeting.relationship_id}/",
            link_text=_("Choose a time"),
            headline=_("Which time suits you?"),
        )


def _proposer(meeting: Meeting) -> str:
    return next(
        (shown_name(m.person) for m in meeting.pair.members if m.person_id == meeting.planned_by),
        "",
    )


class SlotsExpired(AboutSession):
    """Nobody took one of the times; whoever proposed them hears it, without a reason."""

    name = "slots_expired"
    channels = ("in_app",)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the pair has ended, or the person left it."""
        meeting = meeting_of(db, delivery)
        if meeting is None or meeting.pair.state not in LIVE:
            return "ended"
        return None if meeting.pair.has(delivery.person_id) else "left"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What to do next."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        names = partners(meeting.pair, to)
        return Message(
            subject=_("Your proposed times are over"),
            lines=(
                _("None of the times you proposed to %(names)s was chosen.", names=names),
                _("Propose others, or write a line and ask."),
            ),
            link=f"/mentoring/{meeting.relationship_id}/",
            link_text=_("Find another time"),
        )


class SeriesPlanned(About):
    """Several sessions were planned in one go; their entries come by mail, the news once."""

    name = "series_planned"
    channels = ("in_app",)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the pair has ended, or the person left it."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None or pair.state not in LIVE:
            return "ended"
        if not pair.has(delivery.person_id):
            return "left"
        return "moved" if holds_back(db, pair.id, delivery.person_id) else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Where they are."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None:
            return None
        return Message(
            subject=_("Your sessions are planned"),
            lines=(_("All sessions with %(names)s have a time now.", names=partners(pair, to)),),
            link=f"/mentoring/{pair.id}/sessions/",
            link_text=_("See the sessions"),
        )


for _each in (SessionProposed, SlotsExpired, SeriesPlanned):
    outbox.kinds.add(_each.name, _each())
