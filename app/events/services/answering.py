"""Answers of people, and what takes an answer away: removal, departure, leaving the group."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.rules import Visibility
from app.events.models import Event, EventHost, Occurrence, Rsvp
from app.events.rules import (
    RSVP_TRANSITIONS,
    Audience,
    HostState,
    Mode,
    OccurrenceState,
    Reply,
    RsvpState,
)
from app.events.services import admission
from app.events.services.entries import move, note, put_entry, take_entry

_S = RsvpState
SITTING = (_S.GOING, _S.CHECKED_IN)
OPEN_CLAIMS = (_S.GOING, _S.WAITLISTED, _S.OFFERED, _S.PENDING_APPROVAL)

# What "no" and "maybe" make of each state; a state that is missing stays as it is.
ON_NO: dict[RsvpState | None, RsvpState] = {
    None: _S.NO,
    _S.MAYBE: _S.NO,
    _S.GOING: _S.WITHDRAWN,
    _S.WAITLISTED: _S.WITHDRAWN,
    _S.PENDING_APPROVAL: _S.WITHDRAWN,
    _S.OFFERED: _S.DECLINED,
}
ON_MAYBE: dict[RsvpState | None, RsvpState] = {
    before: _S.MAYBE for before, after in RSVP_TRANSITIONS.items() if _S.MAYBE in after
}


def answer(
    db: Session,
    actor_id: UUID,
    *,
    occurrence_id: UUID,
    reply: Reply,
    mode: Mode | None = None,
    guests: int = 0,
    visibility: Visibility = Visibility.NOBODY,
) -> Rsvp:
    """Say whether one comes. The same answer twice changes nothing."""
    occurrence = _held(db, occurrence_id)
    _require_open(db, occurrence, actor_id)
    admission.expire_offers(db, occurrence)
    rsvp = _own(db, occurrence_id, actor_id)
    shown = Visibility.NOBODY if occurrence.event.is_hidden else visibility
    if rsvp is not None:
        rsvp.visibility = shown
    if reply is Reply.GOING:
        rsvp = _claim(db, occurrence, actor_id, rsvp, _mode(occurrence, mode, rsvp), guests, shown)
    else:
        rsvp = _step_back(db, occurrence, actor_id, rsvp, reply, shown)
    admission.settle(db, occurrence, present=rsvp.id)
    return rsvp


def _claim(
    db: Session,
    occurrence: Occurrence,
    person_id: UUID,
    rsvp: Rsvp | None,
    mode: Mode,
    guests: int,
    shown: Visibility,
) -> Rsvp:
    if not 0 <= guests <= occurrence.event.guest_limit:
        raise Refused(_("You cannot bring that many guests to this event."), 422)
    if rsvp is not None and rsvp.state in SITTING:
        _change_seat(db, occurrence, rsvp, mode, guests)
    elif rsvp is not None and rsvp.state is _S.OFFERED:
        _take_offer(db, occurrence, rsvp, mode, guests)
    elif rsvp is not None and rsvp.state is _S.WAITLISTED:
        _change_wish(rsvp, mode, guests)
    else:
        rsvp = _queue_up(db, occurrence, person_id, rsvp, mode, guests, shown)
    return rsvp


def _queue_up(
    db: Session,
    occurrence: Occurrence,
    person_id: UUID,
    rsvp: Rsvp | None,
    mode: Mode,
    guests: int,
    shown: Visibility,
) -> Rsvp:
    if occurrence.capacity(mode) == 0:
        raise Refused(_("This way of taking part is closed."))
    if rsvp is None:
        rsvp = _new(occurrence, person_id, _S.WAITLISTED, mode, shown)
        db.add(rsvp)
        note(db, rsvp, None)
    else:
        move(db, rsvp, _S.WAITLISTED)
    rsvp.mode, rsvp.guests, rsvp.queued_at, rsvp.called_at = mode, guests, clock.now(), None
    return rsvp


def _change_wish(rsvp: Rsvp, mode: Mode, guests: int) -> None:
    """A larger or smaller party keeps its place; another mode is another queue."""
    if rsvp.mode is not mode:
        rsvp.mode, rsvp.queued_at, rsvp.called_at = mode, clock.now(), None
    rsvp.guests = guests


def _change_seat(db: Session, occurrence: Occurrence, rsvp: Rsvp, mode: Mode, guests: int) -> None:
    """Switch mode or party in one step, or keep the seat as it is."""
    extra = guests - rsvp.guests if mode is rsvp.mode else 1 + guests
    if mode is rsvp.mode and extra == 0:
        return
    if extra > 0 and not admission.has_room(db, occurrence, mode, rsvp, extra):
        raise Refused(_("There are not enough free seats for this change. You keep your seat."))
    rsvp.mode, rsvp.guests = mode, guests
    note(db, rsvp, rsvp.state)
    put_entry(db, occurrence, rsvp)


def _take_offer(db: Session, occurrence: Occurrence, rsvp: Rsvp, mode: Mode, guests: int) -> None:
    if mode is not rsvp.mode or guests > rsvp.guests:
        raise Refused(_("Accept the seat as it is offered first; then you can change it."))
    rsvp.guests = guests
    admission.accept(db, occurrence, rsvp)


def _step_back(
    db: Session,
    occurrence: Occurrence,
    person_id: UUID,
    rsvp: Rsvp | None,
    reply: Reply,
    shown: Visibility,
) -> Rsvp:
    to = (ON_NO if reply is Reply.NO else ON_MAYBE).get(rsvp.state if rsvp else None)
    if rsvp is None:
        assert to is not None
        modes = occurrence.modes or [Mode.IN_PERSON]
        rsvp = _new(occurrence, person_id, to, modes[0], shown)
        db.add(rsvp)
        note(db, rsvp, None)
    elif to is not None:
        _release(db, rsvp, to)
    return rsvp


def _release(db: Session, rsvp: Rsvp, to: RsvpState, reason: str | None = None) -> None:
    had_place = rsvp.state is _S.GOING
    rsvp.offer_until = rsvp.called_at = None
    move(db, rsvp, to, reason)
    if had_place:
        take_entry(db, rsvp)


def remove(db: Session, actor_id: UUID, *, rsvp_id: UUID, reason: str) -> Rsvp:
    """Organizers take a place away, with a reason; the seat goes to who waits."""
    rsvp = db.get(Rsvp, rsvp_id)
    if rsvp is None:
        raise Refused(_("This answer does not exist any more."), 404)
    occurrence = _held(db, rsvp.occurrence_id)
    if not any(ergs.leads(db, actor_id, erg.id) for erg in occurrence.event.accepted_hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)
    db.refresh(rsvp)
    _release(db, rsvp, _S.REMOVED, reason)
    admission.settle(db, occurrence)
    return rsvp


def depart(db: Session, person_id: UUID) -> None:
    """Give back all seats of a person who leaves the company."""
    _give_back(db, _claims_ahead(db, person_id))


def leave_group(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Give back seats at events for members only, when no other host lets the person in."""
    rows = [
        row
        for row in _claims_ahead(db, person_id)
        if row.occurrence.event.audience is Audience.MEMBERS
        and erg_id in {erg.id for erg in row.occurrence.event.accepted_hosts}
        and not _is_entitled(db, row.occurrence.event, person_id)
    ]
    _give_back(db, rows)


