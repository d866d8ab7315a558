"""Ask for feedback, and take it. Nothing here writes a time, an audit row or a row of its own."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.models import FeedbackBox, FeedbackPlace
from app.attendance.rules import ASK_AFTER, OPEN_FOR, put_in, to_show
from app.core import clock, outbox
from app.core.database import hold, insert_rows
from app.core.errors import Refused
from app.elections.rules import blank, with_mark
from app.events.models import Occurrence, Rsvp
from app.events.rules import RsvpState

ASKED = "event_feedback"


def ask_for_feedback(db: Session, occurrence_id: UUID) -> int:
    """Ask those who attended; where nobody was checked in, those who went. Once, for good."""
    occurrence = hold(db, Occurrence, occurrence_id)
    now = clock.now()
    if occurrence is None or now < occurrence.ends_at + ASK_AFTER:
        return 0
    if db.get(FeedbackBox, occurrence_id) is not None:
        return 0
    people = _those_who_came(db, occurrence_id)
    closes_at = now + OPEN_FOR
    db.add(
        FeedbackBox(
            occurrence_id=occurrence_id,
            asked_at=now,
            closes_at=closes_at,
            answered=blank(len(people)),
            answers=[],
            shown=[],
        )
    )
    db.flush()
    places = [
        {"occurrence_id": occurrence_id, "person_id": person, "place": place}
        for place, person in enumerate(people)
    ]
    insert_rows(db, FeedbackPlace, places)
    outbox.put_all(db, ASKED, subject=occurrence_id, people=people, expires=closes_at)
    return len(people)


def _those_who_came(db: Session, occurrence_id: UUID) -> list[UUID]:
    rows = db.execute(
        select(Rsvp.person_id, Rsvp.state)
        .where(
            Rsvp.occurrence_id == occurrence_id,
            Rsvp.state.in_((RsvpState.ATTENDED, RsvpState.GOING)),
        )
        .order_by(Rsvp.person_id)
    ).all()
    came = [person for person, state in rows if state is RsvpState.ATTENDED]
    return came or [person for person, _state in rows]


def give_feedback(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, stars: int, good: str, change: str
) -> None:
    """Put one answer among the others and mark the place, both in the one row of the box.

    For the same reason as in elections there is no audit row, and the message that asks is not
    withdrawn but asks itself when it is due.
    """
    if hold(db, Occurrence, occurrence_id) is None:
        raise Refused(_("This event does not exist any more."), 404)
    place = db.get(FeedbackPlace, (occurrence_id, actor_id))
    box = db.get(FeedbackBox, occurrence_id, populate_existing=True)
    if place is None or box is None:
        raise Refused(_("Those who were there are asked."), 403)
    if box.closes_at <= clock.now():
        raise Refused(_("Feedback about this event is closed."))
    if queries.has_answered(box, place):
        raise Refused(
            _("You have answered already. No answer can be traced, so none can be changed either.")
        )
    if stars not in range(1, 6):
        raise Refused(_("Choose one of the answers."), 422)
    box.answered = with_mark(box.answered, place.place)
    box.answers = put_in(box.answers, stars, good, change)
    box.shown = to_show(box.answers, box.shown)
    db.flush()
