"""What events add to home, navigation, search, groups, and to somebody's leaving."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session, joinedload

from app.core import clock, hints, ids, search
from app.core.locale import current_language, datetime_text
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    NavItem,
    SearchHit,
    agenda,
    agenda_hints,
    departures,
    erasures,
    navigation,
    search_sources,
)
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.registry import (
    Panel,
    archivings,
    chapter_leavings,
    leavings,
    liveliness,
    panels,
)
from app.ergs.rules import pick_text
from app.events import queries, services
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import EventState, RsvpState

HITS = 10


def my_events(db: Session, actor: Actor) -> list[AgendaItem]:
    """Offers and calls that need an answer; places that lie ahead."""
    if actor.person_id is None:
        return []
    return [_item(rsvp) for rsvp in queries.ahead_of(db, actor.person_id)]


def _item(rsvp: Rsvp) -> AgendaItem:
    occurrence = rsvp.occurrence
    is_paused = occurrence.event.state is EventState.POSTPONED
    return AgendaItem(
        section="next" if rsvp.state is RsvpState.GOING else "answer",
        when=occurrence.starts_at,
        title=title_of(occurrence.event),
        text=_note(rsvp),
        url=url_for("events.show", occurrence_id=occurrence.id),
        icon="calendar-check" if rsvp.state is RsvpState.GOING else "hourglass",
        act="events/leaving_button.html" if is_paused else "",
        data={
            "action": url_for("events.answer", occurrence_id=occurrence.id),
            "id": str(occurrence.id),
            "key": ids.token("press", occurrence.id, size=12),
        }
        if is_paused
        else {},
    )


def _note(rsvp: Rsvp) -> str:
    if rsvp.occurrence.event.state is EventState.POSTPONED:
        return _("Postponed. You keep your seat and will be told the new time.")
    if rsvp.state is RsvpState.OFFERED and rsvp.offer_until:
        return _("A seat is kept for you until %(time)s.", time=datetime_text(rsvp.offer_until))
    if rsvp.state is RsvpState.WAITLISTED:
        return _("A seat is free right now. Whoever takes it first has it.")
    return _("You are going.")


def find_events(db: Session, actor: Actor, q: str) -> list[SearchHit]:
    """Events ahead that the actor finds in the list as well."""
    found = search.ids("events", q)
    if found is None:
        return []
    rows = db.scalars(
        queries.visible_to(actor, standing(db, actor))
        .where(Event.id.in_(found), Occurrence.ends_at > clock.now())
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(HITS)
        .options(joinedload(Occurrence.event).selectinload(Event.texts))
    )
    return [
        SearchHit(
            title_of(row.event),
            datetime_text(row.starts_at),
            url_for("events.show", occurrence_id=row.id),
            "calendar-days",
        )
        for row in rows
    ]


def title_of(event: Event) -> str:
    text = pick_text(event.texts, current_language().tag)
    return text.title if text else ""


def upcoming(db: Session, actor: Actor, erg: Erg) -> Panel:
    """The next events on a group's page."""
    return Panel(
        "events/_hosted.html",
        {
            "occurrences": queries.of_group(db, actor, erg),
            "erg": erg,
            "may_plan": erg.id in standing(db, actor).led,
        },
    )


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Rsvp.person_id == hints.person(),
        Occurrence.id == Rsvp.occurrence_id,
        Occurrence.ends_at > hints.now(),
    )


agenda_hints.add("events", _may_speak)
agenda.add("events", my_events)
search_sources.add("events", find_events)
departures.add("events", services.depart)
erasures.add("events", services.erase)
leavings.add("events", services.leave_group)
chapter_leavings.add("events", services.leave_group)
archivings.add("events", services.cancel_ahead)
liveliness.add("events", queries.lively_groups)
panels.add("events", upcoming)
navigation.add(
    "events", NavItem("events.index", _l("Events"), "calendar-days", 30, True, "/events/")
)
