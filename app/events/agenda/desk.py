"""What events lay on the leads' desk: people who wait for a seat, drafts whose day comes near."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.locale import current_language
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.registry import DeskAct, DeskItem, desk
from app.ergs.rules import pick_text
from app.events.agenda.base import title_of
from app.events.forms import MODES
from app.events.models import Event, Occurrence, Rsvp
from app.events.queries import WITH_HOSTS, WITH_WORDS, hosted_by
from app.events.rules import EventState, Mode, OccurrenceState, RsvpState

DRAFT_AHEAD = timedelta(days=21)
LIMIT = 50


def on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """To leads: published events with people waiting, and drafts of the next three weeks."""
    led = standing(db, actor).led
    if actor.is_external or not led:
        return []
    rows = db.execute(_waiting_or_draft(led)).unique()
    return [_waiting(*row, led) if row.mode else _draft(row.Occurrence, led) for row in rows]


def _waiting_or_draft(led: set[UUID]) -> Select[Any]:
    now = clock.now()
    queue = (
        select(
            Rsvp.occurrence_id,
            Rsvp.mode,
            func.count().label("n"),
            func.sum(1 + Rsvp.guests).label("seats"),
            func.min(Rsvp.queued_at).label("since"),
        )
        .where(Rsvp.state == RsvpState.WAITLISTED)
        .group_by(Rsvp.occurrence_id, Rsvp.mode)
        .subquery()
    )
    is_waited_for = queue.c.n > 0
    is_late_draft = and_(
        Event.state.in_((EventState.DRAFT, EventState.APPROVED)),
        Occurrence.starts_at <= now + DRAFT_AHEAD,
    )
    return (
        select(Occurrence, queue.c.mode, queue.c.n, queue.c.seats, queue.c.since)
        .join(Event, Event.id == Occurrence.event_id)
        .outerjoin(
            queue,
            and_(queue.c.occurrence_id == Occurrence.id, Event.state == EventState.PUBLISHED),
        )
        .where(
            Occurrence.starts_at > now,
            Occurrence.state == OccurrenceState.SCHEDULED,
            hosted_by(led),
            or_(is_waited_for, is_late_draft),
        )
        .order_by(Occurrence.starts_at, Occurrence.id, queue.c.mode)
        .limit(LIMIT)
        .options(WITH_WORDS, WITH_HOSTS)
    )


def _waiting(
    occurrence: Occurrence, mode: Mode, waiting: int, seats: int, since: datetime, led: set[UUID]
) -> DeskItem:
    """Who waits for one way of taking part, and room for them as buttons."""
    event, host = occurrence.event, _host(occurrence, led)
    return DeskItem(
        id=f"{occurrence.id}-{mode}",
        topic="waitlists",
        erg_id=host.id,
        group=_group_name(host),
        title=title_of(event),
        text=ngettext(
            "%(num)s person waits for a seat: %(way)s",
            "%(num)s people wait for a seat: %(way)s",
            waiting,
            way=MODES[mode],
        )
        if len(occurrence.modes) > 1
        else ngettext("%(num)s person waits for a seat", "%(num)s people wait for a seat", waiting),
        since=event.created_at if event.is_hidden else since,
        due=occurrence.starts_at,
        url=url_for("events.edit", occurrence_id=occurrence.id),
        icon="hourglass",
        acts=_room(occurrence, mode, seats),
    )


def _room(occurrence: Occurrence, mode: Mode, wanted: int) -> tuple[DeskAct, ...]:
    """One seat more, or one for everybody who waits; a way that is closed is opened by hand."""
    was = occurrence.capacity(mode)
    if not was:
        return ()
    return tuple(
        DeskAct(
            ngettext("Add %(num)s seat", "Add %(num)s seats", more),
            url_for(
                "events.change_seats",
                occurrence_id=occurrence.id,
                mode=mode,
                was=was,
                seats=was + more,
            ),
            icon="plus",
        )
        for more in sorted({1, wanted})
    )


def _draft(occurrence: Occurrence, led: set[UUID]) -> DeskItem:
    host = _host(occurrence, led)
    return DeskItem(
        id=str(occurrence.id),
        topic="events",
        erg_id=host.id,
        group=_group_name(host),
        title=title_of(occurrence.event),
        text=_("Still a draft: publish it, move it or cancel it."),
        since=occurrence.event.created_at,
        due=occurrence.starts_at,
        url=url_for("events.show", occurrence_id=occurrence.id),
        icon="calendar-clock",
    )


def _host(occurrence: Occurrence, led: set[UUID]) -> Erg:
    return next(erg for erg in occurrence.event.accepted_hosts if erg.id in led)


def _group_name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


desk.add("events", on_desk)
