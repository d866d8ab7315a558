"""Who stands at the door of which date, and whose place it is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attendance.rules import own_code
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import Standing, standing
from app.ergs.rules import LEADING, RoleName
from app.events import queries as events
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import RsvpState

AT_DOOR = (*LEADING, RoleName.CHECK_IN)
CAN_ENTER = (
    RsvpState.GOING,
    RsvpState.CHECKED_IN,
    RsvpState.ATTENDED,
    RsvpState.NO_SHOW,
)


def key() -> str:
    """What codes are derived with."""
    secret: str = flask.current_app.extensions["settings"].secret_key
    return secret


def at_door_of(mine: Standing, event: Event) -> list[Erg]:
    """The hosting groups for which somebody leads or checks in."""
    return [erg for erg in event.accepted_hosts if mine.holds(erg.id, *AT_DOOR)]


def runs_door(db: Session, actor: Actor, event: Event) -> bool:
    """Whether the actor checks people in."""
    return bool(at_door_of(standing(db, actor), event))


@dataclass(frozen=True, slots=True)
class Door:
    """One place at one date, as those at the door find it."""

    occurrence: Occurrence
    rsvp: Rsvp


def door_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date of which the actor keeps the door; for everybody else it has none."""
    occurrence = events.occurrence_for(db, actor, occurrence_id)
    if occurrence is None or not runs_door(db, actor, occurrence.event):
        return None
    return occurrence


def place_for(db: Session, actor: Actor, occurrence_id: UUID, rsvp_id: UUID) -> Door | None:
    """A place by its id, to those at the door of its date."""
    occurrence, rsvp = door_for(db, actor, occurrence_id), db.get(Rsvp, rsvp_id)
    if occurrence is None or rsvp is None or rsvp.occurrence_id != occurrence.id:
        return None
    return Door(occurrence, rsvp)


def own_place_for(db: Session, actor: Actor, occurrence_id: UUID) -> Door | None:
    """The actor's own place at a date; None without one."""
    occurrence = events.occurrence_for(db, actor, occurrence_id)
    rsvp = events.rsvp_of(db, occurrence_id, actor.person_id) if occurrence else None
    return Door(occurrence, rsvp) if occurrence is not None and rsvp is not None else None


def codes(db: Session, occurrence_id: UUID) -> list[str]:
    """The codes of those who have a place, in an order that says nothing; for devices."""
    secret = key()
    rows = db.scalars(
        select(Rsvp.id).where(Rsvp.occurrence_id == occurrence_id, Rsvp.state.in_(CAN_ENTER))
    )
    return sorted(own_code(secret, rsvp_id) for rsvp_id in rows)
