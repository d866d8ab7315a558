"""A pair of the demo that became a sponsorship, and what a senior promised a junior mentor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Meeting, Relationship
from app.mentoring.rules import LIVE, Claim
from app.mentoring.rules.sponsorship import SponsorAct
from app.mentoring.services import attending, sessions, sponsoring
from app.programs.rules import Format, Role

Planned = Callable[[Session, Relationship, datetime, datetime, int], Meeting]
DONE = (
    (34, SponsorAct.INTRODUCED, "The head of customer research in Nairobi", "A call each month"),
    (21, SponsorAct.STRETCH_WORK, "Runs the pilot with the two largest customers", ""),
    (
        6,
        SponsorAct.NOMINATED,
        "The panel on service at the partner summit",
        "Invited for the second day",
    ),
)
PROMISED = (
    (44, None, "In the next team meeting I ask the newest person first."),
    (30, True, "I tell the team what I do not know about the new tools."),
    (16, False, "I sit in the support chat for an hour and only read."),
)


def seed(
    db: Session, pairs: Sequence[Relationship], sponsor_of: UUID, now: datetime, planned: Planned
) -> None:
    """The ledger of one pair with three acts, and the commitments of the reverse pair."""
    for pair in pairs:
        if pair.format is Format.ONE_TO_ONE and pair.has(sponsor_of) and pair.state in LIVE:
            _sponsor(db, pair, now)
            break
    for pair in pairs:
        if pair.format is Format.REVERSE and pair.state in LIVE:
            _promise(db, pair, now, planned)


def _sponsor(db: Session, pair: Relationship, now: datetime) -> None:
    pair.sponsorship_opened_at = now - timedelta(days=40)
    db.flush()
    mentor = next(m.person_id for m in pair.members if m.role is Role.MENTOR)
    for days, act, whom, result in DONE:
        day = now - timedelta(days=days)
        with clock.frozen(day):
            sponsoring.note_action(
                db,
                mentor,
                relationship_id=pair.id,
                act=act,
                acted_on=day.date(),
                whom=whom,
                result=result,
            )


def _promise(db: Session, pair: Relationship, now: datetime, planned: Planned) -> None:
    senior = next(m.person_id for m in pair.members if m.role is Role.MENTEE)
    for days, is_kept, line in PROMISED:
        day = now - timedelta(days=days)
        meeting = planned(db, pair, day, day - timedelta(days=4), 11)
        with clock.frozen(day + timedelta(days=1)):
            sessions.mark_due(db)
            for member in pair.members:
                sessions.answer(db, member.person_id, session_id=meeting.id, said=Claim.MET)
            attending.give_feedback(
                db, senior, session_id=meeting.id, rating=None, line=line, is_kept=is_kept
            )
