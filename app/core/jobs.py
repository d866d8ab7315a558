"""The registry of jobs and sweeps, and the one way to wake the worker.

A job is a wake-up with ids only; what must happen stands in the database. When the broker is
away a wake-up is lost and the next sweep finds the work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import flask
import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as ClientRetry
from rq import Queue, Retry
from sqlalchemy.orm import Session

from app.core.database import after_commit
from app.core.registries import Registry

log = structlog.get_logger()

QUEUES = ("urgent", "default", "slow")
SWEEP_TIMEOUT = 300
# How long a queued job stands for later wake-ups; a lost one is missed no longer than this.
QUEUED_SECONDS = 5
AWAY_SECONDS = 5


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
    app.extensions["broker_away_until"] = 0.0


def broker() -> Redis:
    """The connection to the broker; using it may raise RedisError."""
    extensions = flask.current_app.extensions
    if extensions["broker"] is None:
        extensions["broker"] = Redis.from_url(
            broker_url(),
            socket_connect_timeout=2,
            socket_timeout=2,
            health_check_interval=30,
            # A page must not wait for a broker that is away; a sweep does what a wake-up lost.
            retry=ClientRetry(NoBackoff(), 0),
        )
    connection: Redis = extensions["broker"]
    return connection


def broker_url() -> str:
    """Where the broker is; an address that refuses when none is set."""
    url: str | None = flask.current_app.extensions["settings"].redis_url
    return url or "redis://127.0.0.1:1/0"


def wake(name: str, *ids: str) -> bool:
    """Enqueue a job now; False when the broker is away (the sweep will do it).

    A job that stands in the queue already is not put there again: it will see this work too.
    """
    extensions = flask.current_app.extensions
    if time.monotonic() < extensions["broker_away_until"]:
        return False
    try:
        if broker().set(_queued_key(name, ids), 1, nx=True, ex=QUEUED_SECONDS):
            enqueue(jobs[name], *ids)
    except RedisError as error:
        # For a moment nobody waits for the broker again: pages keep their speed.
        extensions["broker_away_until"] = time.monotonic() + AWAY_SECONDS
        log.warning("broker_away", error=type(error).__name__)
        return False
    return True


def enqueue(wanted: Job, *ids: str) -> None:
    """Put a job into its queue; it is tried three times in all."""
    queue = Queue(wanted.queue, connection=broker(), serializer="json")
    queue.enqueue(
        "app.operations.worker.perform",
        wanted.name,
        *ids,
        job_timeout=wanted.timeout,
        result_ttl=0,
        failure_ttl=86_400,
        ttl=3_600,
        retry=Retry(max=2),
    )


def begun(name: str, *ids: str) -> None:
    """A queued job begins: what is waked from now on needs a new one."""
    try:
        broker().delete(_queued_key(name, ids))
    except RedisError as error:
        log.warning("broker_away", error=type(error).__name__)


def _queued_key(name: str, ids: tuple[str, ...]) -> str:
    return ":".join(("trellis:queued", name, *ids))


def wake_after(db: Session, name: str, *ids: str) -> None:
    """Enqueue a job once the transaction of `db` is committed."""
    after_commit(db, lambda: _ignore(wake(name, *ids)))


def _ignore(_value: object) -> None:
    return None
