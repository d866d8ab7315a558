"""The sweep that freezes each month once it is over."""

from __future__ import annotations

from app.core import clock
from app.core.database import reading, writing
from app.core.jobs import sweep
from app.health import queries, services
from app.health.rules import months_due


@sweep("health", every=6 * 3600)
def freeze_months() -> None:
    """Freeze the months that are over and not yet frozen, one transaction each."""
    groups = [erg.id for erg in queries.measured_groups(reading())]
    for month in months_due(queries.last_month(reading()), clock.now().date()):
        window = queries.window_of(groups, month)
        measures = queries.measure_all(reading(), window)
        with writing() as db:
            services.freeze(db, month=month, measures=measures)
