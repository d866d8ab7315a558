"""Backup and restore: the database into FILE, uploaded files into FILE.files (a tar, when there
are any), the keys of encrypted columns into FILE.keys.

Keys follow their own retention: a backup without its keys reads no self-identification, which is
how erasure reaches backups.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, inspect, select

from app.core import clock, migrations
from app.core.database import Database
from app.core.errors import Refused
from app.core.settings import Settings

SQLITE_MAGIC = b"SQLite format 3\x00"


def backup(settings: Settings, file: Path) -> None:
    """Write a consistent copy while everything runs; the old FILE is replaced at the end."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    draft.unlink(missing_ok=True)
    if settings.database_url.startswith("sqlite"):
        _copy_sqlite(_sqlite_path(settings), draft)
    else:
        _run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--schema=public",
            f"--file={draft}",
            _libpq(settings),
        )
    draft.chmod(0o600)
    _copy_uploads(settings, file)
    if settings.key_file.exists():
        _copy_private(settings.key_file, _keys_of(file))
    draft.replace(file)


def restore(settings: Settings, file: Path, *, force: bool) -> Path | None:
    """Read a backup into an empty place; returns where `force` has put what was there."""
    _refuse_running(settings)
    _refuse_strange(settings, file)
    aside = None
    if _is_filled(settings):
        if not force:
            raise Refused(
                "There is data in this database already; use --force to replace it "
                "(the old one is kept aside)."
            )
        aside = _set_aside(settings)
    if settings.database_url.startswith("sqlite"):
        target = _sqlite_path(settings)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(file, target)
    else:
        _empty_postgres(settings)
        _run(
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            f"--dbname={_libpq(settings)}",
            str(file),
        )
    if _uploads_of(file).exists():
        _restore_uploads(settings, file)
    if _keys_of(file).exists():
        _copy_private(_keys_of(file), settings.key_file)
    database = Database(settings.database_url)
    migrations.upgrade(database)
    database.dispose()
    return aside


def _keys_of(file: Path) -> Path:
    return file.with_name(file.name + ".keys")


def _uploads_of(file: Path) -> Path:
    return file.with_name(file.name + ".files")


def _copy_uploads(settings: Settings, file: Path) -> None:
    """After the database: content never changes under its name, so that every row finds its own."""
    folder, target = settings.data_dir / "files", _uploads_of(file)
    target.unlink(missing_ok=True)
    contents = sorted(path for path in folder.glob("*") if path.is_file())
    if not contents:
        return
    draft = target.with_name(f".{target.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w") as tar:
        for path in contents:
            try:
                tar.add(path, arcname=path.name)
            except FileNotFoundError:
                continue  # swept meanwhile; its row is gone or about to go
    draft.replace(target)


def _restore_uploads(settings: Settings, file: Path) -> None:
    folder = settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(_uploads_of(file)) as tar:
        tar.extractall(folder, filter="data")


def _copy_private(source: Path, target: Path) -> None:
    """Copy a file of keys so that nobody else may read it, not even for a moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(source.read_bytes())
    draft.replace(target)


def _sqlite_path(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy, which sees one moment of a database in use."""
    if not source.exists():
        raise Refused(f"There is no database at {source}.")
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")
        whole = new.execute("PRAGMA integrity_check").fetchone()[0]
    if whole != "ok":
        raise Refused(f"The copy {target} is not whole: {whole}.")


def _is_filled(settings: Settings) -> bool:
    """Whether any person is in the database that would be replaced."""
    if settings.database_url.startswith("sqlite") and not _sqlite_path(settings).exists():
        return False
    from app.accounts.models import Person

    database = Database(settings.database_url)
    try:
        with database.engine.connect() as connection:
            if not inspect(connection).has_table("person"):
                return False
            return bool(connection.scalar(select(func.count()).select_from(Person)))
    finally:
        database.dispose()


def _set_aside(settings: Settings) -> Path:
    stamp = clock.machine_now().strftime("%Y%m%dT%H%M%S.%fZ")
    aside = settings.data_dir / f"before-restore-{stamp}"
    aside.mkdir(parents=True)
    backup(settings, aside / "database")
    if settings.database_url.startswith("sqlite"):
        path = _sqlite_path(settings)
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    return aside


def _empty_postgres(settings: Settings) -> None:
    """What a newer schema has added must not stay beside what is restored."""
    database = Database(settings.database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
    database.dispose()


def _refuse_running(settings: Settings) -> None:
    """A restore under a running web server would pull the floor from under it."""
    from app.operations.supervisor import is_running

    if is_running(settings.data_dir):
        raise Refused("Trellis is running on this data; stop it, restore, and start it again.")


def _refuse_strange(settings: Settings, file: Path) -> None:
    with file.open("rb") as opened:
        head = opened.read(16)
    is_sqlite = settings.database_url.startswith("sqlite")
    if head != SQLITE_MAGIC if is_sqlite else not head.startswith(b"PGDMP"):
        kind = "SQLite" if is_sqlite else "PostgreSQL"
        raise Refused(f"{file} is not a backup of a {kind} database.")


def _libpq(settings: Settings) -> str:
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; its complaint becomes ours."""
    if shutil.which(program) is None:
        raise Refused(f"{program} is not installed; it comes with PostgreSQL's client programs.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        complaint = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        database = urlsplit(arguments[-1]).path if "://" in arguments[-1] else ""
        raise Refused(f"{program} failed{' on ' + database if database else ''}: {complaint}")
