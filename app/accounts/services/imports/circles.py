"""Managers in a circle on any day: what a file says, laid over what is stored."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import JobFact, Person
from app.accounts.rules.tables import BadFile

NOBODY = -1
Change = tuple[int, int, int]
"""(person, their manager or NOBODY, the row of the file that says so, or 0 when it is stored)."""


def refuse_circles(db: Session, file: sqlite3.Connection) -> None:
    """Raise BadFile when on some day a manager of the file would report to their own reports.

    `file` has the table `seen` of a register; people are numbers here, so that memory stays flat.
    """
    size = _number_people(db, file)
    _gather(db, file)
    line = Line(size)
    day, changes = "", list[Change]()
    said = file.execute("SELECT day, who, boss, row FROM said ORDER BY day")
    for today, who, boss, row in said:
        if today != day:
            line.turn(changes)
            day, changes = today, []
        changes.append((who, boss, row))
    line.turn(changes)


class Line:
    """Who reports to whom on one day after another."""

    def __init__(self, size: int) -> None:
        self.boss = array("q", [NOBODY]) * size
        self.row = array("q", [0]) * size
        self.mark = array("q", [0]) * size
        self.walks = 0

    def turn(self, changes: Iterable[Change]) -> None:
        """Let a day's changes hold, then look upward from each; each person is met once a day."""
        for who, boss, row in changes:
            self.boss[who], self.row[who] = boss, row
        before = self.walks
        for who, _, _ in changes:
            self.walks += 1
            while who != NOBODY and self.mark[who] <= before:
                self.mark[who] = self.walks
                who = self.boss[who]
            if who != NOBODY and self.mark[who] == self.walks:
                self._refuse(who)

    def _refuse(self, start: int) -> None:
        """A circle of stored managers alone is not the file's fault."""
        circle = [start]
        while (above := self.boss[circle[-1]]) != start:
            circle.append(above)
        if rows := sorted(self.row[who] for who in circle if self.row[who]):
            raise BadFile("circle", rows=", ".join(str(row) for row in rows[:6]))


def _number_people(db: Session, file: sqlite3.Connection) -> int:
    """Number everybody stored and everybody new in the file, by their keys; how many numbers."""
    for table in ("stored", "number", "mail"):
        file.execute(f"CREATE TABLE {table} (key TEXT PRIMARY KEY, who INTEGER) WITHOUT ROWID")
    people = select(Person.id, Person.external_id, Person.email).execution_options(yield_per=1000)
    count = 0
    for batch in db.execute(people).partitions():
        known = [(count + at, str(row[0]), row[1], row[2]) for at, row in enumerate(batch)]
        count += len(known)
        for table, place in (("stored", 1), ("number", 2), ("mail", 3)):
            keys = [(row[place], row[0]) for row in known if row[place]]
            file.executemany(f"INSERT INTO {table} VALUES (?, ?)", keys)  # noqa: S608
    file.execute(  # a stored person without a number gets the one the file has for their email
        "INSERT OR IGNORE INTO number SELECT seen.id, mail.who FROM seen JOIN mail "
        "ON mail.key = seen.email WHERE seen.id IS NOT NULL "
        "AND mail.who NOT IN (SELECT who FROM number)"
    )
    file.execute(
        "INSERT OR IGNORE INTO number SELECT id, ? + row FROM seen WHERE id IS NOT NULL "
        "ORDER BY row",
        (count,),
    )
    file.execute(
        "INSERT OR IGNORE INTO mail SELECT seen.email, coalesce(number.who, ? + seen.row) "
        "FROM seen LEFT JOIN number ON number.key = seen.id WHERE seen.email IS NOT NULL "
        "ORDER BY seen.id IS NULL, seen.row",
        (count,),
    )
    return count + int(file.execute("SELECT max(row) FROM seen").fetchone()[0]) + 1


def _gather(db: Session, file: sqlite3.Connection) -> None:
    """Write down who has which manager from which day: what is stored, then what the file says."""
    file.execute(
        "CREATE TABLE said (who INTEGER, day TEXT, boss INTEGER, row INTEGER, "
        "PRIMARY KEY (who, day)) WITHOUT ROWID"
    )
    facts = select(JobFact.person_id, JobFact.holds_from, JobFact.value).where(
        JobFact.attribute == "manager_id"
    )
    noted = select(JobFact.id).where(
        JobFact.person_id == Person.id, JobFact.attribute == "manager_id"
    )
    columns = select(Person.id, Person.manager_id).where(
        Person.manager_id.is_not(None), ~noted.exists()
    )
    for person, day, boss in db.execute(facts.execution_options(yield_per=1000)):
        _note(file, str(person), day.isoformat(), boss)
    for person, manager in db.execute(columns.execution_options(yield_per=1000)):
        _note(file, str(person), "", str(manager))
    file.execute(
        "INSERT OR REPLACE INTO said SELECT who, day, CASE WHEN boss = who THEN ?1 ELSE boss END, "
        "row FROM (SELECT coalesce(i.who, m.who) AS who, seen.day, seen.row, CASE WHEN manager IS "
        "NULL THEN ?1 ELSE coalesce(bi.who, bm.who) END AS boss FROM seen "
        "LEFT JOIN number i ON i.key = seen.id LEFT JOIN mail m ON m.key = seen.email "
        "LEFT JOIN number bi ON bi.key = manager LEFT JOIN mail bm ON bm.key = lower(manager) "
        "WHERE seen.day < '?') WHERE boss IS NOT NULL AND who IS NOT NULL ORDER BY row",
        (NOBODY,),
    )


def _note(file: sqlite3.Connection, person: str, day: str, boss: str | None) -> None:
    file.execute(
        "INSERT INTO said SELECT who, ?, coalesce((SELECT who FROM stored WHERE key = ?), ?), 0 "
        "FROM stored WHERE key = ?",
        (day, boss, NOBODY, person),
    )