def _claims_ahead(db: Session, person_id: UUID) -> list[Rsvp]:
    return list(
        db.scalars(
            select(Rsvp)
            .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
            .where(
                Rsvp.person_id == person_id,
                Rsvp.state.in_(OPEN_CLAIMS),
                Occurrence.ends_at > clock.now(),
            )
            .order_by(Rsvp.occurrence_id)
        )
    )


def _give_back(db: Session, rows: list[Rsvp]) -> None:
    for row in rows:
        occurrence = _held(db, row.occurrence_id)
        db.refresh(row)
        if row.state in ON_NO:
            _release(db, row, ON_NO[row.state], "left")
        admission.settle(db, occurrence)


def sweep_due(db: Session, occurrence_id: UUID) -> None:
    """End late offers of one date and hand on what is free; harmless at any time."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is not None:
        admission.settle(db, occurrence)


def to_sweep(db: Session) -> list[UUID]:
    """Dates ahead on which somebody waits or holds an offer."""
    return list(
        db.scalars(
            select(Occurrence.id)
            .join(Rsvp, Rsvp.occurrence_id == Occurrence.id)
            .where(
                Occurrence.state == OccurrenceState.SCHEDULED,
                or_(Occurrence.ends_at > clock.now(), Rsvp.state == _S.OFFERED),
                Rsvp.state.in_((_S.WAITLISTED, _S.OFFERED)),
            )
            .distinct()
            .order_by(Occurrence.id)
        )
    )


def _held(db: Session, occurrence_id: UUID) -> Occurrence:
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    return occurrence


def _require_open(db: Session, occurrence: Occurrence, person_id: UUID) -> None:
    if occurrence.state is OccurrenceState.CANCELED:
        raise Refused(_("This event was canceled."))
    if not admission.takes_claims(occurrence):
        raise Refused(_("This event does not take answers any more."))
    if not _is_entitled(db, occurrence.event, person_id):
        raise Refused(_("This event is for members of the group. Join the group first."), 403)


def _is_entitled(db: Session, event: Event, person_id: UUID) -> bool:
    if event.audience is Audience.COMPANY:
        return True
    hosts = db.scalars(
        select(EventHost.erg_id).where(
            EventHost.event_id == event.id, EventHost.state == HostState.ACCEPTED
        )
    )
    return ergs.belongs(db, person_id, hosts.all())


def _mode(occurrence: Occurrence, mode: Mode | None, rsvp: Rsvp | None) -> Mode:
    if mode is not None:
        return mode
    if rsvp is not None and rsvp.state in (*SITTING, _S.OFFERED, _S.WAITLISTED):
        return rsvp.mode
    if not occurrence.modes:
        raise Refused(_("This event has no open seats."))
    return occurrence.modes[0]


def _own(db: Session, occurrence_id: UUID, person_id: UUID) -> Rsvp | None:
    return db.scalar(
        select(Rsvp).where(Rsvp.occurrence_id == occurrence_id, Rsvp.person_id == person_id)
    )


def _new(
    occurrence: Occurrence, person_id: UUID, state: RsvpState, mode: Mode, shown: Visibility
) -> Rsvp:
    key = f"{occurrence.id}|{person_id}"
    return Rsvp(
        id=ids.new_id("rsvp", key),
        entry_id=ids.new_id("entry", key),
        person_id=person_id,
        occurrence_id=occurrence.id,
        state=state,
        mode=mode,
        guests=0,
        visibility=shown,
        queued_at=clock.now(),
        changed_at=clock.now(),
        sequence=0,
        priority=0,
    )
