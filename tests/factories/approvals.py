"""Chains, rules and rounds for tests, through the services that pages use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.approvals import queries, services
from app.approvals.models import Approval, ApprovalRule
from app.approvals.rules import Decider, Stage
from app.core import clock, ids
from app.ergs.models import Erg
from app.ergs.rules import RoleName
from app.posts import services as posts
from tests.factories.accounts import make_person
from tests.factories.ergs import make_member, make_role
from tests.factories.posts import make_post


def make_chain(db: Session, erg: Erg, *deciders: Decider, days: int = 2) -> None:
    """The stages that new posts of a group pass."""
    stages = [Stage(decider, days) for decider in deciders]
    services.set_chain(db, None, erg_id=erg.id, kind="post", stages=stages)


def make_round(db: Session, erg: Erg, author: UUID, title: str = "For your eyes") -> Approval:
    """A post of an author who asked for approval, and its round."""
    post = make_post(db, erg, author, title)
    posts.submit(db, author, post_id=post.id)
    found = queries.last_round(db, "post", post.id)
    assert found is not None
    return found


def make_rule(
    db: Session, erg: Erg, conditions: Mapping[str, str], by: UUID | None = None
) -> ApprovalRule:
    """A rule by which posts need nobody."""
    return services.add_rule(db, by, erg_id=erg.id, kind="post", conditions=conditions)


def make_writer(db: Session, erg: Erg) -> UUID:
    """Somebody of communications, who belongs."""
    person = make_person(db, f"Wren Writer {erg.slug}").id
    make_member(db, erg, person)
    make_role(db, erg, person, RoleName.COMMS)
    return person


def scenes(db: Session, star: Mapping[str, Person]) -> dict[str, dict[str, Any]]:
    """Rounds, rules and deputies in an open group and in a hidden one, both led by dalia."""
    found = {}
    for scene, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        found[scene] = _scene(db, erg, star["dalia"].id)
    women = db.scalars(select(Erg).where(Erg.slug == "women")).one()
    own = make_round(db, women, star["dalia"].id, "By the lead herself")
    found["own"] = {**found["open"], "approval_id": own.id}
    found["crossed"] = {**found["open"], "slug": "quiet-circle"}
    absent = {name: ids.new_id() for name in ("approval_id", "rule_id", "deputy_id")}
    found["absent"] = {**absent, "slug": "no-such-thing"}
    return found


def _scene(db: Session, erg: Erg, lead: UUID) -> dict[str, Any]:
    writer = make_writer(db, erg)
    make_chain(db, erg, Decider.LEAD)
    if not queries.holders(db, erg.id, Decider.SPONSOR):
        make_role(db, erg, make_person(db, "Sage Sponsor").id, RoleName.SPONSOR)
    today = clock.now().date()
    deputy = services.name_deputy(
        db, lead, erg_id=erg.id, deputy_id=writer, starts_on=today, ends_on=today
    )
    row = make_round(db, erg, writer, f"Waiting in {erg.slug}")
    rule = make_rule(db, erg, {"kind": "newsletter", "audience": "chapter"})
    return {
        "slug": erg.slug,
        "approval_id": row.id,
        "rule_id": rule.id,
        "deputy_id": deputy.id,
    }


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """A round by somebody of communications, decided by the lead; every address of it."""
    writer = make_writer(db, erg)
    make_chain(db, erg, Decider.LEAD)
    row = make_round(db, erg, writer, "Quiet words")
    base = f"/ergs/{erg.slug}"
    return [
        f"{base}/approvals/",
        f"{base}/approvals/?state=waiting",
        f"{base}/approvals/{row.id}/",
        f"{base}/manage/approvals/",
        f"{base}/manage/approvals/?try=1&fact_kind=announcement",
    ]
