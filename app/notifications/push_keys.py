"""The keys of push: the pair that signs for this installation, and what opens a device's row."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import ids
from app.core.keyring import Wrapped, keyring, seal, unseal, wrapped_keys
from app.notifications.models import PushKey, PushSubscription

# The order of the curve P-256, below which every number but 0 is a private key.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Device:
    """Where a device is reached, and its own keys."""

    row_id: UUID
    endpoint: str
    p256dh: bytes
    auth: bytes


def new_pair(purpose: str, subject: object = "") -> ec.EllipticCurvePrivateKey:
    """A fresh private key of the curve that push uses."""
    drawn = int.from_bytes(ids.random_bytes(48, purpose, subject))
    return ec.derive_private_key(drawn % (_ORDER - 1) + 1, ec.SECP256R1())


def public_bytes(pair: ec.EllipticCurvePrivateKey) -> bytes:
    """The public point as push services and browsers write it."""
    return pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def make(db: Session) -> PushKey:
    """The row of the installation's pair, sealed by a data key that the current root wraps."""
    ring = keyring()
    data_key, pair = ids.random_bytes(32, "push_data_key"), new_pair("push_pair")
    scalar = pair.private_numbers().private_value.to_bytes(32)
    row = PushKey(
        number=1,
        root_id=ring.current,
        wrapped=seal(ring.roots[ring.current], data_key, _wrap_aad(ring.current), "wrap"),
        private_key=seal(data_key, scalar, _KEY_AAD, "push_key"),
        public_key=encoded(public_bytes(pair)),
    )
    db.add(row)
    db.flush()
    return row


def pair_of(row: PushKey) -> ec.EllipticCurvePrivateKey:
    """The private key that signs for this installation."""
    scalar = unseal(_data_key(row), row.private_key, _KEY_AAD)
    return ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())


def seal_device(row: PushKey, device: Device, person_id: UUID) -> bytes:
    """What the table keeps of a device."""
    body = json.dumps([device.endpoint, encoded(device.p256dh), encoded(device.auth)])
    aad = _device_aad(device.row_id, person_id)
    return seal(_data_key(row), body.encode(), aad, "push_device")


def open_device(row: PushKey, kept: PushSubscription) -> Device:
    """A device as it was sealed; bound to its row and person."""
    body = unseal(_data_key(row), kept.sealed, _device_aad(kept.id, kept.person_id))
    endpoint, p256dh, auth = json.loads(body)
    return Device(kept.id, endpoint, decoded(p256dh), decoded(auth))


def encoded(raw: bytes) -> str:
    """base64url without padding, as web push writes keys."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url with or without padding; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


_KEY_AAD = "push_key|private_key|1"


def _wrap_aad(root_id: str) -> str:
    return f"push_key|wrapped|1|{root_id}"


def _device_aad(row_id: UUID, person_id: UUID) -> str:
    return f"push_subscription|sealed|{row_id}|{person_id}"


def _data_key(row: PushKey) -> bytes:
    return unseal(keyring().roots[row.root_id], row.wrapped, _wrap_aad(row.root_id))


def _roots(db: Session) -> set[str]:
    return set(db.scalars(select(PushKey.root_id)))


def _rewrap(db: Session) -> int:
    row, ring = db.get(PushKey, 1), keyring()
    if row is None or row.root_id == ring.current:
        return 0
    key = _data_key(row)
    row.root_id = ring.current
    row.wrapped = seal(ring.roots[ring.current], key, _wrap_aad(ring.current), "wrap")
    return 1


wrapped_keys.add("push", Wrapped(_roots, _rewrap))
