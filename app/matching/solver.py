"""From an instance to an outcome: score, solve, prove, explain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .assignment import (
    Assignment,
    Certificate,
    Clock,
    Ints,
    Problem,
    Progress,
    assign,
    chunks,
    shortfall,
    silent,
)
from .explain import Explainer
from .fairness import fair
from .scoring import Scorer
from .text import MatchingError
from .types import Instance, Outcome, Pair, Participant, SegmentRegret, Unmatched, input_hash


def solve(instance: Instance, *, progress: Progress | None = None, explain: bool = True) -> Outcome:
    """The best matching of an instance with reasons and proof; same input and seed, same pairs.

    Without ``explain`` pairs have scores and no reasons, which takes half the time of a small one.

    Raises MatchingError when the input or the rules cannot be satisfied. ``progress`` is called
    with a phase (score, prune, floor, solve, certify), the amount done and the whole.
    """
    report, clock = progress or silent, Clock()
    scorer = Scorer(ordered(instance))
    problem = scorer.problem(public=False, progress=report)
    clock.lap("score")
    segments = segments_of(scorer.instance)
    found = decide(problem, instance.objective, report, segments, instance.budget)
    return concluded(instance, scorer, problem, found, report, clock, explain=explain)


def concluded(
    instance: Instance,
    scorer: Scorer,
    problem: Problem,
    found: Assignment,
    report: Progress = silent,
    clock: Clock | None = None,
    *,
    explain: bool = True,
) -> Outcome:
    """The outcome of an assignment: what is shown of it rests on public factors alone."""
    refuse_shortfall(problem, found, [m.id for m in scorer.instance.mentors])
    twin, objective = found, instance.objective
    if instance.discreet:
        problem = scorer.problem(public=True)
        twin = decide(problem, objective, report)
    priced = twin if objective == "total" else assign(problem, report)
    best = problem.score[priced.pairs[:, 0], priced.pairs[:, 1]].astype(float)
    shown = Shown(twin.mate, priced.certificate, float(best.sum()))
    spent = clock.seconds if clock else {}
    seconds = {**spent, **found.seconds}
    return outcome_of(instance, scorer, found, shown, seconds, explain=explain)


@dataclass(frozen=True)
class Shown:
    """What rests on public factors alone: the pairs they would give, prices, the best total."""

    mate: Ints
    prices: Certificate
    best_total: float


def segments_of(instance: Instance) -> Ints | None:
    """Each mentee's segment as a number; None when there are none."""
    names = sorted({person.segment for person in instance.mentees} - {""})
    if not names:
        return None
    at = {name: place for place, name in enumerate(names)}
    return np.array([at.get(person.segment, -1) for person in instance.mentees], np.int64)


def decide(
    problem: Problem,
    objective: str,
    progress: Progress = silent,
    segments: Ints | None = None,
    budget: float = 0.002,
    most_floor: int | None = None,
) -> Assignment:
    """The assignment by objective."""
    if objective == "fair":
        return fair(problem, segments, budget, progress, most_floor)
    return assign(problem, progress)


def refuse_shortfall(problem: Problem, found: Assignment, names: Sequence[object]) -> None:
    """Refuse when the rules leave a mentor below the minimum."""
    short = shortfall(problem, found.mate)
    if len(short):
        shown = ", ".join(str(names[at]) for at in short[:5]) + ("..." if len(short) > 5 else "")
        raise MatchingError("minimum_impossible", ids=shown)


def ordered(instance: Instance) -> Instance:
    """People in an order that depends on seed and ids only, so that ties fall the same way."""

    def key(person: Participant) -> bytes:
        return hashlib.sha256(f"{instance.seed}:{person.id}".encode()).digest()

    return replace(
        instance,
        mentees=tuple(sorted(instance.mentees, key=key)),
        mentors=tuple(sorted(instance.mentors, key=key)),
    )


