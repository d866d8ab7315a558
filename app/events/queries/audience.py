"""Whom an event is for: one rule, asked by what readers find and by the door to a seat."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.ergs.models import Chapter, Membership, MembershipChapter
from app.ergs.rules import MembershipState
from app.events.models import Event, EventChapter, EventHost, EventInvited
from app.events.rules import Audience, HostState

Is = Callable[[Any], ColumnElement[bool]]


def is_for(belongs: Is, is_in: Is) -> ColumnElement[bool]:
    """Whether an event is for somebody who `belongs` to groups and `is_in` chapters.

    Everyone, or the members of a host (where chapters of it are chosen, only theirs) and those of
    the groups that were invited.
    """
    chosen = (
        select(EventChapter.chapter_id)
        .join(Chapter, Chapter.id == EventChapter.chapter_id)
        .where(EventChapter.event_id == Event.id, Chapter.erg_id == EventHost.erg_id)
        .correlate(Event, EventHost)
    )
    host = (
        select(EventHost.event_id)
        .where(
            EventHost.event_id == Event.id,
            EventHost.state == HostState.ACCEPTED,
            belongs(EventHost.erg_id),
            or_(~chosen.exists(), chosen.where(is_in(EventChapter.chapter_id)).exists()),
        )
        .correlate(Event, Person)
    )
    invited = (
        select(EventInvited.event_id)
        .where(EventInvited.event_id == Event.id, belongs(EventInvited.erg_id))
        .correlate(Event, Person)
    )
    return or_(Event.audience == Audience.COMPANY, host.exists(), invited.exists())


def in_chapters_of(person: UUID | BindParameter[Any] | Any | None) -> Is:
    """Whether a person chose a chapter of a group they belong to."""
    return lambda chapter_id: _membership_in(chapter_id, person).exists()


def _membership_in(chapter_id: Any, person: Any) -> Select[Any]:
    return (
        select(MembershipChapter.chapter_id)
        .join(Membership, Membership.id == MembershipChapter.membership_id)
        .where(
            MembershipChapter.chapter_id == chapter_id,
            Membership.person_id == person,
            Membership.state == MembershipState.ACTIVE,
        )
        .correlate(EventChapter, Person)
    )


def entitled(db: Session, event_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Those of some people whom an event is for, asked fresh; for rules, never for display."""
    if not people:
        return set()
    return set(
        db.scalars(
            select(Person.id)
            .join(Event, Event.id == event_id)
            .where(Person.id.in_(people), is_for(_belongs_today, in_chapters_of(Person.id)))
        )
    )


def _belongs_today(erg_id: Any) -> ColumnElement[bool]:
    return (
        select(Membership.id)
        .where(
            Membership.erg_id == erg_id,
            Membership.person_id == Person.id,
            Membership.state == MembershipState.ACTIVE,
        )
        .correlate(EventHost, EventInvited, Person)
        .exists()
    )
