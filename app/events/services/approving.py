"""The way of an event through the chain of approval of the group that planned it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.approvals import queries as rounds
from app.approvals import services as approvals
from app.approvals.models import Approval
from app.approvals.rules import DECISIONS, ApprovalState
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.events.models import Event, Occurrence
from app.events.queries.families import family_of
from app.events.registry import costs
from app.events.rules import UNSEEN_EVENTS, Cost, EventState, Speaker, crowd_of
from app.events.services import admission
from app.events.services.holding import change_state, led, led_with_group
from app.events.services.readiness import require_ready

APPROVAL_KIND = "event"
# What those who approve judge; a change of it makes a yes void, or is told once it is published.
JUDGED = frozenset(
    {
        "title",
        "description",
        "kind",
        "audience",
        "invited",
        "chapters",
        "starts_at",
        "ends_at",
        "venue",
        "seats_in_person",
        "seats_online",
        "guest_limit",
        "has_external_speaker",
    }
)


def submit(db: Session, actor_id: UUID, *, occurrence_id: UUID) -> Event:
    """Send it for approval; a rule, or a chain without stages, says yes at once."""
    occurrence = led_with_group(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state is EventState.SUBMITTED:
        return event
    require_ready(occurrence)
    change_state(db, actor_id, event, EventState.SUBMITTED)
    _ask(db, actor_id, occurrence)
    return event


def _ask(db: Session, actor_id: UUID, occurrence: Occurrence) -> None:
    event = occurrence.event
    approvals.ask(
        db,
        actor_id,
        author_id=event.created_by,
        erg_id=event.first_host.id,
        kind=APPROVAL_KIND,
        subject_id=event.id,
        facts=facts_of(db, occurrence),
    )


def facts_of(db: Session, occurrence: Occurrence) -> dict[str, Any]:
    """What automatic rules may ask about an event."""
    event = occurrence.event
    is_paid = any(asks(db, event.id) for _name, asks in costs)
    return {
        "kind": event.kind.value,
        "audience": event.audience.value,
        "seats": crowd_of(occurrence.seats_in_person, occurrence.seats_online).value,
        "speaker": (Speaker.EXTERNAL if event.has_external_speaker else Speaker.OWN).value,
        "cost": (Cost.ASKED if is_paid else Cost.NONE).value,
    }


def send_on(db: Session, actor_id: UUID, *, occurrence_id: UUID) -> Event:
    """Publish it, or send it for approval where the group wants that."""
    found = db.get(Occurrence, occurrence_id)
    if found is not None and rounds.chain(db, found.event.first_host.id, APPROVAL_KIND):
        return submit(db, actor_id, occurrence_id=occurrence_id)
    return publish(db, actor_id, occurrence_id=occurrence_id)


def publish(db: Session, actor_id: UUID | None, *, occurrence_id: UUID) -> Event:
    """Show the event to its audience; a group that approves its events does that before."""
    occurrence = led(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state is EventState.PUBLISHED:
        return event
    is_approved = event.state is EventState.APPROVED
    chain = rounds.chain(db, event.first_host.id, APPROVAL_KIND)
    if actor_id is not None and not is_approved and chain:
        raise Refused(_("This group approves its events first. Send it for approval."))
    require_ready(occurrence)
    change_state(db, actor_id, event, EventState.PUBLISHED)
    admission.settle(db, occurrence)
    return event


def state_of(db: Session, occurrence_id: UUID) -> EventState:
    """Where an event stands after what was just done."""
    return db.get_one(Occurrence, occurrence_id).event.state


def take_back(db: Session, actor_id: UUID, *, occurrence_id: UUID) -> Event:
    """Make it a draft again; whoever was asked has nothing to decide any more."""
    event = led_with_group(db, actor_id, occurrence_id).event
    if event.state is EventState.DRAFT:
        return event
    if event.state not in UNSEEN_EVENTS:
        raise Refused(_("The event is published already. Cancel or postpone it instead."))
    change_state(db, actor_id, event, EventState.DRAFT)
    approvals.withdraw(db, actor_id, kind=APPROVAL_KIND, subject_id=event.id)
    return event


def decided(db: Session, actor_id: UUID | None, event_id: UUID, to: EventState) -> None:
    """What approvals say about an event; called under the lock of its group."""
    event = hold(db, Event, event_id)
    if event is None:
        raise Refused(_("This event does not exist any more."), 404)
    if event.state not in UNSEEN_EVENTS:
        raise Refused(_("The event was published or canceled meanwhile."))
    change_state(db, None, event, to)


def revised(db: Session, actor_id: UUID, occurrence: Occurrence, changed: set[str]) -> None:
    """After a change that matters: a yes given to something else is void and asked for anew.

    A published event stays published, because people come already; whoever approved it is told.
    """
    event = occurrence.event
    if not changed & JUDGED:
        return
    if event.state is EventState.SUBMITTED:
        approvals.withdraw(db, actor_id, kind=APPROVAL_KIND, subject_id=event.id)
        _ask(db, actor_id, occurrence)
    elif event.state is EventState.APPROVED:
        change_state(db, actor_id, event, EventState.SUBMITTED, "changed after approval")
        _ask(db, actor_id, occurrence)
    elif event.state in (EventState.PUBLISHED, EventState.POSTPONED):
        _tell_approvers(db, actor_id, occurrence)


def _tell_approvers(db: Session, actor_id: UUID, occurrence: Occurrence) -> None:
    """Whoever said yes to it, or to the series from which this date was taken."""
    event = occurrence.event
    own = rounds.last_round(db, APPROVAL_KIND, event.id)
    last = own or rounds.last_yes(db, APPROVAL_KIND, family_of(event.id))
    if last is None or last.state is not ApprovalState.APPROVED:
        return
    for person_id in _approvers(last) - {actor_id}:
        outbox.put(
            db,
            "event_changed_since",
            subject=last.id,
            person=person_id,
            occasion=f"{clock.now().isoformat()}|{'' if own else occurrence.id}",
        )


def _approvers(row: Approval) -> set[UUID]:
    return {s.person_id for s in row.steps if s.kind in DECISIONS and s.person_id is not None}
