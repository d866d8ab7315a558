"""People who ask to come, on the leads' desk; open events of one's groups, at home."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import Session

from app.core import clock, hints, ids
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.ergs.models import Erg, Membership
from app.ergs.queries import READER, standing
from app.ergs.registry import DeskAct, DeskItem, desk
from app.ergs.rules import MembershipState, alias, pick_text
from app.events.agenda.base import title_of
from app.events.models import Event, EventHost, Occurrence, Rsvp
from app.events.queries import WITH_HOSTS, WITH_WORDS, hosted_by, is_shown_to
from app.events.rules import EventState, HostState, Mode, OccurrenceState, RsvpState

LIMIT = 50
NEXT = 2


def on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """To leads: everybody who asks to come, with the yes as a button; the no needs a reason.

    No names here: who may be named differs from event to event and stands on the event's list.
    """
    led = standing(db, actor).led
    if actor.is_external or not led:
        return []
    rows = db.execute(
        select(Rsvp, Occurrence)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            Rsvp.state == RsvpState.PENDING_APPROVAL,
            Rsvp.person_id != actor.person_id,
            Event.state == EventState.PUBLISHED,
            Occurrence.ends_at > clock.now(),
            hosted_by(led),
        )
        .order_by(Rsvp.queued_at, Rsvp.id)
        .limit(LIMIT)
        .options(WITH_WORDS, WITH_HOSTS)
    ).unique()
    return [_asking(rsvp, occurrence, led) for rsvp, occurrence in rows]


def _asking(rsvp: Rsvp, occurrence: Occurrence, led: set[Any]) -> DeskItem:
    event = occurrence.event
    host = next(erg for erg in event.accepted_hosts if erg.id in led)
    return DeskItem(
        id=str(rsvp.id),
        topic="events",
        erg_id=host.id,
        group=_group_name(host),
        title=title_of(event),
        text=_("Somebody asks to come (%(letters)s).", letters=alias(rsvp.id)),
        since=rsvp.queued_at if not event.is_hidden else event.created_at,
        due=occurrence.starts_at,
        url=url_for("events.people", occurrence_id=occurrence.id, show="asking"),
        icon="user-plus",
        acts=(DeskAct(_("Admit"), url_for("events.admit", rsvp_id=rsvp.id), "secondary", "check"),),
    )


def _group_name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def open_events(db: Session, actor: Actor) -> list[AgendaItem]:
    """The next events of one's groups that one has not answered, each with a button."""
    if actor.is_external:
        return []
    asked = {**standing(db, actor).parameters(), "now": clock.now()}
    rows = db.scalars(_unanswered(), asked).unique()
    return [_invitation(row) for row in rows]


@cache
def _unanswered() -> Select[Any]:
    """Every home page asks this; building the statement costs more than running it."""
    own = and_(Rsvp.occurrence_id == Occurrence.id, Rsvp.person_id == READER.person_id)
    return (
        select(Occurrence)
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            is_shown_to(READER),
            hosted_by(READER.member_of),
            Event.state == EventState.PUBLISHED,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.starts_at > hints.now(),
            ~exists().where(own),
        )
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(NEXT)
        .options(WITH_WORDS)
    )


def _invitation(occurrence: Occurrence) -> AgendaItem:
    """One tap where nothing has to be asked first."""
    event = occurrence.event
    is_simple = not any(row["is_required"] for row in event.questions)
    is_open = clock.now() < occurrence.answers_until and bool(occurrence.modes)
    mode = next(iter(occurrence.modes), Mode.IN_PERSON)
    return AgendaItem(
        section="next",
        when=occurrence.starts_at,
        title=title_of(event),
        text=_("Are you coming?"),
        url=url_for("events.show", occurrence_id=occurrence.id),
        icon="calendar-plus",
        act="events/coming_button.html" if is_simple and is_open else "",
        data={
            "action": url_for("events.answer", occurrence_id=occurrence.id),
            "id": str(occurrence.id),
            "mode": mode,
            "key": ids.token("press", occurrence.id, size=12),
            "asks": event.needs_approval,
        },
    )


def _may_invite() -> ColumnElement[bool]:
    """Whether a group of the reader's hosts something that is still to come."""
    mine: Select[Any] = select(Membership.erg_id).where(
        Membership.person_id == hints.person(),
        Membership.state == MembershipState.ACTIVE,
    )
    return exists().where(
        EventHost.erg_id.in_(mine),
        EventHost.state == HostState.ACCEPTED,
        Occurrence.event_id == EventHost.event_id,
        Occurrence.starts_at > hints.now(),
    )


desk.add("events_asking", on_desk)
agenda.add("events_open", open_events)
agenda_hints.add("events_open", _may_invite)
