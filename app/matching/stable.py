"""Stable matching where both sides rank: nobody and no host would both rather have each other.

Deferred acceptance (Gale and Shapley 1962) over arrays, with incomplete lists, places per project
and per host (student-project allocation: Abraham, Irving and Manlove 2007). Ties are broken by the
order given, so the result is weakly stable. Also Irving's stable roommates (1985).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from .assignment import Ints

Flags = NDArray[np.bool_]
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
    held = market.settled()
    placed = np.flatnonzero(held >= 0)
    at = market.project[held[placed]]
    pairs = zip(placed.tolist(), at.tolist(), strict=True)
    return {market.people[person]: market.projects[project] for person, project in pairs}


def blocking_pairs(
    wishes: Mapping[Id, Sequence[Id]], projects: Projects, mate: Mapping[Id, Id]
) -> list[tuple[Id, Id]]:
    """(person, project) pairs who would both rather have each other."""
    market = _Market.of(wishes, projects)
    at = {name: place for place, name in enumerate(market.projects)}
    own = np.array([at.get(mate.get(person, ""), -1) for person in market.people], np.int64)
    found = market.blocking(own)
    return [
        (market.people[person], market.projects[project])
        for person, project in zip(
            market.person[found].tolist(), market.project[found].tolist(), strict=True
        )
    ]


@dataclass(frozen=True)
class _Market:
    """The lists of everybody behind each other, as arrays: an entry is a person's wish.

    Wishes named twice, or for a host who did not rank the person, are no entries. ``rank`` is the
    host's of the person; those of one host differ.
    """

    people: tuple[Id, ...]
    projects: tuple[Id, ...]
    begin: Ints  # of each person's entries, and where the last one's end
    person: Ints
    project: Ints
    rank: Ints
    host: Ints  # of each project
    places: Ints
    host_places: Ints

    @classmethod
    def of(cls, wishes: Mapping[Id, Sequence[Id]], projects: Projects) -> _Market:
        people, names, hosts = tuple(wishes), tuple(projects.places), tuple(projects.host_places)
        host_at = {name: at for at, name in enumerate(hosts)}
        host = np.array([host_at[projects.host[name]] for name in names], np.int64)
        person, project = _entries(wishes.values(), names)
        ranked = [projects.ranking.get(name, ()) for name in hosts]
        by, whom = _entries(ranked, people)
        table = np.full(len(hosts) * len(people), -1, np.int32)  # where each host has each person
        table[by * len(people) + whom] = _ranks(by, len(hosts))
        rank = table[host[project] * len(people) + person].astype(np.int64)
        person, project, rank = person[rank >= 0], project[rank >= 0], rank[rank >= 0]
        return cls(
            people=people,
            projects=names,
            begin=np.searchsorted(person, np.arange(len(people) + 1)),
            person=person,
            project=project,
            rank=rank,
            host=host,
            places=np.array([projects.places[name] for name in names], np.int64),
            host_places=np.array([projects.host_places[name] for name in hosts], np.int64),
        )

    def settled(self) -> Ints:
        """The entry each person ends with, or -1: all who are free ask at once, round by round."""
        following, end = self.begin[:-1].copy(), self.begin[1:]
        held: Ints = np.full(len(self.people), -1, np.int64)
        while len(asking := np.flatnonzero((held < 0) & (following < end))):
            held[asking] = following[asking]
            following[asking] += 1
            touched = np.zeros(len(self.host_places), bool)
            touched[self.host[self.project[held[asking]]]] = True
            held[self._turned_away(held, touched)] = -1
        return held

    def _turned_away(self, held: Ints, touched: Flags) -> Ints:
        """Who has no place with these hosts: beyond a project's places, then beyond the host's."""
        entries = held[held >= 0]
        entries = entries[touched[self.host[self.project[entries]]]]
        inside = self._within(entries, self.project[entries], self.places)
        chosen = entries[inside]
        staying = self._within(chosen, self.host[self.project[chosen]], self.host_places)
        away: Ints = self.person[np.concatenate([entries[~inside], chosen[~staying]])]
        return away

    def _within(self, entries: Ints, of: Ints, places: Ints) -> Flags:
        """Which entries are among the best ranked for as many places as there are."""
        order = np.lexsort((self.rank[entries], of))
        within = np.zeros(len(entries), bool)
        within[order] = _ranks(of[order], len(places)) < places[of[order]]
        return within

    def blocking(self, own: Ints) -> Ints:
        """Entries of which person and host both prefer each other, with each person's project."""
        mine = own[self.person] == self.project
        kept = np.flatnonzero(mine)
        end = self.begin[1:].copy()
        end[self.person[kept]] = kept
        placed = np.flatnonzero(own >= 0)
        inside = np.bincount(own[placed], minlength=len(self.projects))
        hosted = np.bincount(self.host[own[placed]], minlength=len(self.host_places))
        worst = np.full(len(self.projects), -1, np.int64)
        np.maximum.at(worst, self.project[kept], self.rank[kept])
        worst_hosted = np.full(len(self.host_places), -1, np.int64)
        np.maximum.at(worst_hosted, self.host[self.project[kept]], self.rank[kept])
        host = self.host[self.project]
        is_hosted = (own[self.person] >= 0) & (self.host[own[self.person]] == host)
        has_room = (hosted < self.host_places)[host] | is_hosted | (self.rank < worst_hosted[host])
        is_full = (inside >= self.places)[self.project]
        welcome = np.where(is_full, self.rank < worst[self.project], has_room)
        found: Ints = np.flatnonzero(welcome & (np.arange(len(mine)) < end[self.person]))
        return found


def _entries(lists: Collection[Sequence[Id]], names: Sequence[Id]) -> tuple[Ints, Ints]:
    """(whose list, which name) of all lists behind each other, each name once and only known."""
    at = {name: place for place, name in enumerate(names)}
    whose = np.repeat(np.arange(len(lists)), [len(order) for order in lists])
    which: Ints = np.fromiter(map(at.get, chain.from_iterable(lists), repeat(-1)), np.int64)
    whose, which = whose[which >= 0], which[which >= 0]
    key, every = whose * len(names) + which, np.arange(len(which), dtype=np.int32)
    first = np.empty(len(lists) * len(names), np.int32)
    first[key[::-1]] = every[::-1]  # the last that is written stays: the first of the list
    once = first[key] == every
    return whose[once], which[once]


def _ranks(of: Ints, count: int) -> Ints:
    """The place of each entry among those of the same number; equal numbers stand together."""
    begin = np.searchsorted(of, np.arange(count))
    ranks: Ints = np.arange(len(of)) - begin[of]
    return ranks


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
