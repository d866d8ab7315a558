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
from app.ergs.registry import DeskItem, desk
from app.ergs.rules import pick_text
from app.events.agenda.base import title_of
from app.events.models import Event, Occurrence, Rsvp
from app.events.queries import WITH_HOSTS, WITH_WORDS, hosted_by
from app.events.rules import EventState, OccurrenceState, RsvpState

DRAFT_AHEAD = timedelta(days=21)
LIMIT = 50


def on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """To leads: published events with people waiting, and drafts of the next three weeks."""
    led = standing(db, actor).led
    if actor.is_external or not led:
        return []
    rows = db.execute(_waiting_or_draft(led)).unique()
    return [_item(occurrence, waiting, since, led) for occurrence, waiting, since in rows]


def _waiting_or_draft(led: set[UUID]) -> Select[Any]:
    now = clock.now()
    queue = (
        select(
            Rsvp.occurrence_id,
            func.count().label("n"),
            func.min(Rsvp.queued_at).label("since"),
        )
        .where(Rsvp.state == RsvpState.WAITLISTED)
        .group_by(Rsvp.occurrence_id)
        .subquery()
    )
    is_waited_for = and_(Event.state == EventState.PUBLISHED, queue.c.n > 0)
    is_late_draft = and_(
        Event.state.in_((EventState.DRAFT, EventState.APPROVED)),
        Occurrence.starts_at <= now + DRAFT_AHEAD,
    )
    return (
        select(Occurrence, queue.c.n, queue.c.since)
        .join(Event, Event.id == Occurrence.event_id)
        .outerjoin(queue, queue.c.occurrence_id == Occurrence.id)
        .where(
            Occurrence.starts_at > now,
            Occurrence.state == OccurrenceState.SCHEDULED,
            hosted_by(led),
            or_(is_waited_for, is_late_draft),
        )
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(LIMIT)
        .options(WITH_WORDS, WITH_HOSTS)
    )


def _item(
    occurrence: Occurrence, waiting: int | None, since: datetime | None, led: set[UUID]
) -> DeskItem:
    event = occurrence.event
    host = next(erg for erg in event.accepted_hosts if erg.id in led)
    is_queue = event.state is EventState.PUBLISHED
    text = (
        ngettext("%(num)s person waits for a seat", "%(num)s people wait for a seat", waiting or 0)
        if is_queue
        else _("Still a draft: publish it, move it or cancel it.")
    )
    return DeskItem(
        id=str(occurrence.id),
        topic="waitlists" if is_queue else "events",
        erg_id=host.id,
        group=_group_name(host),
        title=title_of(event),
        text=text,
        since=since if since and not event.is_hidden else event.created_at,
        due=occurrence.starts_at,
        url=url_for("events.edit" if is_queue else "events.show", occurrence_id=occurrence.id),
        icon="hourglass" if is_queue else "calendar-clock",
    )


def _group_name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


desk.add("events", on_desk)
