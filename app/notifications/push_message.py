"""What a push message says and how it is packed: neutral words, one length, sealed for a device."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from flask_babel import gettext as _
from py_vapid import Vapid02

from app.core import clock, ids
from app.core.locale import current_language
from app.core.outbox import Message
from app.notifications.push_keys import Device, encoded, new_pair

# All messages have this length, so that a push service cannot tell them apart.
LENGTH = 1_200
LONGEST_TEXT = 200
# A device that is off gets it later, but never after it has lost its use.
TTL = timedelta(days=1)
SIGNED_FOR = timedelta(hours=12)


def payload(delivery_id: UUID, message: Message, *, shows_titles: bool) -> bytes:
    """What the service worker gets, in the language being spoken; only who asked reads a title.

    `tag` is the delivery's id: a message that comes twice is shown once.
    """
    body = _("You have news in Trellis")
    if shows_titles and message.headline:
        body = message.headline[:LONGEST_TEXT]
    language = current_language()
    said = {
        "tag": delivery_id.hex,
        "body": body,
        "link": message.link or "/notifications/",
        "lang": language.tag,
        "dir": language.dir,
    }
    text = json.dumps(said, ensure_ascii=False).encode()
    return text.ljust(LENGTH)


def sealed_for(device: Device, content: bytes) -> bytes:
    """The payload as aes128gcm (RFC 8291), readable by this device alone."""
    sealed: bytes = http_ece.encrypt(
        content,
        salt=ids.random_bytes(16, "push_salt", device.row_id),
        private_key=new_pair("push_message", device.row_id),
        dh=device.p256dh,
        auth_secret=device.auth,
        version="aes128gcm",
    )
    return sealed


def headers(
    delivery_id: UUID, origin: str, pair: ec.EllipticCurvePrivateKey, subject: str, ttl: timedelta
) -> dict[str, str]:
    """Who sends this (RFC 8292), how long it is kept, and what replaces it."""
    ends: datetime = clock.machine_now() + SIGNED_FOR
    claims = {"aud": origin, "sub": subject, "exp": int(ends.timestamp())}
    signed: dict[str, str] = Vapid02(pair).sign(claims)
    return {
        **signed,
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(int(max(min(ttl, TTL), timedelta()).total_seconds())),
        "Topic": encoded(delivery_id.bytes),
    }
