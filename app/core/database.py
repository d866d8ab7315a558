"""One database behind one declarative base: SQLite (WAL) and PostgreSQL.

Reading and writing are two modes. `reading()` is the request's session and refuses to flush;
`writing()` closes it, opens a transaction that is a writer from its first statement (SQLite:
BEGIN IMMEDIATE), and is the only commit in the application.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import flask
import structlog
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Table,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    insert,
    literal,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    Session,
    mapped_column,
    object_session,
)
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from app.core import ids

log = structlog.get_logger()

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python always, UTC in the database always."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UTCDateTime(),
        UUID: Uuid(),
        dict[str, Any]: JSON_TYPE,
        list[Any]: JSON_TYPE,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            length=40,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


class Identified:
    """A mixin: a random version-4 id that may stand in a URL."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=lambda: ids.new_id())


M = TypeVar("M", bound=Base)


class ReadSession(Session):
    """A session that cannot write; a flush is a programming error."""


@event.listens_for(ReadSession, "before_flush")
def _refuse_flush(session: Session, *_: object) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("A read session was about to write; use `with writing() as db`.")


PATIENCE = 10  # seconds that a writer waits for others before the answer is a 503


class Database:
    """The engine in two modes, created lazily so that a forked job makes its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine | None = None
        self._writers = threading.RLock()

    @property
    def is_sqlite(self) -> bool:
        """Whether the one-file database is in use."""
        return self.url.startswith("sqlite")

    @property
    def engine(self) -> Engine:
        """The engine; `BEGIN` mode depends on the execution option `writes`."""
        if self._engine is None:
            self._engine = _make_engine(self.url)
        return self._engine

    def forget(self) -> None:
        """Drop inherited connections without closing them (after a fork)."""
        if self._engine is not None:
            self._engine.dispose(close=False)
            self._engine = None
        self._writers = threading.RLock()

    def dispose(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def open_reading(self) -> ReadSession:
        """A new read-only session; the caller closes it."""
        return ReadSession(self.engine)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One writing transaction, committed at the end; afterwards its wake-ups run."""
        options = self.engine.execution_options(writes=True)
        turn = self._turn() if self.is_sqlite else nullcontext()
        with turn, Session(options, expire_on_commit=False) as db:
            with db.begin():
                yield db
            followers: list[Callable[[], None]] = db.info.get("after_commit", [])
        for follow in followers:
            follow()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite lets one write and wakes the others at random: a process's own writers queue, so
        that none of them waits past the timeout while later ones pass."""
        if not self._writers.acquire(timeout=PATIENCE):
            raise OperationalError("BEGIN IMMEDIATE", {}, TimeoutError("other writers are slow"))
        try:
            yield
        finally:
            self._writers.release()


def _make_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)
    engine = create_engine(url, connect_args={"timeout": PATIENCE}, pool_size=10, max_overflow=20)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not BEGIN behind our back
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def database() -> Database:
    """The database of the running application."""
    found: Database = flask.current_app.extensions["database"]
    return found


def reading() -> ReadSession:
    """The read session of this request or job, opened on first use."""
    if "read_session" not in flask.g:
        if flask.g.get("is_writing"):
            raise RuntimeError("Reading outside the open transaction; use its session.")
        flask.g.read_session = database().open_reading()
    session: ReadSession = flask.g.read_session
    return session


def end_reading(_error: BaseException | None = None) -> None:
    """Close the read session; what it loaded is for a page that has already been drawn."""
    session = flask.g.pop("read_session", None)
    if session is not None:
        session.close()


@contextmanager
def writing() -> Iterator[Session]:
    """The only way to commit: closes the read session and opens one writing transaction."""
    if flask.g.get("is_writing"):
        raise RuntimeError("A transaction is already open; pass its session instead.")
    end_reading()
    flask.g.is_writing = True
    try:
        with database().transaction() as db:
            try:
                yield db
                db.flush()
            finally:
                flask.g.is_writing = False
    finally:
        flask.g.is_writing = False


def after_commit(db: Session, follow: Callable[[], None]) -> None:
    """Run something once the transaction of `db` is in the database (wake-ups, never state)."""
    db.info.setdefault("after_commit", []).append(follow)


def hold(db: Session, model: type[M], row_id: UUID) -> M | None:
    """Lock one row by an UPDATE and load it fresh; None when it is gone.

    The first statement of a transaction that counts before it inserts. An UPDATE locks on both
    databases; FOR UPDATE is silently dropped on SQLite.
    """
    key = model.__table__.c.id
    found = db.execute(update(model).where(key == row_id).values(id=key))
    if found.rowcount == 0:  # type: ignore[attr-defined]
        return None
    return db.get(model, row_id, populate_existing=True)


def table_of(model: type[Base]) -> Table:
    """A model's table, for statements about many rows that need no objects."""
    return cast(Table, model.__table__)


Rows = Sequence[Mapping[str, Any]]


def insert_rows(db: Session, model: type[Base], rows: Rows) -> None:
    """Insert thousands of rows of equal keys; columns left out get the model's defaults.

    The driver gets the values at once: the ORM's bookkeeping a row costs more than the insert.
    """
    if not rows:
        return
    connection = db.connection()
    inserting = _inserting(table_of(model), tuple(rows[0]), connection.dialect)
    lines: list[Any] = list(zip(*(values(rows) for values in inserting.columns), strict=True))
    if not inserting.is_positional:
        lines = [dict(zip(inserting.names, line, strict=True)) for line in lines]
    connection.exec_driver_sql(inserting.statement, lines)


@dataclass(frozen=True, slots=True)
class _Inserting:
    """A compiled INSERT: its columns in order, each with what gives its values of all rows."""

    statement: str
    names: tuple[str, ...]
    columns: tuple[Callable[[Rows], list[Any]], ...]
    is_positional: bool


@lru_cache(maxsize=64)
def _inserting(table: Table, given: tuple[str, ...], dialect: Dialect) -> _Inserting:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(given))
    names = tuple(compiled.positiontup or compiled.params)
    columns = tuple(_values_of(table.c[name], name in given, dialect) for name in names)
    return _Inserting(str(compiled), names, columns, compiled.positiontup is not None)


def _values_of(
    column: Column[Any], is_given: bool, dialect: Dialect
) -> Callable[[Rows], list[Any]]:
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    name, default = column.name, column.default
    if is_given and bind is not None:
        return lambda rows: [bind(row[name]) for row in rows]
    if is_given:
        return lambda rows: [row[name] for row in rows]
    bound: Callable[[Any], Any] = bind or (lambda value: value)
    if isinstance(default, CallableColumnDefault):
        make = cast(Callable[[Any], Any], default.arg)
        return lambda rows: [bound(make(None)) for _ in rows]
    plain = bound(default.arg if isinstance(default, ScalarElementColumnDefault) else None)
    return lambda rows: [plain] * len(rows)


def spelled(column: InstrumentedAttribute[Any], value: object) -> ColumnElement[bool]:
    """`column = value` with the value in the SQL itself: for statements that every page asks.

    Where a bound value may decide whether a partial index serves, SQLite prepares the whole
    statement anew at each execution, which costs more than running it.
    """
    return column == literal(value, column.type, literal_execute=True)


def session_of(row: Base) -> Session:
    """The session that loaded a row, for policies that must look further."""
    session = object_session(row)
    if session is None:
        raise RuntimeError(f"{type(row).__name__} is detached from its session.")
    return session
