"""Follow-ups that domains above programs run inside its transactions."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.registries import Registry
from app.programs.models import Enrollment
from app.programs.rules import EnrollmentState

# f(db, actor_id, offer_id) -> path or None: an offer was accepted; make the relationship in the
# same transaction and say where its people go next.
on_accepted: Registry[Callable[[Session, UUID | None, UUID], str | None]] = Registry(
    "acceptance follow-up"
)

# f(db, actor_id, group_id, begins) -> whether the group is under way: enough are in it for it to
# begin, or it can no longer come about; may be told more than once.
on_group: Registry[Callable[[Session, UUID | None, UUID, bool], bool]] = Registry("group follow-up")

# f(db, actor_id, enrollment_id, state): somebody withdrew from a cohort or was removed; end what
# depends on it in the same transaction. Departures of the company have a registry of their own.
on_left: Registry[Callable[[Session, UUID | None, UUID, EnrollmentState], None]] = Registry(
    "withdrawal follow-up"
)

# f(db, cohort_id): a cohort begins to close; ask its people in the same transaction what follows.
on_closing: Registry[Callable[[Session, UUID], None]] = Registry("closing follow-up")

# f(db, cohort_id) -> how many relationships of a closing cohort have not answered yet.
unanswered: Registry[Callable[[Session, UUID], int]] = Registry("unanswered question")

# f(enrollment) -> (label, path) or None: a page of an upper domain for whoever is enrolled, by what
# the row and its cohort say and without a statement.
enrollment_pages: Registry[Callable[[Enrollment], tuple[str, str] | None]] = Registry(
    "enrollment page"
)

# f(cohort_id) -> (label, path): a page of an upper domain on the cohort's desk.
cohort_pages: Registry[Callable[[UUID], tuple[str, str]]] = Registry("cohort page")
