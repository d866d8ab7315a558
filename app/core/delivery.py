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
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, CursorResult, Select, Update, exists, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.core import clock, ids, jobs
from app.core.database import end_reading, reading, writing
from app.core.locale import speaking, zone_of
from app.core.outbox import Delivery, DeliveryState, Kind, Message, Recipient, kinds, resolvers
from app.core.quiet import quiet_until
from app.core.registries import Registry

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


class Rejected(Exception):
    """The message will never be accepted; its text is a short neutral reason."""


class TryLater(Exception):
    """This message was not accepted now; it is tried again, three times in all."""

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        super().__init__(reason)
        self.at = at


class Away(Exception):
    """The channel as a whole does not answer: no message is to blame, all of them wait."""

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        super().__init__(reason)
        self.at = at


class Channel:
    """One way to reach people; a subclass overrides what it needs."""

    name = ""
    queue = "default"

    def lacks(self, to: Recipient) -> str | None:
        """The reason why this person cannot be reached here, or None."""
        return None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep a connection open for a batch."""
        yield

    def send(self, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Hand the message to the outside; raises Rejected, TryLater or Away."""

    def record(self, db: Session, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Write it down in the transaction that marks the delivery sent."""


channels: Registry[Channel] = Registry("channel")


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


def skipped(reason: str) -> Outcome:
    """Rightly not sent, and why, in a word."""
    return Outcome(DeliveryState.SKIPPED, reason)


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
    return (Delivery.state == DeliveryState.CLAIMED) & (
        Delivery.lease_until <= clock.machine_now()
    )


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
        self.is_away = False

    # leases

    def claim(self) -> list[UUID]:
        """Lease up to a batch of due rows, in due order; nobody else sends these people's."""
        now = clock.machine_now()
        with writing() as db:
            if db.get_bind().dialect.name == "postgresql":
                db.execute(select(func.pg_advisory_xact_lock(zlib.crc32(self.channel.name.encode()))))
            self._recover(db)
            if db.scalar(select(exists(self._hanging(now)))):
                return []
            batch = list(db.scalars(self._claimable()))
            if batch:
                change = update(Delivery).where(Delivery.id.in_(batch))
                self._change(db, change, state=DeliveryState.CLAIMED, lease_owner=self.owner,
                             lease_until=now + LEASE)
        self.renewed = now
        return batch

    def _recover(self, db: Session) -> None:
        change = update(Delivery).where(Delivery.channel == self.channel.name, _is_abandoned())
        self._change(db, change, **_FREE, state=DeliveryState.PENDING)

    def _hanging(self, now: datetime) -> Select[UUID]:
        return select(Delivery.id).where(
            Delivery.channel == self.channel.name, Delivery.state == DeliveryState.CLAIMED,
            Delivery.started_at < now - HANGING,
        )

    def _claimable(self) -> Select[UUID]:
        """Due rows of people whose messages no other worker is sending, which keeps their order."""
        busy = select(Delivery.person_id).where(
            Delivery.channel == self.channel.name, Delivery.state == DeliveryState.CLAIMED
        )
        return (
            select(Delivery.id)
            .where(
                Delivery.channel == self.channel.name, Delivery.state == DeliveryState.PENDING,
                Delivery.due_at <= clock.now(), Delivery.person_id.not_in(busy),
            )
            .order_by(Delivery.due_at, Delivery.created_at, Delivery.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )

    def _mine(self) -> Update:
        return update(Delivery).where(
            Delivery.channel == self.channel.name, Delivery.state == DeliveryState.CLAIMED,
            Delivery.lease_owner == self.owner,
        )

    def _change(self, db: Session, change: Update, **values: object) -> bool:
        done = db.execute(
            change.values(**values).execution_options(synchronize_session=False)
        )
        return isinstance(done, CursorResult) and done.rowcount > 0

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
            for delivery_id in batch:
                if time.monotonic() > self.ends:
                    self._release()
                    return False
                self._keep()
                try:
                    self.attend(delivery_id)
                except Away as away:
                    self.is_away = True
                    log.warning("channel_away", channel=self.channel.name, reason=str(away))
                    self._release(away.at or clock.now() + PAUSE)
                    return False
        return True

    def attend(self, delivery_id: UUID) -> None:
        """One try at one delivery, from the question whether it is still ours to its outcome."""
        if not self._start(delivery_id):
            return
        try:
            outcome, to, message = self._prepare(delivery_id)
            end_reading()
            if to is not None and message is not None:
                self.channel.send(delivery_id, to, message)
            self._settle(delivery_id, outcome, to, message)
        except Away as away:
            self._settle(delivery_id, postponed(away.at or clock.now() + PAUSE, str(away)))
            raise
        except OperationalError:
            raise
        except Exception as error:
            self._settle(delivery_id, self._after(error, delivery_id))
        finally:
            end_reading()

    def _start(self, delivery_id: UUID) -> bool:
        now = clock.machine_now()
        with writing() as db:
            return self._change(
                db, self._mine().where(Delivery.id == delivery_id), started_at=now,
                lease_until=now + LEASE, attempts=Delivery.attempts + 1,
            )

    def _prepare(self, delivery_id: UUID) -> tuple[Outcome, Recipient | None, Message | None]:
        """What to do with it now, and to whom and what when it is to be sent."""
        db = reading()
        delivery = db.get(Delivery, delivery_id)
        kind = kinds.get(delivery.kind) if delivery else None
        if delivery is None or kind is None:
            return Outcome(DeliveryState.FAILED, "unknown kind"), None, None
        to = recipient(db, delivery.person_id)
        refusal = verdict(db, delivery, kind, to, self.channel)
        if refusal is not None or to is None:
            return refusal or skipped("unknown person"), None, None
        with speaking(to.locale, to.zone, to.hour_cycle):
            message = kind.message(db, delivery, to)
        return (SENT, to, message) if message else (skipped("nothing to say"), None, None)

    def _settle(
        self, delivery_id: UUID, outcome: Outcome,
        to: Recipient | None = None, message: Message | None = None,
    ) -> None:
        """Mark the outcome if the lease is still ours, else leave it to whoever has it."""
        values: dict[str, object] = {**_FREE, "state": outcome.state, "outcome": outcome.reason}
        if outcome.due is None:
            values["finished_at"] = clock.now()
        else:
            values["due_at"] = outcome.due
        if not outcome.counts:
            values["attempts"] = Delivery.attempts - 1
        with writing() as db:
            ours = self._change(db, self._mine().where(Delivery.id == delivery_id), **values)
            if ours and to is not None and message is not None:
                self.channel.record(db, delivery_id, to, message)

    def _after(self, error: Exception, delivery_id: UUID) -> Outcome:
        """The outcome of a failed try: given up, or tried again after a pause."""
        if isinstance(error, Rejected):
            return Outcome(DeliveryState.FAILED, str(error))
        reason = str(error) if isinstance(error, TryLater) else type(error).__name__
        log.warning("delivery_failed", channel=self.channel.name, error=_place(error))
        end_reading()
        tried = select(Delivery.attempts).where(Delivery.id == delivery_id)
        attempts = reading().scalar(tried) or 0
        if attempts >= TRIES:
            return Outcome(DeliveryState.FAILED, reason)
        at = getattr(error, "at", None) or clock.now() + BACK_OFF[max(attempts, 1) - 1]
        return Outcome(DeliveryState.PENDING, reason, at)


_FREE: dict[str, object] = {"lease_owner": None, "lease_until": None, "started_at": None}


def recipient(db: Session, person_id: UUID) -> Recipient | None:
    """Where and how a person is reached now; None when nobody knows them."""
    for _, resolve in resolvers:
        found = resolve(db, [person_id]).get(person_id)
        if found is not None:
            return found
    return None


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
        return skipped("muted")
    reason = channel.lacks(to) or kind.wanted(db, delivery)
    if reason is not None:
        return skipped(reason[:200])
    return None if kind.is_urgent else _quiet(delivery, to, now)


def _quiet(delivery: Delivery, to: Recipient, now: datetime) -> Outcome | None:
    until = quiet_until(now, zone_of(to.zone), to.quiet_from, to.quiet_to)
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
