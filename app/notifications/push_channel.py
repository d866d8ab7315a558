"""The channel `push`: rings the devices of a person, each sealed for itself."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr, parsedate_to_datetime
from urllib.parse import urlsplit
from uuid import UUID

import flask
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from app.core import clock, outbound
from app.core.channels import Channel, Rejected, TryLater
from app.core.database import end_reading, reading, writing
from app.core.locale import speaking
from app.core.outbox import Delivery, Message, Recipient
from app.notifications import push_keys, push_message, queries, services
from app.notifications.models import PushKey
from app.notifications.push_keys import Device

# Whose push services are called: those of the browsers, and what PUSH_HOSTS adds.
HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    "web.push.apple.com",
    ".push.apple.com",
)
LONGEST_WAIT = timedelta(hours=1)
GONE = (404, 410)


class Gone(Exception):
    """The push service does not know the device any more."""


class Push(Channel):
    """Follows the inbox (`services.follow`); a message that comes twice replaces itself."""

    name = "push"

    def lacks(self, to: Recipient) -> str | None:
        """Without a device that agreed there is nothing to ring."""
        return None if queries.has_device(reading(), to.person_id) else "no device"

    def send(self, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Ring each device that has not rung for this; forget those that are gone."""
        devices, pair, shows_titles, ttl = _loaded(delivery_id, to.person_id)
        with speaking(to.locale, to.zone, to.hour_cycle):
            content = push_message.payload(delivery_id, message, shows_titles=shows_titles)
        reached, gone, failed = ring(devices, pair, delivery_id, content, ttl)
        if reached or gone:
            with writing() as db:
                services.reached(db, device_ids=reached, delivery_id=delivery_id)
                services.forget(db, gone)
        _judge(reached, failed)


def _loaded(
    delivery_id: UUID, person_id: UUID
) -> tuple[list[Device], ec.EllipticCurvePrivateKey | None, bool, timedelta]:
    db = reading()
    try:
        key = db.get(PushKey, 1)
        rows = [
            row
            for row in db.scalars(queries.live_devices(person_id))
            if row.last_delivery != delivery_id
        ]
        if key is None:
            return [], None, False, push_message.TTL
        opened = [push_keys.open_device(key, row) for row in rows]
        shows_titles = queries.shows_titles(db, person_id)
        return opened, push_keys.pair_of(key), shows_titles, _useful(db.get(Delivery, delivery_id))
    except (InvalidTag, KeyError) as error:
        raise Rejected("keys do not open") from error
    finally:
        end_reading()


def _useful(delivery: Delivery | None) -> timedelta:
    """How long the push service may keep it for a device that is off."""
    ends = delivery.expires_at if delivery else None
    return push_message.TTL if ends is None else ends - clock.now()


def ring(
    devices: list[Device],
    pair: ec.EllipticCurvePrivateKey | None,
    delivery_id: UUID,
    content: bytes,
    ttl: timedelta = push_message.TTL,
) -> tuple[list[UUID], list[UUID], list[Exception]]:
    """(reached, gone, what failed) of one message to several devices."""
    reached: list[UUID] = []
    gone: list[UUID] = []
    failed: list[Exception] = []
    for device in devices if pair else ():
        assert pair is not None
        try:
            _ring_one(device, pair, delivery_id, content, ttl)
            reached.append(device.row_id)
        except Gone:
            gone.append(device.row_id)
        except (Rejected, TryLater) as error:
            failed.append(error)
    return reached, gone, failed


def _ring_one(
    device: Device,
    pair: ec.EllipticCurvePrivateKey,
    delivery_id: UUID,
    content: bytes,
    ttl: timedelta,
) -> None:
    address = urlsplit(device.endpoint)
    origin = f"{address.scheme}://{address.netloc}"
    settings = flask.current_app.extensions["settings"]
    try:
        answer = outbound.post(
            device.endpoint,
            body=push_message.sealed_for(device, content),
            headers=push_message.headers(delivery_id, origin, pair, _contact(settings), ttl),
            hosts=hosts(),
        )
    except outbound.Forbidden as error:
        raise Rejected(str(error)) from error
    except outbound.Unreachable as error:
        raise TryLater(f"push service: {error}") from error
    if answer.status in GONE:
        raise Gone
    if answer.status == 429 or answer.status >= 500:
        raise TryLater(f"answered {answer.status}", _retry_at(answer.headers.get("retry-after")))
    if not 200 <= answer.status < 300:
        raise Rejected(f"answered {answer.status}")


def _judge(reached: list[UUID], failed: list[Exception]) -> None:
    """What is to be tried again decides; a device that refuses for good harms no other."""
    later = [error for error in failed if isinstance(error, TryLater)]
    if later:
        raise later[0]
    if failed and not reached:
        raise failed[0]


def hosts() -> tuple[str, ...]:
    """The push services that may be called."""
    more: tuple[str, ...] = flask.current_app.extensions["settings"].push_hosts
    return (*HOSTS, *more)


def _contact(settings) -> str:  # type: ignore[no-untyped-def]
    """Whom a push service may tell about trouble."""
    return settings.base_url if settings.is_https else f"mailto:{parseaddr(settings.mail_from)[1]}"


def _retry_at(value: str | None):  # type: ignore[no-untyped-def]
    """When to try again, as the service asks in seconds or as a date; an hour at most."""
    if not value:
        return None
    if value.isdigit():
        return clock.now() + min(timedelta(seconds=int(value[:6])), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(value) - clock.machine_now()
    except (ValueError, TypeError):
        return None
    return clock.now() + min(max(wait, timedelta()), LONGEST_WAIT)
