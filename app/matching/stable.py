"""Stable matching where both sides rank: nobody and no host would both rather have each other.

Deferred acceptance (Gale and Shapley 1962) over arrays, with incomplete lists, places per project
and per host (student-project allocation: Abraham, Irving and Manlove 2007). Ties are broken by the
order given, so the result is weakly stable. Also Irving's stable roommates (1985).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Id = str


@dataclass(frozen=True)
class Projects:
    """What people rank: each project's places, its host, the host's places and ranking."""

    places: Mapping[Id, int]
    host: Mapping[Id, Id]
    host_places: Mapping[Id, int]
    ranking: Mapping[Id, Sequence[Id]]

    @classmethod
    def of_hosts(cls, places: Mapping[Id, int], ranking: Mapping[Id, Sequence[Id]]) -> Projects:
        """Hosts who are ranked themselves: mentors, hospitals."""
        return cls(places, {name: name for name in places}, places, ranking)


def stable(wishes: Mapping[Id, Sequence[Id]], projects: Projects) -> dict[Id, Id]:
    """Each person's project in the person-optimal stable matching; unplaced people are absent."""
    market = _Market.of(wishes, projects)
    waiting = deque(person for person in market.lists if market.lists[person])
    while waiting:
        person = waiting.popleft()
        while person not in market.mate and market.next[person] < len(market.lists[person]):
            project = market.lists[person][market.next[person]]
            market.next[person] += 1
            out = market.admit(person, project)
            if out is not None and out != person:
                waiting.append(out)
    return dict(market.mate)


class _Market:
    """Who is where, with each host's people ranked by number."""

    def __init__(self, lists: dict[Id, list[Id]], projects: Projects) -> None:
        self.lists, self.projects = lists, projects
        self.next = dict.fromkeys(lists, 0)
        self.rank = {
            host: {person: at for at, person in reversed(list(enumerate(order)))}
            for host, order in projects.ranking.items()
        }
        self.mate: dict[Id, Id] = {}
        self.inside: dict[Id, set[Id]] = {project: set() for project in projects.places}
        self.hosted: dict[Id, set[Id]] = {host: set() for host in projects.host_places}

    @classmethod
    def of(cls, wishes: Mapping[Id, Sequence[Id]], projects: Projects) -> _Market:
        """Lists without repetitions and without hosts who did not rank the person."""
        ranked = {host: set(order) for host, order in projects.ranking.items()}
        lists = {
            person: [
                project
                for project in dict.fromkeys(order)
                if project in projects.places and person in ranked.get(projects.host[project], ())
            ]
            for person, order in wishes.items()
        }
        return cls(lists, projects)

    def admit(self, person: Id, project: Id) -> Id | None:
        """Place a person; whoever has to leave for it, if anybody (perhaps the same person)."""
        host = self.projects.host[project]
        self._move(person, project, host)
        over = None
        if len(self.inside[project]) > self.projects.places[project]:
            over = self._worst(self.inside[project], host)
        elif len(self.hosted[host]) > self.projects.host_places[host]:
            over = self._worst(self.hosted[host], host)
        if over is not None:
            left = self.mate.pop(over)
            self.inside[left].discard(over)
            self.hosted[host].discard(over)
        return over

    def _move(self, person: Id, project: Id, host: Id) -> None:
        self.mate[person] = project
        self.inside[project].add(person)
        self.hosted[host].add(person)

    def _worst(self, people: set[Id], host: Id) -> Id:
        return max(people, key=lambda person: self.rank[host][person])


def blocking_pairs(
    wishes: Mapping[Id, Sequence[Id]], projects: Projects, mate: Mapping[Id, Id]
) -> list[tuple[Id, Id]]:
    """(person, project) pairs who would both rather have each other."""
    market = _Market.of(wishes, projects)
    for person, project in mate.items():
        market._move(person, project, projects.host[project])
    found = []
    for person, order in market.lists.items():
        for project in order:
            if project == mate.get(person):
                break
            if _wants(market, person, project):
                found.append((person, project))
    return found


def _wants(market: _Market, person: Id, project: Id) -> bool:
    """Whether a project's host would take the person for it."""
    projects = market.projects
    host = projects.host[project]
    rank = market.rank[host]
    inside, hosted = market.inside[project], market.hosted[host]
    full = len(inside) >= projects.places[project]
    host_full = len(hosted) >= projects.host_places[host]

    def beats(people: set[Id]) -> bool:
        return any(rank[person] < rank[other] for other in people)

    if full:
        return beats(inside)
    return not host_full or person in hosted or beats(hosted)


def roommates(wishes: Mapping[Id, Sequence[Id]]) -> dict[Id, Id] | None:
    """A stable pairing of peers who rank each other, or None where there is none (Irving 1985)."""
    table = {p: [q for q in order if p in wishes.get(q, ())] for p, order in wishes.items()}
    rank = {p: {q: at for at, q in enumerate(order)} for p, order in table.items()}

    def drop(one: Id, other: Id) -> None:
        if other in table[one]:
            table[one].remove(other)
        if one in table[other]:
            table[other].remove(one)

    def cut(holder: Id, suitor: Id) -> None:
        for worse in [q for q in table[holder] if rank[holder][q] > rank[holder][suitor]]:
            drop(holder, worse)

    free, held = deque(table), dict[Id, Id]()
    while free:
        one = free.popleft()
        if not table[one]:
            continue
        choice = table[one][0]
        before = held.get(choice)
        held[choice] = one
        cut(choice, one)
        if before is not None and before != one:
            free.append(before)
    if len(held) < len([p for p in wishes if wishes[p]]):
        return None
    while any(len(order) > 1 for order in table.values()):
        for one, other in _rotation(table):
            cut(other, one)
        if any(not order for order in table.values()):
            return None
    return {person: order[0] for person, order in table.items() if order}


def _rotation(table: Mapping[Id, Sequence[Id]]) -> list[tuple[Id, Id]]:
    """A ring of people and their second choices; each ring ends with everybody one step down."""
    walk = [next(person for person, order in table.items() if len(order) > 1)]
    seconds: list[Id] = []
    while True:
        second = table[walk[-1]][1]
        follower = table[second][-1]
        seconds.append(second)
        if follower in walk:
            start = walk.index(follower)
            return list(zip(walk[start:], seconds[start:], strict=True))
        walk.append(follower)
