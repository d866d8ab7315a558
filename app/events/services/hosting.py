"""Groups that host together: asked, accepted or declined by their own leads, stepping down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.events.models import Event, EventHost, EventInvited, Occurrence, Rsvp
from app.events.rules import UNSEEN_EVENTS, Audience, EventState, HostState
from app.events.services import admission
from app.events.services.audience import is_found, require_discretion
from app.events.services.claiming import CLAIMING
from app.events.services.dates import keep_past, meant_event
from app.events.services.holding import led

UNDO_WITHIN = timedelta(minutes=10)
MOST_HOSTS = 6
OVER = (EventState.CANCELED, EventState.COMPLETED)


@dataclass(frozen=True, slots=True)
class Host:
    """A date, its event, and one group's row among the hosts."""

    occurrence: Occurrence
    row: EventHost

    @property
    def event(self) -> Event:
        """The event it is about."""
        return self.occurrence.event


def ask_host(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID, is_for_all: bool = False
) -> EventHost:
    """Ask another group to host with us; one that the actor does not find cannot be asked.

    Of a series it is asked about this date alone, or about all that lie ahead and are like it.
    """
    occurrence = led(db, actor_id, occurrence_id)
    event = occurrence.event
    _require_open(event)
    erg = db.get(Erg, erg_id)
    if erg is None or not is_found(erg, ergs.standing_of(db, actor_id).known):
        raise Refused(_("There is no such group. Choose one from the list."), 404)
    row = _row(event, erg_id)
    if row is not None and row.state in (HostState.ASKED, HostState.ACCEPTED):
        return row
    asked = [host for host in event.hosts if host.state in (HostState.ASKED, HostState.ACCEPTED)]
    if len(asked) >= MOST_HOSTS:
        raise Refused(_("Six groups at most host an event together."))
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    row = _row(event, erg_id)
    if row is None:
        row = EventHost(event_id=event.id, erg_id=erg_id)
        event.hosts.append(row)
    before = row.state if row.asked_at else None
    row.state, row.asked_by, row.asked_at = HostState.ASKED, actor_id, clock.now()
    row.answered_at = None
    db.flush()
    _tell_leads(db, event, row, "event_host_asked", ergs.leads_of(db, erg_id))
    audit.record(db, actor_id, "ask_host", event, before=before, after=HostState.ASKED)
    return row


def take_back_host(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID, is_for_all: bool = False
) -> None:
    """The hosts do not ask any more; nothing happens when the group has answered."""
    occurrence = led(db, actor_id, occurrence_id)
    row = _row(occurrence.event, erg_id)
    if row is None or row.state is not HostState.ASKED:
        raise Refused(_("This group has answered meanwhile. Reload the page."))
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    row = _row(event, erg_id)
    assert row is not None
    row.state, row.answered_at = HostState.LEFT, clock.now()
    outbox.withdraw(db, "event_host_asked", subject=event.id, reason="taken back")
    audit.record(db, actor_id, "take_back_host", event, before=HostState.ASKED, after=row.state)


def accept_host(db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID) -> Host:
    """Host with them: members may come, leads run it. A discreet group makes the event hidden.

    Of a series all dates about which the group was asked, but not those that took place.
    """
    host = _asked(db, actor_id, occurrence_id, erg_id)
    if host.row.state is HostState.ACCEPTED:
        return host
    _require_asked(host)
    refusal = why_not(host.event, host.row.erg)
    if refusal is not None:
        raise Refused(refusal)
    keep_past(db, host.event, but=host.occurrence)
    return _answer(db, actor_id, host, HostState.ACCEPTED)


def why_not(event: Event, erg: Erg) -> str | None:
    """Why a group cannot become a host as things are, for the page that asks and for the rule."""
    if erg.is_discreet and event.state not in UNSEEN_EVENTS:
        return str(
            _(
                "The event is published already. A confidential group joins before that, so that "
                "nobody can compare what was shown before and after."
            )
        )
    try:
        require_discretion(erg, event.audience, frozenset(row.erg_id for row in event.invited))
    except Refused as refused:
        return str(refused)
    return None


def decline_host(db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID) -> Host:
    """Not this time."""
    host = _asked(db, actor_id, occurrence_id, erg_id)
    if host.row.state is HostState.DECLINED:
        return host
    _require_asked(host)
    return _answer(db, actor_id, host, HostState.DECLINED)


def reopen_host(db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID) -> Host:
    """Take an answer back within ten minutes: the question is open again."""
    host = _asked(db, actor_id, occurrence_id, erg_id)
    row = host.row
    is_fresh = row.answered_at is not None and clock.now() - row.answered_at <= UNDO_WITHIN
    if row.state not in (HostState.ACCEPTED, HostState.DECLINED) or not is_fresh:
        raise Refused(_("This can be taken back for ten minutes only. You can still step down."))
    if row.state is HostState.ACCEPTED:
        _require_may_leave(host)
    before, row.state, row.answered_at = row.state, HostState.ASKED, None
    outbox.withdraw(db, "event_host_answered", subject=host.event.id, reason="taken back")
    db.flush()
    if before is HostState.ACCEPTED and _strands(db, host.event):
        _invite(host)
    audit.record(db, actor_id, "reopen_host", host.event, before=before, after=row.state)
    return host


