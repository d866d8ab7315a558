"""Put days off into the calendar, take them out, put them back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.holidays.models import Holiday
from app.holidays.rules import EVERYWHERE, LONGEST


def add(
    db: Session,
    actor_id: UUID | None,
    *,
    starts_on: date,
    name: str,
    ends_on: date | None = None,
    site: str = EVERYWHERE,
) -> Holiday:
    """Note a holiday; the same one twice is one, and one that was removed comes back."""
    last = ends_on or starts_on
    if last < starts_on or (last - starts_on).days >= LONGEST:
        raise Refused(_("The last day comes after the first, and within two months."), 422)
    known = db.scalar(
        select(Holiday).where(
            Holiday.site == site, Holiday.starts_on == starts_on, Holiday.name == name
        )
    )
    if known is not None and known.removed_at is None and known.ends_on == last:
        return known
    key = f"{site}|{starts_on}|{name}"
    row = known or Holiday(
        id=ids.new_id("holiday", key),
        starts_on=starts_on,
        name=name,
        site=site,
        created_by=actor_id,
    )
    row.ends_on, row.removed_at = last, None
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "add", row, after=name)
    return row


def remove(db: Session, actor_id: UUID, *, holiday_id: UUID) -> None:
    """Take a holiday out; dates that skipped it are made again from now on."""
    row = _held(db, holiday_id)
    if row.removed_at is None:
        row.removed_at = clock.now()
        audit.record(db, actor_id, "remove", row, before=row.name)


def restore(db: Session, actor_id: UUID, *, holiday_id: UUID) -> None:
    """Undo a removal."""
    row = _held(db, holiday_id)
    if row.removed_at is not None:
        row.removed_at = None
        audit.record(db, actor_id, "restore", row, after=row.name)


def _held(db: Session, holiday_id: UUID) -> Holiday:
    row = hold(db, Holiday, holiday_id)
    if row is None:
        raise Refused(_("This holiday does not exist any more."), 404)
    return row
