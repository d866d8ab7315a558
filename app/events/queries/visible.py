"""What a reader may see is found, the rest is not."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    false,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, joinedload

from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import READER, Standing, StandingParameters, standing
from app.ergs.rules import Discovery
from app.events.models import Event, EventHost, Occurrence
from app.events.models.series import SeriesDate
from app.events.queries.audience import in_chapters_of, is_for
from app.events.rules import (
    SHOWN_EVENTS,
    HostState,
)

PAGE = 20

WITH_WORDS = joinedload(Occurrence.event).joinedload(Event.texts)
WITH_HOSTS = (
    joinedload(Occurrence.event)
    .joinedload(Event.hosts)
    .joinedload(EventHost.erg)
    .joinedload(Erg.texts)
)


def hosted_by(erg_ids: set[UUID] | BindParameter[Any]) -> ColumnElement[bool]:
    """Events that one of these groups hosts; the groups may be a parameter."""
    if isinstance(erg_ids, set) and not erg_ids:
        return false()
    return (
        select(EventHost.event_id)
        .where(
            EventHost.event_id == Event.id,
            EventHost.state == HostState.ACCEPTED,
            EventHost.erg_id.in_(erg_ids),
        )
        .exists()
    )


def is_shown_to(mine: Standing | StandingParameters) -> ColumnElement[bool]:
    """What a person with this standing may see: their audience's events, leads also drafts."""
    return or_(
        and_(
            Event.state.in_(SHOWN_EVENTS),
            is_for(
                lambda erg_id: _is_one_of(erg_id, mine.member_of), in_chapters_of(mine.person_id)
            ),
        ),
        hosted_by(mine.led),
    )


def _is_one_of(erg_id: Any, groups: set[UUID] | BindParameter[Any]) -> ColumnElement[bool]:
    is_none = isinstance(groups, set) and not groups
    return false() if is_none else erg_id.in_(groups)


def visible_to(actor: Actor, mine: Standing) -> Select[Any]:
    """Occurrences that the actor may see, joined with their events."""
    seen = is_shown_to(mine) if not actor.is_external else literal(False)
    return select(Occurrence).join(Event, Event.id == Occurrence.event_id).where(seen)


def occurrence_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date with its event, words and hosts, in one statement; hidden and absent are None."""
    if actor.is_external:
        return None
    asked = {**standing(db, actor).parameters(), "occurrence": occurrence_id}
    return db.scalars(_one(), asked).unique().one_or_none()


@cache
def _one() -> Select[Occurrence]:
    """Every page of an event asks this; building the statement costs more than running it."""
    return (
        select(Occurrence)
        .join(Event, Event.id == Occurrence.event_id)
        .where(is_shown_to(READER), Occurrence.id == bindparam("occurrence", type_=Uuid()))
        .options(
            WITH_WORDS,
            WITH_HOSTS,
            joinedload(Occurrence.place_in_series).joinedload(SeriesDate.series),
        )
    )


def visible_hosts(event: Event, mine: Standing) -> list[Erg]:
    """The hosts whose existence is no secret to the reader."""
    return [
        erg
        for erg in event.accepted_hosts
        if erg.discovery is not Discovery.HIDDEN or erg.id in mine.known
    ]
