"""Who stands behind a token, a person's devices, and how people are reached."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import flask
from sqlalchemy import Date, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import ChannelChoice, OrgRole, Person, SignIn
from app.accounts.rules import PersonKind, PersonStatus
from app.accounts.rules.passwords import DEMO_PASSWORD
from app.core import clock
from app.core.outbox import Recipient
from app.core.policies import Actor


@dataclass(frozen=True, slots=True)
class Live:
    """A session in force: its actor and when the table last saw it."""

    actor: Actor
    seen_at: datetime


def actor_of(db: Session, token: str) -> Live | None:
    """The session of a token with its person and the roles in force today, in one statement."""
    now = clock.now()
    digest = hashlib.sha256(token.encode()).digest()
    rows = db.execute(_session_rows(), {"digest": digest, "now": now, "today": now.date()}).all()
    if not rows:
        return None
    session_id, seen_at, person_id, name, email, locale, zone, site, cycle, kind, _ = rows[0]
    actor = Actor(
        person_id=person_id,
        name=name or email or "",
        email=email or "",
        locale=locale,
        zone=zone,
        site=site,
        hour_cycle=cycle,
        roles=frozenset(row[-1].value for row in rows if row[-1] is not None),
        is_external=kind is PersonKind.EXTERNAL,
        session_id=session_id,
        token=token,
    )
    return Live(actor, seen_at)


@cache
def _session_rows() -> Select[Any]:
    """Every request asks this; building the statement costs more than running it."""
    today = bindparam("today", type_=Date())
    in_force = and_(
        OrgRole.person_id == Person.id,
        OrgRole.starts_on <= today,
        or_(OrgRole.ends_on.is_(None), OrgRole.ends_on >= today),
    )
    return (
        select(
            SignIn.id,
            SignIn.seen_at,
            Person.id,
            Person.name,
            Person.email,
            Person.locale,
            Person.zone,
            Person.site,
            Person.hour_cycle,
            Person.kind,
            OrgRole.role,
        )
        .join(Person, Person.id == SignIn.person_id)
        .outerjoin(OrgRole, in_force)
        .where(
            SignIn.token_hash == bindparam("digest"),
            SignIn.revoked_at.is_(None),
            SignIn.expires_at > bindparam("now"),
            Person.status == PersonStatus.ACTIVE,
        )
    )


def sessions_of(db: Session, person_id: UUID) -> list[SignIn]:
    """The devices on which a person is signed in, the most recently used first."""
    return list(
        db.scalars(
            select(SignIn)
            .where(
                SignIn.person_id == person_id,
                SignIn.revoked_at.is_(None),
                SignIn.expires_at > clock.now(),
            )
            .order_by(SignIn.seen_at.desc(), SignIn.id)
            .limit(50)
        )
    )


def muted_of(db: Session, people: Iterable[UUID]) -> dict[UUID, frozenset[tuple[str, str]]]:
    """The (topic, channel) pairs each person switched off."""
    muted: dict[UUID, set[tuple[str, str]]] = {}
    rows = db.execute(
        select(ChannelChoice.person_id, ChannelChoice.topic, ChannelChoice.channel).where(
            ChannelChoice.person_id.in_(people), ChannelChoice.is_on.is_(False)
        )
    )
    for person, topic, channel in rows:
        muted.setdefault(person, set()).add((topic, channel))
    return {person: frozenset(pairs) for person, pairs in muted.items()}


def recipients(db: Session, people: Iterable[UUID]) -> dict[UUID, Recipient]:
    """How each person is reached, read when a message is sent."""
    wanted = list(people)
    muted = muted_of(db, wanted)
    return {
        person.id: Recipient(
            person_id=person.id,
            name=person.name or "",
            email=person.email,
            locale=person.locale,
            zone=person.zone,
            hour_cycle=person.hour_cycle,
            quiet_from=person.quiet_from,
            quiet_to=person.quiet_to,
            muted=muted.get(person.id, frozenset()),
            is_active=person.status is not PersonStatus.LEFT,
        )
        for person in db.scalars(select(Person).where(Person.id.in_(wanted)))
    }


def is_refused_here(password: str) -> bool:
    """The demo's public password opens nothing where real people are."""
    is_real = flask.current_app.extensions["settings"].is_production
    return bool(is_real and password == DEMO_PASSWORD)
