"""What is left of a date."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.attendance.models import EventMaterial
from app.core import clock
from app.core.policies import Actor
from app.ergs.queries import standing
from app.ergs.rules import Viewer
from app.events import policies as event_policies
from app.events import queries as events
from app.events.models import Event, Occurrence
from app.events.rules import Audience
from app.resources.models import Resource
from app.resources.rules import Access, can_open

MOST = 50


def materials_of(db: Session, occurrence_id: UUID) -> list[EventMaterial]:
    """What was added and not taken back, the oldest first."""
    return list(
        db.scalars(
            select(EventMaterial)
            .where(
                EventMaterial.occurrence_id == occurrence_id, EventMaterial.withdrawn_at.is_(None)
            )
            .order_by(EventMaterial.added_at, EventMaterial.id)
        )
    )


def over_for(db: Session, actor: Actor, occurrence_id: UUID) -> Occurrence | None:
    """A date of the past that the actor may see."""
    occurrence = events.occurrence_for(db, actor, occurrence_id)
    return occurrence if occurrence and clock.now() >= occurrence.ends_at else None


def material_for(
    db: Session, actor: Actor, occurrence_id: UUID, material_id: UUID
) -> tuple[Occurrence, EventMaterial] | None:
    """One of them, to those who run the event."""
    occurrence, row = over_for(db, actor, occurrence_id), db.get(EventMaterial, material_id)
    if occurrence is None or row is None or row.occurrence_id != occurrence.id:
        return None
    return (occurrence, row) if event_policies.leads_host(actor, occurrence.event) else None


def pickable_resources(db: Session, event: Event) -> list[Resource]:
    """Resources of the hosts that everybody in the audience may open."""
    hosts = {erg.id: erg for erg in event.accepted_hosts}
    allowed = (Access.COMPANY,) if event.audience is Audience.COMPANY else tuple(Access)
    viewer = Viewer.COLLEAGUE if event.audience is Audience.COMPANY else Viewer.MEMBER
    rows = db.scalars(
        select(Resource)
        .where(
            Resource.erg_id.in_(hosts), Resource.retired_at.is_(None), Resource.access.in_(allowed)
        )
        .order_by(Resource.changed_at.desc(), Resource.id)
        .limit(MOST)
        .options(joinedload(Resource.texts))
    ).unique()
    # At an event of several groups a member of one need not belong to the other.
    is_shared = len(hosts) > 1 and event.audience is Audience.MEMBERS
    asked = Viewer.COLLEAGUE if is_shared else viewer
    return [
        row
        for row in rows
        if can_open(row.access, asked, is_discreet=hosts[row.erg_id].is_discreet)
    ]


def shown_resources(
    db: Session, actor: Actor, event: Event, ids: Iterable[UUID]
) -> dict[UUID, tuple[Resource, str]]:
    """(resource, slug of its group) of those that this reader may open."""
    wanted, hosts, mine = list(ids), {e.id: e for e in event.accepted_hosts}, standing(db, actor)
    if not wanted:
        return {}
    rows = db.scalars(
        select(Resource)
        .where(Resource.id.in_(wanted), Resource.retired_at.is_(None))
        .options(joinedload(Resource.texts))
    ).unique()
    return {
        row.id: (row, hosts[row.erg_id].slug)
        for row in rows
        if row.erg_id in hosts
        and can_open(row.access, mine.viewer(row.erg_id), is_discreet=hosts[row.erg_id].is_discreet)
    }
