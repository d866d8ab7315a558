"""Those whom the division into two sides leaves over: further pairs, and third chairs."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import rustworkx

from app.speed.pairing.people import Player, Side, Talk, are_opposite, may_talk

Pairs = list[tuple[UUID, UUID]]
Two = frozenset[UUID]
PASSES = 2
OWN = 10_000


def fill(
    players: Mapping[UUID, Player],
    rounds: list[Pairs],
    met: set[Two],
    had: Mapping[UUID, int],
    tables: int,
) -> list[Pairs]:
    """Rounds with more pairs, where people who can be both allow it; no pair twice."""
    used = met | {frozenset(pair) for one in rounds for pair in one}
    partners = {a: [b for b in players if a < b and _fits(players[a], players[b])] for a in players}
    found = [list(one) for one in rounds]
    for _ in range(PASSES):
        before = sum(map(len, found))
        for number, one in enumerate(found):
            idle = players.keys() - {person for pair in one for person in pair}
            if len(idle) < 2 or len(one) >= tables:
                continue
            own = {frozenset(pair): pair for pair in one}
            better = _match(players, partners, own, used - own.keys(), had)
            if len(one) < len(better) <= tables:
                used = (used - own.keys()) | {frozenset(pair) for pair in better}
                found[number] = better
        if sum(map(len, found)) == before:
            break
    return found


def repair(
    players: Mapping[UUID, Player],
    rounds: list[Pairs],
    met: set[Two],
    had: Mapping[UUID, int],
) -> list[Pairs]:
    """The rounds as they were planned, without those who are gone, round by round made whole."""
    found = [[pair for pair in one if _still_fits(players, pair)] for one in rounds]
    used = met | {frozenset(pair) for one in found for pair in one}
    talks = dict(had)
    for one in found:
        _count(talks, one, 1)
    partners = {a: [b for b in players if a < b and _fits(players[a], players[b])] for a in players}
    for number, one in enumerate(found):
        own = {frozenset(pair): pair for pair in one}
        _count(talks, one, -1)
        found[number] = _match(players, partners, own, used - own.keys(), talks)
        _count(talks, found[number], 1)
        used = (used - own.keys()) | {frozenset(pair) for pair in found[number]}
    return found


def _still_fits(players: Mapping[UUID, Player], pair: tuple[UUID, UUID]) -> bool:
    """Whether both are there and have not changed sides since."""
    mentor, mentee = players.get(pair[0]), players.get(pair[1])
    if mentor is None or mentee is None or not may_talk(mentor, mentee):
        return False
    return mentor.side is not Side.MENTEE and mentee.side is not Side.MENTOR


def _count(talks: dict[UUID, int], pairs: Pairs, by: int) -> None:
    for pair in pairs:
        for person in pair:
            talks[person] = talks.get(person, 0) + by


def _fits(a: Player, b: Player) -> bool:
    return are_opposite(a.side, b.side) and may_talk(a, b)


def _match(
    players: Mapping[UUID, Player],
    partners: Mapping[UUID, list[UUID]],
    own: Mapping[Two, tuple[UUID, UUID]],
    taken: set[Two],
    talks: Mapping[UUID, int],
) -> Pairs:
    """The most pairs of one round; of the pairs it has as many as possible; then the fairest."""
    most = max(talks.values(), default=0) + 1
    graph: rustworkx.PyGraph[UUID, int] = rustworkx.PyGraph()
    place = {person: graph.add_node(person) for person in players}
    for a, others in partners.items():
        for b in others:
            two = frozenset((a, b))
            if two not in taken:
                owed = 2 * most - talks.get(a, 0) - talks.get(b, 0)
                graph.add_edge(place[a], place[b], OWN if two in own else owed)
    matched = rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
    found = [(graph[a], graph[b]) for a, b in matched]
    return sorted(own.get(frozenset((a, b))) or _as_sides(players[a], players[b]) for a, b in found)


def _as_sides(a: Player, b: Player) -> tuple[UUID, UUID]:
    a, b = sorted((a, b), key=lambda player: player.id)
    is_turned = a.side is Side.MENTEE or b.side is Side.MENTOR
    return (b.id, a.id) if is_turned else (a.id, b.id)


def seat_thirds(
    players: Mapping[UUID, Player],
    rounds: list[list[Talk]],
    met: set[Two],
    had: Mapping[UUID, int],
) -> list[list[Talk]]:
    """A third chair for those who would pause, at tables where all three are new to each other."""
    seen = met | {two for one in rounds for talk in one for two in talk.meetings}
    talks = dict(had)
    for one in rounds:
        for talk in one:
            for person in talk.people:
                talks[person] = talks.get(person, 0) + 1
    found = []
    for one in rounds:
        sitting = {person for talk in one for person in talk.people}
        idle = sorted(players.keys() - sitting, key=lambda p: (talks.get(p, 0), p))
        placed = _place(players, one, idle, seen)
        table = [Talk(t.table, t.mentor, t.mentee, placed.get(n)) for n, t in enumerate(one)]
        for talk in table:
            seen.update(talk.meetings)
        for person in placed.values():
            talks[person] = talks.get(person, 0) + 1
        found.append(table)
    return found


def _place(
    players: Mapping[UUID, Player], one: list[Talk], idle: list[UUID], seen: set[Two]
) -> dict[int, UUID]:
    """By augmenting paths: who has had the fewest talks comes first and is not pushed out."""
    choices = {
        person: [n for n, talk in enumerate(one) if _may_join(players, person, talk, seen)]
        for person in idle
    }
    placed: dict[int, UUID] = {}

    def seat(person: UUID, tried: set[int]) -> bool:
        for number in choices[person]:
            if number in tried:
                continue
            tried.add(number)
            if number not in placed or seat(placed[number], tried):
                placed[number] = person
                return True
        return False

    for person in idle:
        seat(person, set())
    return placed


def _may_join(players: Mapping[UUID, Player], person: UUID, talk: Talk, seen: set[Two]) -> bool:
    guest, mentor, mentee = players[person], players[talk.mentor], players[talk.mentee]
    is_new = not seen & {frozenset((person, other)) for other in talk.people}
    if not is_new or not (may_talk(guest, mentor) and may_talk(guest, mentee)):
        return False
    # Somebody to learn from, or somebody to help, sits there in any case.
    return are_opposite(guest.side, mentor.side) or are_opposite(guest.side, mentee.side)
