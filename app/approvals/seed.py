"""Who says yes in the groups of the demo company, and what needs nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.approvals import services
from app.approvals.rules import Decider, Stage
from app.ergs import queries as ergs

CHAINS = {
    "women": (Stage(Decider.LEAD, 2),),
    "early-career": (Stage(Decider.LEAD, 2), Stage(Decider.SPONSOR, 3)),
    "parents": (Stage(Decider.LEAD, 1),),
    "pride": (Stage(Decider.LEAD, 2),),
    "allies": (Stage(Decider.LEAD, 2),),
}
# The group, and what needs nobody there; made by its lead.
RULES: dict[str, dict[str, str]] = {
    "allies": {"kind": "announcement", "audience": "group", "author_role": "comms"}
}


def seed(db: Session, _people: Mapping[str, Any], _size: str) -> None:
    """Give some groups a chain, and one of them a rule."""
    for slug, stages in CHAINS.items():
        erg = ergs.by_slug(db, slug)
        if erg is not None:
            services.set_chain(db, None, erg_id=erg.id, kind="post", stages=stages)
    for slug, conditions in RULES.items():
        erg = ergs.by_slug(db, slug)
        if erg is not None:
            lead = ergs.leads_of(db, erg.id)[0]
            services.add_rule(db, lead, erg_id=erg.id, kind="post", conditions=conditions)