def outcome_of(
    instance: Instance,
    scorer: Scorer,
    found: Assignment,
    shown: Shown,
    seconds: Mapping[str, float],
    *,
    explain: bool = True,
) -> Outcome:
    """The outcome of an assignment of the scorer's people, in the order of the instance."""
    people_in = scorer.instance
    mate = {
        people_in.mentees[row].id: people_in.mentors[column].id
        for row, column in found.pairs.tolist()
    }
    prices = _prices(people_in.mentors, shown.prices)
    explainer = Explainer(people_in, mate, prices, scorer)
    people = [person.id for person in instance.mentees]
    waits = [m for m in people if m not in mate]
    if explain:
        pairs = tuple(explainer.explain_pair(m, mate[m]) for m in people if m in mate)
        waiting = tuple(Unmatched(m, explainer.why_waiting(m)) for m in waits)
    else:
        scores = _public_scores(scorer, found)
        pairs = tuple(Pair(m, mate[m], scores[m], ()) for m in people if m in mate)
        waiting = tuple(Unmatched(m, ()) for m in waits)
    return Outcome(
        pairs=pairs,
        unmatched=waiting,
        total=float(sum(pair.score for pair in pairs)),
        floor=min((pair.score for pair in pairs), default=None),
        matched_share=len(pairs) / len(people),
        prices=prices,
        certificate=_renumbered(found, scorer, instance),
        metrics=_metrics(instance, pairs, found),
        seconds=seconds,
        input_hash=input_hash(instance),
        seed=instance.seed,
        objective=instance.objective,
        best_total=shown.best_total,
        differing=int((found.mate != shown.mate).sum()) if instance.discreet else None,
        segments=_segment_regret(scorer, found),
    )


def _public_scores(scorer: Scorer, found: Assignment) -> dict[str, float]:
    """The public score of every pair by its mentee, all at once."""
    people, scores = scorer.instance.mentees, {}
    for rows in chunks(len(people)):
        block = scorer.blends[True].block(rows, len(scorer.columns))
        for at, column in enumerate(found.mate[rows].tolist()):
            if column >= 0:
                scores[people[rows.start + at].id] = float(block[at, column])
    return scores


def _segment_regret(scorer: Scorer, found: Assignment) -> tuple[SegmentRegret, ...]:
    """What each segment misses, by public scores."""
    people = scorer.instance.mentees
    if not any(person.segment for person in people):
        return ()
    missed: dict[str, list[float]] = {}
    for rows in chunks(len(people)):
        block = scorer.block(rows, public=True)
        best = np.maximum(block.max(axis=1, initial=0), 0)
        mate = found.mate[rows]
        own = block[np.arange(len(block)), mate]
        got = np.where((mate >= 0) & (own > -np.inf), own, 0)
        for person, miss in zip(people[rows], (best - got).tolist(), strict=True):
            missed.setdefault(person.segment, []).append(miss)
    return tuple(
        SegmentRegret(name, len(each), sum(each) / len(each))
        for name, each in sorted(missed.items())
    )


def _prices(mentors: Iterable[Participant], proof: Certificate) -> dict[str, float | None]:
    """Prices in score; None where the place is worth a person."""
    return {
        mentor.id: None if price >= proof.minimum_reward // 2 else price / proof.unit
        for mentor, price in zip(mentors, proof.price.tolist(), strict=True)
    }


def _renumbered(found: Assignment, scorer: Scorer, instance: Instance) -> Certificate:
    """The certificate in the order of the instance's people."""
    proof = found.certificate
    rows: Ints = np.array([scorer.rows[p.id] for p in instance.mentees], np.int64)
    columns: Ints = np.array([scorer.columns[p.id] for p in instance.mentors], np.int64)
    return replace(
        proof,
        utility=proof.utility[rows],
        price=proof.price[columns],
        reward=proof.reward[rows],
        extra=None if proof.extra is None else proof.extra[rows],
        rungs=tuple(
            replace(rung, mentees=rung.mentees[rows], mentors=rung.mentors[columns])
            for rung in proof.rungs
        ),
    )


def _metrics(instance: Instance, pairs: Sequence[Pair], found: Assignment) -> dict[str, float]:
    return {
        "mentees": len(instance.mentees),
        "mentors": len(instance.mentors),
        "places": sum(mentor.capacity for mentor in instance.mentors),
        "mentors_used": len({pair.mentor for pair in pairs}),
        "matched": len(pairs),
        "mean_score": sum(p.score for p in pairs) / len(pairs) if pairs else 0.0,
        "arcs": found.arcs,
        "solves": found.solves,
    }
