"""Scores and hard rules of an instance, a thousand mentees at a time.

All preferences that are bilinear become columns of one matrix product with their weights folded in;
the few others are added chunk by chunk. Hard rules are masks of the same chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .assignment import (
    MOST_PRIORITY,
    UNIT,
    Aim,
    Floats,
    Ints,
    Pools,
    Problem,
    Progress,
    chunks,
    silent,
)
from .comparators import COMPARATORS, Factor, Flags, of_pair
from .text import MatchingError, Message
from .types import Contribution, IdPair, Instance, Participant, Rule


def validated(instance: Instance) -> Instance:
    """The instance, if it makes sense; else a MatchingError that says what does not."""
    if not instance.mentees:
        raise MatchingError("no_mentees")
    for role, people in (("mentees", instance.mentees), ("mentors", instance.mentors)):
        _unique(role, people)
    for person in instance.mentors:
        _whole("bad_capacity", person.capacity, id=person.id)
    for person in instance.mentees:
        _whole("bad_priority", person.missed, MOST_PRIORITY, id=person.id)
    for name, places in instance.pools.items():
        _whole("bad_capacity", places, id=name)
    for person in instance.mentors:
        if person.pool and person.pool not in instance.pools:
            raise MatchingError("no_such_pool", id=person.id, pool=person.pool)
    _whole("bad_minimum", instance.minimum)
    if not 0 <= instance.stickiness <= 1 or not 0 <= instance.budget <= 1:
        raise MatchingError("bad_stickiness")
    if instance.objective not in ("total", "fair"):
        raise MatchingError("bad_objective", objective=instance.objective)
    for rule in instance.rules:
        _check_rule(rule)
    if not any(rule.kind == "prefer" for rule in instance.rules):
        raise MatchingError("no_preference")
    _check_locked(instance.locked)
    secretive = bool(instance.excluded) or any(rule.private for rule in instance.rules)
    if secretive and not instance.discreet:
        raise MatchingError("not_discreet")
    return instance


def _unique(role: str, people: Sequence[Participant]) -> None:
    seen: set[str] = set()
    for person in people:
        if person.id in seen:
            raise MatchingError("duplicate_id", id=person.id, role=role)
        seen.add(person.id)


def _whole(code: str, value: object, most: float = 1_000_000, **params: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise MatchingError(code, **params)


def _check_rule(rule: Rule) -> None:
    if rule.kind not in ("require", "forbid", "prefer"):
        raise MatchingError("bad_kind", label=rule.label, kind=rule.kind)
    if rule.comparator not in COMPARATORS:
        raise MatchingError("bad_comparator", label=rule.label, comparator=rule.comparator)
    if rule.kind == "prefer" and not (rule.weight > 0 and np.isfinite(rule.weight)):
        raise MatchingError("bad_weight", label=rule.label)
    if rule.kind != "prefer" and rule.weight:
        raise MatchingError("weight_on_hard_rule", label=rule.label)


def _check_locked(locked: Iterable[IdPair]) -> None:
    fixed: set[str] = set()
    for mentee, _ in sorted(locked):
        if mentee in fixed:
            raise MatchingError("locked_twice", id=mentee)
        fixed.add(mentee)


class Bound:
    """One rule bound to the instance's people."""

    def __init__(self, rule: Rule, instance: Instance) -> None:
        self.rule = rule
        self.factor: Factor = COMPARATORS[rule.comparator](rule, instance.mentees, instance.mentors)

    def breaks(self, rows: slice) -> Flags:
        """Where this hard rule rules a pair out."""
        holds = self.factor.holds(rows)
        return ~holds if self.rule.kind == "require" else holds


class Blend:
    """A weighted mean of preferences as a chunked matrix."""

    def __init__(self, preferences: Sequence[Bound]) -> None:
        self.whole = sum(bound.rule.weight for bound in preferences)
        shares = [(bound.rule.weight / self.whole, bound.factor) for bound in preferences]
        folded = [(share, factor.linear) for share, factor in shares if factor.linear]
        self.rest = [(np.float32(share), factor) for share, factor in shares if not factor.linear]
        self.left = _joined([rows for _, (rows, _) in folded])
        self.right = _joined([np.float32(share) * columns for share, (_, columns) in folded])

    def block(self, rows: slice, mentors: int) -> Floats:
        """Scores of some mentees with every mentor, 0..1."""
        if self.left is None or self.right is None:
            total = np.zeros((rows.stop - rows.start, mentors), np.float32)
        else:
            total = self.left[rows] @ self.right.T
        for share, factor in self.rest:
            total += (share * factor.degree(rows)).astype(np.float32)
        return np.clip(total, 0, 1, out=total)


def _joined(parts: Sequence[Floats]) -> Floats | None:
    return np.ascontiguousarray(np.concatenate(parts, axis=1)) if parts else None


