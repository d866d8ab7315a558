"""From an instance to an outcome: score, solve, prove, explain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from .assignment import (
    Assignment,
    Certificate,
    Clock,
    Ints,
    Problem,
    Progress,
    assign,
    shortfall,
    silent,
)
from .explain import Explainer
from .scoring import Scorer
from .text import MatchingError
from .types import Instance, Outcome, Pair, Participant, Unmatched, input_hash


def solve(instance: Instance, *, progress: Progress | None = None) -> Outcome:
    """The best matching of an instance with reasons and proof; same input and seed, same pairs.

    Raises MatchingError when the input or the rules cannot be satisfied. ``progress`` is called
    with a phase (score, prune, solve, certify), the amount done and the whole.
    """
    report, clock = progress or silent, Clock()
    scorer = Scorer(_ordered(instance))
    problem = scorer.problem(public=False, progress=report)
    clock.lap("score")
    found = decide(problem, instance.objective, report)
    refuse_shortfall(problem, found, [m.id for m in scorer.instance.mentors])
    shown = found
    if instance.discreet:
        del problem
        shown = decide(scorer.problem(public=True), instance.objective, report)
    seconds = {**clock.seconds, **found.seconds}
    return _outcome(instance, scorer, found, shown, seconds)


def decide(problem: Problem, objective: str, progress: Progress = silent) -> Assignment:
    """The assignment by objective."""
    if objective == "fair":
        raise MatchingError("no_fair")
    return assign(problem, progress)


def refuse_shortfall(problem: Problem, found: Assignment, names: Sequence[object]) -> None:
    """Refuse when the rules leave a mentor below the minimum."""
    short = shortfall(problem, found.mate)
    if len(short):
        shown = ", ".join(str(names[at]) for at in short[:5]) + ("..." if len(short) > 5 else "")
        raise MatchingError("minimum_impossible", ids=shown)


def _ordered(instance: Instance) -> Instance:
    """People in an order that depends on seed and ids only, so that ties fall the same way."""

    def key(person: Participant) -> bytes:
        return hashlib.sha256(f"{instance.seed}:{person.id}".encode()).digest()

    return replace(
        instance,
        mentees=tuple(sorted(instance.mentees, key=key)),
        mentors=tuple(sorted(instance.mentors, key=key)),
    )


def _outcome(
    instance: Instance,
    scorer: Scorer,
    found: Assignment,
    shown: Assignment,
    seconds: Mapping[str, float],
) -> Outcome:
    ordered = scorer.instance
    mate = {
        ordered.mentees[row].id: ordered.mentors[column].id for row, column in found.pairs.tolist()
    }
    prices = _prices(ordered.mentors, shown)
    explainer = Explainer(ordered, mate, prices, scorer)
    people = [person.id for person in instance.mentees]
    pairs = tuple(explainer.explain_pair(m, mate[m]) for m in people if m in mate)
    waiting = tuple(Unmatched(m, explainer.why_waiting(m)) for m in people if m not in mate)
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
    )


def _prices(mentors: Iterable[Participant], shown: Assignment) -> dict[str, float | None]:
    """Prices in score; None where the place is worth a person."""
    proof = shown.certificate
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
