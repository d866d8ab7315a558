"""Cohorts from sign-up sheets: uploaded, mapped, and turned into people and enrollments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonKind
from app.accounts.services import add_person
from app.audit import services as audit
from app.core.database import hold
from app.core.errors import Refused
from app.matching.sheets import Sheet
from app.programs.models import Cohort, Enrollment, SignUpSheet
from app.programs.rules import SHAPES, CohortState, Role, SheetState
from app.programs.services.enrollment import Reply, enroll_for
from app.programs.services.moving import move
from app.programs.services.programs import change_rules
from app.programs.sheets import MOST_ROWS, Row, guesses, has_sides, rules_of, usable_rows

OPEN = (CohortState.DRAFT, CohortState.READY, CohortState.ENROLLING, CohortState.MATCHING)


def upload(
    db: Session, actor_id: UUID, *, cohort_id: UUID, sheet: Sheet, file_name: str
) -> SignUpSheet:
    """Keep a sheet with guesses about its columns; nobody is enrolled yet."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.state not in OPEN:
        raise Refused(_("This cohort has started; nobody can be enrolled from a sheet any more."))
    if len(sheet.rows) > MOST_ROWS:
        raise Refused(
            _("The sheet has more than %(number)s rows. Split it into several.", number=MOST_ROWS),
            422,
        )
    row = SignUpSheet(
        cohort_id=cohort_id,
        file_name=file_name[:200],
        headers=list(sheet.headers),
        rows=[list(cells) for cells in sheet.rows],
        created_by=actor_id,
        mapping=guesses(sheet.headers, sheet.rows),
        state=SheetState.UPLOADED,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "sheet_uploaded", row, after=row.state.value)
    return row


def map_columns(db: Session, actor_id: UUID, *, sheet_id: UUID, mapping: Mapping[str, Any]) -> None:
    """Say what the columns mean; may be said again until the sheet is imported."""
    sheet = _held(db, sheet_id)
    sheet.mapping = dict(mapping)
    if sheet.state is SheetState.UPLOADED:
        move(db, actor_id, sheet, SheetState.MAPPED)
    elif sheet.state is not SheetState.MAPPED:
        raise Refused(_("This sheet was imported already. Upload it again to change something."))
    db.flush()


def _held(db: Session, sheet_id: UUID) -> SignUpSheet:
    sheet = hold(db, SignUpSheet, sheet_id)
    if sheet is None:
        raise Refused(_("This sheet no longer exists. Upload it again."))
    return sheet


def import_sheet(db: Session, actor_id: UUID, *, sheet_id: UUID) -> int:
    """Enroll everybody of a mapped sheet, ready for matching, and forget its rows; how many."""
    sheet = _held(db, sheet_id)
    if sheet.state is not SheetState.MAPPED:
        raise Refused(_("Say first what the columns mean, then import."))
    cohort = hold(db, Cohort, sheet.cohort_id)
    if cohort is None or cohort.state not in OPEN:
        raise Refused(_("This cohort has started; nobody can be enrolled from a sheet any more."))
    if has_sides(sheet.mapping) is SHAPES[cohort.program.format].is_mutual:
        raise Refused(
            _("Mentors and mentees do not fit this program. Say anew what the columns mean.")
        )
    rows, problems = usable_rows(sheet.rows, sheet.mapping)
    if not rows:
        raise Refused(_("No row can be used. Check which columns you chose."), 422)
    spoken = (language,) if (language := sheet.mapping.get("language")) else ()
    for row in rows:
        person = _person(db, actor_id, cohort.id, row)
        former = _enrolled(db, cohort.id, person.id, row.role)
        reply = _reply(row, person, former, spoken)
        enroll_for(db, actor_id, cohort_id=cohort.id, person_id=person.id, reply=reply)
    change_rules(db, actor_id, cohort_id=cohort.id, rules=rules_of(sheet.mapping, cohort.rules))
    move(db, actor_id, sheet, SheetState.DONE)
    sheet.rows, sheet.report = [], {"enrolled": len(rows), "skipped": len(problems)}
    db.flush()
    return len(rows)


def _person(db: Session, actor_id: UUID, cohort_id: UUID, row: Row) -> Person:
    """The person behind a row: by work address, else by the id within this cohort's sheets."""
    known_as = f"{cohort_id.hex[:6]}-{row.id}"
    by = Person.email == row.email if row.email else Person.external_id == known_as
    found = db.scalar(select(Person).where(by))
    if found is not None:
        return found
    return add_person(
        db,
        actor_id,
        name=row.name,
        email=row.email,
        kind=PersonKind.EXTERNAL,
        is_listed=False,
        external_id=None if row.email else known_as,
        source="sheet",
    )


def _enrolled(db: Session, cohort_id: UUID, person_id: UUID, role: Role) -> Enrollment | None:
    return db.scalar(
        select(Enrollment).where(
            Enrollment.cohort_id == cohort_id,
            Enrollment.person_id == person_id,
            Enrollment.role == role,
        )
    )


def _reply(row: Row, person: Person, former: Enrollment | None, spoken: tuple[str, ...]) -> Reply:
    """What the row says, beside what somebody has answered already."""
    if former is None:
        return Reply(row.role, row.answers, spoken, person.zone, capacity=row.capacity)
    return Reply(
        role=row.role,
        answers={**former.answers, **row.answers},
        languages=tuple(former.languages) or spoken,
        zone=former.zone,
        windows=tuple(former.weekly_windows),
        capacity=row.capacity,
    )


def discard_sheet(db: Session, actor_id: UUID, *, sheet_id: UUID) -> None:
    """Throw a sheet away; its rows are forgotten."""
    sheet = _held(db, sheet_id)
    move(db, actor_id, sheet, SheetState.DISCARDED)
    sheet.rows, sheet.report = [], {}
    db.flush()
