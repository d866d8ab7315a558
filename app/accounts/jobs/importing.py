"""Working an import off: read the stored file row by row, one transaction a batch."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.accounts.messages import problem_text
from app.accounts.models import PeopleImport, Person
from app.accounts.rules import ImportState, RowChange
from app.accounts.rules.mapping import Mapping, checked
from app.accounts.rules.people_rows import Row, parse
from app.accounts.rules.tables import BadFile, Layout, guarded, layout_of, rows_of
from app.accounts.services import imports
from app.accounts.services.imports.register import Register
from app.core import ids
from app.core.database import hold, reading, writing
from app.core.locale import speaking

BATCH = 500
Tell = Callable[[str, int, int], None]
"""Told (phase, rows done, rows in all) after each batch."""


def run(import_id: UUID, tell: Tell | None = None) -> None:
    """Check a mapped import, or run one that was let go; nothing when another worker does."""
    owner = ids.token("import_owner", import_id)
    with writing() as db:
        row = imports.claim(db, import_id=import_id, owner=owner)
    if row is None:
        return
    worker = Worker(row, owner, tell or (lambda *_: None))
    try:
        worker.check() if row.state is ImportState.MAPPED else worker.apply()
    except Lost:
        return
    except (BadFile, IntegrityError) as error:
        code, values = (error.code, error.values) if isinstance(error, BadFile) else ("clash", {})
        with writing() as db:
            imports.fail(db, import_id=import_id, code=code, values=values)


class Lost(Exception):
    """Another worker has taken the import over."""


class Worker:
    """One pass over the file of one import."""

    def __init__(self, row: PeopleImport, owner: str, tell: Tell) -> None:
        self.row, self.owner, self.tell = row, owner, tell
        self.mapping = Mapping.from_json(row.mapping)
        self.path = imports.path_of(row)
        self.total = row.report.get("counts", {}).get("rows", 0)

    def _layout(self) -> Layout:
        if not self.path.exists():
            raise BadFile("file_gone")
        found = layout_of(self.path)
        checked(self.mapping, found.header)
        return found

    def _batches(self, layout: Layout, after: int = 0) -> Iterator[list[tuple[list[str], Row]]]:
        rows = (
            (cells, parse(number, cells, self.mapping))
            for number, cells in rows_of(self.path, layout)
            if number > after
        )
        while batch := list(islice(rows, BATCH)):
            yield batch

    # the dry run

    def check(self) -> None:
        """Write down what every row would do; a file that cannot work raises BadFile first."""
        layout = self._layout()
        with closing(Register(self.path, layout, self.mapping)) as register:
            register.check(reading())
            self.total = register.rows
            with writing() as db:
                imports.forget_diff(db, self.row.id)
            counts = self._stage(layout, register)
        with writing() as db:
            imports.finish_check(db, import_id=self.row.id, counts=counts)

    def _stage(self, layout: Layout, register: Register) -> dict[str, int]:
        counts: Counter[str] = Counter({change.value: 0 for change in RowChange})
        last = 1
        with Faulty(imports.faulty_path(self.row), layout, self._language()) as faulty:
            for batch in self._batches(layout):
                with writing() as db:
                    counts += self._staged(db, batch, register)
                faulty.keep(batch)
                last = batch[-1][1].number
                self.tell("check", counts["rows"], self.total)
        if self.mapping.is_complete:
            with writing() as db:
                missing = imports.stage_missing(
                    db, import_id=self.row.id, register=register, start=last + 1
                )
            counts["leaving"] += missing
            counts["missing"] = missing
        names = {*counts, *(change.value for change in RowChange)}
        return {**{name: counts[name] for name in sorted(names)}, "last": last}

    def _staged(self, db, batch, register: Register) -> Counter[str]:  # type: ignore[no-untyped-def]
        held = hold(db, PeopleImport, self.row.id)
        if held is None or held.report.get("lease", [None])[0] != self.owner:
            raise Lost
        found = imports.stage_batch(db, row=held, rows=[row for _, row in batch], register=register)
        done = held.report.get("done", 0) + len(batch)
        imports.progressed(held, self.owner, done=done, total=self.total)
        return found

    def _language(self) -> str | None:
        person = reading().get(Person, self.row.created_by) if self.row.created_by else None
        return person.locale if person else None

    # the run

    def apply(self) -> None:
        """Run phase by phase from where the last worker stopped."""
        layout = self._layout()
        if self.row.report["phase"] == "adding":
            self._refuse_new_circles(layout)
            self._phase(layout, "adding", "people", imports.add_batch)
        if self.row.report["phase"] == "people":
            self._phase(layout, "people", "missing", imports.apply_batch)
        if self.mapping.is_complete:
            self._missing()
        with writing() as db:
            imports.finish(db, import_id=self.row.id)

    def _refuse_new_circles(self, layout: Layout) -> None:
        """Before anything is written, look again: another import may have run since the check."""
        if self.row.report["position"] == 0:
            with closing(Register(self.path, layout, self.mapping)) as register:
                register.refuse_circles(reading())

    def _phase(self, layout: Layout, phase: str, following: str, work) -> None:  # type: ignore[no-untyped-def]
        done = self.row.report.get("done", 0) if self.row.report["position"] else 0
        for batch in self._batches(layout, self.row.report["position"]):
            done += len(batch)
            rows = [row for _, row in batch]
            with writing() as db:
                held = self._held(db, phase)
                work(db, row=held, rows=rows)
                imports.progressed(held, self.owner, position=rows[-1].number, done=done)
            self.row = held
            self.tell(phase, done, self.total)
        with writing() as db:
            self.row = self._held(db, phase)
            imports.progressed(self.row, self.owner, phase=following, position=0)

    def _held(self, db, phase: str) -> PeopleImport:  # type: ignore[no-untyped-def]
        """The import under lock, if it still stands where this worker left it."""
        held = hold(db, PeopleImport, self.row.id)
        here = (self.row.report["phase"], self.row.report["position"], self.owner)
        if held is None or held.state is not ImportState.RUNNING:
            raise Lost
        if (held.report["phase"], held.report["position"], held.report["lease"][0]) != here:
            raise Lost
        return held

    def _missing(self) -> None:
        after = max(self.row.report["position"], self.row.report["counts"]["last"])
        while True:
            with writing() as db:
                held = self._held(db, "missing")
                last = imports.apply_missing(db, row=held, mapping=self.mapping, after=after)
                if last is None:
                    return
                after = last
                imports.progressed(held, self.owner, position=after)
            self.row = held


class Faulty:
    """The refused rows as CSV, each with its reasons, ready to be mended and sent again."""

    def __init__(self, path: Path, layout: Layout, language: str | None) -> None:
        self.layout, self.language = layout, language
        path.unlink(missing_ok=True)
        self.path = path
        self.file = None

    def __enter__(self) -> Faulty:
        return self

    def __exit__(self, *_: object) -> None:
        if self.file:
            self.file.close()

    def keep(self, batch: list[tuple[list[str], Row]]) -> None:
        """Write the faulty ones among these rows."""
        for cells, row in batch:
            if row.problems:
                self._write([*cells, self._reasons(row)])

    def _reasons(self, row: Row) -> str:
        with speaking(self.language, "UTC"):
            return " ".join(problem_text(code, values) for code, values in row.problems)

    def _write(self, cells: list[str]) -> None:
        if self.file is None:
            self.path.touch(mode=0o600)
            self.file = self.path.open("w", encoding="utf-8-sig", newline="")  # type: ignore[assignment]
            self._write([*self.layout.header, "trellis_problem"])
        csv.writer(self.file).writerow([guarded(cell) for cell in cells])  # type: ignore[arg-type]
