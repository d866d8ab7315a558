"""A post under the lock of its group, for somebody who writes for its audience."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import ErgState
from app.posts import queries
from app.posts.models import Post
from app.posts.rules import POST_TRANSITIONS, PostState

APPROVAL_KIND = "post"


def hold_group(db: Session, erg_id: UUID) -> Erg:
    """The group, locked; an archived one says nothing any more."""
    erg = hold(db, Erg, erg_id)
    if erg is None:
        raise Refused(_("This group does not exist any more."), 404)
    if erg.state is ErgState.ARCHIVED:
        raise Refused(_("This group is archived. What it wrote stays as it is."))
    return erg


def require_writer(db: Session, person_id: UUID | None, erg: Erg, chapter_id: UUID | None) -> None:
    """Leads and communications write for all, chapter leads for their chapter (None: seeds)."""
    mine = ergs.standing_of(db, person_id)
    if person_id is None or queries.runs_news(mine, erg.id):
        return
    if chapter_id is None or chapter_id not in queries.led_chapters(mine, erg):
        raise Refused(
            _("Only leads and communications write for the group, chapter leads for a chapter."),
            403,
        )


def hold_post(db: Session, actor_id: UUID | None, post_id: UUID) -> tuple[Erg, Post]:
    """The post and its group, for a writer."""
    post = db.get(Post, post_id)
    if post is None:
        raise Refused(_("This post does not exist any more."), 404)
    erg = hold_group(db, post.erg_id)
    db.refresh(post)
    require_writer(db, actor_id, erg, post.chapter_id)
    return erg, post


def move(post: Post, to: PostState) -> PostState:
    """Change the state as the table allows; returns the one before."""
    if to not in POST_TRANSITIONS[post.state]:
        raise Refused(_("The post is in another state meanwhile. Reload the page."))
    before, post.state = post.state, to
    return before
