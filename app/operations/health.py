"""How the running system is: what /readyz, /metrics and `trellis doctor` tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import flask
from redis.exceptions import RedisError
from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, jobs, migrations
from app.core.channels import channels
from app.core.database import Database
from app.core.outbox import Delivery, DeliveryState


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether pages can be served, and notes on what is not as it should be."""

    database: str
    migrations: str
    broker: str

    @property
    def is_ready(self) -> bool:
        """The broker may be away: pages keep serving, messages wait."""
        return self.database == "ok" and self.migrations == "ok"


def readiness(app: flask.Flask) -> Readiness:
    """Look at database, migrations and broker now."""
    found: Database = app.extensions["database"]
    try:
        revision = migrations.current(found)
    except SQLAlchemyError:
        return Readiness("away", "unknown", broker_state())
    schema = "ok" if revision == newest() else "missing: run `trellis migrate`"
    return Readiness("ok", schema, broker_state())


@cache
def newest() -> str | None:
    """The newest revision of this installation; it does not change while the process lives."""
    return migrations.newest()


def broker_state() -> str:
    """`ok`, or that it is away."""
    try:
        jobs.broker().ping()
    except (RedisError, OSError):
        return "away: pages keep serving, messages wait"
    return "ok"


def gauges(db: Session) -> dict[str, float]:
    """Figures by name, without any person, group or kind in them."""
    found: dict[str, float] = {}
    for name, _ in channels:
        found.update(_of_channel(db, name))
    for queue in jobs.QUEUES:
        found[f'trellis_queue_jobs{{queue="{queue}"}}'] = _length(f"rq:queue:{queue}")
        found[f'trellis_failed_jobs{{queue="{queue}"}}'] = _length(f"rq:failed:{queue}")
    return found


def _of_channel(db: Session, name: str) -> dict[str, float]:
    is_due = (Delivery.state == DeliveryState.PENDING) & (Delivery.due_at <= clock.now())
    due, oldest, claimed, failed = db.execute(
        select(
            func.count(case((is_due, 1))),
            func.min(case((is_due, Delivery.due_at))),
            func.count(case((Delivery.state == DeliveryState.CLAIMED, 1))),
            func.count(case((Delivery.state == DeliveryState.FAILED, 1))),
        ).where(
            Delivery.channel == name,
            Delivery.state.in_(
                (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.FAILED)
            ),
        )
    ).one()
    age = (clock.now() - oldest).total_seconds() if oldest else 0.0
    label = f'{{channel="{name}"}}'
    return {
        f"trellis_deliveries_due{label}": due,
        f"trellis_deliveries_oldest_due_seconds{label}": round(age, 1),
        f"trellis_deliveries_claimed{label}": claimed,
        f"trellis_deliveries_failed{label}": failed,
    }


def _length(key: str) -> float:
    """The length of a list or sorted set of the broker; NaN while it is away."""
    try:
        broker = jobs.broker()
        length = broker.zcard(key) if key.startswith("rq:failed") else broker.llen(key)
    except (RedisError, OSError):
        return float("nan")
    return float(length)  # type: ignore[arg-type]
