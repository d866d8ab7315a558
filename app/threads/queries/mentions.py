"""Whom a post may speak to: members whom its author may see, nobody else, by no way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.ergs.models import Erg, Membership
from app.ergs.rules import SEEN_BY, MembershipState, Viewer
from app.threads.models import Mention

SUGGESTED = 100
_WITH_TITLE = re.compile(r"^(?P<name>.+?) \((?P<title>.+)\)$")


def _visible(erg: Erg, viewer: Viewer) -> Select[Any]:
    """Members whom a viewer may see, under the narrower of both rules."""
    chosen = (
        select(Person.id, Person.name, Person.job_title)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.erg_id == erg.id,
            Membership.state == MembershipState.ACTIVE,
            Membership.ended_at.is_(None),
            Membership.visibility.in_(SEEN_BY[viewer]),
            Person.name.is_not(None),
        )
    )
    return chosen if erg.roster in SEEN_BY[viewer] else chosen.where(Person.id.is_(None))


def mentionable(db: Session, erg: Erg, viewer: Viewer, me: UUID | None) -> list[str]:
    """The first names to propose; whoever has a namesake comes with their job."""
    rows = db.execute(
        _visible(erg, viewer)
        .where(Person.id != me)
        .order_by(Person.name, Person.id)
        .limit(SUGGESTED)
    ).all()
    names = [row.name for row in rows]
    return [
        f"{row.name} ({row.job_title})" if names.count(row.name) > 1 and row.job_title else row.name
        for row in rows
    ]


def resolve(
    db: Session, erg: Erg, viewer: Viewer, wanted: Iterable[str]
) -> tuple[list[UUID], list[str]]:
    """(ids, those words that name nobody or more than one whom the viewer may see)."""
    asked = [_split(word) for word in wanted]
    names = {part for whole, name, _title in asked for part in (whole, name)}
    rows = db.execute(_visible(erg, viewer).where(Person.name.in_(names))).all() if names else []
    found: list[UUID] = []
    unclear: list[str] = []
    for whole, name, title in asked:
        fit = [row.id for row in rows if row.name == whole] or [
            row.id for row in rows if row.name == name and row.job_title == title
        ]
        if len(fit) == 1:
            found.append(fit[0])
        else:
            unclear.append(whole)
    return list(dict.fromkeys(found)), unclear


def _split(word: str) -> tuple[str, str, str | None]:
    match = _WITH_TITLE.match(word)
    return (word, match["name"], match["title"]) if match else (word, word, None)


def only_mentionable(
    db: Session, erg: Erg, viewer: Viewer, people: Iterable[UUID], me: UUID
) -> list[UUID]:
    """Those of some people whom the viewer may see as members."""
    wanted = set(people) - {me}
    if not wanted:
        return []
    rows = db.execute(_visible(erg, viewer).where(Person.id.in_(wanted)).order_by(Person.id))
    return [row.id for row in rows]


def mentioned(
    db: Session, erg: Erg, viewer: Viewer, post_ids: Iterable[UUID]
) -> dict[UUID, list[str]]:
    """Names by post, of those whom this reader may see as members today."""
    rows = db.execute(
        _visible(erg, viewer)
        .join(Mention, Mention.person_id == Person.id)
        .add_columns(Mention.post_id)
        .where(Mention.post_id.in_(list(post_ids)))
        .order_by(Person.name, Person.id)
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.post_id, []).append(row.name)
    return found
