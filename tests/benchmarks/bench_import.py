"""Seconds and peak memory of a people import, on SQLite: `python -m tests.benchmarks.bench_import`.

Generates the file, checks it, runs it, at 5,000 and 20,000 rows; memory must not grow with rows.
"""

from __future__ import annotations

import csv
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

SIZES = (5_000, 20_000)


def write_people(path: Path, rows: int) -> None:
    """A believable file: everybody with an email, a manager, ten columns, some leavers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "Employee ID",
                "Full name",
                "Email",
                "Job title",
                "Level",
                "Department",
                "Site",
                "Manager",
                "Hire date",
                "Status",
                "Gender",
                "Birth year",
            ]
        )
        for n in range(1, rows + 1):
            out.writerow(
                [
                    f"E{n:06}",
                    f"Person {n} Ñame",
                    f"person.{n}@bench.example",
                    f"Role {n % 90}",
                    n % 9 + 1,
                    f"Department {n % 25}",
                    f"Site {n % 12}",
                    f"E{max(1, n // 8):06}",
                    f"20{n % 20 + 5:02}-03-01",
                    "left" if n % 15 == 0 else "active",
                    "Female" if n % 2 else "Male",
                    1960 + n % 45,
                ]
            )


def measure(rows: int) -> None:
    """One import in this process; prints rows, seconds and peak megabytes."""
    from app.accounts.jobs import run
    from app.accounts.rules.mapping import Mapping, guess_columns, guess_values
    from app.accounts.rules.tables import layout_of
    from app.accounts.services import imports
    from app.core import migrations
    from app.core.database import writing
    from app.core.settings import load
    from app.factory import create_app

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "people.csv")
        write_people(file, rows)
        app = create_app(load({**os.environ, "TRELLIS_ENV": "testing", "DATA_DIR": folder}))
        migrations.upgrade(app.extensions["database"])
        gc.collect()
        gc.freeze()  # as the worker does before it forks
        with app.app_context():
            before, start, idle = _peak(), time.perf_counter(), time.process_time()
            with file.open("rb") as stream:
                stored = imports.keep_file(stream)
            columns = guess_columns(layout_of(file).header)
            values = {columns.index("status"): guess_values("Status", ["active", "left"])}
            with writing() as db:
                import_id = imports.upload(db, None, file_name="people.csv", stored_as=stored)
            with writing() as db:
                mapping = Mapping(columns, values, date(2026, 11, 21))
                imports.choose_mapping(db, None, import_id=import_id, mapping=mapping)
            run(import_id)
            checked = time.perf_counter()
            with writing() as db:
                imports.start(db, None, import_id=import_id, is_confirmed=False)
            run(import_id)
            done = time.perf_counter()
            worked = time.process_time()
        print(
            f"{rows:>7,} rows: check {checked - start:5.1f} s, run {done - checked:5.1f} s, "
            f"together {done - start:5.1f} s (processor {worked - idle:.1f} s); "
            f"peak {_peak():.0f} MB (before {before:.0f} MB)"
        )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        for size in SIZES:
            subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.bench_import", str(size)], check=True
            )
