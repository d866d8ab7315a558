"""What goes into the matcher and what comes out: plain frozen data, nothing of the app."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .assignment import Certificate
from .text import Message

Value = str | int | float | frozenset[str] | None
Kind = Literal["require", "forbid", "prefer"]
Objective = Literal["total", "fair"]
TIE = 1e-6  # what keeping a current pair is worth: it decides ties only
IdPair = tuple[str, str]  # mentee id, mentor id


@dataclass(frozen=True)
class Participant:
    """A mentee or a mentor of one run; whoever is both has one id and is never their own match.

    ``capacity`` and ``pool`` count for mentors, ``missed`` rounds (0..9) and ``segment`` for
    mentees. Mentors of one pool share its places: one person in several programs. A segment is any
    division of the mentees; it moves the solver only. ``values`` maps field
    names to a category or number, a set of words or ids, or - weekly windows - an int whose bits
    are slots of the week in UTC. A field that is absent, None or an empty set is not answered.
    """

    id: str
    capacity: int = 1
    missed: int = 0
    values: Mapping[str, Value] = field(default_factory=dict)
    pool: str = ""
    segment: str = ""


@dataclass(frozen=True)
class Rule:
    """A hard rule (require, forbid) or a preference, on one field of each side.

    A value that is missing on either side earns nothing and forbids nothing, except that a
    ``require`` does not hold. A private rule moves the solver and is never shown.
    """

    kind: Kind
    comparator: str
    mentee: str
    mentor: str
    label: str
    weight: float = 0.0
    private: bool = False
    params: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instance:
    """One matching problem. Pairs are (mentee id, mentor id).

    ``locked`` pairs are kept whatever they score, but may break no rule; ``banned`` pairs are
    ruled out openly, ``excluded`` ones silently (a private exclusion); ``current`` pairs gain
    ``stickiness`` in score, by default just enough to win ties. ``pools`` are the places that
    mentors of one pool have together. ``budget`` is the share of the total that the worst-off
    segment may cost.
    ``minimum`` mentees go to every mentor who has that many places. ``discreet`` must be set where
    private rules or exclusions may exist, whether or not this run has any: shown figures then rest
    on a second solution over public factors, and answers claim nothing that a private fact could
    prove wrong - so that no answer tells whether there is one.
    """

    mentees: tuple[Participant, ...]
    mentors: tuple[Participant, ...]
    rules: tuple[Rule, ...]
    locked: frozenset[IdPair] = frozenset()
    banned: frozenset[IdPair] = frozenset()
    excluded: frozenset[IdPair] = frozenset()
    current: frozenset[IdPair] = frozenset()
    minimum: int = 0
    objective: Objective = "fair"
    seed: int = 0
    discreet: bool = False
    stickiness: float = TIE
    pools: Mapping[str, int] = field(default_factory=dict)
    budget: float = 0.002


@dataclass(frozen=True)
class Contribution:
    """What one factor adds to a pair's score, with the reason to show."""

    label: str
    points: float
    weight: float
    reason: Message


@dataclass(frozen=True)
class Pair:
    """A proposed pair; the points of its contributions sum to its score (0..1)."""

    mentee: str
    mentor: str
    score: float
    contributions: tuple[Contribution, ...]
    locked: bool = False

    @property
    def highlights(self) -> tuple[Contribution, ...]:
        """The three factors that speak most for the pair."""
        return tuple(c for c in self.contributions[:3] if c.points > 0)

    @property
    def stretch(self) -> Contribution | None:
        """The weightiest factor on which the two answered and differ."""
        apart = [
            c for c in self.contributions if c.reason.code == "stretch" and c not in self.highlights
        ]
        return max(apart, key=lambda c: c.weight, default=None)


@dataclass(frozen=True)
class Unmatched:
    """A mentee without a mentor, and why."""

    mentee: str
    why: tuple[Message, ...]


@dataclass(frozen=True)
class SegmentRegret:
    """How much a segment's people miss of their best possible score, on average."""

    segment: str
    people: int
    regret: float


@dataclass(frozen=True)
class Outcome:
    """A finished run. Scores, total, floor and prices shown rest on public factors alone.

    ``prices``: per mentor id, what taking one of that mentor's places costs others, in score; None
    where someone would be left without a mentor. ``best_total`` is the highest total that public
    factors allow for as many people: what fairness cost is the difference. ``differing`` counts
    the pairs that public factors alone would have made otherwise (None where nothing is private);
    it follows from the pairs and public facts. ``certificate`` proves the solver's choice and may
    reflect private rules, ``segments`` private facts: store them, do not show them (``shielded``
    makes segments fit to be shown).
    """

    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...]
    total: float
    floor: float | None
    matched_share: float
    prices: Mapping[str, float | None]
    certificate: Certificate
    metrics: Mapping[str, float]
    seconds: Mapping[str, float]
    input_hash: str
    seed: int
    objective: Objective = "total"
    best_total: float = 0.0
    differing: int | None = None
    segments: tuple[SegmentRegret, ...] = ()
    groups: tuple[
        tuple[str, ...], ...
    ] = ()  # of peers and circles: whoever facilitates first leads
    bound: float | None = None  # no circles of this size or more, or no pairs, have a higher total

    @property
    def mate(self) -> dict[str, str]:
        """Mentor id by mentee id."""
        return {pair.mentee: pair.mentor for pair in self.pairs}


def plain(value: object) -> object:
    """A value as JSON with one spelling only: sets sorted."""
    return sorted(value) if isinstance(value, frozenset) else value


def _person(person: Participant) -> list[object]:
    values = {name: plain(value) for name, value in person.values.items()}
    return [person.id, person.capacity, person.missed, values, person.pool, person.segment]


def _rule(rule: Rule) -> list[object]:
    sides = [rule.kind, rule.comparator, rule.mentee, rule.mentor]
    return [*sides, rule.label, rule.weight, rule.private, dict(rule.params)]


def _people(people: Iterable[Participant]) -> list[list[object]]:
    return [_person(person) for person in sorted(people, key=lambda p: p.id)]


def input_hash(instance: Instance) -> str:
    """SHA-256 of everything the result depends on, whatever the order of people and pairs."""
    pair_sets = (instance.locked, instance.banned, instance.excluded, instance.current)
    parts = [
        _people(instance.mentees),
        _people(instance.mentors),
        [_rule(rule) for rule in instance.rules],
        [sorted(pairs) for pairs in pair_sets],
        [instance.minimum, instance.objective, instance.seed, instance.discreet],
        [instance.stickiness, dict(instance.pools), instance.budget],
    ]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
