"""The registry of jobs and sweeps, and the one way to wake the worker.

A job is a wake-up with ids only; what must happen stands in the database. When the broker is
away a wake-up is lost and the next sweep finds the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flask
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.orm import Session

from app.core.database import after_commit
from app.core.registries import Registry

log = structlog.get_logger()

QUEUES = ("urgent", "default", "slow")


@dataclass(frozen=True, slots=True)
class Job:
    """A named function a worker runs; arguments are strings."""

    name: str
    run: Callable[..., None]
    queue: str
    timeout: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A function without arguments, idempotent, woken every so many seconds."""

    name: str
    run: Callable[[], None]
    every: int


jobs: Registry[Job] = Registry("job")
sweeps: Registry[Sweep] = Registry("sweep")


def job(
    name: str, *, queue: str = "default", timeout: int = 300
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a job under a neutral name (names are visible in the broker)."""

    def register(run: Callable[..., None]) -> Callable[..., None]:
        jobs.add(name, Job(name, run, queue, timeout))
        return run

    return register


def sweep(name: str, *, every: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a sweep woken every `every` seconds; it must be harmless to run at any time."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        sweeps.add(name, Sweep(name, run, every))
        return run

    return register


def init_app(app: flask.Flask) -> None:
    """Make the broker's connection lazily; the app starts and serves without it."""
    app.extensions["broker"] = None


def broker() -> Redis:
    """The connection to the broker; using it may raise RedisError."""
    extensions = flask.current_app.extensions
    if extensions["broker"] is None:
        url = extensions["settings"].redis_url or "redis://127.0.0.1:1/0"
        extensions["broker"] = Redis.from_url(
            url, socket_connect_timeout=2, socket_timeout=30, health_check_interval=30
        )
    connection: Redis = extensions["broker"]
    return connection


def wake(name: str, *ids: str) -> bool:
    """Enqueue a job now; False when the broker is away (the sweep will do it)."""
    wanted = jobs[name]
    try:
        queue = Queue(wanted.queue, connection=broker(), serializer="json")
        queue.enqueue(
            "app.operations.worker.perform", name, *ids,
            job_timeout=wanted.timeout, result_ttl=0, failure_ttl=86_400, ttl=3_600,
        )
    except RedisError as error:
        log.warning("broker_away", error=type(error).__name__)
        return False
    return True


def wake_after(db: Session, name: str, *ids: str) -> None:
    """Enqueue a job once the transaction of `db` is committed."""
    after_commit(db, lambda: _ignore(wake(name, *ids)))


def _ignore(_value: object) -> None:
    return None
