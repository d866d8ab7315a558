"""The command line: what it says, how it exits, and that trouble is one sentence."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from app.operations.cli import main
from tests.operations.stage import ROOT, free_port

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def trellis(environ: dict[str, str]) -> Callable[..., Done]:
    """Run `trellis …` in this process, which is quicker than a process each."""

    def run(*command: str, **more: str) -> Done:
        settings = {"REDIS_URL": None, **environ, **more}
        result = CliRunner().invoke(main, command, env=settings, prog_name="trellis")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception  # what would be a traceback
        return Done(result.exit_code, result.stdout, result.stderr)

    return run


def process(environ: dict[str, str], *command: str) -> Done:
    """Run `trellis …` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def plain(done: Done) -> str:
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done.stderr.strip()


@sqlite_only
def test_help_names_every_command_and_loads_nothing_for_it(environ: dict[str, str]) -> None:
    done = process(environ, "--help")
    assert done.returncode == 0
    for name in (
        "serve",
        "demo",
        "seed",
        "people",
        "match",
        "doctor",
        "check",
        "translate",
        "backup",
        "restore",
        "push",
        "routes",
        "sweep",
        "migrate",
    ):
        assert f"\n  {name} " in done.stdout
    loaded = subprocess.run(
        [sys.executable, "-c", "import app.operations.cli, sys; print('flask' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False"


@sqlite_only
@pytest.mark.parametrize("command", [("no-such",), ("seed", "--size", "huge"), ("backup",)])
def test_wrong_usage_exits_2(trellis, command: tuple[str, ...]) -> None:
    done = trellis(*command)
    assert done.returncode == 2
    assert plain(done)


@sqlite_only
@pytest.mark.parametrize(
    ("command", "more", "says"),
    [
        (("routes",), {"TRELLIS_ENV": "nonsense"}, "TRELLIS_ENV"),
        (("migrate",), {"PORT": "many"}, "PORT"),
        (("routes",), {"TRELLIS_ENV": "production", "SECRET_KEY": "dev"}, "SECRET_KEY"),
        (("migrate",), {"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        (("migrate",), {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "database"),
        (("migrate",), {"DATABASE_URL": "sqlite:////proc/none/x.sqlite3"}, "database"),
        (("restore", "/etc/hostname"), {}, "not a backup"),
        (("push", "test", "bo@demo.example"), {}, "Nobody here has"),
    ],
)
def test_trouble_is_one_sentence_and_exit_1(
    trellis, command: tuple[str, ...], more: dict[str, str], says: str
) -> None:
    done = trellis(*command, **more)
    assert done.returncode == 1, done.stdout
    assert says in plain(done)


@sqlite_only
@pytest.mark.parametrize(
    ("more", "says"),
    [({"DATABASE_URL": ""}, "trellis migrate"), ({"HOST": "203.0.113.1"}, "PORT or HOST")],
)
def test_serve_refuses_what_cannot_work_in_one_sentence(
    environ: dict[str, str], more: dict[str, str], says: str
) -> None:
    done = process({**environ, "PORT": str(free_port()), **more}, "serve")
    assert done.returncode == 1
    assert says in plain(done) and "\n" not in plain(done)


@sqlite_only
def test_routes_lists_every_route_with_its_policy(trellis) -> None:
    done = trellis("routes", "--json")
    table = {route["endpoint"]: route for route in json.loads(done.stdout)}
    assert table["operations.metrics"]["policy"] == "operations.policies.may_scrape"
    assert table["notifications.mark"]["finder"] == "notifications.queries.notification_for"
    assert all(route["policy"] != "-" for route in table.values())
    assert "/readyz" in trellis("routes").stdout


def test_migrate_and_sweep_run_without_a_broker(environ: dict[str, str], trellis) -> None:
    done = process(environ, "migrate")
    assert done.returncode == 0, done.stderr
    assert trellis("sweep").returncode == 0


@sqlite_only
def test_the_processes_of_a_command_refuse_in_one_sentence(environ: dict[str, str]) -> None:
    done = process({**environ, "SECRET_KEY": "short", "TRELLIS_ENV": "production"}, "routes")
    assert done.returncode == 1
    assert plain(done).startswith("Error: SECRET_KEY") and "\n" not in plain(done)


@sqlite_only
def test_a_healthy_installation_has_no_fault(trellis) -> None:
    done = trellis("doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {
        "python",
        "clock",
        "time zones",
        "settings",
        "data folder",
        "disk",
        "database",
        "migrations",
        "broker",
        "mail",
        "keys",
    } <= findings.keys()


@sqlite_only
def test_doctor_names_each_fault_and_its_cure(trellis, tmp_path: Path) -> None:
    key_file = tmp_path / "keys.json"
    key_file.write_text("{}")
    key_file.chmod(0o644)
    done = trellis(
        "doctor",
        "--json",
        DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        REDIS_URL=f"redis://127.0.0.1:{free_port()}/0",
        MAIL_URL=f"smtp://127.0.0.1:{free_port()}",
        KEY_FILE=str(key_file),
    )
    assert done.returncode == 1
    faults = {f["what"]: f["cure"] for f in json.loads(done.stdout) if not f["ok"]}
    assert faults.keys() == {"migrations", "broker", "mail", "keys"}
    assert faults["migrations"] == "Run `trellis migrate`."
    assert f"chmod 600 {key_file}" in faults["keys"]
    done = trellis("doctor", DATA_DIR="/proc/nowhere", DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert done.returncode == 1
    assert "Cure: Start the database server" in done.stdout
    assert "DATA_DIR" in done.stdout
    plain(done)


@sqlite_only
def test_doctor_reports_unreadable_settings(trellis) -> None:
    done = trellis("doctor", PORT="x")
    assert done.returncode == 1
    assert "PORT" in done.stdout
    plain(done)


def person_names(database_url: str) -> list[str]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        names = list(connection.scalars(text("SELECT name FROM person ORDER BY name")))
    engine.dispose()
    return names


def add_person(database_url: str, name: str, key: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO person (id, name, kind, status, is_listed, zone, created_at) VALUES"
                " (:id, :name, 'employee', 'active', true, 'UTC', '2026-01-01 00:00:00')"
            ),
            {"id": key, "name": name},
        )
    engine.dispose()


def test_backup_and_restore_drill(
    trellis, environ: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    """What was there at the backup is there after the restore, keys included; the rest is aside."""
    keys = tmp_path / "keys.json"
    keys.write_text('{"k": 1}')
    keys.chmod(0o600)
    file = tmp_path / "backups" / "monday"
    more = {"KEY_FILE": str(keys)}
    add_person(database_url, "Before", "00000000000040008000000000000001")
    done = trellis("backup", str(file), **more)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {
        "monday": 0o600,
        "monday.keys": 0o600,
    }
    add_person(database_url, "After", "00000000000040008000000000000002")
    keys.write_text('{"k": 2}')
    done = trellis("restore", str(file), **more)
    assert done.returncode == 1 and "--force" in plain(done)
    assert person_names(database_url) == ["After", "Before"]
    done = trellis("restore", str(file), "--force", **more)
    assert done.returncode == 0, done.stderr
    assert person_names(database_url) == ["Before"]
    assert keys.read_text() == '{"k": 1}'
    assert keys.stat().st_mode & 0o777 == 0o600
    [aside] = Path(environ["DATA_DIR"]).glob("before-restore-*")
    assert (aside / "database").stat().st_size > 0
    assert (aside / "database.keys").read_text() == '{"k": 2}'
    done = trellis("restore", str(aside / "database"), "--force", **more)
    assert done.returncode == 0, done.stderr
    assert person_names(database_url) == ["After", "Before"]


def test_uploaded_files_come_back_with_the_database(
    trellis, environ: dict[str, str], tmp_path: Path
) -> None:
    folder, file = Path(environ["DATA_DIR"]) / "files", tmp_path / "copy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "one.clean").write_bytes(b"a charter")
    assert trellis("backup", str(file)).returncode == 0
    assert (tmp_path / "copy.files").stat().st_mode & 0o777 == 0o600
    (folder / "one.clean").write_bytes(b"spoiled")
    done = trellis("restore", str(file), "--force")
    assert done.returncode == 0, done.stderr
    assert (folder / "one.clean").read_bytes() == b"a charter"


@sqlite_only
def test_a_backup_sees_one_moment_of_a_database_in_use(
    trellis, database_url: str, tmp_path: Path
) -> None:
    path = database_url.removeprefix("sqlite:///")
    file = tmp_path / "copy"
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE half_done (x)")
        assert trellis("backup", str(file)).returncode == 0
        other.rollback()
    with closing(sqlite3.connect(file)) as copy:
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    assert "person" in tables and "half_done" not in tables
