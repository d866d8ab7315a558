"""Founding groups and moving them along their life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import ids, search
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Erg, ErgText
from app.ergs.registry import archivings
from app.ergs.rules import (
    ERG_TRANSITIONS,
    Admission,
    Color,
    Discovery,
    ErgState,
    Lack,
    TextStatus,
    Visibility,
)
from app.ergs.services.holding import hold_erg, hold_shaped


@dataclass(frozen=True, slots=True)
class Words:
    """A group's texts in one language."""

    name: str
    mission: str = ""
    charter: str = ""


def found(
    db: Session,
    actor_id: UUID | None,
    *,
    slug: str,
    words: Mapping[str, Words],
    source: str = "en",
    zone: str = "UTC",
    color: str = "green",
    discovery: Discovery = Discovery.LISTED,
    admission: Admission = Admission.OPEN,
    roster: Visibility = Visibility.MEMBERS,
    says_sensitive: bool = False,
) -> Erg:
    """Write down a new group as a draft; `words` by language tag, `source` is the original."""
    if queries.by_slug(db, slug) is not None:
        raise Refused(_("There is a group at this address already. Choose another address."))
    erg = Erg(
        id=ids.new_id("erg", slug),
        slug=slug,
        zone=zone,
        color=color,
        discovery=discovery,
        admission=admission,
        roster=roster,
        says_sensitive=says_sensitive,
    )
    db.add(erg)
    db.flush()
    for locale, text in words.items():
        status = TextStatus.SOURCE if locale == source else TextStatus.TRANSLATED
        db.add(
            ErgText(
                erg_id=erg.id,
                locale=locale,
                status=status,
                name=text.name,
                sort_key=search.normalize(text.name)[:120],
                mission=text.mission,
                charter=text.charter,
            )
        )
    db.flush()
    search.put(db, "ergs", erg.id, *(part for t in words.values() for part in (t.name, t.mission)))
    audit.record(db, actor_id, "found", erg, after=ErgState.DRAFT)
    return erg


def change_state(db: Session, actor_id: UUID | None, *, erg_id: UUID, to: ErgState) -> Erg:
    """Move a group along its life; activating needs a lead and a charter, archiving is final."""
    erg = hold_erg(db, erg_id)
    if to not in ERG_TRANSITIONS[erg.state]:
        raise Refused(_("The group cannot be changed like that from its present state."))
    if actor_id is not None and not queries.moves(db, actor_id, erg):
        raise Refused(_("Only leads and administrators can do this."), 403)
    if to is ErgState.ACTIVE:
        _require_readiness(db, erg)
    audit.record(db, actor_id, "change_state", erg, before=erg.state, after=to)
    erg.state = to
    db.flush()
    if to is ErgState.ARCHIVED:
        for _name, handle in archivings:
            handle(db, actor_id, erg.id)
    return erg


def _require_readiness(db: Session, erg: Erg) -> None:
    missing = queries.lacks_of(db, erg)
    if Lack.LEAD in missing:
        raise Refused(_("A group needs at least one lead before it can start."))
    if Lack.CHARTER in missing:
        raise Refused(_("A group needs a charter before it can start."))


def restyle(db: Session, actor_id: UUID | None, *, erg_id: UUID, zone: str, color: Color) -> Erg:
    """Change where the group is at home and its color."""
    erg = hold_shaped(db, actor_id, erg_id)
    if (erg.zone, erg.color) != (zone, color):
        erg.zone, erg.color = zone, color
        db.flush()
        audit.record(db, actor_id, "restyle", erg)
    return erg
