"""The health of the demo's groups: the last two years of months, frozen as they would have been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock
from app.health import queries, services
from app.health.rules import MONTHS, month_after, month_of


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Freeze the past months from what the other seeds wrote."""
    groups = [erg.id for erg in queries.measured_groups(db)]
    current = month_of(clock.now().date())
    for steps in range(-2 * MONTHS, 0):
        month = month_after(current, steps)
        measures = queries.measure_all(db, queries.window_of(groups, month))
        services.freeze(db, month=month, measures=measures)
