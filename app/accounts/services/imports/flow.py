"""The life of an import: each step checks the state under the lock and is audited."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import ImportRow, PeopleImport, Person
from app.accounts.rules import IMPORT_STEPS, ImportState, PersonStatus, needs_confirmation
from app.accounts.rules.mapping import Mapping
from app.accounts.services.imports.files import forget_files
from app.audit import services as audit
from app.core import clock, jobs
from app.core.database import hold
from app.core.errors import Refused

LEASE = timedelta(minutes=2)
JOB = "people_import"


def upload(db: Session, actor_id: UUID | None, *, file_name: str, stored_as: str) -> UUID:
    """Begin an import of a stored file."""
    row = PeopleImport(file_name=file_name[-200:], stored_as=stored_as, created_by=actor_id)
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "import_uploaded", row)
    return row.id


def _held(db: Session, import_id: UUID) -> PeopleImport:
    row = hold(db, PeopleImport, import_id)
    if row is None:
        raise Refused(_("This import does not exist any more."), 404)
    return row


def _move(db: Session, actor_id: UUID | None, row: PeopleImport, to: ImportState) -> None:
    if to not in IMPORT_STEPS[row.state]:
        raise Refused(_("This import has moved on meanwhile. Reload the page to see where it is."))
    audit.record(db, actor_id, "import_moved", row, before=row.state.value, after=to.value)
    row.state = to
    db.flush()


def choose_mapping(
    db: Session, actor_id: UUID | None, *, import_id: UUID, mapping: Mapping
) -> None:
    """Keep what each column holds, and have the file checked against it."""
    row = _held(db, import_id)
    _move(db, actor_id, row, ImportState.MAPPED)
    row.mapping, row.report, row.note = mapping.as_json(), {}, None
    forget_diff(db, import_id)
    jobs.wake_after(db, JOB, str(import_id))


def claim(db: Session, *, import_id: UUID, owner: str) -> PeopleImport | None:
    """Take an import to work on it, or None when another worker does or nothing is to be done.

    The lease is renewed by `progressed`; a worker that dies loses it after two minutes.
    """
    row = hold(db, PeopleImport, import_id)
    if row is None or row.state not in (
        ImportState.MAPPED,
        ImportState.QUEUED,
        ImportState.RUNNING,
    ):
        return None
    lease = row.report.get("lease", [owner, 0])
    if lease[0] != owner and lease[1] > clock.machine_now().timestamp():
        return None
    if row.state is ImportState.QUEUED:
        _move(db, row.created_by, row, ImportState.RUNNING)
    progressed(row, owner)
    return row


def progressed(row: PeopleImport, owner: str, **changes: Any) -> None:
    """Note how far the work is and keep the lease."""
    until = (clock.machine_now() + LEASE).timestamp()
    row.report = {**row.report, **changes, "lease": [owner, until]}


def finish_check(db: Session, *, import_id: UUID, counts: dict[str, int]) -> None:
    """The dry run is done: what would happen is known."""
    row = _held(db, import_id)
    active = (
        db.scalar(
            select(func.count()).select_from(Person).where(Person.status != PersonStatus.LEFT)
        )
        or 0
    )
    row.report = {
        "counts": counts,
        "active": active,
        "needs_confirmation": needs_confirmation(counts["leaving"], active),
    }
    _move(db, row.created_by, row, ImportState.CHECKED)


def start(db: Session, actor_id: UUID | None, *, import_id: UUID, is_confirmed: bool) -> None:
    """Let the checked import run; the brake wants a word when many would leave."""
    row = _held(db, import_id)
    if row.state is ImportState.CHECKED and row.report["needs_confirmation"] and not is_confirmed:
        raise Refused(
            _(
                "This import would deactivate %(number)s people. Confirm that before it runs, or "
                "map the columns again.",
                number=row.report["counts"]["leaving"],
            )
        )
    _move(db, actor_id, row, ImportState.QUEUED)
    row.report = {**row.report, "phase": "adding", "position": 0, "is_confirmed": is_confirmed}
    jobs.wake_after(db, JOB, str(import_id))


def finish(db: Session, *, import_id: UUID) -> None:
    """The import has run; the file with its identity values is deleted."""
    row = _held(db, import_id)
    _move(db, row.created_by, row, ImportState.DONE)
    row.finished_at = clock.now()
    row.report = {key: value for key, value in row.report.items() if key != "lease"}
    forget_files(row, faulty_too=False)


def fail(db: Session, *, import_id: UUID, code: str, values: dict[str, Any]) -> None:
    """The file cannot be imported; why stands in the report as code and values."""
    row = _held(db, import_id)
    if row.state is ImportState.MAPPED:
        forget_diff(db, import_id)
    _move(db, row.created_by, row, ImportState.FAILED)
    row.report = {"problem": [code, values]}


def discard(db: Session, actor_id: UUID | None, *, import_id: UUID) -> None:
    """Give an import up before it runs; its file is deleted."""
    row = _held(db, import_id)
    _move(db, actor_id, row, ImportState.DISCARDED)
    forget_diff(db, import_id)
    forget_files(row, faulty_too=True)


def forget_diff(db: Session, import_id: UUID) -> None:
    """Drop what a dry run wrote down."""
    db.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
