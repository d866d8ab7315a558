"""What `trellis check` looks at: routes, catalogs, migrations, settings and links in the docs."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app", "wsgi.py")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_READ = re.compile(r"""environ(?:\.get\(|\[)\s*["']([A-Z_]+)["']|_number\(environ, "([A-Z_]+)\"""")
_NAMED = re.compile(r"^\| `([A-Z_]+)`", re.M)


def faults() -> list[str]:
    """Every fault as a sentence; empty when all is well."""
    return [*unguarded(), *schema_faults(), *setting_faults(), *broken_links()]


def unguarded() -> Iterator[str]:
    """Endpoints without a guard; the factory refuses them itself, by name."""
    from app.factory import create_app

    try:
        create_app()
    except RuntimeError as error:
        yield str(error)


def schema_faults() -> Iterator[str]:
    """Differences between models and migrations, on an empty database made for the occasion."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from app.core import migrations
    from app.core.database import Database
    from app.schema import metadata

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/check.sqlite3")
        migrations.upgrade(database)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            for difference in compare_metadata(context, metadata):
                yield f"Models and migrations differ: {_short(difference)}"
        database.dispose()


def _short(difference: object) -> str:
    first = difference[0] if isinstance(difference, list | tuple) else difference
    return f"{first}: {difference}"[:200]


def setting_faults() -> Iterator[str]:
    """Variables that are read but not documented, or documented but not read."""
    documented = set(_NAMED.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    source = (ROOT / "app" / "core" / "settings.py").read_text(encoding="utf-8")
    read = {first or second for first, second in _READ.findall(source)}
    for name in sorted(read - documented):
        yield f"docs/settings.md does not name {name}."
    for name in sorted(
        documented - read - {"TEST_DATABASE_URL", "TEST_REDIS_URL", "REQUIRE_BROWSER"}
    ):
        yield f"docs/settings.md names {name}, which nothing reads."


def broken_links() -> Iterator[str]:
    """Relative links of README and docs that lead nowhere."""
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            target = (link[0] or link[1]).split("#")[0]
            if not target or "://" in target or target.startswith("mailto:"):
                continue
            if not Path(os.path.normpath(page.parent / target)).exists():
                yield f"{page.relative_to(ROOT)} links to {target}, which does not exist."
