"""Whom the rules would have nudged, and whether that still holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.mentoring.models import Nudge
from app.mentoring.queries.facts import Watched
from app.mentoring.rules import RelationshipState
from app.mentoring.rules.risks import Finding, Level, Risk, find, personal

Key = tuple[UUID, UUID, Risk, date]


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who might be nudged about something."""

    person_id: UUID
    relationship_id: UUID
    rule: Risk
    since: date

    @property
    def key(self) -> Key:
        """What is said once."""
        return self.relationship_id, self.person_id, self.rule, self.since


def stands_still(one: Watched) -> bool:
    """Whether nobody is nudged today: a pause, leave, or a day off."""
    return one.state is RelationshipState.PAUSED or one.facts.today in one.facts.still


def wishes(seen: Mapping[UUID, Watched]) -> Iterator[Wish]:
    """Whom the rules would have nudged today; nobody on a day on which the timers stand still."""
    for key, one in seen.items():
        if stands_still(one):
            continue
        for finding in find(one.facts):
            if not _speaks(finding, one):
                continue
            for person_id in _told(finding.rule, one):
                yield Wish(person_id, key, finding.rule, finding.since)
        for own in one.own:
            for finding in personal(one.facts, own):
                yield Wish(own.person_id, key, finding.rule, finding.since)


def _speaks(finding: Finding, one: Watched) -> bool:
    """Some rules are for organizers' eyes; and whoever is asked whether to go on hears only that.

    Goals are spoken of to those whose they are, whoever may see them.
    """
    if finding.rule in (Risk.LONG_GAP, Risk.FALLING_CADENCE, Risk.GOAL_STUCK):
        return False
    return not one.is_asked and finding.level >= Level.NUDGE


def _told(rule: Risk, one: Watched) -> list[UUID]:
    if rule is Risk.UNANSWERED:
        return [person_id for person_id in one.people if person_id in one.owes_answer]
    return one.people


def holds(one: Watched | None, nudge: Nudge) -> bool:
    """Whether what a nudge speaks of is still so, for its person."""
    if one is None:
        return False
    wanted = (nudge.relationship_id, nudge.person_id, nudge.rule, nudge.since)
    return any(wish.key == wanted for wish in wishes({nudge.relationship_id: one}))
