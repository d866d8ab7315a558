"""Follow-ups that domains above programs run inside its transactions."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.registries import Registry

# f(db, actor_id, offer_id) -> path or None: an offer was accepted; make the relationship in the
# same transaction and say where its people go next.
on_accepted: Registry[Callable[[Session, UUID | None, UUID], str | None]] = Registry(
    "acceptance follow-up"
)

# f(cohort_id) -> (label, path): a page of an upper domain on the cohort's desk.
cohort_pages: Registry[Callable[[UUID], tuple[str, str]]] = Registry("cohort page")
