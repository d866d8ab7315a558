"""Where identity columns of a people file go: upward, to whoever registered, or nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.registries import Registry

Identities = Mapping[UUID, Mapping[str, str]]

identity_sinks: Registry[Callable[[Session, UUID | None, Identities], None]] = Registry(
    "identity sink"
)


def hand_over(db: Session, actor_id: UUID | None, identities: Identities) -> None:
    """Give identity values to the sink in the open transaction; nothing of them stays here."""
    if identities:
        for _name, sink in identity_sinks:
            sink(db, actor_id, identities)
