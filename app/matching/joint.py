"""Several programs solved at once: each keeps its people, rules and weights, and mentors who are in
more than one share their places.

A program is a block of one score matrix; between blocks no pair exists. The places of a person over
all programs are a node of the flow (`Pools`), so that the most people of all programs together are
matched, then the worst-off pair of all, then the total, with one proof over the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .assignment import (
    LARGEST,
    Aim,
    Assignment,
    Certificate,
    Clock,
    Floats,
    Ints,
    Pools,
    Problem,
    Progress,
    assign,
    silent,
)
from .scoring import Scorer
from .solver import Shown, decide, ordered, outcome_of, refuse_shortfall
from .text import MatchingError
from .types import Instance, Outcome, input_hash


@dataclass(frozen=True)
class JointOutcome:
    """What each program got, by its key, and the proof over all of them together.

    The certificates of the single outcomes are the rows and columns of the whole one, without its
    cuts: a program alone may well have had more.
    """

    outcomes: Mapping[str, Outcome]
    certificate: Certificate
    total: float
    floor: float | None
    matched_share: float
    seconds: Mapping[str, float]
    input_hash: str


@dataclass(frozen=True)
class _Block:
    """A program with its place in the whole matrix."""

    key: str
    instance: Instance
    scorer: Scorer
    rows: slice
    columns: slice


def solve_jointly(parts: Mapping[str, Instance], *, progress: Progress = silent) -> JointOutcome:
    """The best matching of several programs; same parts and seeds, same pairs.

    Mentors of one pool share its places wherever they are; every part that names a pool must give
    it the same number of places. Objective and budget must be the same in all parts.
    """
    clock = Clock()
    blocks = _blocks(parts)
    first = blocks[0].instance
    problem = _whole(blocks, public=False, progress=progress)
    clock.lap("score")
    found = decide(problem, first.objective, progress, _segments(blocks), first.budget)
    refuse_shortfall(problem, found, [m.id for b in blocks for m in b.scorer.instance.mentors])
    twin, is_discreet = found, any(block.instance.discreet for block in blocks)
    if is_discreet:
        problem = _whole(blocks, public=True)
        twin = decide(problem, first.objective)
    priced = twin if first.objective == "total" else assign(problem)
    seconds = {**clock.seconds, **found.seconds}
    outcomes = {
        block.key: _outcome(block, found, twin, priced, problem, seconds) for block in blocks
    }
    return _joint(parts, outcomes, found.certificate, seconds)


def _joint(
    parts: Mapping[str, Instance],
    outcomes: Mapping[str, Outcome],
    proof: Certificate,
    seconds: Mapping[str, float],
) -> JointOutcome:
    each = list(outcomes.values())
    people = sum(len(one.pairs) + len(one.unmatched) for one in each)
    return JointOutcome(
        outcomes=outcomes,
        certificate=proof,
        total=sum(one.total for one in each),
        floor=min((one.floor for one in each if one.floor is not None), default=None),
        matched_share=sum(len(one.pairs) for one in each) / people,
        seconds=seconds,
        input_hash=joint_hash(parts),
    )


def joint_hash(parts: Mapping[str, Instance]) -> str:
    """SHA-256 of everything a joint result depends on."""
    text = "|".join(f"{key}:{input_hash(part)}" for key, part in sorted(parts.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _blocks(parts: Mapping[str, Instance]) -> list[_Block]:
    if not parts:
        raise MatchingError("no_mentees")
    if len({(part.objective, part.budget, part.stickiness) for part in parts.values()}) > 1:
        raise MatchingError("objectives_differ")
    mentees, mentors = (
        sum(len(getattr(part, side)) for part in parts.values()) for side in ("mentees", "mentors")
    )
    if mentees * mentors > LARGEST:
        raise MatchingError("too_large", mentees=mentees, mentors=mentors)
    found, row, column = [], 0, 0
    for key, part in sorted(parts.items()):
        rows = slice(row, row + len(part.mentees))
        columns = slice(column, column + len(part.mentors))
        found.append(_Block(key, part, Scorer(ordered(part)), rows, columns))
        row, column = rows.stop, columns.stop
    return found


def _whole(blocks: Sequence[_Block], public: bool, progress: Progress = silent) -> Problem:
    """The programs' problems as one."""
    last = blocks[-1]
    score: Floats = np.full((last.rows.stop, last.columns.stop), -np.inf, np.float32)
    single = []
    for block in blocks:
        problem = block.scorer.problem(public, progress)
        score[block.rows, block.columns] = problem.score
        single.append(problem)
    return Problem(
        score=score,
        capacity=np.concatenate([one.capacity for one in single]),
        minimum=np.concatenate([one.minimum for one in single]),
        priority=np.concatenate([one.priority for one in single]),
        locked=_moved(blocks, [one.locked for one in single]),
        aim=Aim(
            current=_moved(blocks, [one.aim.current for one in single]), bonus=single[0].aim.bonus
        ),
        pools=_pools(blocks),
    )


def _moved(blocks: Sequence[_Block], pairs: Sequence[Ints]) -> Ints:
    """Index pairs of single programs as those of the whole."""
    starts = [(block.rows.start, block.columns.start) for block in blocks]
    moved: Ints = np.concatenate(
        [one + np.array(start, np.int64) for one, start in zip(pairs, starts, strict=True)]
    )
    return moved


def _pools(blocks: Sequence[_Block]) -> Pools | None:
    size: dict[str, int] = {}
    for block in blocks:
        for name, places in block.instance.pools.items():
            if size.setdefault(name, places) != places:
                raise MatchingError("pools_differ", id=name)
    mentors = [mentor.pool for block in blocks for mentor in block.scorer.instance.mentors]
    if not any(mentors):
        return None
    at = {name: place for place, name in enumerate(sorted(size))}
    of = np.array([at.get(name, -1) for name in mentors], np.int64)
    return Pools(of, np.array([size[name] for name in sorted(size)], np.int64))


def _segments(blocks: Sequence[_Block]) -> Ints | None:
    """Segments of each program apart: a level here and the same level there are two."""
    names = [
        (block.key, person.segment) if person.segment else None
        for block in blocks
        for person in block.scorer.instance.mentees
    ]
    at = {name: place for place, name in enumerate(sorted({n for n in names if n}))}
    return np.array([at[n] if n else -1 for n in names], np.int64) if at else None


def _outcome(
    block: _Block,
    found: Assignment,
    twin: Assignment,
    priced: Assignment,
    problem: Problem,
    seconds: Mapping[str, float],
) -> Outcome:
    own, public, best = (_part(block, one) for one in (found, twin, priced))
    score = problem.score[block.rows, block.columns]
    total = float(score[best.pairs[:, 0], best.pairs[:, 1]].astype(float).sum())
    shown = Shown(public.mate, best.certificate, total)
    return outcome_of(block.instance, block.scorer, own, shown, seconds)


def _part(block: _Block, whole: Assignment) -> Assignment:
    """One program's rows and columns of an assignment."""
    mate, proof = whole.mate[block.rows], whole.certificate
    inside: NDArray[np.bool_] = mate >= 0
    certificate = replace(
        proof,
        utility=proof.utility[block.rows],
        price=proof.price[block.columns],
        reward=proof.reward[block.rows],
        extra=None if proof.extra is None else proof.extra[block.rows],
        pool_price=None,
        rungs=(),
    )
    moved: Ints = np.where(inside, mate - block.columns.start, -1)
    return replace(whole, mate=moved, certificate=certificate)
