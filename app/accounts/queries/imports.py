"""Imports, their diffs, and everybody there is, for administrators."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import ImportRow, PeopleImport, Person
from app.accounts.queries.directory import Page, paged
from app.accounts.rules import PersonStatus, RowChange
from app.core.policies import Actor


def import_for(db: Session, actor: Actor, import_id: UUID) -> PeopleImport | None:
    """An import, for an administrator."""
    return db.get(PeopleImport, import_id) if actor.has("org_admin") else None


def latest_imports(db: Session, *, number: int = 1) -> Page:
    """Imports, the newest first."""
    return paged(
        db, select(PeopleImport).order_by(PeopleImport.created_at.desc(), PeopleImport.id), number
    )


def diff_rows(db: Session, import_id: UUID, change: RowChange, *, number: int = 1) -> Page:
    """Rows of an import that do one thing, in the order of the file."""
    rows = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.change == change)
    return paged(db, rows.order_by(ImportRow.number), number)


def everybody(db: Session, *, q: str = "", status: str = "", number: int = 1) -> Page:
    """All people, those without a name or account too."""
    found = select(Person).order_by(
        Person.name.is_(None), Person.name, Person.external_id, Person.id
    )
    for word in q.split():
        found = found.where(
            or_(
                *(
                    func.lower(column).contains(word.lower(), autoescape=True)
                    for column in (Person.name, Person.email, Person.external_id, Person.department)
                )
            )
        )
    if status in {member.value for member in PersonStatus}:
        found = found.where(Person.status == PersonStatus(status))
    return paged(db, found, number)
