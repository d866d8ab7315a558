"""Where a group's people live, as far as it may be said, and when its events were and will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.core.database import UTCDateTime
from app.ergs.models import Chapter, Erg, Membership
from app.ergs.rules import MembershipState, Visibility
from app.events.models import Event, EventHost, Occurrence
from app.events.rules import EventState, HostState, OccurrenceState
from app.events.rules.fair_time import (
    SMALLEST,
    Burden,
    Region,
    Slot,
    burdens_of,
    next_slots,
    regions_of,
    share_of,
)

BEHIND, AHEAD = timedelta(days=365), timedelta(days=365)
USUAL_MINUTES = 60
MOST = 1_000
_COUNTED = (EventState.PUBLISHED, EventState.COMPLETED)


@dataclass(frozen=True, slots=True)
class FairTime:
    """How a group's dates lie for its regions, and when the next ones could be."""

    burdens: list[Burden]
    slots: list[Slot]
    dates: int
    is_by_chapters: bool

    def share(self, burden: Burden) -> float:
        """A region's part of all bad hours."""
        return share_of(burden, self.burdens)

    @property
    def regions(self) -> list[Region]:
        """The regions in the order of the clocks."""
        return [burden.region for burden in self.burdens]


def fair_time(db: Session, erg: Erg) -> FairTime:
    """The shares of a year back and a year ahead; of what takes place online, since all may come.

    Where not every colleague may see the roster the regions are those of the chapters: nobody is
    counted. Elsewhere only members are whom every colleague may see, and a region of fewer than
    five is left out.
    """
    now = clock.now()
    by_chapters = erg.is_discreet or erg.roster is not Visibility.COMPANY
    people = _of_chapters(db, erg.id) if by_chapters else _of_members(db, erg.id)
    dates = [
        (starts_at, int((ends_at - starts_at).total_seconds() // 60))
        for starts_at, ends_at in db.execute(
            _dates(), {"erg": erg.id, "since": now - BEHIND, "until": now + AHEAD}
        )
    ]
    burdens = burdens_of(regions_of(people, now.year), dates)
    minutes = _usual([length for _start, length in dates])
    slots = next_slots(burdens, now.date(), erg.zone, minutes) if len(burdens) > 1 else []
    return FairTime(burdens, slots, len(dates), by_chapters)


def _usual(lengths: list[int]) -> int:
    """What lies in the middle of how long the group's events last."""
    return sorted(lengths)[len(lengths) // 2] if lengths else USUAL_MINUTES


def _of_members(db: Session, erg_id: UUID) -> dict[str, int]:
    return dict(iter(db.execute(_zones(), {"erg": erg_id})))


def _of_chapters(db: Session, erg_id: UUID) -> dict[str, int]:
    """Each chapter's zone, as large as any other."""
    return dict.fromkeys(db.scalars(_chapter_zones(), {"erg": erg_id}), SMALLEST)


@cache
def _zones() -> Select[str, int]:
    return (
        select(Person.zone, func.count())
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.erg_id == bindparam("erg", type_=Uuid()),
            Membership.state == MembershipState.ACTIVE,
            Membership.visibility == Visibility.COMPANY,
        )
        .group_by(Person.zone)
    )


@cache
def _chapter_zones() -> Select[str | None]:
    return (
        select(Chapter.zone)
        .where(
            Chapter.erg_id == bindparam("erg", type_=Uuid()),
            Chapter.archived_at.is_(None),
            Chapter.zone.is_not(None),
        )
        .distinct()
    )


@cache
def _dates() -> Select[datetime, datetime]:
    instant = UTCDateTime()
    return (
        select(Occurrence.starts_at, Occurrence.ends_at)
        .join(Event, Event.id == Occurrence.event_id)
        .join(EventHost, EventHost.event_id == Event.id)
        .where(
            EventHost.erg_id == bindparam("erg", type_=Uuid()),
            EventHost.state == HostState.ACCEPTED,
            Event.state.in_(_COUNTED),
            Occurrence.state == OccurrenceState.SCHEDULED,
            or_(Occurrence.seats_online.is_(None), Occurrence.seats_online > 0),
            Occurrence.starts_at >= bindparam("since", type_=instant),
            Occurrence.starts_at < bindparam("until", type_=instant),
        )
        .order_by(Occurrence.starts_at, Occurrence.id)
        .limit(MOST)
    )
