"""Holidays for tests."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import ids
from app.holidays import services


def scenes(db: Session, _star: dict[str, Person]) -> dict[str, dict[str, object]]:
    """URL arguments by scene, for the access table."""
    row = services.add(db, None, starts_on=date(2027, 3, 20), name="Nowruz", site="Tehran")
    return {"known": {"holiday_id": row.id}, "absent": {"holiday_id": ids.new_id()}}
