"""Passwords: argon2id, equal work for known and unknown accounts, single-use reset links."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import flask
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Credential, PasswordReset, Person
from app.accounts.queries.resets import hashed, is_live, reset_token
from app.accounts.queries.signin import is_refused_here
from app.accounts.rules import RESET_LIFETIME, PersonKind, PersonStatus
from app.accounts.services.sessions import revoke_all_sessions
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.settings import Settings

CHEAP = 1


def _settings() -> Settings:
    found: Settings = flask.current_app.extensions["settings"]
    return found


@lru_cache(maxsize=4)
def _hasher(cost: int) -> PasswordHasher:
    """argon2id at 64 MiB; cost 1 is for tests only and uses next to no memory."""
    if cost <= CHEAP:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=cost, memory_cost=65_536, parallelism=2)


@lru_cache(maxsize=4)
def _dummy_hash(cost: int) -> str:
    """What is verified when there is nothing to verify, so that both take the same time."""
    return _hasher(cost).hash("no account has this password")


def credential_of(db: Session, email: str) -> tuple[UUID | None, str | None]:
    """(person, hash) of an account that may sign in, else (None, None); one statement."""
    row = db.execute(
        select(Person.id, Credential.password_hash)
        .join(Credential, Credential.person_id == Person.id)
        .where(Person.email == email.strip().lower(), Person.status == PersonStatus.ACTIVE)
    ).first()
    return (row[0], row[1]) if row else (None, None)


def verified(db: Session, email: str, password: str) -> UUID | None:
    """The person whose account this is, or None; the same work whoever asks.

    Reads only, so that the slow hash runs outside of any transaction.
    """
    cost = _settings().argon2_cost
    person_id, kept = credential_of(db, email)
    try:
        _hasher(cost).verify(kept or _dummy_hash(cost), password)
    except VerificationError:
        return None
    return None if kept is None or is_refused_here(password) else person_id


def set_password(db: Session, actor_id: UUID | None, *, person_id: UUID, password: str) -> None:
    """Give an account this password; the caller has checked that it is acceptable."""
    made = _hasher(_settings().argon2_cost).hash(
        password, salt=ids.random_bytes(16, "salt", person_id)
    )
    kept = db.get(Credential, person_id)
    if kept is None:
        db.add(Credential(person_id=person_id, password_hash=made))
    else:
        kept.password_hash, kept.changed_at = made, clock.now()
    db.flush()
    audit.record(db, actor_id, "password_changed", ("person", person_id))


def request_reset(db: Session, *, email: str) -> None:
    """Send a link to the account of this address, if there is one; says nothing about it."""
    person_id = db.scalar(
        select(Person.id).where(
            Person.email == email.strip().lower(), Person.status == PersonStatus.ACTIVE
        )
    )
    if person_id is None:
        return
    reset = PasswordReset(
        person_id=person_id, token_hash=b"", expires_at=clock.now() + RESET_LIFETIME
    )
    db.add(reset)
    db.flush()
    reset.token_hash = hashed(reset_token(reset.id))
    outbox.put(db, "password_reset", subject=reset.id, person=person_id, expires=reset.expires_at)
    audit.record(db, person_id, "password_reset_requested", ("person", person_id))


def first_password_link(db: Session, *, person_id: UUID) -> str | None:
    """The link by which a guest who came by an invitation's link chooses a first password.

    None for whoever has a password already and for people of the company: they sign in as usual.
    """
    person = db.get(Person, person_id)
    is_new = person is not None and person.kind is PersonKind.EXTERNAL and person.can_sign_in
    if not is_new or db.get(Credential, person_id) is not None:
        return None
    reset = PasswordReset(
        person_id=person_id, token_hash=b"", expires_at=clock.now() + RESET_LIFETIME
    )
    db.add(reset)
    db.flush()
    token = reset_token(reset.id)
    reset.token_hash = hashed(token)
    audit.record(db, person_id, "first_password_link", ("person", person_id))
    db.flush()
    return token


def use_reset(db: Session, *, reset_id: UUID, password: str) -> UUID | None:
    """Set the password by a link, once, and end every session; None when someone was faster."""
    reset = hold(db, PasswordReset, reset_id)
    person = db.get(Person, reset.person_id) if reset else None
    if reset is None or person is None or not is_live(reset) or not person.can_sign_in:
        return None
    set_password(db, person.id, person_id=person.id, password=password)
    db.execute(
        update(PasswordReset)
        .where(PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None))
        .values(used_at=clock.now())
    )
    revoke_all_sessions(db, person.id, person_id=person.id)
    return person.id