def step_down(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID, is_for_all: bool = False
) -> Host:
    """Stop hosting. Members who may come still may: the group is invited from then on.

    Of a series this date alone, or all that lie ahead and are like it.
    """
    host = _asked(db, actor_id, occurrence_id, erg_id)
    event, row = host.event, host.row
    if row.state is not HostState.ACCEPTED:
        return host
    _require_open(event)
    if len(event.accepted_hosts) == 1:
        raise Refused(_("Yours is the only group that hosts this event. Cancel it instead."))
    _require_may_leave(host)
    event = meant_event(db, host.occurrence, is_for_all=is_for_all)
    if is_for_all:
        keep_past(db, event, but=host.occurrence)
    row = _row(event, erg_id) or row
    host = Host(host.occurrence, row)
    if event.audience is Audience.MEMBERS and event.state not in UNSEEN_EVENTS:
        _invite(host)
    for chosen in [c for c in event.chapters if c.chapter.erg_id == erg_id]:
        event.chapters.remove(chosen)
        db.delete(chosen)
    row.state, row.answered_at = HostState.LEFT, clock.now()
    db.flush()
    _tell_others(db, host, actor_id)
    audit.record(db, actor_id, "step_down", event, before=HostState.ACCEPTED, after=row.state)
    return host


def _strands(db: Session, event: Event) -> bool:
    """Whether somebody who has or wants a place is nobody for whom the event is any more."""
    people = set(
        db.scalars(
            select(Rsvp.person_id)
            .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
            .where(Occurrence.event_id == event.id, Rsvp.state.in_(CLAIMING))
        )
    )
    return bool(people - admission.entitled_among(db, event, sorted(people)))


def _invite(host: Host) -> None:
    """Members of a group that hosts no more may still come."""
    event, erg_id = host.event, host.row.erg_id
    if erg_id not in {invited.erg_id for invited in event.invited}:
        event.invited.append(EventInvited(event_id=event.id, erg_id=erg_id))


def _require_may_leave(host: Host) -> None:
    """What was hidden when people answered stays hidden."""
    if host.row.erg.is_discreet and host.event.state not in UNSEEN_EVENTS:
        raise Refused(
            _(
                "People answered because nobody could see it. A confidential group therefore "
                "stays a host of a published event; it can still be canceled."
            )
        )


def _answer(db: Session, actor_id: UUID, host: Host, to: HostState) -> Host:
    row = host.row
    before, row.state, row.answered_at = row.state, to, clock.now()
    db.flush()
    outbox.withdraw(db, "event_host_asked", subject=host.event.id, reason="answered")
    _tell_others(db, host, actor_id)
    audit.record(db, actor_id, "answer_host", host.event, before=before, after=to)
    return host


def _tell_others(db: Session, host: Host, actor_id: UUID) -> None:
    """The leads of the other hosts hear of it once it cannot be taken back any more."""
    people = {
        person
        for erg in host.event.accepted_hosts
        if erg.id != host.row.erg_id
        for person in ergs.leads_of(db, erg.id)
    }
    _tell_leads(db, host.event, host.row, "event_host_answered", people - {actor_id})


def _tell_leads(
    db: Session, event: Event, row: EventHost, kind: str, people: list[UUID] | set[UUID]
) -> None:
    outbox.put_all(
        db,
        kind,
        subject=event.id,
        people=sorted(people),
        occasion=f"{row.erg_id}|{clock.now():%y%m%d%H%M%S%f}",
        due=clock.now() + UNDO_WITHIN if kind == "event_host_answered" else None,
    )


def _asked(db: Session, actor_id: UUID, occurrence_id: UUID, erg_id: UUID) -> Host:
    """A group's row, with the date locked, for a lead of that group."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None or not ergs.leads(db, actor_id, erg_id):
        raise Refused(_("Only leads of the group can answer for it."), 403)
    hold(db, Event, occurrence.event_id)
    db.refresh(occurrence.event, ["hosts"])
    row = _row(occurrence.event, erg_id)
    if row is None:
        raise Refused(_("Your group was not asked to host this event."), 404)
    return Host(occurrence, row)


def _require_asked(host: Host) -> None:
    _require_open(host.event)
    if host.row.state is not HostState.ASKED:
        raise Refused(_("Your group is not asked any more."))


def _require_open(event: Event) -> None:
    if event.state in OVER:
        raise Refused(_("This event is over or canceled and cannot be changed."))


def _row(event: Event, erg_id: UUID) -> EventHost | None:
    return next((host for host in event.hosts if host.erg_id == erg_id), None)
