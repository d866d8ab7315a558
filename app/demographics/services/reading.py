"""Reading identity values: only for a purpose somebody agreed to, and never unnoticed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.keyring import unseal
from app.demographics.models import SelfIdentification
from app.demographics.rules import Attribute, NoConsent, Purpose, Source
from app.demographics.services.identification import value_aad
from app.demographics.services.keys import data_keys

BATCH = 500


def read(
    db: Session,
    actor_id: UUID | None,
    *,
    person_id: UUID,
    attribute: Attribute,
    purpose: Purpose,
) -> str | None:
    """One value for one purpose; None when there is none or the person prefers not to say.

    Raises NoConsent when the value may not serve this purpose. Needs a writing session: the read
    is audited, without the value.
    """
    rows = _rows(db, [person_id], attribute)
    row = rows.get(person_id)
    if row is not None and purpose not in row.purposes:
        raise NoConsent(f"No consent to use {attribute} for {purpose}.")
    audit.record(db, actor_id, "identity_read", ("person", person_id), reason=purpose)
    return _opened(db, rows).get(person_id)


def read_consenting(
    db: Session,
    actor_id: UUID | None,
    *,
    people: Iterable[UUID],
    attribute: Attribute,
    purpose: Purpose,
) -> dict[UUID, str]:
    """The values of those among the people who agreed to the purpose; one audit row each."""
    wanted, found = sorted(set(people)), {}
    for start in range(0, len(wanted), BATCH):
        rows = _rows(db, wanted[start : start + BATCH], attribute)
        agreed = {person: row for person, row in rows.items() if purpose in row.purposes}
        for person in agreed:
            audit.record(db, actor_id, "identity_read", ("person", person), reason=purpose)
        found.update(_opened(db, agreed))
    return found


def _rows(
    db: Session, people: Iterable[UUID], attribute: Attribute
) -> dict[UUID, SelfIdentification]:
    """Of each person the row that counts: what they say themselves outweighs the records."""
    rows = db.scalars(
        select(SelfIdentification).where(
            SelfIdentification.person_id.in_(people), SelfIdentification.attribute == attribute
        )
    ).all()
    by_records = {row.person_id: row for row in rows if row.source is Source.HRIS}
    return by_records | {row.person_id: row for row in rows if row.source is Source.SELF}


def _opened(db: Session, rows: dict[UUID, SelfIdentification]) -> dict[UUID, str]:
    keys = data_keys(db, rows)
    values = {
        person: unseal(keys[person], row.value, value_aad(row.id, person)).decode()
        for person, row in rows.items()
    }
    return {person: value for person, value in values.items() if value}
