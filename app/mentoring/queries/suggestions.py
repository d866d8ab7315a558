"""What somebody's groups keep that fits their next session and their goals, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.policies import Actor
from app.core.search import index_words
from app.ergs.models import Erg
from app.mentoring.library import readings
from app.mentoring.models import Goal, GuideSession, Meeting, Relationship
from app.mentoring.queries.work import goals_of
from app.mentoring.rules import HELD, GoalState, SessionState
from app.mentoring.rules.suggestions import beginnings, shares
from app.resources.models import Resource
from app.resources.queries import near

MOST = 6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A resource that the reader may open, because of the next session or of a goal."""

    erg: Erg
    resource: Resource
    part: GuideSession | None
    goal: Goal | None


def current_part(db: Session, pair: Relationship) -> GuideSession | None:
    """The session of the guide that is booked next, else the first that was not held."""
    taken = (Meeting.relationship_id == pair.id) & (Meeting.guide_session_id == GuideSession.id)
    is_booked = exists().where(
        taken, Meeting.state == SessionState.SCHEDULED, Meeting.starts_at > clock.now()
    )
    was_held = exists().where(taken, Meeting.state.in_(HELD))
    return db.scalars(
        select(GuideSession)
        .where(GuideSession.guide_id == pair.guide_id, ~was_held)
        .order_by(is_booked.desc(), GuideSession.position)
        .limit(1)
    ).first()


def active_goals(db: Session, actor: Actor, relationship_id: UUID) -> list[Goal]:
    """Goals on their way that the reader may see: nobody else's private ones."""
    found = goals_of(db, actor, relationship_id)
    return [goal for goal in found if goal.state is GoalState.ACTIVE]


def suggestions(
    db: Session, actor: Actor, part: GuideSession | None, goals: Sequence[Goal]
) -> list[Suggestion]:
    """What fits best of what the reader may open; title and tags decide, not a word in passing."""
    about: list[tuple[GuideSession | Goal, frozenset[str]]] = []
    if part is not None:
        named = [reading.words for reading in readings(part.reading)]
        about.append((part, beginnings(*part.title.values(), *named)))
    about += [(goal, beginnings(goal.text)) for goal in goals]
    wanted = frozenset().union(*(words for _source, words in about))
    found = [
        (best[0], erg, resource, best[1])
        for erg, resource in near(db, actor, wanted)
        if (best := _best(resource, about))[0]
    ]
    found.sort(key=lambda row: -row[0])
    return [
        Suggestion(
            erg,
            resource,
            source if isinstance(source, GuideSession) else None,
            source if isinstance(source, Goal) else None,
        )
        for _hits, erg, resource, source in found[:MOST]
    ]


def _best(
    resource: Resource, about: Iterable[tuple[GuideSession | Goal, frozenset[str]]]
) -> tuple[int, GuideSession | Goal | None]:
    """For which of these it is suggested, and how well it fits."""
    said = " ".join([*(t.title for t in resource.texts), *(t.tag for t in resource.tags)])
    words = index_words(said)
    fits = [(shares(words, wanted), source) for source, wanted in about]
    return max(fits, key=lambda fit: fit[0], default=(0, None))
