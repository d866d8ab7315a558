"""Sweeps of concerns; each may run at any time and twice."""

from __future__ import annotations

from app.concerns.services import contact, erasing, handlers, retention
from app.core.database import writing
from app.core.jobs import sweep


@sweep("tend_concerns", every=3600)
def tend_concerns() -> None:
    """Who cannot read stops, readers are reminded, rest goes on until somebody decides.

    What is old is deleted.
    """
    with writing() as db:
        handlers.stop_who_cannot_read(db)
        contact.keep_resting(db)
        retention.remind(db)
        retention.close_quiet(db)
        erasing.destroy_orphaned(db)
        retention.purge(db)
