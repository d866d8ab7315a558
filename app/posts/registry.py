"""What domains above posts put into a digest that goes out anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.registries import Registry

# f(db, person_id) -> lines: what else somebody would have been written to about that day.
riders: Registry[Callable[[Session, UUID], Iterable[str]]] = Registry("line of the digest")
