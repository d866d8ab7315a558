"""Templates made once a test run and shared by its processes; every test works on its own copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from filelock import FileLock

from app.core import migrations
from app.core.database import Database, end_reading
from app.core.settings import load
from app.factory import create_app
from app.operations import seed
from app.schema import metadata

POSTGRES = os.environ.get("TEST_DATABASE_URL")
BACKENDS = ["sqlite", *(["postgresql"] if POSTGRES else [])]
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
PREFIX = f"trellis_t_{RUN[:8]}"
_clean: list[str] = []  # this process's PostgreSQL copies that are empty again
DEMO_DAY = date(2026, 11, 2)
TEST_ENVIRONMENT = {
    "TRELLIS_ENV": "testing",
    "SECRET_KEY": "test-secret-key-of-forty-characters-0000",
    "TRELLIS_ARGON2_COST": "1",
    "BASE_URL": "http://localhost",
}


def template(shared: Path, backend: str, *, seeded: bool) -> str:
    """The URL of a migrated (and perhaps seeded) database that is only ever copied."""
    name = "seeded" if seeded else "empty"
    done = shared / f"{name}-{backend}.url"
    with FileLock(shared / f"{name}-{backend}.lock"):
        if not done.exists():
            base = template(shared, backend, seeded=False) if seeded else None
            url = _new(shared, backend, name, base)
            (_seed if seeded else _migrate)(url, shared)
            done.write_text(url)
    return done.read_text()


def copy(source: str, folder: Path) -> str:
    """A private copy of a template; an empty PostgreSQL one may be a cleaned earlier copy."""
    if source.startswith("sqlite"):
        return _new(folder, "sqlite", uuid4().hex[:12], source)
    if source.endswith("_empty") and _clean:
        return _clean.pop()
    return _new(folder, "postgresql", uuid4().hex[:12], source)


def give_back(url: str, *, empty: bool) -> None:
    """The test is over: clean an empty-born copy for the next test, let others go at the end."""
    if url.startswith("sqlite") or not empty:
        return
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        if _is_whole(connection):
            _empty(connection)
            _clean.append(url)


def _is_whole(connection: psycopg.Connection) -> bool:
    """Whether a test has left the schema as it was."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in rows} == {*metadata.tables, "alembic_version"}


def _empty(connection: psycopg.Connection) -> None:
    """Delete all rows: far quicker than a new database, which waits for the disk."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    deletions = "; ".join(f'DELETE FROM "{name}"' for name in metadata.tables)
    connection.execute(f"SET session_replication_role = replica; {deletions}")


def prefix_of(config: pytest.Config) -> str:
    """How the databases of this run begin, as the controlling process knows it."""
    manager = config.pluginmanager.getplugin("dsession")
    uid = getattr(getattr(manager, "nodemanager", None), "testrunuid", None)
    return f"trellis_t_{uid[:8]}" if uid else PREFIX


def drop_all(prefix: str) -> None:
    """Remove every database of this test run."""
    with _admin() as admin:
        names = admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix,)
        ).fetchall()
        for (name,) in names:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _new(folder: Path, backend: str, name: str, source: str | None) -> str:
    if backend == "sqlite":
        path = folder / f"{name}.sqlite3"
        if source:
            shutil.copyfile(source.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"
    made = f"{PREFIX}_{name}"
    like = f' TEMPLATE "{_name(source)}"' if source else ""
    with _admin() as admin:
        admin.execute(f'CREATE DATABASE "{made}"{like}')
        admin.execute(f'ALTER DATABASE "{made}" SET synchronous_commit = off')
    server = (POSTGRES or "").split("://", 1)[1].rsplit("/", 1)[0]
    return f"postgresql+psycopg://{server}/{made}"


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


@contextmanager
def _admin() -> Iterator[psycopg.Connection]:
    with psycopg.connect(POSTGRES or "", autocommit=True) as connection:
        yield connection


def _migrate(url: str, _folder: Path) -> None:
    database = Database(url)
    migrations.upgrade(database)
    _settle(database)


def _seed(url: str, folder: Path) -> None:
    app = create_app(load({**TEST_ENVIRONMENT, "DATABASE_URL": url, "DATA_DIR": str(folder)}))
    with app.app_context():
        seed.run("small", seed=7, as_of=DEMO_DAY)
        end_reading()
    _settle(app.extensions["database"])


def lay_files(shared: Path, data: Path) -> None:
    """Put the files of the seeded demo company into a copy's folder."""
    if (shared / "files").exists():
        shutil.copytree(shared / "files", data / "files", dirs_exist_ok=True)
    if (shared / "keys.json").exists():
        data.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shared / "keys.json", data / "keys.json")


def _settle(database: Database) -> None:
    """Leave one whole file behind, and no connection."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
