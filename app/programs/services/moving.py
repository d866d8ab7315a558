"""The one way to change a state: through its table, with one audit row."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.errors import Refused
from app.programs.rules import TRANSITIONS, Table, may_move


def move(
    db: Session,
    actor_id: UUID | None,
    row: Any,
    to: StrEnum,
    *,
    reason: str | None = None,
    tables: Mapping[type[StrEnum], Table] = TRANSITIONS,
) -> None:
    """Move a held row to a state and record it; refuses what the table does not allow."""
    before: StrEnum = row.state
    if not may_move(before, to, tables):
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    row.state = to
    audit.record(
        db,
        actor_id,
        f"{row.__tablename__}_{to.value}"[:60],
        row,
        before=before.value,
        after=to.value,
        reason=reason,
    )
