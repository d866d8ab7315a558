"""Groups that gather: who has a seat and has not said yes or no."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.mentoring.models import Relationship
from app.programs.models import Enrollment, Offer
from app.programs.rules import OPEN_OFFERS


def awaited(db: Session, group: Relationship) -> list[Person]:
    """The people whose answer a group waits for, by name."""
    return list(
        db.scalars(
            select(Person)
            .join(Enrollment, Enrollment.person_id == Person.id)
            .join(Offer, Offer.mentee_id == Enrollment.id)
            .where(Offer.group_id == group.group_id, Offer.state.in_(OPEN_OFFERS))
            .order_by(Person.name, Person.id)
        )
    )
