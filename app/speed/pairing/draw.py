"""The draw: sides, pairs over all rounds, rounds, those left over, tables, and what to say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.speed.pairing import sides, tables
from app.speed.pairing.coloring import Coloring
from app.speed.pairing.flow import KEPT, choose_pairs
from app.speed.pairing.leftover import fill, repair, seat_thirds
from app.speed.pairing.people import (
    Odd,
    Plan,
    Player,
    Round,
    Side,
    Talk,
    may_talk,
    met_in,
    talks_of,
)
from app.speed.pairing.reasons import reasons_of

MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be drawn: who is there, what was, what had been planned."""

    players: dict[UUID, Player]
    played: tuple[Round, ...]
    planned: tuple[Round, ...]
    tables: int
    odd: Odd
    seed: str


def draw(
    players: Sequence[Player],
    rounds: int,
    *,
    seed: str,
    tables: int | None = None,
    odd: Odd = Odd.BENCH,
) -> Plan:
    """All rounds for these people; the same arguments give the same plan."""
    return redraw(players, (), [()] * rounds, seed=seed, tables=tables, odd=odd)


def redraw(
    players: Sequence[Player],
    played: Sequence[Round],
    planned: Sequence[Round],
    *,
    seed: str,
    tables: int | None = None,
    odd: Odd = Odd.BENCH,
) -> Plan:
    """The remaining rounds for those who are there now; what was played stays, and of what was
    planned as much as can stay."""
    known = {player.id: player for player in sorted(players, key=lambda p: p.id)}
    task = _Task(known, tuple(played), tuple(planned), tables or MANY, odd, seed)
    return _solve(task)


def _solve(task: _Task) -> Plan:
    left, right = sides.divide(list(task.players.values()), task.planned)
    met, had = met_in(task.played), talks_of(task.played)
    allowed, worth = _judge(left, right, met, _kept(task), task.seed)
    rounds, seats = len(task.planned), min(task.tables, len(left), len(right))
    counted = ([had.get(p.id, 0) for p in left], [had.get(p.id, 0) for p in right])
    pairs = choose_pairs(allowed, worth, counted, rounds, seats) if seats else []
    drawn = [
        [(left[a].id, right[b].id) for a, b in one]
        for one in _into_rounds(pairs, left, right, task)
    ]
    if any(player.side is Side.BOTH for player in task.players.values()):
        drawn = fill(task.players, drawn, met, had, task.tables)
    if any(task.planned):
        drawn = _gentler(task, drawn, met, had)
    talks = [[Talk(0, a, b) for a, b in one] for one in drawn]
    if task.odd is Odd.TRIAD:
        talks = seat_thirds(task.players, talks, met, had)
    anchors = [p.id for p in (left if len(left) <= len(right) else right)]
    told = tables.number(talks, anchors, task.planned)
    full, reasons = reasons_of(task.players, told, met, task.tables)
    return Plan(told, full, reasons)


def _gentler(
    task: _Task,
    drawn: list[list[tuple[UUID, UUID]]],
    met: set[frozenset[UUID]],
    had: dict[UUID, int],
) -> list[list[tuple[UUID, UUID]]]:
    """The planned rounds with the gaps closed, where that is as full and as fair as a new draw."""
    before = [[(talk.mentor, talk.mentee) for talk in one] for one in task.planned]
    closed = repair(task.players, before, met, had)
    if max(map(len, closed)) > task.tables or sum(map(len, closed)) < sum(map(len, drawn)):
        return drawn
    spread, wanted = _spread(task, closed, had), _spread(task, drawn, had)
    is_fair = all(spread[side] <= max(1, wanted[side]) for side in spread)
    return closed if is_fair and _same(before, closed) >= _same(before, drawn) else drawn


def _same(before: list[list[tuple[UUID, UUID]]], after: list[list[tuple[UUID, UUID]]]) -> int:
    return sum(len(set(one) & set(other)) for one, other in zip(before, after, strict=True))


def _spread(
    task: _Task, rounds: list[list[tuple[UUID, UUID]]], had: dict[UUID, int]
) -> dict[Side, int]:
    """By side, how many talks more than another one somebody has."""
    talks = {person: had.get(person, 0) for person in task.players}
    for one in rounds:
        for person in (person for pair in one for person in pair):
            talks[person] += 1
    sides_ = {player.side for player in task.players.values()}
    counts = {
        side: [n for person, n in talks.items() if task.players[person].side is side]
        for side in sides_
    }
    return {side: max(some) - min(some) for side, some in counts.items()}


def _kept(task: _Task) -> set[frozenset[UUID]]:
    return {
        frozenset((talk.mentor, talk.mentee))
        for one in task.planned
        for talk in one
        if talk.mentor in task.players and talk.mentee in task.players
    }


def _judge(
    left: list[Player],
    right: list[Player],
    met: set[frozenset[UUID]],
    kept: set[frozenset[UUID]],
    seed: str,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pairs may be, and what each is worth: first what was planned, then variety."""
    dice = random.Random(f"{seed}|worth")  # noqa: S311 - the same seed gives the same plan
    allowed = np.zeros((len(left), len(right)), bool)
    worth = np.zeros((len(left), len(right)), np.int64)
    for a, one in enumerate(left):
        for b, other in enumerate(right):
            luck = dice.randrange(10)
            two = frozenset((one.id, other.id))
            if may_talk(one, other) and two not in met:
                allowed[a, b] = True
                worth[a, b] = variety(one, other) + luck + (KEPT if two in kept else 0)
    return allowed, worth


def variety(one: Player, other: Player) -> int:
    """What two gain by not being alike, and by a shared topic: 0 to 90."""
    points = 30 * (one.department != other.department) + 20 * (one.site != other.site)
    return points + 20 * min(2, len(one.topics & other.topics))


def _into_rounds(
    pairs: list[tuple[int, int]], left: list[Player], right: list[Player], task: _Task
) -> list[list[tuple[int, int]]]:
    wanted, is_again = set(pairs), any(task.planned)
    rounds = len(task.planned)
    coloring = Coloring(rounds if is_again else min(rounds, _enough(pairs, task.tables)))
    rows = {player.id: number for number, player in enumerate(left)}
    columns = {player.id: number for number, player in enumerate(right)}
    for color, one in enumerate(task.planned):
        for talk in one:
            for a, b in ((talk.mentor, talk.mentee), (talk.mentee, talk.mentor)):
                pair = (rows.get(a, -1), columns.get(b, -1))
                if pair in wanted and coloring.put(pair, color):
                    wanted.discard(pair)
    # Who has most talks is placed first, while there is most room.
    order = sorted(wanted)
    random.Random(f"{task.seed}|order").shuffle(order)  # noqa: S311
    for pair in order:
        coloring.add(pair, gently=is_again)
    coloring.level(task.tables)
    found = [coloring.pairs(color) for color in range(coloring.rounds)]
    if is_again:
        return found
    return sorted(found, key=len, reverse=True) + [[] for _ in range(rounds - len(found))]


def _enough(pairs: list[tuple[int, int]], tables: int) -> int:
    """The fewest rounds that hold all pairs (König); further ones would only thin them out."""
    talks = Counter(node for a, b in pairs for node in ((0, a), (1, b)))
    return max([1, -(-len(pairs) // tables), *talks.values()])
