"""Whom an event is for: chosen by its hosts, and once it is published only ever widened."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Chapter, Erg
from app.ergs.rules import Discovery, ErgState
from app.events.models import Event, EventChapter, EventInvited
from app.events.rules import UNSEEN_EVENTS, Audience, EventState
from app.events.services import admission, approving
from app.events.services.dates import keep_past, meant_event
from app.events.services.holding import led_with_group

OVER = (EventState.CANCELED, EventState.COMPLETED)
MOST_INVITED = 20


@dataclass(frozen=True, slots=True)
class People:
    """Everyone, or members: of the hosts (or some of their chapters) and of invited groups."""

    audience: Audience
    invited: frozenset[UUID] = frozenset()
    chapters: frozenset[UUID] = frozenset()


def audience_of(
    event: Event,
    audience: Audience,
    invited: frozenset[UUID] | None = None,
    chapters: frozenset[UUID] | None = None,
) -> People:
    """What is wanted; None keeps what is there, and nobody is chosen where everyone may come."""
    if audience is Audience.COMPANY:
        return People(audience)
    old_groups = frozenset(row.erg_id for row in event.invited)
    old_chapters = frozenset(row.chapter_id for row in event.chapters)
    return People(
        audience,
        old_groups if invited is None else invited,
        old_chapters if chapters is None else chapters,
    )


def require_discretion(erg: Erg, audience: Audience, invited: frozenset[UUID]) -> None:
    """A hidden group hosts for members only, and asks nobody else's members along."""
    if erg.discovery is Discovery.HIDDEN and (audience is not Audience.MEMBERS or invited):
        raise Refused(_("Events of a hidden group are for its members only."), 422)


def require_growth(event: Event, people: People) -> None:
    """Once people could answer, nobody for whom the event was is left out."""
    for erg in event.accepted_hosts:
        require_discretion(erg, people.audience, people.invited)
    if event.state in UNSEEN_EVENTS or people.audience is Audience.COMPANY:
        return
    is_wider = (
        event.audience is Audience.MEMBERS
        and {row.erg_id for row in event.invited} <= people.invited
        and all(_admits_more(event, erg, people.chapters) for erg in event.accepted_hosts)
    )
    if not is_wider:
        raise Refused(
            _(
                "People may have answered already, so the event can only be opened to more. "
                "To leave somebody out, cancel it and plan another one."
            )
        )


def _admits_more(event: Event, erg: Erg, chosen: frozenset[UUID]) -> bool:
    """Of this host, all its members from now on, or those of further chapters."""
    before = {row.chapter_id for row in event.chapters if row.chapter.erg_id == erg.id}
    after = {chapter.id for chapter in erg.chapters} & chosen
    return not after or (bool(before) and before <= after)


def change_audience(db: Session, actor_id: UUID | None, event: Event, people: People) -> set[str]:
    """Write down groups and chapters; returns the names of what changed."""
    old_groups = {row.erg_id: row for row in event.invited}
    old_chapters = {row.chapter_id: row for row in event.chapters}
    if set(old_groups) == people.invited and set(old_chapters) == people.chapters:
        return set()
    _require_known(db, actor_id, people.invited - set(old_groups))
    _require_own(db, event, people.chapters - set(old_chapters))
    for erg_id in sorted(people.invited - set(old_groups)):
        db.add(EventInvited(event_id=event.id, erg_id=erg_id))
    for chapter_id in sorted(people.chapters - set(old_chapters)):
        db.add(EventChapter(event_id=event.id, chapter_id=chapter_id))
    for erg_id in set(old_groups) - people.invited:
        db.delete(old_groups[erg_id])
    for chapter_id in set(old_chapters) - people.chapters:
        db.delete(old_chapters[chapter_id])
    db.flush()
    db.expire(event, ["invited", "chapters"])
    changed = {"invited"} if people.invited != set(old_groups) else set()
    return changed | ({"chapters"} if people.chapters != set(old_chapters) else set())


def _require_known(db: Session, actor_id: UUID | None, groups: frozenset[UUID]) -> None:
    """Only groups that the actor finds, and none whose members would be outed by coming."""
    if not groups:
        return
    known = ergs.standing_of(db, actor_id).known
    found = {erg.id: erg for erg in db.scalars(select(Erg).where(Erg.id.in_(groups)))}
    for erg_id in groups:
        erg = found.get(erg_id)
        if erg is None or not is_found(erg, known):
            raise Refused(_("There is no such group. Choose one from the list."), 404)
        if erg.is_discreet:
            raise Refused(
                _(
                    "Coming would tell who belongs to this group, so its members are not "
                    "invited. It may be asked to host instead; the event is hidden then."
                ),
                422,
            )


def _require_own(db: Session, event: Event, chapters: frozenset[UUID]) -> None:
    if not chapters:
        return
    hosts = {erg.id for erg in event.accepted_hosts}
    rows = db.scalars(select(Chapter).where(Chapter.id.in_(chapters))).all()
    if len(rows) < len(chapters) or any(row.erg_id not in hosts for row in rows):
        raise Refused(_("This chapter belongs to no group that hosts the event."), 422)


def is_found(erg: Erg, known: set[UUID]) -> bool:
    """Whether a living group is no secret to somebody who knows these groups."""
    is_open = erg.discovery is not Discovery.HIDDEN or erg.id in known
    return is_open and erg.state is ErgState.ACTIVE


def invite_group(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID, is_for_all: bool = False
) -> None:
    """Let the members of a further group come to an event for members.

    Of a series to this date alone, or to all that lie ahead and are like it.
    """
    occurrence = led_with_group(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state in OVER:
        raise Refused(_("This event is over or canceled and cannot be changed."))
    if event.audience is not Audience.MEMBERS:
        raise Refused(_("Everyone in the company may come already."))
    groups = frozenset(row.erg_id for row in event.invited) | {erg_id}
    if len(groups) > MOST_INVITED:
        raise Refused(_("Twenty groups at most are invited. Open the event to everyone instead."))
    people = audience_of(event, event.audience, groups)
    require_growth(event, people)
    if erg_id in {row.erg_id for row in event.invited}:
        return
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    if is_for_all:
        keep_past(db, event, but=occurrence)
    if change_audience(db, actor_id, event, people):
        audit.record(db, actor_id, "invite_group", event)
        approving.revised(db, actor_id, occurrence, {"invited"})
        admission.settle(db, occurrence)


def uninvite_group(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, erg_id: UUID, is_for_all: bool = False
) -> None:
    """Take an invitation back, as long as nobody could answer."""
    occurrence = led_with_group(db, actor_id, occurrence_id)
    event = occurrence.event
    groups = frozenset(row.erg_id for row in event.invited) - {erg_id}
    people = audience_of(event, event.audience, groups)
    require_growth(event, people)
    if erg_id not in {row.erg_id for row in event.invited}:
        return
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    if change_audience(db, actor_id, event, people):
        audit.record(db, actor_id, "uninvite_group", event)
        approving.revised(db, actor_id, occurrence, {"invited"})
