"""The database itself refuses to change or delete a line of the ledger, whoever asks.

The triggers are made with the table, so test databases have them; a migration calls
`make_final(op.get_bind())` after the table exists, and again after a batch operation that copies
the table on SQLite, where a copied table comes without its triggers. Superusers can still switch
triggers off: that is what backups, and the cleaning of test databases, rest on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, event

TABLE = "budget_entry"
REFUSAL = "the ledger only grows: reverse the entry by another one"

_SQLITE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for act in ("UPDATE", "DELETE")
)
_POSTGRES = (
    f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    f"DROP TRIGGER IF EXISTS {TABLE}_is_final ON {TABLE}",
    f"CREATE TRIGGER {TABLE}_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
)
_SQLITE_AWAY = tuple(f"DROP TRIGGER IF EXISTS {TABLE}_no_{act}" for act in ("update", "delete"))
_POSTGRES_AWAY = (
    f"DROP TRIGGER IF EXISTS {TABLE}_is_final ON {TABLE}",
    f"DROP FUNCTION IF EXISTS {TABLE}_refuse()",
)


def make_final(connection: Connection) -> None:
    """From now on the ledger only grows; doing it twice is harmless."""
    _run(connection, _SQLITE, _POSTGRES)


def make_changeable(connection: Connection) -> None:
    """For a migration that has to change rows, and for going back; call `make_final` after it."""
    _run(connection, _SQLITE_AWAY, _POSTGRES_AWAY)


def _run(connection: Connection, on_sqlite: tuple[str, ...], on_postgres: tuple[str, ...]) -> None:
    for line in on_sqlite if connection.dialect.name == "sqlite" else on_postgres:
        connection.exec_driver_sql(line)


def guard(table: Table) -> None:
    """Make the triggers whenever the table is made, and let the function go with it."""

    def made(_table: Any, connection: Connection, **_more: Any) -> None:
        make_final(connection)

    def dropped(_table: Any, connection: Connection, **_more: Any) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {TABLE}_refuse()")

    event.listen(table, "after_create", made)
    event.listen(table, "after_drop", dropped)
