"""Who stands in a file, kept in a temporary database on disk so that memory stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from app.accounts.rules.mapping import Mapping
from app.accounts.rules.people_rows import Wrong, day_of, key_of
from app.accounts.rules.tables import BadFile, Layout, rows_of
from app.accounts.services.imports.circles import refuse_circles

Entry = tuple[int, str | None, str | None, str, str | None]


class Register:
    """Rows of a file by external id, email, day and manager; refuses double and circular ones."""

    def __init__(self, path: Path, layout: Layout, mapping: Mapping) -> None:
        self.db = sqlite3.connect("")  # a private file that vanishes with the connection
        self.db.execute("CREATE TABLE seen (row INTEGER, id TEXT, email TEXT, day, manager TEXT)")
        entries = _entries(path, layout, mapping)
        self.db.executemany("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", entries)
        for column in ("id", "email"):
            self.db.execute(f"CREATE INDEX seen_{column} ON seen ({column})")
        self.names_managers = mapping.position("manager") is not None
        self.rows: int = self.db.execute("SELECT count(*) FROM seen").fetchone()[0]

    def close(self) -> None:
        """Drop the temporary database."""
        self.db.close()

    def check(self, db: Session) -> None:
        """Raise BadFile when a person stands twice or managers go in a circle."""
        if self.rows == 0:
            raise BadFile("no_rows")
        self._refuse_twins("id")
        self._refuse_twins("email")
        self._refuse_shared_emails()
        self.refuse_circles(db)

    def refuse_circles(self, db: Session) -> None:
        """Raise BadFile when managers would go in a circle with those that are stored."""
        if self.names_managers:
            refuse_circles(db, self.db)

    def _refuse_twins(self, key: str) -> None:
        only = "" if key == "id" else " AND id IS NULL"
        twin = self.db.execute(
            f"SELECT {key}, min(row), max(row) FROM seen WHERE {key} IS NOT NULL{only} "  # noqa: S608
            f"GROUP BY {key}, day HAVING count(*) > 1 ORDER BY min(row) LIMIT 1"
        ).fetchone()
        if twin:
            raise BadFile("twice", value=twin[0][:100], first=twin[1], second=twin[2])

    def _refuse_shared_emails(self) -> None:
        shared = self.db.execute(
            "SELECT email, min(row), max(row) FROM seen WHERE email IS NOT NULL AND id IS NOT NULL "
            "GROUP BY email HAVING count(DISTINCT id) > 1 ORDER BY min(row) LIMIT 1"
        ).fetchone()
        if shared:
            raise BadFile("email_twice", value=shared[0][:100], first=shared[1], second=shared[2])

    def has(self, key: str) -> bool:
        """Whether a number or an email stands in the file."""
        found = self.db.execute(
            "SELECT 1 FROM seen WHERE id = ? OR email = ? LIMIT 1", (key, key.lower())
        )
        return found.fetchone() is not None

    def is_first(self, row: int, external_id: str | None, email: str | None) -> bool:
        """Whether no earlier row is about the same person."""
        found = self.db.execute(
            "SELECT min(row) FROM seen WHERE id = ?"
            if external_id
            else "SELECT min(row) FROM seen WHERE email = ?",
            (external_id or email,),
        )
        return bool(found.fetchone()[0] == row)


def _entries(path: Path, layout: Layout, mapping: Mapping) -> Iterable[Entry]:
    manager = mapping.position("manager")
    for number, cells in rows_of(path, layout):
        external_id, email = key_of(cells, mapping)
        yield (
            number,
            external_id,
            email,
            _day(cells, mapping),
            (cells[manager].strip() or None) if manager is not None else None,
        )


def _day(cells: Sequence[str], mapping: Mapping) -> str:
    """The day of a row; one that nobody can read is kept behind a "?", since it never comes."""
    place = mapping.position("effective_on")
    text = cells[place].strip() if place is not None else ""
    try:
        return (day_of(text, mapping.date_order) if text else mapping.as_of).isoformat()
    except Wrong:
        return f"?{text}"
