"""From a sign-up sheet and its rules to an instance.

Without rules, columns are guessed from what their headers and cells look like; what cannot be
guessed is refused with the columns found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from .ruling import SETS, Column, Signup, parse_rules, read_rules
from .sheets import Sheet, SheetError
from .stable import Projects
from .text import MatchingError
from .types import Instance, Objective, Participant, Rule, Value
from .week import free_quarters

__all__ = ["Column", "People", "Signup", "build", "former_pairs", "parse_rules", "read_rules"]

NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)")
OFFSET = re.compile(r"\s*(?:UTC|GMT)?\s*([-+]?\d{1,2})(?::?(\d{2}))?\s*$", re.IGNORECASE)
SAME_PROGRAM = Rule("require", "equal", "program", "program", "The same program")


@dataclass(frozen=True)
class People:
    """An instance made from a sheet, with the names to show."""

    instance: Instance
    names: Mapping[str, str]
    programs: Mapping[str, str] = field(default_factory=dict)  # of each person, where there are any


def build(sheet: Sheet, signup: Signup) -> People:
    """The instance a sheet describes under its rules; peers stand on both sides."""
    ids = _ids(sheet, signup)
    sides: dict[str, list[Participant]] = {"mentee": [], "mentor": []}
    reader = _Reader(sheet, signup)
    role = None if signup.role is None else sheet.column(signup.role)
    for at, row in enumerate(sheet.rows):
        if signup.is_among_peers:
            sides["mentee"].append(reader.peer(ids[at], row))
            continue
        for side in _roles(row[role or 0], signup, at):
            sides[side].append(reader.participant(ids[at], row, side))
    if signup.is_among_peers:
        sides["mentor"] = sides["mentee"]
    elif not sides["mentee"] or not sides["mentor"]:
        found = ", ".join(sorted({row[role or 0].strip()[:40] for row in sheet.rows})[:8])
        raise SheetError("one_sided", role="mentor" if sides["mentee"] else "mentee", found=found)
    instance = Instance(
        mentees=tuple(sides["mentee"]),
        mentors=tuple(sides["mentor"]),
        rules=tuple(column.rule for column in signup.columns),
        minimum=signup.minimum,
        objective=cast("Objective", signup.objective),
        seed=signup.seed,
        discreet=any(column.rule.private for column in signup.columns),
        stickiness=signup.stickiness,
        pools=reader.pools,
        budget=signup.budget,
    )
    instance = _decided(instance, signup)
    names = ids if signup.name is None else sheet.values(sheet.column(signup.name))
    people = People(instance, dict(zip(ids, names, strict=True)))
    if signup.program is None:
        return people
    cells = [cell.strip() for cell in sheet.values(sheet.column(signup.program))]
    return _in_programs(people, dict(zip(ids, cells, strict=True)))


def _decided(instance: Instance, signup: Signup) -> Instance:
    """The instance with the pairs decided by hand; whoever they name is in the sheet."""
    mentees = {person.id for person in instance.mentees}
    mentors = {person.id for person in instance.mentors}
    for key, pairs in (("lock", signup.locked), ("ban", signup.banned)):
        for mentee, mentor in sorted(pairs):
            _refuse_stranger(key, mentee, mentees, "mentee", mentors)
            _refuse_stranger(key, mentor, mentors, "mentor", mentees)
    return replace(instance, locked=signup.locked, banned=signup.banned)


def _refuse_stranger(key: str, id: str, here: set[str], role: str, others: set[str]) -> None:
    if id not in here:
        code = "pair_wrong_role" if id in others else "pair_unknown"
        raise SheetError(code, key=key, id=id[:60], role=role)


def _in_programs(people: People, programs: Mapping[str, str]) -> People:
    """Several programs in one sheet, matched together: nobody is matched across two of them."""

    def placed(person: Participant) -> Participant:
        return replace(person, values={**person.values, "program": programs[person.id] or None})

    instance = replace(
        people.instance,
        mentees=tuple(map(placed, people.instance.mentees)),
        mentors=tuple(map(placed, people.instance.mentors)),
        rules=(*people.instance.rules, SAME_PROGRAM),
    )
    return replace(people, instance=instance, programs=programs)


@dataclass(frozen=True)
class Rankings:
    """Whom each side of a sheet would like, the best first, with the names to show."""

    names: Mapping[str, str]
    wishes: Mapping[str, tuple[str, ...]]
    hosts: Projects


def read_rankings(sheet: Sheet, signup: Signup) -> Rankings:
    """The rankings of both sides; whoever holds both roles ranks either in one cell. Mentors of one
    pool share its places and its ranking."""
    ids, reader = _ids(sheet, signup), _Reader(sheet, signup)
    role, column = sheet.column(signup.role or 0), sheet.column(signup.ranking or 0)
    known, places, host = set(ids), dict[str, int](), dict[str, str]()
    ranking: dict[str, tuple[str, ...]] = {}
    orders: dict[str, dict[str, tuple[str, ...]]] = {"mentee": {}, "mentor": {}}
    for at, row in enumerate(sheet.rows):
        order = [name.strip() for name in row[column].split(signup.separator) if name.strip()]
        if unknown := [name for name in order if name not in known]:
            raise SheetError("unknown_ranked", id=ids[at], value=unknown[0][:60])
        for side in _roles(row[role], signup, at):
            orders[side][ids[at]] = tuple(name for name in order if name != ids[at])
            if side == "mentor":
                places[ids[at]] = reader.places_of(row, ids[at])
                pool = reader.pool_of(row, ids[at])
                host[ids[at]] = f"\0{pool}" if pool else ids[at]
                if (
                    ranking.setdefault(host[ids[at]], orders[side][ids[at]])
                    != orders[side][ids[at]]
                ):
                    raise SheetError("pool_ranks_differ", pool=pool)
    for side, other in (("mentee", "mentor"), ("mentor", "mentee")):
        if not any(name in orders[other] for order in orders[side].values() for name in order):
            raise SheetError("one_side_ranks", role=side)
    names = ids if signup.name is None else sheet.values(sheet.column(signup.name))
    shared = {f"\0{pool}": count for pool, count in reader.pools.items()}
    hosts = Projects(places, host, {one: (places | shared)[one] for one in ranking}, ranking)
    return Rankings(dict(zip(ids, names, strict=True)), orders["mentee"], hosts)


def former_pairs(sheet: Sheet) -> dict[str, str]:
    """Mentor id by mentee id, from a file of pairs as `--out` writes it."""
    mentee, mentor = sheet.column("mentee"), sheet.column("mentor")
    pairs = {row[mentee].strip(): row[mentor].strip() for row in sheet.rows}
    return {unguarded(one): unguarded(other) for one, other in pairs.items() if one and other}


def unguarded(cell: str) -> str:
    """A cell without the sign that keeps spreadsheets from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _ids(sheet: Sheet, signup: Signup) -> list[str]:
    if signup.id is None:
        return [f"row {at}" for at in range(2, len(sheet.rows) + 2)]
    ids = [cell.strip() for cell in sheet.values(sheet.column(signup.id))]
    for at, found in enumerate(ids, 2):
        if not found:
            raise SheetError("row_without_id", line=at)
    refuse_twins(ids)
    return ids


