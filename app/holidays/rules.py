"""Which holidays a day has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

EVERYWHERE = ""
LONGEST = 60


@dataclass(frozen=True, slots=True)
class DayOff:
    """A holiday as others read it; no site means everywhere."""

    starts_on: date
    ends_on: date
    name: str
    site: str = EVERYWHERE

    @property
    def days(self) -> list[date]:
        """All of its days; the last one counts."""
        return [
            self.starts_on + timedelta(n) for n in range((self.ends_on - self.starts_on).days + 1)
        ]


def by_day(holidays: Iterable[DayOff]) -> dict[date, str]:
    """The name of the holiday on each day; what holds everywhere comes first."""
    found: dict[date, str] = {}
    for holiday in sorted(holidays, key=lambda one: (one.site != EVERYWHERE, one.site, one.name)):
        for day in holiday.days:
            found.setdefault(day, holiday.name)
    return found


def of_site(holidays: Iterable[DayOff], site: str) -> dict[date, str]:
    """The name of the holiday on each day off of everybody and of one site."""
    return by_day(one for one in holidays if one.site in (EVERYWHERE, site))


def sites_in(holidays: Iterable[DayOff]) -> list[str]:
    """The sites that have days off of their own."""
    return sorted({one.site for one in holidays if one.site != EVERYWHERE})
