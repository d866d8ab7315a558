"""The sweep that ends the day of undo."""

from __future__ import annotations

from app.core.database import writing
from app.core.jobs import sweep
from app.threads import services


@sweep("wipe_deleted_posts", every=3600)
def wipe_deleted_posts() -> None:
    """Words that somebody took back a day ago leave the database."""
    with writing() as db:
        services.wipe_deleted(db)
