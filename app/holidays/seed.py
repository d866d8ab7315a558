"""Days off of the demo company: of everybody, and of single sites."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock
from app.holidays import services

# (name, month, day, days, site); no site means everybody.
YEARLY = (
    ("New Year’s Day", 1, 1, 1, ""),
    ("International Women’s Day", 3, 8, 1, "Berlin"),
    ("Labour Day", 5, 1, 1, ""),
    ("Company rest days", 12, 24, 3, ""),
    ("Independence Day", 5, 25, 1, "Amman"),
    ("Revolution Day", 7, 23, 1, "Cairo"),
    ("Madaraka Day", 6, 1, 1, "Nairobi"),
    ("National Day", 8, 9, 1, "Singapore"),
    ("Juneteenth", 6, 19, 1, "Chicago"),
    ("Día de la Independencia", 9, 16, 1, "Mexico City"),
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """This year's and next year's."""
    year = clock.now().year
    for name, month, day, days, site in YEARLY:
        for of_year in (year, year + 1):
            first = date(of_year, month, day)
            last = first.replace(day=day + days - 1)
            services.add(db, None, starts_on=first, ends_on=last, name=name, site=site)
