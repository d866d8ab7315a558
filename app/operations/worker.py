"""The processes behind the pages: workers that perform jobs, and the clock that wakes sweeps."""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.job import Job as RqJob
from rq.worker import Worker

from app.core import ids, jobs
from app.operations import leash

log = structlog.get_logger()

# The second worker leaves `slow` to the first, so that long work never holds up messages.
WORKERS = (("urgent", "default", "slow"), ("urgent", "default"))
FREQUENT = 10
PERFORM = "app.operations.worker.perform"

_app: flask.Flask | None = None


class JobError(Exception):
    """A failed job as the broker keeps it: the kind of error and its place, nothing of its data."""


def serving() -> flask.Flask:
    """The application of this process, made when first needed."""
    global _app
    if _app is None:
        from app.factory import create_app

        _app = create_app()
    return _app


def use(app: flask.Flask) -> None:
    """Take an application that was made before the fork."""
    global _app
    _app = app


def perform(name: str, *args: str) -> None:
    """Run one registered job or sweep; what fails is logged and kept by the broker."""
    app = serving()
    with app.app_context():
        jobs.begun(name, *args)
        ids.begin("worker")
        started = time.monotonic()
        try:
            _run(name, *args)
        except Exception as error:
            log.error("job_failed", job=name, error=_place(error))
            raise JobError(f"{name}: {_place(error)}") from None
        log.info("job_done", job=name, seconds=round(time.monotonic() - started, 3))


def _run(name: str, *args: str) -> None:
    found = jobs.jobs.get(name)
    if found is not None:
        found.run(*args)
        return
    sweep = jobs.sweeps.get(name)
    if sweep is None:
        raise LookupError(f"no job named {name}")
    sweep.run()


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    file = Path(trace.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} at {file}:{trace.tb_lineno}"


class TrellisWorker(Worker):
    """An rq worker whose jobs inherit the loaded application and end with the whole."""

    max_connection_wait_time = 5

    def main_work_horse(self, job: RqJob, queue: Queue) -> None:
        """In the forked child: nothing of the parent's connections is used."""
        leash.hold_again()
        _forget_connections(serving())
        super().main_work_horse(job, queue)


def _forget_connections(app: flask.Flask) -> None:
    app.extensions["database"].forget()
    app.extensions["broker"] = None


def work(queues: tuple[str, ...] = jobs.QUEUES, *, burst: bool = False) -> None:
    """Perform jobs of these queues, in this order, until told to stop."""
    _quieten()
    app = serving()
    _forget_connections(app)
    with app.app_context():
        url = jobs.broker_url()
    gc.freeze()  # what the children share is not copied by a collection
    with _plain_end():
        worker = TrellisWorker(
            list(queues),
            connection=Redis.from_url(url),
            serializer="json",
            log_job_description=False,
        )
        worker.work(burst=burst, logging_level="WARNING")


@contextmanager
def _plain_end() -> Iterator[None]:
    """Without a broker there is nothing to do but end, in one line; the parent tries again."""
    try:
        yield
    except StopRequested:
        return  # told to stop before rq's own loop had begun
    except RedisError as error:
        log.warning("broker_away", error=type(error).__name__)
        sys.exit(1)


class SweepJob(CronJob):
    """rq's cron enqueues pickle, whatever the queue speaks; this one enqueues JSON."""

    def enqueue(self, connection: Redis) -> RqJob:
        """Wake the sweep; a call that nobody took within one interval is void."""
        queue = Queue(self.queue_name, connection=connection, serializer="json")
        return queue.enqueue(PERFORM, *self.args, **self.job_options)


def tick() -> None:
    """Wake each sweep in its interval; ends when the broker goes away and is started anew."""
    _quieten()
    os.environ["TZ"] = "UTC"
    time.tzset()
    with serving().app_context():
        connection = Redis.from_url(jobs.broker_url(), socket_timeout=5)
    scheduler = CronScheduler(connection, logging_level=logging.WARNING)
    for name, sweep in jobs.sweeps:
        scheduler.get_jobs().append(_job_of(name, sweep.every))
    with _plain_end():
        scheduler.start()  # type: ignore[no-untyped-call]


def _job_of(name: str, every: int) -> SweepJob:
    # The frequent ones are quick and others wait for them; the rest must not hold up messages.
    queue = "urgent" if every <= FREQUENT else "default"
    return SweepJob(
        queue,
        func=perform,
        args=(name,),
        interval=every,
        job_timeout=jobs.SWEEP_TIMEOUT,
        result_ttl=0,
        failure_ttl=86_400,
        ttl=every,
        name=name,
    )


def _quieten() -> None:
    """rq's own lines say what ours say already."""
    for name in ("rq.worker", "rq.cron"):
        logging.getLogger(name).setLevel(logging.WARNING)
