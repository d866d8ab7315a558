"""What counts when a time is looked for: weeks, and what the product knows to be taken.

Everything is told apart by person here and leaves only as times that suit everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.events.models import Occurrence, Rsvp
from app.events.rules import OccurrenceState, RsvpState
from app.holidays.queries import ahead
from app.holidays.rules import of_site
from app.mentoring.models import Meeting, Member, Relationship
from app.mentoring.rules import HELD, SessionState
from app.mentoring.rules.slots import USUAL, Side, carried_by
from app.programs.models import Enrollment

BEHIND = timedelta(days=365)
AHEAD_OF_NOW = timedelta(days=60)
_CARRIED = (SessionState.SCHEDULED, SessionState.DUE, *HELD)
_GOES = (RsvpState.GOING, RsvpState.CHECKED_IN, RsvpState.OFFERED)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Weeks:
    """The people of a pair with all that counts, and what was between them so far."""

    sides: list[Side]
    said: frozenset[UUID]
    last: datetime | None

    def zone_of(self, person_id: UUID | None) -> str:
        """The zone in which a person's week is told."""
        return next((side.zone for side in self.sides if side.person_id == person_id), "UTC")


def weeks_of(db: Session, pair: Relationship, but: UUID | None = None) -> Weeks:
    """Everybody's week in five statements, however many they are; `but` is a session that moves."""
    members = [member for member in pair.members if member.left_at is None]
    people = [member.person_id for member in members]
    kept = _kept(db, members)
    dates = _dates(db, pair.id, but)
    busy = _busy(db, people, but)
    days_off = ahead(db)
    sides = []
    for member in members:
        windows, zone = kept.get(member.person_id, (frozenset(), member.person.zone))
        off = frozenset(of_site(days_off, member.person.site or ""))
        carried = carried_by(zone, [(at, minutes) for at, minutes, _state in dates])
        taken = tuple(busy[member.person_id])
        sides.append(Side(member.person_id, zone, windows or USUAL, off, taken, carried))
    said = frozenset(person for person, (windows, _zone) in kept.items() if windows)
    return Weeks(sides, said, max((at for at, _minutes, _state in dates), default=None))


def _kept(db: Session, members: Iterable[Member]) -> dict[UUID, tuple[frozenset[str], str]]:
    """(weekly windows, their zone) by person, as they said at enrollment or later."""
    wanted = [member.enrollment_id for member in members if member.enrollment_id]
    rows = db.execute(
        select(Enrollment.person_id, Enrollment.weekly_windows, Enrollment.zone).where(
            Enrollment.id.in_(wanted)
        )
    )
    return {person: (frozenset(windows), zone) for person, windows, zone in rows}


def _dates(
    db: Session, relationship_id: UUID, but: UUID | None
) -> list[tuple[datetime, int, SessionState]]:
    rows = db.execute(
        select(Meeting.starts_at, Meeting.minutes, Meeting.state, Meeting.id)
        .where(
            Meeting.relationship_id == relationship_id,
            Meeting.state.in_(_CARRIED),
            Meeting.starts_at > clock.now() - BEHIND,
        )
        .order_by(Meeting.starts_at)
        .limit(200)
    )
    return [(at, minutes, state) for at, minutes, state, row_id in rows if row_id != but]


def _busy(db: Session, people: list[UUID], but: UUID | None) -> dict[UUID, list[Span]]:
    """Sessions of all their pairs, and events to which they said yes."""
    now = clock.now()
    taken: dict[UUID, list[Span]] = defaultdict(list)
    meetings = db.execute(
        select(Member.person_id, Meeting.starts_at, Meeting.minutes, Meeting.id)
        .join(Meeting, Meeting.relationship_id == Member.relationship_id)
        .where(
            Member.person_id.in_(people),
            Member.left_at.is_(None),
            Meeting.state == SessionState.SCHEDULED,
            Meeting.starts_at > now - timedelta(days=1),
            Meeting.starts_at < now + AHEAD_OF_NOW,
        )
    )
    for person, starts_at, minutes, meeting_id in meetings:
        if meeting_id != but:
            taken[person].append((starts_at, starts_at + timedelta(minutes=minutes)))
    answers = db.execute(
        select(Rsvp.person_id, Occurrence.starts_at, Occurrence.ends_at)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(
            Rsvp.person_id.in_(people),
            Rsvp.state.in_(_GOES),
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.ends_at > now,
            Occurrence.starts_at < now + AHEAD_OF_NOW,
        )
    )
    for person, starts_at, ends_at in answers:
        taken[person].append((starts_at, ends_at))
    return taken


def pauses_of(db: Session, pair: Relationship) -> list[tuple[date, date]]:
    """Days on which somebody of the pair pauses from now on."""
    wanted = [m.enrollment_id for m in pair.members if m.enrollment_id and m.left_at is None]
    today = clock.now().date()
    until = list(
        db.scalars(
            select(Enrollment.paused_until).where(
                Enrollment.id.in_(wanted), Enrollment.paused_until.is_not(None)
            )
        )
    )
    return [(today, day) for day in [*until, pair.paused_until] if day is not None and day >= today]


def days_off_of(db: Session, pair: Relationship) -> set[date]:
    """Days on which anybody of the pair has a holiday."""
    days_off = ahead(db)
    sites = {member.person.site or "" for member in pair.members if member.left_at is None}
    return {day for site in sites for day in of_site(days_off, site)}
