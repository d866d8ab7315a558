"""What a group approves about posts."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.approvals.registry import Fact, Item, kinds
from app.core.locale import current_language
from app.ergs.rules import pick_text
from app.posts import queries, services
from app.posts.forms import KINDS
from app.posts.models import Post
from app.posts.rules import PostState
from app.posts.services.holding import APPROVAL_KIND

AUDIENCES = {"group": _l("The whole group"), "chapter": _l("One chapter")}


class PostItem:
    """A post on its way through approval."""

    label = _l("Posts")
    facts = (
        Fact("kind", _l("Kind"), {kind.value: label for kind, label in KINDS.items()}),
        Fact("audience", _l("Audience"), AUDIENCES),
    )

    def describe(self, db: Session, subject_ids: Collection[UUID]) -> dict[UUID, Item]:
        """Posts in the reader's language, in one statement."""
        return {post.id: _item(post) for post in queries.with_texts(db, subject_ids)}

    def on_approved(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It may be sent now."""
        services.decided(db, actor_id, subject_id, PostState.APPROVED)

    def on_changes(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It is a draft again."""
        services.decided(db, actor_id, subject_id, PostState.DRAFT)

    def on_rejected(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It is not sent."""
        services.decided(db, actor_id, subject_id, PostState.REJECTED)

    def on_undone(self, db: Session, actor_id: UUID | None, subject_id: UUID) -> None:
        """It waits again; refused once it was sent."""
        services.decided(db, actor_id, subject_id, PostState.IN_REVIEW)


def _item(post: Post) -> Item:
    text = pick_text(post.texts, current_language().tag)
    audience = "chapter" if post.chapter_id else "group"
    return Item(
        title=text.title if text else "",
        body=text.body if text else "",
        locale=text.locale if text else None,
        url=url_for("posts.show", slug=post.erg.slug, post_id=post.id),
        facts={"kind": str(KINDS[post.kind]), "audience": str(AUDIENCES[audience])},
    )


kinds.add(APPROVAL_KIND, PostItem())
