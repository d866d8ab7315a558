"""What demographics registers: where identity columns of a people file go, and erasure."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.services.imports import identity_sinks
from app.core.registries import erasures
from app.demographics.services import erase, record_hris

identity_sinks.add("demographics", record_hris)


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: what somebody said of themselves, and the key of it."""
    erase(db, None, person_id=person_id)


erasures.add("demographics", forget)
