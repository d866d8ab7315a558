"""Erasure: what somebody said, was asked and was matched by goes; that they took part stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import search
from app.programs.models import (
    Candidate,
    Enrollment,
    Exclusion,
    MatchRequest,
    Offer,
    OutsideInvitation,
    PairDecision,
    ShortlistEntry,
    SignUpSheet,
)
from app.programs.rules import SheetState
from app.programs.services.replays import forget_person

# What a pair was matched by, and the words with which either side asked or declined.
WORDS: tuple[tuple[type[Any], dict[str, Any]], ...] = (
    (Candidate, {"reasons": []}),
    (ShortlistEntry, {"reasons": []}),
    (Offer, {"reasons": [], "decline_note": ""}),
    (MatchRequest, {"reasons": [], "note": "", "decline_note": ""}),
)


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: answers, hours, exclusions, invitations and words go, and what runs were given.

    How things were at enrollment goes with the closing questions, whose shares are made of both.
    """
    forget_person(db, person_id)
    theirs = select(Enrollment.id).where(Enrollment.person_id == person_id)
    for row in db.scalars(select(Enrollment).where(Enrollment.person_id == person_id)).all():
        row.answers, row.preferences, row.languages, row.weekly_windows = {}, {}, [], []
        search.drop(db, "enrollments", row.id)
    whose = or_(Exclusion.person_id == person_id, Exclusion.enrollment_id.in_(theirs))
    db.execute(delete(Exclusion).where(whose).execution_options(synchronize_session="fetch"))
    for kind, empty in WORDS:
        of_them = or_(kind.mentee_id.in_(theirs), kind.mentor_id.in_(theirs))
        emptied = update(kind).where(of_them).values(**empty)
        db.execute(emptied.execution_options(synchronize_session="fetch"))
    whose = or_(PairDecision.mentee_id.in_(theirs), PairDecision.mentor_id.in_(theirs))
    silent = update(PairDecision).where(whose).values(reason="")
    db.execute(silent.execution_options(synchronize_session="fetch"))
    _forget_invitations(db, person_id)
    _leave_out_of_sheets(db, person_id)
    db.flush()


def _leave_out_of_sheets(db: Session, person_id: UUID) -> None:
    """Rows of sheets that nobody has imported, by any of the names somebody is known under."""
    person = db.get_one(Person, person_id)
    known = {word.casefold() for word in (person.name, person.email, person.external_id) if word}
    for sheet in db.scalars(select(SignUpSheet).where(SignUpSheet.state != SheetState.DONE)):
        others = [row for row in sheet.rows if not known & _words_of(row)]
        if len(others) < len(sheet.rows):
            sheet.rows = others


def _words_of(row: Any) -> set[str]:
    cells = row.values() if isinstance(row, dict) else row
    return {str(cell).strip().casefold() for cell in cells}


def _forget_invitations(db: Session, person_id: UUID) -> None:
    """Invitations to the person, answered or not; and the words of those the person sent."""
    address = select(func.lower(Person.email)).where(Person.id == person_id).scalar_subquery()
    whose = or_(OutsideInvitation.person_id == person_id, OutsideInvitation.email == address)
    gone = db.scalars(select(OutsideInvitation.id).where(whose)).all()
    search.drop_many(db, "outside_invitations", gone)
    sent = update(OutsideInvitation).where(OutsideInvitation.invited_by == person_id)
    for statement in (
        delete(OutsideInvitation).where(OutsideInvitation.id.in_(gone)),
        sent.values(words=""),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
