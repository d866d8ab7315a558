"""Bring a database to the newest schema; one set of migrations for both databases."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core.database import Database

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def config(database: Database) -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    made.attributes["database"] = database
    return made


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration that is missing."""
    command.upgrade(config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to a revision (`base` empties the schema)."""
    command.downgrade(config(database), revision)


def newest() -> str | None:
    """The newest revision in the folder."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def current(database: Database) -> str | None:
    """The revision the database stands at; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
