"""When a trial is settled, how long a pause is, when a term ends, and what may come back."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from app.mentoring.rules.relationships import TRIAL_DAYS
from app.mentoring.rules.states import ClosingReason, RelationshipState
from app.programs.rules import SHAPES, Format

SETTLED_AT = time(12, 0)  # UTC; all trials end at this one instant of a day


RENEWAL_LEAD = timedelta(days=21)  # before the end of a term everybody is asked for another


LOOKING_BACK = timedelta(days=14)  # how long a pair that concludes may look back


REOPENED_WITHIN = timedelta(days=14)


UNDONE_WITHIN = timedelta(days=1)  # whoever ended a pair takes it back alone until then


BLIND_REMATCHES = 2  # in one cohort; after that somebody talks to the person first


REMATCH_DAYS = 5  # working days


class AskedQuestion(StrEnum):
    """What the people of a pair are asked, each for themselves."""

    TRIAL = "trial"
    RENEWAL = "renewal"
    REOPENING = "reopening"
    RESHAPING = "reshaping"
    SPONSORSHIP = "sponsorship"


class EndingCode(StrEnum):
    """Why organizers end a pair; each has kind words that both sides read."""

    CAPACITY = "capacity"
    SCHEDULES = "schedules"
    NEW_ROLE = "new_role"
    OTHER_GOALS = "other_goals"
    PROGRAM_CHANGE = "program_change"


class RematchCause(StrEnum):
    """Why somebody needs a new partner."""

    TRIAL = "trial"
    LEFT_ORG = "left_org"
    LEFT_COHORT = "left_cohort"
    ENDED = "ended"


class InThePause(StrEnum):
    """What becomes of sessions that fall into a pause."""

    MOVE = "move"
    CANCEL = "cancel"


def next_settling(after: datetime) -> datetime:
    """The next instant at which trials are settled, later than the given one."""
    instant = datetime.combine(after.astimezone(UTC).date(), SETTLED_AT, UTC)
    return instant if instant > after else instant + timedelta(days=1)


def settling_of(asked: datetime) -> datetime:
    """The instant that settles a trial whose people were asked then: seven days and the rest."""
    return next_settling(asked + timedelta(days=TRIAL_DAYS) - timedelta(microseconds=1))


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of the month where that day does not exist."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def working_days_after(start: date, number: int, days_off: Container[date] = ()) -> date:
    """The working day that many working days later; weekends and days off do not count."""
    day = start
    while number:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in days_off:
            number -= 1
    return day


def behind(wall_times: Sequence[datetime], until: date) -> list[datetime]:
    """Where sessions go that lie before a day: all later by as many weeks as the first one needs.

    Later ones that they would reach move along, so that order and gaps stay; the others stay.
    """
    first = wall_times[0].date() if wall_times else until
    later = timedelta(weeks=max(0, -(-(until - first).days // 7)))
    moved: list[datetime] = []
    for wall_time in wall_times:
        is_reached = bool(moved) and moved[-1] >= wall_time
        moved.append(wall_time + later if wall_time.date() < until or is_reached else wall_time)
    return moved


def least_members(kind: Format) -> int:
    """How many people a relationship needs to live on."""
    shape = SHAPES[kind]
    return shape.starts + (0 if shape.is_mutual else 1)


# What nobody takes back: a trial that people ended (blindly), a departure, a concern.
ENDED_FOR_GOOD = (ClosingReason.LEFT_ORG, ClosingReason.CONCERN)


def may_come_back(
    state: RelationshipState,
    ended_from: RelationshipState | None,
    reason: ClosingReason | None,
    closed_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether a pair that ended can be opened again at an instant."""
    if state is not RelationshipState.CLOSED or closed_at is None:
        return False
    is_blind = ended_from is RelationshipState.TRIAL and reason is not ClosingReason.INACTIVITY
    if is_blind or reason in ENDED_FOR_GOOD:
        return False
    return now < closed_at + REOPENED_WITHIN


def occasion_of(instant: datetime) -> int:
    """A number for the messages of one occurrence: minutes since 2020."""
    return int((instant - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds() // 60)
