"""Under which name somebody appears to those who keep the door: theirs, or four letters.

A name is shown when the person lets organizers see it and, at an event for members, when the
membership is visible to this reader as well. Of a hidden event nobody is named at all.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.ergs.models import Membership
from app.ergs.queries import Standing
from app.ergs.rules import SEEN_BY, MembershipState, Visibility, alias
from app.events.models import Occurrence, Rsvp
from app.events.rules import Audience

TO_ORGANIZERS = (Visibility.COMPANY, Visibility.LEADS)


def is_named(mine: Standing, occurrence: Occurrence) -> ColumnElement[bool]:
    """Whether a reader at the door may see whose answer it is."""
    event = occurrence.event
    if event.is_hidden:
        return false()
    shown = and_(Rsvp.visibility.in_(TO_ORGANIZERS), Person.name.is_not(None))
    if event.audience is Audience.COMPANY:
        return shown
    seen = [
        and_(Membership.erg_id == erg.id, Membership.visibility.in_(SEEN_BY[viewer]))
        for erg in event.accepted_hosts
        for viewer in [mine.viewer(erg.id)]
        if erg.roster in SEEN_BY[viewer]
    ]
    belongs = select(Membership.id).where(
        Membership.person_id == Rsvp.person_id,
        Membership.state == MembershipState.ACTIVE,
        or_(false(), *seen),
    )
    return and_(shown, belongs.exists())


def label(rsvp_id: UUID, name: str | None) -> str:
    """The name that may be shown, else the letters of this answer."""
    return name or str(_("Person %(alias)s", alias=alias(rsvp_id)))


def labels(
    db: Session, mine: Standing, occurrence: Occurrence, rsvp_ids: Collection[UUID]
) -> dict[UUID, str]:
    """How each of some answers appears to a reader, in one statement."""
    if not rsvp_ids:
        return {}
    named = db.execute(
        select(Rsvp.id, Person.name)
        .join(Person, Person.id == Rsvp.person_id)
        .where(Rsvp.id.in_(list(rsvp_ids)), is_named(mine, occurrence))
    )
    names: dict[UUID, str | None] = {row[0]: row[1] for row in named}
    return {rsvp_id: label(rsvp_id, names.get(rsvp_id)) for rsvp_id in rsvp_ids}
