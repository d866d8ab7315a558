"""Alembic's entry: the app's own engine and metadata."""

from __future__ import annotations

from alembic import context

from app.core.database import Database
from app.schema import metadata


def run() -> None:
    database: Database = context.config.attributes["database"]
    with database.engine.execution_options(writes=True).connect() as connection:
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=True,
            compare_type=True, transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
