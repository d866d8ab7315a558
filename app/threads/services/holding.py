"""Discussions and posts under the lock, and who stands in the log."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import search
from app.core.database import Base, hold
from app.core.errors import Refused
from app.core.richtext import plain
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import Visibility, narrower
from app.threads.models import Post, Thread
from app.threads.queries.threads import WRITABLE


def hold_thread(db: Session, thread_id: UUID) -> tuple[Erg, Thread]:
    """A discussion, locked, with its group."""
    thread = hold(db, Thread, thread_id)
    erg = db.get(Erg, thread.erg_id) if thread else None
    if thread is None or erg is None:
        raise Refused(_("This discussion does not exist any more."), 404)
    return erg, thread


def hold_post(db: Session, post_id: UUID) -> tuple[Erg, Thread, Post]:
    """A post, fresh, its discussion locked."""
    found = db.get(Post, post_id)
    if found is None:
        raise Refused(_("This post does not exist any more."), 404)
    erg, thread = hold_thread(db, found.thread_id)
    db.refresh(found)
    return erg, thread, found


def require_member(db: Session, actor_id: UUID, erg_id: UUID) -> None:
    if not ergs.belongs(db, actor_id, [erg_id]):
        raise Refused(_("Only members of the group take part in its discussions."), 403)


def require_open(erg: Erg, thread: Thread) -> None:
    if thread.is_locked:
        raise Refused(_("This discussion is closed. You can start a new one."))
    if erg.state not in WRITABLE:
        raise Refused(_("This group is closed, and its discussions with it."))


def own_visibility(db: Session, actor_id: UUID, erg_id: UUID) -> Visibility:
    """Who may see that the actor belongs; nobody when they do not."""
    row = ergs.open_membership(db, erg_id, actor_id)
    return row.visibility if row else Visibility.NOBODY


def record(
    db: Session,
    erg: Erg,
    actor_id: UUID | None,
    verb: str,
    subject: Base,
    *,
    is_veiled: bool,
    before: str | None = None,
    after: str | None = None,
    reason: str | None = None,
) -> None:
    """That it happened; who, only where every colleague may see the membership anyway."""
    shown = Visibility.NOBODY
    if actor_id is not None and not is_veiled:
        shown = narrower(erg.roster, own_visibility(db, actor_id, erg.id))
    person = actor_id if shown is Visibility.COMPANY else None
    audit.record(db, person, verb, subject, before=before, after=after, reason=reason)


def index(db: Session, thread: Thread, post: Post) -> None:
    """Make a post findable within its group's discussions."""
    title = thread.title if post.number == 1 else None
    search.put(db, "threads", post.id, title, plain(post.body))