def refuse_twins(cells: Iterable[str]) -> None:
    """No two rows of a sheet are about the same person; blank cells are about nobody."""
    seen: dict[str, int] = {}
    for line, cell in enumerate(cells, 2):
        first = seen.setdefault(person_of(cell), line) if cell.strip() else line
        if first != line:
            raise SheetError("duplicate_row_id", id=cell.strip()[:60], first=first, second=line)


def person_of(cell: str) -> str:
    """Whom an id means, however an address is spelled."""
    return cell.strip().casefold() if "@" in cell else cell.strip()


def _roles(cell: str, signup: Signup, at: int) -> list[str]:
    """The roles a cell names: by the whole cell, else by the words in it; empty cells have none."""
    text = cell.strip().casefold()
    if not text:
        return []
    sides = (("mentee", signup.mentee_words), ("mentor", signup.mentor_words))
    whole = [side for side, words in sides if text in {w.casefold() for w in words}]
    parts = re.split(r"[^\w]+", text)
    named = whole or [s for s, words in sides if {w.casefold() for w in words} & set(parts)]
    if not named and text in ("both", "either"):
        named = ["mentee", "mentor"]
    if not named:
        raise SheetError("unknown_role", line=at + 2, value=cell.strip()[:60])
    return named


class _Reader:
    """Turns cells into values by each rule's comparator."""

    def __init__(self, sheet: Sheet, signup: Signup) -> None:
        self.signup = signup
        self.pools: dict[str, int] = {}

        def place(wanted: str | int | None) -> int | None:
            return None if wanted is None else sheet.column(wanted)

        self.capacity, self.missed = place(signup.capacity), place(signup.missed)
        self.segment, self.pool = place(signup.segment), place(signup.pool)
        self.pool_capacity = place(signup.pool_capacity)
        self.places = [
            (c, sheet.column(c.mentee), sheet.column(c.mentor), place(c.zone))
            for c in signup.columns
        ]

    def participant(self, id: str, row: tuple[str, ...], side: str) -> Participant:
        """One person in one role."""
        mentor = side == "mentor"
        return Participant(
            id,
            capacity=self.places_of(row, id) if mentor else 1,
            missed=0 if mentor else self.count(self.missed, row, id, "bad_missed_cell") or 0,
            values=self.values(id, row, side),
            pool=self.pool_of(row, id) if mentor else "",
            segment="" if mentor or self.segment is None else row[self.segment].strip(),
        )

    def peer(self, id: str, row: tuple[str, ...]) -> Participant:
        """One person on both sides of every rule."""
        both = {**self.values(id, row, "mentee"), **self.values(id, row, "mentor")}
        missed = self.count(self.missed, row, id, "bad_missed_cell") or 0
        return Participant(id, missed=missed, values=both)

    def values(self, id: str, row: tuple[str, ...], side: str) -> dict[str, Value]:
        """A person's answers, by the names of the rules."""
        found: dict[str, Value] = {}
        for column, mentee, mentor, zone in self.places:
            name = column.rule.mentee if side == "mentee" else column.rule.mentor
            cell = row[mentee if side == "mentee" else mentor]
            if column.rule.comparator == "windows":
                found[name] = self.windows(cell, None if zone is None else row[zone], column, id)
            else:
                found[name] = self.value(cell, column, id)
        return found

    def places_of(self, row: tuple[str, ...], id: str) -> int:
        """A mentor's capacity; 1 (in groups the largest size) when it is not said."""
        places = self.count(self.capacity, row, id, "bad_capacity_cell")
        usual = self.signup.size[1] if self.signup.format == "groups" else 1
        return usual if places is None else places

    def pool_of(self, row: tuple[str, ...], id: str) -> str:
        """The pool a mentor's places come from; its number of places is noted on the way."""
        name = "" if self.pool is None else row[self.pool].strip()
        places = self.count(self.pool_capacity, row, id, "bad_capacity_cell")
        if name and places is not None:
            self.pools[name] = min(places, self.pools.get(name, places))
        return name if places is not None or name in self.pools else ""

    def count(self, at: int | None, row: tuple[str, ...], id: str, code: str) -> int | None:
        """The whole number a cell begins with; None when it is empty or there is no column."""
        cell = "" if at is None else row[at].strip()
        if not cell:
            return None
        number = NUMBER.match(cell)
        value = float(number[1].replace(",", ".")) if number else -1.0
        if value % 1 or value < 0:
            raise SheetError(code, id=id, value=cell[:40])
        return int(value)

    def value(self, cell: str, column: Column, id: str) -> Value:
        """A cell as the rule's comparator wants it."""
        compare = column.rule.comparator
        if not cell.strip():
            return None
        if compare in SETS:
            return self.items(cell, column.separator)
        if compare == "gap":
            return self.level(cell, column, id)
        if compare == "zone":
            return self.offset(cell, column, id)
        return cell.strip() if self.signup.trim else cell

    def windows(self, cell: str, zone: str | None, column: Column, id: str) -> Value:
        """Free hours of the week; where the sheet has zones, none without one."""
        items = sorted(self.items(cell, column.separator))
        if not items or (zone is not None and not zone.strip()):
            return None
        offset = 0.0 if zone is None else self.offset(zone, column, id)
        try:
            return free_quarters(items, offset, column.days)
        except ValueError as error:
            raise SheetError("bad_windows", id=id, value=str(error)[:60]) from error

    def items(self, cell: str, separator: str) -> frozenset[str]:
        """A list cell as a set."""
        parts = cell.split(separator) if separator else [cell]
        if self.signup.trim:
            parts = [part.strip() for part in parts]
        return frozenset(part for part in parts if part.strip())

    def level(self, cell: str, column: Column, id: str) -> float:
        """A step on a ladder: its place in ``order``, else the number the cell begins with."""
        text = cell.strip().casefold()
        ladder = [step.strip().casefold() for step in column.order]
        if text in ladder:
            return float(ladder.index(text))
        number = None if ladder else NUMBER.match(cell)
        if not number:
            raise MatchingError("bad_value", id=id, label=column.rule.label, value=cell[:60])
        return float(number[1].replace(",", "."))

    def offset(self, cell: str, column: Column, id: str) -> float:
        """Hours from UTC, from an offset or the name of a time zone on the rule's day."""
        if found := OFFSET.match(cell):
            hours, minutes = int(found[1]), int(found[2] or 0)
            return hours + (-minutes if found[1].startswith("-") else minutes) / 60
        try:
            noon = datetime(column.on.year, column.on.month, column.on.day, 12)
            shift = noon.replace(tzinfo=ZoneInfo(cell.strip())).utcoffset() or timedelta()
        except (KeyError, ValueError, OSError) as error:
            bad = MatchingError("bad_value", id=id, label=column.rule.label, value=cell[:60])
            raise bad from error
        return shift / timedelta(hours=1)
