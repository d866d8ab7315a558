"""Numbers of tables: one side keeps its table all evening, so that only the other one walks."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.speed.pairing.people import Round, Talk


def number(
    rounds: Sequence[Sequence[Talk]], anchors: Sequence[UUID], planned: Sequence[Round]
) -> tuple[Round, ...]:
    """The same talks with their tables; who had a table in the plan keeps it."""
    home = _homes(anchors, planned)
    return tuple(_number_round(one, home) for one in rounds)


def _homes(anchors: Sequence[UUID], planned: Sequence[Round]) -> dict[UUID, int]:
    sat: dict[UUID, set[int]] = {}
    for one in planned:
        for talk in one:
            for person in (talk.mentor, talk.mentee):
                sat.setdefault(person, set()).add(talk.table)
    home: dict[UUID, int] = {}
    for person in anchors:
        where = sat.get(person, set())
        if len(where) == 1 and (spot := next(iter(where))) not in home.values():
            home[person] = spot
    free = (n for n in range(1, 10_000) if n not in set(home.values()))
    for person in anchors:
        if person not in home:
            home[person] = next(free)
    return home


def _number_round(one: Sequence[Talk], home: dict[UUID, int]) -> Round:
    wanted = [(home.get(t.mentor) or home.get(t.mentee) or 0, t) for t in one]
    taken: set[int] = set()
    found = []
    for spot, talk in sorted(wanted, key=lambda w: (w[0] == 0, w[0], w[1].mentor)):
        if not spot or spot in taken:
            spot = next(n for n in range(1, 10_000) if n not in taken)
        taken.add(spot)
        found.append(Talk(spot, talk.mentor, talk.mentee, talk.third))
    return tuple(sorted(found, key=lambda t: t.table))
