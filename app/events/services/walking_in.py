"""Somebody stands at the door without a place: the same door to a seat as for everybody."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.errors import Refused
from app.ergs.queries import standing_of
from app.ergs.rules import LEADING, RoleName, Visibility
from app.events.models import Occurrence, Rsvp
from app.events.rules import Mode, RsvpState
from app.events.services import admission
from app.events.services.claiming import Wish, queue_up
from app.events.services.holding import held_date, own

_S = RsvpState
AT_THE_DOOR = (*LEADING, RoleName.CHECK_IN)
INSIDE = (_S.GOING, _S.CHECKED_IN, _S.ATTENDED, _S.NO_SHOW)


def walk_in(
    db: Session, actor_id: UUID | None, *, occurrence_id: UUID, person_id: UUID, mode: Mode
) -> Rsvp:
    """Give a free seat to somebody who has come without one; who has one keeps it.

    Those who wait and fit come first until the start; from then on whoever is there has claimed
    first. The organizers' yes is in it. None as the actor is the person's own room code.
    """
    occurrence = held_date(db, occurrence_id)
    _require_door(db, actor_id, occurrence)
    admission.expire_offers(db, occurrence)
    rsvp = own(db, occurrence_id, person_id)
    if rsvp is not None and rsvp.state in INSIDE:
        return rsvp
    _require_guest(db, occurrence, rsvp, person_id)
    if rsvp is not None and rsvp.state is _S.OFFERED:
        admission.accept(db, occurrence, rsvp)
        return rsvp
    return _seat(db, actor_id, occurrence, rsvp, person_id, mode)


def _seat(
    db: Session,
    actor_id: UUID | None,
    occurrence: Occurrence,
    rsvp: Rsvp | None,
    person_id: UUID,
    mode: Mode,
) -> Rsvp:
    """Nothing is written before it is known that there is a seat."""
    has_begun = clock.now() >= occurrence.starts_at
    was_called = rsvp is not None and rsvp.called_at is not None
    asked = rsvp.id if rsvp is not None else person_id
    if not admission.has_room(db, occurrence, mode, asked, 1, is_called=has_begun or was_called):
        raise Refused(_("There is no free seat for this person right now."))
    if rsvp is not None and rsvp.state is _S.WAITLISTED:
        rsvp.mode, rsvp.guests, rsvp.approved_at = mode, 0, clock.now()
    elif rsvp is not None and rsvp.state is _S.PENDING_APPROVAL:
        admission.approve(db, rsvp)
        rsvp.mode, rsvp.guests = mode, 0
    else:
        shown = rsvp.visibility if rsvp is not None else Visibility.NOBODY
        wish = Wish(mode, 0, shown)
        rsvp = queue_up(db, occurrence, person_id, rsvp, wish, is_approved=True)
    db.flush()
    admission.give_seat(db, occurrence, rsvp)
    audit.record(db, actor_id, "walk_in", occurrence)
    admission.settle(db, occurrence)
    return rsvp


def _require_door(db: Session, actor_id: UUID | None, occurrence: Occurrence) -> None:
    if actor_id is None:
        return
    stands = standing_of(db, actor_id)
    if not any(stands.holds(erg.id, *AT_THE_DOOR) for erg in occurrence.event.accepted_hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)


def _require_guest(db: Session, occurrence: Occurrence, rsvp: Rsvp | None, person_id: UUID) -> None:
    if not admission.takes_claims(occurrence):
        raise Refused(_("This event does not take answers any more."))
    if rsvp is not None and rsvp.state is _S.REMOVED:
        raise Refused(_("A lead of the group took this person off the list. Ask a lead first."))
    if not admission.entitled_among(db, occurrence.event, [person_id]):
        raise Refused(_("This person cannot be let in here. Ask a lead of the group."), 403)
