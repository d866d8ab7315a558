"""Named selects about people, found through the actor."""

from app.accounts.queries.directory import (
    departments,
    directory,
    facts_on,
    person_for,
    sites,
    used_zones,
)
from app.accounts.queries.imports import diff_rows, everybody, import_for, latest_imports
from app.accounts.queries.reporting import lines_above
from app.accounts.queries.resets import reset_of
from app.accounts.queries.signin import actor_of, muted_of, recipients, sessions_of

__all__ = [
    "actor_of",
    "departments",
    "diff_rows",
    "directory",
    "everybody",
    "facts_on",
    "import_for",
    "latest_imports",
    "lines_above",
    "muted_of",
    "person_for",
    "recipients",
    "reset_of",
    "sessions_of",
    "sites",
    "used_zones",
]
