"""Alembic's entry: the app's own engine and metadata."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from app.core.database import Database, UTCDateTime
from app.schema import metadata


def render(kind: str, thing: Any, _context: object) -> str | Literal[False]:
    """Spell our own column types by name."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "app.core.database.UTCDateTime()"
    if kind == "type" and isinstance(thing, JSON):
        return "app.core.database.JSON_TYPE"
    return False


def run() -> None:
    database: Database = context.config.attributes["database"]
    with database.engine.execution_options(writes=True).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