class Scorer:
    """Everything that can be computed about pairs of an instance, by index."""

    def __init__(self, instance: Instance) -> None:
        self.instance = validated(instance)
        self.rows = {person.id: at for at, person in enumerate(instance.mentees)}
        self.columns = {person.id: at for at, person in enumerate(instance.mentors)}
        bound = [Bound(rule, instance) for rule in instance.rules]
        self.preferences = [b for b in bound if b.rule.kind == "prefer"]
        self.hard = [b for b in bound if b.rule.kind != "prefer"]
        self.shown = [b for b in self.preferences if not b.rule.private]
        self.shown_hard = [b for b in self.hard if not b.rule.private]
        oneself = {(id, id) for id in self.rows.keys() & self.columns.keys()}
        self.banned = self.indices(instance.banned | oneself)
        self.excluded = self.indices(instance.excluded)
        self.blends = {True: Blend(self.shown), False: Blend(self.preferences)}

    def indices(self, pairs: Iterable[IdPair]) -> NDArray[np.int64]:
        """Id pairs as index pairs, sorted."""
        found = [(self.row(mentee), self.column(mentor)) for mentee, mentor in pairs]
        return np.array(sorted(found), np.int64).reshape(-1, 2)

    def row(self, mentee: str) -> int:
        """A mentee's index."""
        if mentee not in self.rows:
            raise MatchingError("both_roles_id", id=mentee, role="mentees")
        return self.rows[mentee]

    def column(self, mentor: str) -> int:
        """A mentor's index."""
        if mentor not in self.columns:
            raise MatchingError("both_roles_id", id=mentor, role="mentors")
        return self.columns[mentor]

    # -- chunks ---------------------------------------------------------------------------------

    def block(self, rows: slice, public: bool) -> Floats:
        """Scores of some mentees, ``-inf`` where a rule or a decision forbids the pair."""
        scores = self.blends[public].block(rows, len(self.columns))
        for bound in self.shown_hard if public else self.hard:
            scores[bound.breaks(rows)] = -np.inf
        for pairs in (self.banned,) if public else (self.banned, self.excluded):
            near = _within(pairs, rows)
            scores[near[:, 0] - rows.start, near[:, 1]] = -np.inf
        return scores

    def matrix(self, public: bool, progress: Progress = silent) -> Floats:
        """The whole score matrix, float32."""
        mentees, mentors = len(self.rows), len(self.columns)
        scores = np.empty((mentees, mentors), np.float32)
        for rows in chunks(mentees):
            scores[rows] = self.block(rows, public)
            progress("score", rows.stop, mentees)
        return scores

    @property
    def missed(self) -> Ints:
        """Rounds that each mentee missed."""
        return np.array([person.missed for person in self.instance.mentees], np.int64)

    def problem(self, public: bool, progress: Progress = silent) -> Problem:
        """The instance as a matrix problem."""
        scores = self.matrix(public, progress)
        locked = self.indices(self.instance.locked)
        if not public:
            self.check_allowed(scores, locked)
        capacity = np.array([m.capacity for m in self.instance.mentors], np.int64)
        for at in np.flatnonzero(np.bincount(locked[:, 1], minlength=len(capacity)) > capacity):
            raise MatchingError("locked_over_capacity", id=self.instance.mentors[at].id)
        minimum = np.minimum(capacity, self.instance.minimum)
        bonus = round(self.instance.stickiness * UNIT)
        aim = Aim(current=self.indices(self.instance.current), bonus=bonus)
        return Problem(scores, capacity, minimum, self.missed, locked, aim, self._pools())

    def _pools(self) -> Pools | None:
        names = sorted(self.instance.pools)
        if not any(mentor.pool for mentor in self.instance.mentors):
            return None
        at = {name: place for place, name in enumerate(names)}
        of = np.array([at.get(mentor.pool, -1) for mentor in self.instance.mentors], np.int64)
        return Pools(of, np.array([self.instance.pools[name] for name in names], np.int64))

    def check_allowed(self, scores: Floats, locked: NDArray[np.int64]) -> None:
        """Refuse fixed pairs that a rule or a decision forbids, with the rule's name."""
        for row, column in locked[np.isneginf(scores[locked[:, 0], locked[:, 1]])]:
            mentee, mentor = self.instance.mentees[row].id, self.instance.mentors[column].id
            for bound in self.shown_hard:
                if bound.breaks(slice(row, row + 1))[0, column]:
                    why = bound.rule.label
                    raise MatchingError("locked_forbidden", mentee=mentee, mentor=mentor, why=why)
            raise MatchingError("locked_ruled_out", mentee=mentee, mentor=mentor)

    # -- one pair -------------------------------------------------------------------------------

    def contributions(self, row: int, column: int) -> tuple[Contribution, ...]:
        """What each public factor adds to a pair's score, the largest first; they sum to it."""
        whole = self.blends[True].whole
        found = []
        for bound in self.shown:
            degree = of_pair(bound.factor, row, column)
            points = bound.rule.weight * min(max(degree, 0.0), 1.0) / whole
            reason = bound.factor.reason(row, column)
            found.append(Contribution(bound.rule.label, points, bound.rule.weight, reason))
        return tuple(sorted(found, key=lambda c: -c.points))

    def failed(self, row: int, column: int) -> Message | None:
        """The first public reason why a pair is impossible, if any."""
        mentor = self.instance.mentors[column]
        if mentor.id == self.instance.mentees[row].id:
            return Message("same_person")
        if mentor.capacity == 0:
            return Message("no_capacity")
        if (self.banned == (row, column)).all(axis=1).any():
            return Message("banned")
        for bound in self.shown_hard:
            if bound.breaks(slice(row, row + 1))[0, column]:
                code = "rule_required" if bound.rule.kind == "require" else "rule_forbidden"
                return Message(code, {"label": bound.rule.label})
        return None


def _within(pairs: NDArray[np.int64], rows: slice) -> NDArray[np.int64]:
    first, last = np.searchsorted(pairs[:, 0], [rows.start, rows.stop])
    return pairs[first:last]
