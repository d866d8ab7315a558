"""The root keys of KEY_FILE, and sealing: AES-256-GCM bound to the place where the value stands.

The file is JSON: `{"current": id, "roots": {id: base64}}`. A root key never encrypts people's data
itself; it wraps data keys, so that a rotation wraps those anew and touches nothing else. Whoever
keeps wrapped keys registers its `Wrapped`, else its root would be dropped.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import flask
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from app.core import ids
from app.core.registries import Registry

NONCE = 12


@dataclass(frozen=True, slots=True)
class Keyring:
    """The root keys; new data keys are wrapped by the current one."""

    current: str
    roots: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Where else data keys are kept: the roots in use, and a way to wrap anew by the current."""

    roots: Callable[[Session], set[str]]
    rewrap: Callable[[Session], int]


wrapped_keys: Registry[Wrapped] = Registry("place of wrapped keys")


def _path() -> Path:
    path: Path = flask.current_app.extensions["settings"].key_file
    return path


def keyring() -> Keyring:
    """The root keys of KEY_FILE, which is made on first use outside production."""
    path = _path()
    if not path.exists():
        if flask.current_app.extensions["settings"].is_production:
            raise FileNotFoundError(f"KEY_FILE {path} is missing; make it with `trellis doctor`.")
        made = ids.token("root_key_id", size=6)
        keep(Keyring(made, {made: ids.random_bytes(32, "root_key")}))
    kept = json.loads(path.read_text("ascii"))
    return Keyring(kept["current"], {k: base64.b64decode(v) for k, v in kept["roots"].items()})


def keep(ring: Keyring) -> None:
    """Replace the file at once, readable by its owner alone."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    body = {
        "current": ring.current,
        "roots": {k: base64.b64encode(v).decode() for k, v in ring.roots.items()},
    }
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def seal(key: bytes, value: bytes, aad: str, purpose: str) -> bytes:
    """Nonce and ciphertext of a value."""
    nonce = ids.random_bytes(NONCE, purpose, aad)
    return nonce + AESGCM(key).encrypt(nonce, value, aad.encode())


def unseal(key: bytes, sealed: bytes, aad: str) -> bytes:
    """The value; raises InvalidTag when anything of it, or its place, was changed."""
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], aad.encode())
