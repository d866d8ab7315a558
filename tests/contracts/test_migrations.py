"""One set of migrations serves both databases, and says what the models say."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.core import migrations
from app.core.database import Database
from app.schema import metadata


def test_migrated_schema_is_the_models_schema(database_url):
    database = Database(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.dispose()


def test_up_down_up_on_both_databases(database_url):
    database = Database(database_url)
    migrations.downgrade(database, "base")
    assert migrations.current(database) is None
    migrations.upgrade(database)
    assert migrations.current(database) == migrations.newest()
    database.dispose()
