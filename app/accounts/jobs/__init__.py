"""Jobs and sweeps of accounts; ids only, safe to run twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from app.accounts.jobs.importing import run
from app.accounts.models import JobFact, PeopleImport
from app.accounts.rules import ImportState
from app.accounts.services import erasing, history, imports
from app.accounts.services.imports.flow import JOB
from app.core import clock
from app.core.database import reading, writing
from app.core.jobs import job, sweep

UNFINISHED = (ImportState.MAPPED, ImportState.QUEUED, ImportState.RUNNING)
WAITING = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
FILES_KEPT = timedelta(days=7)
log = structlog.get_logger()

__all__ = [
    "apply_due_facts",
    "erase_people",
    "forget_old_files",
    "import_people",
    "resume_imports",
    "run",
]


@job(JOB, queue="slow", timeout=3600)
def import_people(import_id: str) -> None:
    """Check or run one import."""
    run(UUID(import_id))


@sweep("people_imports", every=60)
def resume_imports() -> None:
    """Work off imports nobody works on."""
    waiting = select(PeopleImport.id).where(PeopleImport.state.in_(UNFINISHED))
    for import_id in list(reading().scalars(waiting)):
        run(import_id)


@sweep("people_files", every=86_400)
def forget_old_files() -> None:
    """Discard imports nobody went on with, and delete the refused rows of finished ones."""
    before = clock.now() - FILES_KEPT
    old = list(reading().scalars(select(PeopleImport).where(PeopleImport.created_at < before)))
    for row in old:
        if row.state in WAITING:
            with writing() as db:
                imports.discard(db, None, import_id=row.id)
        elif row.state not in UNFINISHED:
            imports.forget_files(row, faulty_too=True)


@sweep("erase_people", every=3600)
def erase_people() -> None:
    """Forget those whose week is over, each on their own: one that fails stops no other."""
    failed: list[Exception] = []
    for erasure_id in erasing.due(reading()):
        try:
            with writing() as db:
                erasing.carry_out(db, erasure_id=erasure_id)
        except Exception as error:
            log.exception("erasure_failed", erasure=str(erasure_id))
            failed.append(error)
    if failed:
        raise failed[0]


@sweep("due_job_facts", every=3600)
def apply_due_facts() -> None:
    """Bring job columns up to date with facts whose day has come, e.g. an announced leaving."""
    today = clock.now().date()
    due = (
        select(JobFact.person_id)
        .distinct()
        .where(JobFact.holds_from.between(today - timedelta(days=7), today))
        .where(JobFact.recorded_at < clock.now() - timedelta(hours=1))
    )
    people = list(reading().scalars(due))
    for start in range(0, len(people), history.BATCH):
        with writing() as db:
            history.refresh(db, None, people[start : start + history.BATCH])
