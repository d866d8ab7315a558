"""Leads plan events: write them down, change, publish, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import Discovery, ErgState, TextStatus
from app.events.models import Event, EventHost, EventText, Occurrence, Rsvp
from app.events.rules import (
    EVENT_TRANSITIONS,
    Access,
    Audience,
    EventKind,
    EventState,
    HostState,
    OccurrenceState,
    RsvpState,
    instant_of,
)
from app.events.services import admission
from app.events.services.entries import move, put_entry, take_entry, tell

FIXED = (EventState.CANCELED, EventState.COMPLETED)
_EVENT_FIELDS = (
    "kind",
    "audience",
    "venue",
    "online_link",
    "guest_limit",
    "captions",
    "step_free",
    "access_contact",
)
_DATE_FIELDS = (
    "wall_start",
    "zone",
    "fold",
    "starts_at",
    "ends_at",
    "seats_in_person",
    "seats_online",
)
# What stands in calendars; when it changes, everybody who goes gets the entry again.
MATERIAL = frozenset({"starts_at", "ends_at", "zone", "venue", "online_link", "title"})


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a lead decides about an event; wall time is naive, seats None is unlimited."""

    title: str
    wall_start: datetime
    zone: str
    kind: EventKind = EventKind.GATHERING
    audience: Audience = Audience.COMPANY
    description: str = ""
    locale: str = "en"
    fold: int = 0
    minutes: int = 60
    seats_in_person: int | None = None
    seats_online: int | None = 0
    venue: str = ""
    online_link: str = ""
    guest_limit: int = 0
    captions: Access | None = None
    step_free: Access | None = None
    access_contact: str = ""

    @property
    def starts_at(self) -> datetime:
        """The instant; raises NonexistentTime when the clocks skip it."""
        return instant_of(self.wall_start, self.zone, self.fold)

    @property
    def ends_at(self) -> datetime:
        """The instant at which it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


def plan(db: Session, actor_id: UUID | None, *, erg_id: UUID, plan: Plan) -> Occurrence:
    """Write down a new event of a group as a draft; only leads (None: seeds)."""
    erg = hold(db, Erg, erg_id)
    if erg is None or (actor_id is not None and not ergs.leads(db, actor_id, erg_id)):
        raise Refused(_("Only leads of the group can plan its events."), 403)
    _require_discretion(erg, plan)
    key = f"{erg.slug}|{plan.title}|{plan.starts_at.isoformat()}"
    event = Event(
        id=ids.new_id("event", key),
        created_by=actor_id,
        **{name: getattr(plan, name) for name in _EVENT_FIELDS},
    )
    event.texts = [EventText(locale=plan.locale, title=plan.title, description=plan.description)]
    event.hosts = [EventHost(erg=erg, state=HostState.ACCEPTED)]
    occurrence = Occurrence(
        id=ids.new_id("occurrence", key),
        event=event,
        original_start=plan.starts_at,
        **{name: getattr(plan, name) for name in _DATE_FIELDS},
    )
    db.add(occurrence)
    db.flush()
    index(db, event)
    audit.record(db, actor_id, "plan", event, after=EventState.DRAFT)
    return occurrence


def _require_discretion(erg: Erg, plan: Plan) -> None:
    if erg.discovery is Discovery.HIDDEN and plan.audience is not Audience.MEMBERS:
        raise Refused(_("Events of a hidden group are for its members only."), 422)


def revise(db: Session, actor_id: UUID, *, occurrence_id: UUID, plan: Plan) -> set[str]:
    """Change an event; returns the names of what changed, empty when nothing did."""
    occurrence = _led(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state in FIXED:
        raise Refused(_("This event is over or canceled and cannot be changed."))
    for erg in event.accepted_hosts:
        _require_discretion(erg, plan)
    changed = _assign(event, plan, _EVENT_FIELDS) | _assign(occurrence, plan, _DATE_FIELDS)
    changed |= _change_words(event, plan)
    if not changed:
        return changed
    audit.record(db, actor_id, "revise", event, reason=", ".join(sorted(changed)))
    db.flush()
    index(db, event)
    if changed & MATERIAL and event.state is EventState.PUBLISHED:
        _announce_change(db, occurrence)
    admission.settle(db, occurrence)
    return changed


def _assign(row: Event | Occurrence, plan: Plan, names: tuple[str, ...]) -> set[str]:
    changed = {name for name in names if getattr(row, name) != getattr(plan, name)}
    for name in changed:
        setattr(row, name, getattr(plan, name))
    return changed


def _change_words(event: Event, plan: Plan) -> set[str]:
    text = next((t for t in event.texts if t.locale == plan.locale), None)
    if text is None:
        event.texts.append(
            EventText(
                locale=plan.locale,
                status=TextStatus.TRANSLATED,
                title=plan.title,
                description=plan.description,
            )
        )
        return {"translation"}
    changed = {n for n in ("title", "description") if getattr(text, n) != getattr(plan, n)}
    for name in changed:
        setattr(text, name, getattr(plan, name))
    if changed and text.status is TextStatus.SOURCE:
        for other in event.texts:
            if other.status is TextStatus.TRANSLATED:
                other.status = TextStatus.STALE
    return changed


def _announce_change(db: Session, occurrence: Occurrence) -> None:
    """One step up for everybody who goes: new entry, reminders at the new time, one message."""
    occurrence.revision += 1
    for rsvp in _answers(db, occurrence, RsvpState.GOING):
        put_entry(db, occurrence, rsvp)
        tell(db, "event_moved", occurrence, rsvp)


def publish(db: Session, actor_id: UUID | None, *, occurrence_id: UUID) -> Event:
    """Show the event to its audience; the questions about access are answered before."""
    occurrence = _led(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state is EventState.PUBLISHED:
        return event
    _require_ready(occurrence)
    _change_state(db, actor_id, event, EventState.PUBLISHED)
    admission.settle(db, occurrence)
    return event


def _require_ready(occurrence: Occurrence) -> None:
    event = occurrence.event
    if not all((event.captions, event.step_free, event.access_contact)):
        raise Refused(_("Please answer the questions about accessibility first."))
    if not occurrence.modes:
        raise Refused(_("Please open seats in person, online, or both."))
    if occurrence.ends_at <= clock.now():
        raise Refused(_("This event is already over. Choose another day first."))
    if any(erg.state is not ErgState.ACTIVE for erg in event.accepted_hosts):
        raise Refused(_("The group is not active, so it cannot publish events."))


def cancel(db: Session, actor_id: UUID, *, occurrence_id: UUID, reason: str = "") -> Event:
    """Cancel for good: entries leave the calendars, nobody keeps an offer or waits in vain."""
    return _cancel(db, actor_id, _led(db, actor_id, occurrence_id), reason)


def _cancel(db: Session, actor_id: UUID | None, occurrence: Occurrence, reason: str) -> Event:
    event = occurrence.event
    if event.state is EventState.CANCELED:
        return event
    _change_state(db, actor_id, event, EventState.CANCELED, reason or None)
    occurrence.state = OccurrenceState.CANCELED
    occurrence.revision += 1
    for rsvp in _answers(db, occurrence, RsvpState.GOING):
        take_entry(db, rsvp, kind="event_canceled")
    for rsvp in _answers(db, occurrence, RsvpState.WAITLISTED, RsvpState.OFFERED):
        rsvp.offer_until = rsvp.called_at = None
        move(db, rsvp, RsvpState.EXPIRED, "event canceled")
        tell(db, "event_wait_over", occurrence, rsvp)
    db.flush()
    return event


def cancel_ahead(db: Session, actor_id: UUID | None, erg_id: UUID) -> None:
    """An archived group holds no more events; those that another group hosts as well go on."""
    ahead = db.scalars(
        select(Occurrence.id)
        .join(EventHost, EventHost.event_id == Occurrence.event_id)
        .where(
            EventHost.erg_id == erg_id,
            EventHost.state == HostState.ACCEPTED,
            Occurrence.ends_at > clock.now(),
        )
        .order_by(Occurrence.id)
    ).all()
    for occurrence_id in ahead:
        occurrence = hold(db, Occurrence, occurrence_id)
        if occurrence is not None and _ends_with(occurrence.event):
            _cancel(db, actor_id, occurrence, "group archived")


def _ends_with(event: Event) -> bool:
    """Whether nobody is left to hold the event."""
    is_open = EventState.CANCELED in EVENT_TRANSITIONS[event.state]
    return is_open and all(erg.state is ErgState.ARCHIVED for erg in event.accepted_hosts)


def index(db: Session, event: Event) -> None:
    """Make an event findable by its words in every language, and by its place."""
    words = [part for text in event.texts for part in (text.title, text.description)]
    search.put(db, "events", event.id, *words, event.venue)


def _answers(db: Session, occurrence: Occurrence, *states: RsvpState) -> list[Rsvp]:
    return list(
        db.scalars(
            select(Rsvp)
            .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(states))
            .order_by(Rsvp.id)
        )
    )


def _change_state(
    db: Session, actor_id: UUID | None, event: Event, to: EventState, reason: str | None = None
) -> None:
    if to not in EVENT_TRANSITIONS[event.state]:
        raise Refused(_("The event cannot be changed like that from its present state."))
    audit.record(db, actor_id, "change_state", event, before=event.state, after=to, reason=reason)
    event.state = to
    db.flush()


def _led(db: Session, actor_id: UUID | None, occurrence_id: UUID) -> Occurrence:
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    hosts = occurrence.event.accepted_hosts
    if actor_id is not None and not any(ergs.leads(db, actor_id, erg.id) for erg in hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)
    return occurrence
