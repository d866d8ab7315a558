"""Writing what people say of themselves, and what the employer's records say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.database import insert_rows, table_of
from app.core.keyring import seal
from app.demographics.models import MatchDraw, MatchWish, PersonKey, SelfIdentification
from app.demographics.rules import HRIS_PURPOSES, Attribute, Purpose, Source
from app.demographics.services.keys import data_keys

ROWS = table_of(SelfIdentification)
HRIS_NOTICE = "hris"


def value_aad(row_id: UUID, person_id: UUID) -> str:
    """What a sealed value is bound to: table, column, row and the person's key."""
    return f"self_identification|value|{row_id}|{person_id}"


def identify(
    db: Session,
    actor_id: UUID,
    *,
    values: Mapping[Attribute, str | None],
    purposes: Iterable[Purpose],
    notice_version: str,
    locale: str,
) -> None:
    """Keep what somebody says of themselves, for the purposes they agreed to.

    None means "prefer not to say" and is stored like any answer, so that neither database nor
    reader can tell it from one; it also outweighs what the employer's records say.
    """
    said = {(actor_id, attribute): value or "" for attribute, value in values.items()}
    shared = {
        "source": Source.SELF,
        "purposes": sorted(purposes),
        "notice_version": notice_version,
        "locale": locale,
        "recorded_at": clock.now(),
    }
    _write(db, said, shared)
    audit.record(db, actor_id, "identity_said", ("person", actor_id))


def record_hris(
    db: Session, actor_id: UUID | None, identities: Mapping[UUID, Mapping[str, str]]
) -> None:
    """Keep identity columns of a people file: for aggregates alone, beside what people say."""
    said = {
        (person, Attribute(name)): value
        for person, values in identities.items()
        for name, value in values.items()
    }
    shared = {
        "source": Source.HRIS,
        "purposes": list(HRIS_PURPOSES),
        "notice_version": HRIS_NOTICE,
        "locale": "",
        "recorded_at": clock.now(),
    }
    _write(db, said, shared)
    audit.record(db, actor_id, "identity_imported", ("self_identification", None))


def _write(db: Session, said: Mapping[tuple[UUID, Attribute], str], shared: dict[str, Any]) -> None:
    people = {person for person, _ in said}
    keys = data_keys(db, people, make=True)
    kept = db.execute(
        select(ROWS.c.person_id, ROWS.c.attribute, ROWS.c.id).where(
            ROWS.c.person_id.in_(people), ROWS.c.source == shared["source"]
        )
    )
    old = {(person, attribute): row_id for person, attribute, row_id in kept}
    new, changed = [], []
    for (person, attribute), value in said.items():
        row_id = old.get((person, attribute)) or ids.new_id("identity", (person, attribute))
        sealed = seal(keys[person], value.encode(), value_aad(row_id, person), "identity")
        if (person, attribute) in old:
            changed.append({"row": row_id, "sealed": sealed})
        else:
            new.append(
                {
                    "id": row_id,
                    "person_id": person,
                    "attribute": attribute,
                    "value": sealed,
                    **shared,
                }
            )
    insert_rows(db, SelfIdentification, new)
    if changed:
        change = update(ROWS).where(ROWS.c.id == bindparam("row"))
        db.connection().execute(change.values(value=bindparam("sealed"), **shared), changed)


def erase(db: Session, actor_id: UUID | None, *, person_id: UUID) -> None:
    """Forget all of a person; without the key, copies in backups cannot be read either."""
    db.execute(delete(SelfIdentification).where(SelfIdentification.person_id == person_id))
    for kind in (MatchWish, MatchDraw):
        db.execute(delete(kind).where(kind.person_id == person_id))
    db.execute(delete(PersonKey).where(PersonKey.person_id == person_id))
    audit.record(db, actor_id, "identity_erased", ("person", person_id))
