"""The delivery engine: claims due rows of the outbox, sends them, and marks what became of them.

A claim is a compare-and-set with a lease, so any number of workers may run and any of them may be
killed at any time: what they held becomes due again when the lease ends. Every step asks whether
the lease is still ours; a channel that only writes to our own database does so in the transaction
that marks the delivery sent, which makes it exactly once.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, Update, exists, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.core import clock, ids, jobs
from app.core.channels import Away, Channel, Rejected, TryLater, channels
from app.core.database import end_reading, reading, writing
from app.core.locale import speaking
from app.core.outbox import Delivery, DeliveryState, Kind, Message, Recipient, kinds, resolvers
from app.core.quiet import quiet_until

log = structlog.get_logger()

# With a sweep every 10 s, what a killed worker held is taken up again within 30 s.
LEASE = timedelta(seconds=20)
HEARTBEAT = timedelta(seconds=5)
# A channel whose message hangs this long gets no second worker; the other channels need it.
HANGING = timedelta(seconds=2)
BATCH = 200
TRIES = 3
BACK_OFF = (timedelta(minutes=2), timedelta(minutes=30))
# Starts without any outcome: the message kills its worker.
GIVE_UP_AFTER = 5
PAUSE = timedelta(seconds=30)
JOB_SECONDS = 240
DELIVER_TIMEOUT = 300


def register(channel: Channel) -> None:
    """Add a channel and its job; the job's name is what the broker shows."""
    channels.add(channel.name, channel)

    @jobs.job(f"deliver_{channel.name}", queue=channel.queue, timeout=DELIVER_TIMEOUT)
    def run() -> None:
        if not deliver(channel.name):
            jobs.wake(f"deliver_{channel.name}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; `due` is set when it goes back to the queue."""

    state: DeliveryState
    reason: str | None = None
    due: datetime | None = None
    counts: bool = True


SENT = Outcome(DeliveryState.SENT)


@dataclass(frozen=True, slots=True)
class _Try:
    """One delivery in hand: its outcome, and to whom and what when it is to be sent."""

    id: UUID
    outcome: Outcome
    to: Recipient | None = None
    message: Message | None = None


def skipped(reason: str) -> Outcome:
    """Rightly not sent, and why, in a word."""
    return Outcome(DeliveryState.SKIPPED, reason)


MUTED = skipped("muted")


def postponed(due: datetime, reason: str) -> Outcome:
    """Not now, and through nobody's fault."""
    return Outcome(DeliveryState.PENDING, reason, due, counts=False)


def due_channels(db: Session) -> list[str]:
    """The channels with due or abandoned rows."""
    return [name for name, _ in channels if db.scalar(select(exists(_waiting(name))))]


def _waiting(channel: str) -> Select[UUID]:
    is_due = (Delivery.state == DeliveryState.PENDING) & (Delivery.due_at <= clock.now())
    return select(Delivery.id).where(Delivery.channel == channel, is_due | _is_abandoned())


def _is_abandoned() -> ColumnElement[bool]:
    return (Delivery.state == DeliveryState.CLAIMED) & (Delivery.lease_until <= clock.machine_now())


def deliver(name: str, seconds: float = JOB_SECONDS) -> bool:
    """Send all that is due on one channel; False when the time ran out before the work."""
    shift = _Shift(channels[name], time.monotonic() + seconds)
    try:
        while batch := shift.claim():
            if not shift.work_off(batch):
                return shift.is_away
    except OperationalError as error:
        # Nothing is lost: the leases end, and a sweep wakes the channel again.
        log.warning("delivery_interrupted", error=type(error.orig).__name__)
    return True


class _Shift:
    """One worker's shift on one channel, under a name that no other shift has."""

    def __init__(self, channel: Channel, ends: float) -> None:
        self.channel = channel
        self.owner = f"{os.getpid()}-{ids.token('lease', size=12)}"
        self.ends = ends
        self.renewed = clock.machine_now()
        self.tried: set[UUID] = set()
        self.is_away = False

    # leases

    def claim(self) -> list[UUID]:
        """Lease up to a batch of due rows, in due order; nobody else sends these people's."""
        now = clock.machine_now()
        with writing() as db:
            if db.get_bind().dialect.name == "postgresql":
                db.execute(
                    select(func.pg_advisory_xact_lock(zlib.crc32(self.channel.name.encode())))
                )
            self._recover(db)
            if db.scalar(select(exists(self._hanging(now)))):
                return []
            found = db.execute(self._claimable()).all()
            batch = [delivery_id for delivery_id, _ in found]
            self.tried = {delivery_id for delivery_id, attempts in found if attempts}
            if batch:
                change = update(Delivery).where(Delivery.id.in_(batch))
                self._change(
                    db,
                    change,
                    state=DeliveryState.CLAIMED,
                    lease_owner=self.owner,
                    lease_until=now + LEASE,
                )
        self.renewed = now
        return batch

    def _recover(self, db: Session) -> None:
        change = update(Delivery).where(Delivery.channel == self.channel.name, _is_abandoned())
        self._change(db, change, **_FREE, state=DeliveryState.PENDING)

    def _hanging(self, now: datetime) -> Select[UUID]:
        return select(Delivery.id).where(
            Delivery.channel == self.channel.name,
            Delivery.state == DeliveryState.CLAIMED,
            Delivery.started_at < now - HANGING,
        )

    def _claimable(self) -> Select[UUID, int]:
        """Due rows of people whose messages no other worker is sending, which keeps their order."""
        busy = select(Delivery.person_id).where(
            Delivery.channel == self.channel.name, Delivery.state == DeliveryState.CLAIMED
        )
        return (
            select(Delivery.id, Delivery.attempts)
            .where(
                Delivery.channel == self.channel.name,
                Delivery.state == DeliveryState.PENDING,
                Delivery.due_at <= clock.now(),
                Delivery.person_id.not_in(busy),
            )
            .order_by(Delivery.due_at, Delivery.created_at, Delivery.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )

    def _mine(self) -> Update:
        return update(Delivery).where(
            Delivery.channel == self.channel.name,
            Delivery.state == DeliveryState.CLAIMED,
            Delivery.lease_owner == self.owner,
        )

    def _change(self, db: Session, change: Update, **values: object) -> set[UUID]:
        """Change rows if they are still as `change` says; returns which were."""
        wanted = change.values(**values).returning(Delivery.id)
        return set(db.scalars(wanted.execution_options(synchronize_session=False)))

    def _keep(self) -> None:
        """Renew the leases of the rest of the batch now and then."""
        now = clock.machine_now()
        if now - self.renewed >= HEARTBEAT:
            with writing() as db:
                self._change(db, self._mine(), lease_until=now + LEASE)
            self.renewed = now

    def _release(self, due: datetime | None = None) -> None:
        """Give back the rest of the batch, due as before or not before `due`."""
        with writing() as db:
            later = {} if due is None else {"due_at": due}
            self._change(db, self._mine(), **_FREE, **later, state=DeliveryState.PENDING)

    # work

    def work_off(self, batch: list[UUID]) -> bool:
        """Attend to each delivery; False when the shift ended before the batch."""
        with self.channel.opened():
            for chunk in self._chunks(batch):
                if time.monotonic() > self.ends:
                    self._release()
                    return False
                self._keep()
                try:
                    self.attend(chunk)
                except Away as away:
                    self.is_away = True
                    log.warning("channel_away", channel=self.channel.name, reason=str(away))
                    self._release(away.at or clock.now() + PAUSE)
                    return False
        return True

    def _chunks(self, batch: list[UUID]) -> Iterator[list[UUID]]:
        """What is done together; what failed or died before goes alone, to harm nobody else."""
        fresh: list[UUID] = []
        for delivery_id in batch:
            if delivery_id in self.tried:
                if fresh:
                    yield fresh
                yield [delivery_id]
                fresh = []
                continue
            fresh.append(delivery_id)
            if len(fresh) == self.channel.at_once:
                yield fresh
                fresh = []
        if fresh:
            yield fresh

    def attend(self, chunk: list[UUID]) -> None:
        """One try, from the question whether they are still ours to their outcomes."""
        ours = self._start(chunk)
        if not ours:
            return
        try:
            tries = self._prepare(ours)
            end_reading()
            for each in tries:
                if each.to is not None and each.message is not None:
                    self.channel.send(each.id, each.to, each.message)
            self._settle(tries)
        except Away as away:
            wait = postponed(away.at or clock.now() + PAUSE, str(away))
            self._settle([_Try(delivery_id, wait) for delivery_id in ours])
            raise
        except OperationalError:
            raise
        except Exception as error:
            end_reading()
            self._one_by_one(ours, error)
        finally:
            end_reading()

    def _one_by_one(self, ours: list[UUID], error: Exception) -> None:
        """Find the one at fault: the others of its chunk were not really tried."""
        if len(ours) == 1:
            self._settle([_Try(ours[0], self._after(error, ours[0]))])
            return
        with writing() as db:
            self._change(
                db, self._mine().where(Delivery.id.in_(ours)), attempts=Delivery.attempts - 1
            )
        for delivery_id in ours:
            self.attend([delivery_id])

    def _start(self, chunk: list[UUID]) -> list[UUID]:
        now = clock.machine_now()
        with writing() as db:
            ours = self._change(
                db,
                self._mine().where(Delivery.id.in_(chunk)),
                started_at=now,
                lease_until=now + LEASE,
                attempts=Delivery.attempts + 1,
            )
        return [delivery_id for delivery_id in chunk if delivery_id in ours]

    def _prepare(self, ours: list[UUID]) -> list[_Try]:
        """What to do with each now, in the order in which they were due."""
        db = reading()
        rows = {row.id: row for row in db.scalars(select(Delivery).where(Delivery.id.in_(ours)))}
        people = recipients(db, [row.person_id for row in rows.values()])
        return [self._try(db, rows[key], people.get(rows[key].person_id)) for key in ours]

    def _try(self, db: Session, delivery: Delivery, to: Recipient | None) -> _Try:
        kind = kinds.get(delivery.kind)
        if kind is None:
            return _Try(delivery.id, Outcome(DeliveryState.FAILED, "unknown kind"))
        refusal = verdict(db, delivery, kind, to, self.channel)
        if refusal is not None or to is None:
            return _Try(delivery.id, refusal or skipped("inactive"))
        with speaking(to.locale, to.zone, to.hour_cycle):
            message = kind.message(db, delivery, to)
        if message is None:
            return _Try(delivery.id, skipped("nothing to say"))
        return _Try(delivery.id, SENT, to, message)

    def _settle(self, tries: list[_Try]) -> None:
        """Mark the outcomes of those whose lease is still ours; the others have a new owner."""
        with writing() as db:
            sent = [each for each in tries if each.outcome is SENT]
            ours = self._finish(db, [each.id for each in sent], SENT)
            for each in sent:
                if each.id in ours and each.to is not None and each.message is not None:
                    self.channel.record(db, each.id, each.to, each.message)
            told = set(ours)
            for each in tries:
                if each.outcome is not SENT:
                    done = self._finish(db, [each.id], each.outcome)
                    told |= done if each.outcome == MUTED else set()
            self.channel.settled(db, sorted(told))

    def _finish(self, db: Session, deliveries: list[UUID], outcome: Outcome) -> set[UUID]:
        values: dict[str, object] = {**_FREE, "state": outcome.state, "outcome": outcome.reason}
        if outcome.due is None:
            values["finished_at"] = clock.now()
        else:
            values["due_at"] = outcome.due
        if not outcome.counts:
            values["attempts"] = Delivery.attempts - 1
        return self._change(db, self._mine().where(Delivery.id.in_(deliveries)), **values)

    def _after(self, error: Exception, delivery_id: UUID) -> Outcome:
        """The outcome of a failed try: given up, or tried again after a pause."""
        if isinstance(error, Rejected):
            return Outcome(DeliveryState.FAILED, str(error))
        reason = str(error) if isinstance(error, TryLater) else type(error).__name__
        log.warning("delivery_failed", channel=self.channel.name, error=_place(error))
        tried = select(Delivery.attempts).where(Delivery.id == delivery_id)
        attempts = reading().scalar(tried) or 0
        if attempts >= TRIES:
            return Outcome(DeliveryState.FAILED, reason)
        at = getattr(error, "at", None) or clock.now() + BACK_OFF[max(attempts, 1) - 1]
        return Outcome(DeliveryState.PENDING, reason, at)


_FREE: dict[str, object] = {"lease_owner": None, "lease_until": None, "started_at": None}


def recipients(db: Session, people: list[UUID]) -> dict[UUID, Recipient]:
    """Where and how people are reached now; whom nobody knows is left out."""
    found: dict[UUID, Recipient] = {}
    for _, resolve in resolvers:
        found = {**resolve(db, people), **found}
    return found


def verdict(
    db: Session, delivery: Delivery, kind: Kind, to: Recipient | None, channel: Channel
) -> Outcome | None:
    """Why a delivery is not sent now; None when it is."""
    now = clock.now()
    if delivery.attempts > GIVE_UP_AFTER:
        return Outcome(DeliveryState.FAILED, "given up")
    if delivery.expires_at is not None and now >= delivery.expires_at:
        return Outcome(DeliveryState.EXPIRED)
    if to is None or not to.is_active:
        return skipped("inactive")
    if (kind.topic, channel.name) in to.muted:
        return MUTED
    reason = channel.lacks(to) or kind.wanted(db, delivery)
    if reason is not None:
        return skipped(reason[:200])
    return None if kind.is_urgent else _quiet(delivery, to, now)


def _quiet(delivery: Delivery, to: Recipient, now: datetime) -> Outcome | None:
    until = quiet_until(now, clock.zone(to.zone), to.quiet_from, to.quiet_to)
    if until is None:
        return None
    if delivery.expires_at is not None and until >= delivery.expires_at:
        return Outcome(DeliveryState.EXPIRED, "quiet hours")
    return postponed(until, "quiet hours")


def _place(error: Exception) -> str:
    """The error's type and line, without its text, which may name people."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    file = Path(trace.tb_frame.f_code.co_filename).name if trace else "?"
    return f"{type(error).__name__} at {file}:{trace.tb_lineno if trace else 0}"
