"""What the groups of the demo company wrote: a history, one in review, one scheduled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.approvals import queries as approvals
from app.approvals import services as deciding
from app.approvals.rules import ApprovalState, Verdict
from app.core import clock, ids
from app.core.outbox import Delivery, DeliveryState
from app.ergs import queries as ergs
from app.ergs import services as groups
from app.ergs.models import Erg, Membership
from app.ergs.rules import MembershipState, RoleName, TextStatus, Visibility
from app.posts import services
from app.posts.models import Digest, Post, PostRecipient
from app.posts.rules import NEWS_FOR, PostState
from app.posts.seed.stories import STORIES, Story
from app.posts.services import Words

KINDS = ("approval_waiting", "approval_decided")


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Write every story by somebody of communications and let the chain decide about it."""
    writers: dict[str, UUID] = {}
    for story in STORIES:
        erg = ergs.by_slug(db, story.group)
        assert erg is not None
        if story.group not in writers:
            writers[story.group] = _writer(db, erg, people)
        with clock.frozen(clock.now() - timedelta(days=max(story.days, 0), hours=1)):
            _tell(db, erg, story, writers[story.group])
    _calm(db)


def _writer(db: Session, erg: Erg, people: Mapping[str, Any]) -> UUID:
    """A member, if possible one who shows belonging, takes on communications."""
    named = {person for key, person in people.items() if key != "all"}
    leads = set(ergs.leads_of(db, erg.id))
    is_shown = Membership.visibility.in_((Visibility.COMPANY, Visibility.MEMBERS))
    members = db.scalars(
        select(Membership.person_id)
        .where(Membership.erg_id == erg.id, Membership.state == MembershipState.ACTIVE)
        .order_by(is_shown.desc(), Membership.person_id)
    )
    chosen = next(p for p in members if p not in leads and p not in named)
    begun = (clock.now() - timedelta(days=120)).date()
    groups.grant(db, None, erg_id=erg.id, person_id=chosen, role=RoleName.COMMS, starts_on=begun)
    return chosen


def _tell(db: Session, erg: Erg, story: Story, author: UUID) -> None:
    post = services.write(
        db,
        None,
        erg_id=erg.id,
        words=Words(*story.en),
        kind=story.kind,
        author_id=author,
    )
    for locale, words in (("es", story.es), ("ar", story.ar)):
        services.translate(db, None, post_id=post.id, locale=locale, words=Words(*words))
    if story.state is PostState.DRAFT:
        _age(post, story)
        return
    services.submit(db, author, post_id=post.id)
    if story.state is not PostState.IN_REVIEW:
        _decide(db, erg, post)
        _send(db, post, story)


def _age(post: Post, story: Story) -> None:
    for text in post.texts:
        if story.is_stale and text.locale == "es":
            text.status = TextStatus.STALE


def _decide(db: Session, erg: Erg, post: Post) -> None:
    """Everybody whose turn it is says yes."""
    row = approvals.waiting_round(db, "post", post.id)
    while row is not None and row.state is ApprovalState.WAITING:
        by = next(
            person
            for decider in row.deciders
            for person in approvals.holders(db, erg.id, decider)
            if person not in row.authors
        )
        deciding.decide(db, by, approval_id=row.id, verdict=Verdict.APPROVE)


def _send(db: Session, post: Post, story: Story) -> None:
    if story.days < 0:
        wall = (clock.now() + timedelta(days=-story.days)).replace(
            tzinfo=None, hour=9, minute=0, second=0, microsecond=0
        )
        services.schedule(db, None, post_id=post.id, wall=wall, zone="Europe/Paris")
        return
    services.send_now(db, None, post_id=post.id)
    services.send(db, post.id)


def _calm(db: Session) -> None:
    """Nobody gets mails about what was before today."""
    now = clock.now()
    db.execute(
        update(Delivery)
        .where(
            Delivery.kind.in_(KINDS),
            Delivery.due_at <= now,
            Delivery.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.SKIPPED, outcome="before today", finished_at=now)
    )
    told = list(db.scalars(select(PostRecipient.person_id).distinct()))
    day = (now - timedelta(days=1)).date()
    rows = [
        {
            "id": ids.new_id("digest", f"{person}|{day}"),
            "person_id": person,
            "day": day,
            "since_at": now - NEWS_FOR,
            "until_at": now,
        }
        for person in sorted(told)
    ]
    if rows:
        db.execute(insert(Digest), rows)
