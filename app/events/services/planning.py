"""Leads plan events: write them down, change, publish, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import ids, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import TextStatus
from app.events.models import Event, EventHost, EventText, Occurrence
from app.events.rules import (
    Access,
    Audience,
    EventKind,
    EventState,
    HostState,
    Mode,
    instant_of,
)
from app.events.rules.seats import MOST_SEATS
from app.events.services import admission, approving
from app.events.services.audience import (
    audience_of,
    change_audience,
    require_discretion,
    require_growth,
)
from app.events.services.dates import announce, own_event
from app.events.services.holding import led_with_group
from app.events.services.readiness import require_access

FIXED = (EventState.CANCELED, EventState.COMPLETED)
# What a lead decides about the event itself: the form shows it, a plan carries it.
EVENT_FIELDS = (
    "kind",
    "audience",
    "venue",
    "online_link",
    "guest_limit",
    "captions",
    "step_free",
    "access_contact",
    "quiet_room",
    "sign_language",
    "materials",
    "has_external_speaker",
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
    quiet_room: Access | None = None
    sign_language: Access | None = None
    materials: Access | None = None
    has_external_speaker: bool = False
    # None: as it was, or nobody besides. Both mean something at an event for members only.
    invited: frozenset[UUID] | None = None
    chapters: frozenset[UUID] | None = None

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
    require_discretion(erg, plan.audience, plan.invited or frozenset())
    key = f"{erg.slug}|{plan.title}|{plan.starts_at.isoformat()}"
    event = Event(
        id=ids.new_id("event", key),
        created_by=actor_id,
        **{name: getattr(plan, name) for name in EVENT_FIELDS},
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
    people = audience_of(event, plan.audience, plan.invited, plan.chapters)
    change_audience(db, actor_id, event, people)
    index(db, event)
    audit.record(db, actor_id, "plan", event, after=EventState.DRAFT)
    return occurrence


def revise(db: Session, actor_id: UUID, *, occurrence_id: UUID, plan: Plan) -> set[str]:
    """Change an event; returns the names of what changed, empty when nothing did."""
    occurrence = led_with_group(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state in FIXED:
        raise Refused(_("This event is over or canceled and cannot be changed."))
    people = audience_of(event, plan.audience, plan.invited, plan.chapters)
    require_growth(event, people)
    if people != audience_of(event, event.audience) or _differs(occurrence, plan):
        event = own_event(db, occurrence)
    changed = _assign(event, plan, EVENT_FIELDS) | _assign(occurrence, plan, _DATE_FIELDS)
    changed |= _change_words(event, plan) | change_audience(db, actor_id, event, people)
    if event.state not in (EventState.DRAFT, EventState.CHANGES_REQUESTED):
        require_access(event)
    if changed:
        _follow_up(db, actor_id, occurrence, changed)
    return changed


def change_seats(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, mode: Mode, was: int, seats: int
) -> Occurrence:
    """Make room for more, or take that back; who has a seat keeps it. A second tap changes nothing.

    `was` is the number the lead saw: two who add at once do not undo each other unseen.
    """
    occurrence = led_with_group(db, actor_id, occurrence_id)
    if occurrence.event.state in FIXED:
        raise Refused(_("This event is over or canceled and cannot be changed."))
    if occurrence.capacity(mode) == seats:
        return occurrence
    if occurrence.capacity(mode) != was or not was:
        raise Refused(_("The seats were changed meanwhile. Look at the number again."))
    if not 1 <= seats <= MOST_SEATS:
        raise Refused(_("Enter a number from 1 on, or nothing."), 422)
    own_event(db, occurrence)
    name = f"seats_{mode}"
    setattr(occurrence, name, seats)
    _follow_up(db, actor_id, occurrence, {name})
    return occurrence


def _follow_up(db: Session, actor_id: UUID, occurrence: Occurrence, changed: set[str]) -> None:
    """Who goes, who approved it and who waits meet the event as it is now."""
    event = occurrence.event
    audit.record(db, actor_id, "revise", event, reason=", ".join(sorted(changed)))
    db.flush()
    index(db, event)
    if changed & MATERIAL and event.state is EventState.PUBLISHED:
        announce(db, occurrence, is_moved="starts_at" in changed)
    approving.revised(db, actor_id, occurrence, changed)
    admission.settle(db, occurrence)


def _differs(occurrence: Occurrence, plan: Plan) -> bool:
    """Whether something changes: only then a date of a series gets an event of its own."""
    event = occurrence.event
    text = next((t for t in event.texts if t.locale == plan.locale), None)
    return (
        any(getattr(event, name) != getattr(plan, name) for name in EVENT_FIELDS)
        or any(getattr(occurrence, name) != getattr(plan, name) for name in _DATE_FIELDS)
        or text is None
        or (text.title, text.description) != (plan.title, plan.description)
    )


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


def index(db: Session, event: Event) -> None:
    """Make an event findable by its words in every language, and by its place."""
    words = [part for text in event.texts for part in (text.title, text.description)]
    search.put(db, "events", event.id, *words, event.venue)
