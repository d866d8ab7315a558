"""Groups somebody might like, by nothing but their own place and language and public facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, ErgText
from app.ergs.queries.standing import standing
from app.ergs.rules import IN_DIRECTORY, ErgState, Visibility, slug_of

SUGGESTED = 3


class Why(StrEnum):
    """The reason why a group is proposed; it is told in words."""

    SITE = "site"
    ZONE = "zone"
    HOME = "home"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A group and the reason why it is proposed."""

    erg: Erg
    why: Why


def suggestions(db: Session, actor: Actor, tag: str) -> list[Suggestion]:
    """At most three active, listed groups that the reader does not know yet.

    Confidential groups are never proposed: nobody should have to explain why one was. Who belongs
    where plays no part, so nothing here can tell anything about anybody else.
    """
    why = _why(actor, tag)
    chosen = (
        select(Erg, why)
        .where(
            Erg.state == ErgState.ACTIVE,
            Erg.discovery.in_(IN_DIRECTORY),
            Erg.says_sensitive.is_(False),
            Erg.roster.in_((Visibility.MEMBERS, Visibility.COMPANY)),
            Erg.id.not_in(standing(db, actor).known),
            why.is_not(None),
        )
        .order_by(_rank(why), Erg.slug)
        .limit(SUGGESTED)
        .options(joinedload(Erg.texts))
    )
    rows = db.execute(chosen).unique()
    return [Suggestion(erg, Why(reason)) for erg, reason in rows]


def _why(actor: Actor, tag: str) -> ColumnElement[str | None]:
    """The first reason that holds for a group."""
    whens: list[tuple[ColumnElement[bool], str]] = []
    if actor.site and (slug := slug_of(actor.site)):
        whens.append((_has_chapter(Chapter.slug == slug), Why.SITE.value))
    if actor.zone != "UTC":
        whens.append((_has_chapter(Chapter.zone == actor.zone), Why.ZONE.value))
        whens.append((Erg.zone == actor.zone, Why.HOME.value))
    if tag != "en":
        whens.append((_is_written_in(tag), Why.LANGUAGE.value))
    return case(*whens, else_=None) if whens else func.nullif("", "")


def _rank(why: ColumnElement[str | None]) -> ColumnElement[int]:
    return case(*((why == reason.value, place) for place, reason in enumerate(Why)), else_=9)


def _has_chapter(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Erg.id.in_(select(Chapter.erg_id).where(Chapter.archived_at.is_(None), condition))


def _is_written_in(tag: str) -> ColumnElement[bool]:
    wanted = or_(ErgText.locale == tag, ErgText.locale == tag.split("-")[0])
    return Erg.id.in_(select(ErgText.erg_id).where(wanted))
