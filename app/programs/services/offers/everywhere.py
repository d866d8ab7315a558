"""One number for all programs: how many people somebody meets at a time, whichever it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Enrollment, LentSeat, Offer, PersonPlaces
from app.programs.rules import OPEN_OFFERS, OfferState, Role
from app.programs.services.offers.asking import holds_a_place, is_a_pair
from app.programs.services.offers.ending import close, tell


def hold_places(db: Session, person_id: UUID) -> PersonPlaces | None:
    """Lock the number somebody has chosen; None when they have not.

    Taken after the enrollments of a pair and before its offer, so that two cohorts that reach for
    the last place of one person wait for each other and never in a circle.
    """
    mine = PersonPlaces.person_id == person_id
    db.execute(
        update(PersonPlaces)
        .where(mine)
        .values(person_id=person_id)
        .execution_options(synchronize_session=False)
    )
    return db.scalar(select(PersonPlaces).where(mine).execution_options(populate_existing=True))


def _used(condition: ColumnElement[bool]) -> Any:
    """Places of the person of the outer statement: with their mentees, and lent."""
    mentor = aliased(Enrollment)
    met = (
        select(func.count(Offer.id))
        .join(mentor, mentor.id == Offer.mentor_id)
        .where(mentor.person_id == PersonPlaces.person_id, mentor.role == Role.MENTOR, condition)
        .correlate(PersonPlaces)
        .scalar_subquery()
    )
    lent = (
        select(func.count(LentSeat.id))
        .where(LentSeat.person_id == PersonPlaces.person_id, LentSeat.ended_at.is_(None))
        .correlate(PersonPlaces)
        .scalar_subquery()
    )
    return met + lent


def left_everywhere(db: Session, people: Any, condition: Any = None) -> dict[UUID, int]:
    """Places left over all programs, of those of these people (ids or a select) with a number."""
    used = _used(holds_a_place() if condition is None else condition)
    rows = db.execute(
        select(PersonPlaces.person_id, PersonPlaces.at_most - used).where(
            PersonPlaces.person_id.in_(people)
        )
    )
    return {person_id: max(0, left) for person_id, left in rows.tuples()}


def left_of(person_id: Any) -> Any:
    """Places left over all programs of the person of an outer statement; None without a number."""
    return (
        select(PersonPlaces.at_most - _used(holds_a_place()))
        .where(PersonPlaces.person_id == person_id)
        .scalar_subquery()
    )


def refuse_unless_free_everywhere(db: Session, mentor: Enrollment | None) -> None:
    """Refuse an offer to a mentor whose places over all programs are in use; locks the number."""
    if mentor is None or hold_places(db, mentor.person_id) is None:
        return
    if not left_everywhere(db, [mentor.person_id])[mentor.person_id]:
        raise Refused(_("This mentor has no free place. Choose another mentor."))


def has_place_everywhere(db: Session, person_id: UUID, *, offers_too: bool = False) -> bool:
    """Whether one more pair fits, open offers counted only on wish; the caller holds the number."""
    what = holds_a_place() if offers_too else is_a_pair()
    return left_everywhere(db, [person_id], what).get(person_id, 1) > 0


def of_mentor(person_id: UUID) -> ColumnElement[bool]:
    """The condition under which an offer is to this person as a mentor, in any cohort."""
    return Offer.mentor_id.in_(
        select(Enrollment.id).where(
            Enrollment.person_id == person_id, Enrollment.role == Role.MENTOR
        )
    )


def choose_places(db: Session, actor_id: UUID, *, at_most: int | None) -> None:
    """How many one meets at a time over all programs, or no such number; pairs stay.

    Open offers beyond it are taken back, the newest first, and nobody is told why.
    """
    for enrollment_id in db.scalars(
        select(Enrollment.id)
        .where(Enrollment.person_id == actor_id, Enrollment.role == Role.MENTOR)
        .order_by(Enrollment.id)
    ).all():
        hold(db, Enrollment, enrollment_id)
    before = hold_places(db, actor_id)
    if at_most is None:
        _refuse_while_lending(db, actor_id)
        db.execute(delete(PersonPlaces).where(PersonPlaces.person_id == actor_id))
    else:
        _refuse_fewer_than_met(db, actor_id, at_most)
        db.merge(PersonPlaces(person_id=actor_id, at_most=at_most, chosen_at=clock.now()))
        db.flush()
        _fit(db, actor_id, at_most)
    audit.record(
        db,
        actor_id,
        "places_everywhere_chosen",
        ("person", actor_id),
        before=None if before is None else str(before.at_most),
        after=None if at_most is None else str(at_most),
    )
    db.flush()


def _refuse_while_lending(db: Session, person_id: UUID) -> None:
    if lent_by(db, person_id):
        raise Refused(
            ngettext(
                "You lend %(num)s place to a partner. Take it back first, or keep a number.",
                "You lend %(num)s places to partners. Take them back first, or keep a number.",
                lent_by(db, person_id),
            ),
            422,
        )


def lent_by(db: Session, person_id: UUID) -> int:
    """How many places somebody keeps for partner organizations."""
    return (
        db.scalar(
            select(func.count(LentSeat.id)).where(
                LentSeat.person_id == person_id, LentSeat.ended_at.is_(None)
            )
        )
        or 0
    )


def met_by(db: Session, person_id: UUID, *, open_too: bool = False) -> int:
    """How many people somebody meets now as a mentor, over all programs."""
    what = holds_a_place() if open_too else is_a_pair()
    return db.scalar(select(func.count(Offer.id)).where(of_mentor(person_id), what)) or 0


def _refuse_fewer_than_met(db: Session, person_id: UUID, at_most: int) -> None:
    used = met_by(db, person_id) + lent_by(db, person_id)
    if at_most < used:
        raise Refused(
            ngettext(
                "%(num)s of your places is in use, places you lend included. Choose at least that.",
                "%(num)s of your places are in use, places you lend included. "
                "Choose at least that many.",
                used,
            ),
            422,
        )


def _fit(db: Session, actor_id: UUID, at_most: int) -> None:
    over = met_by(db, actor_id, open_too=True) + lent_by(db, actor_id) - at_most
    if over <= 0:
        return
    newest = (
        select(Offer.id)
        .where(of_mentor(actor_id), Offer.state.in_(OPEN_OFFERS))
        .order_by(Offer.offered_at.desc(), Offer.id)
        .limit(over)
    )
    for offer_id in sorted(db.scalars(newest)):
        offer = hold(db, Offer, offer_id)
        if offer is not None and offer.state in OPEN_OFFERS:
            close(db, actor_id, offer, OfferState.WITHDRAWN, reason="fewer places")
            tell(db, offer, offer.mentee_id)
