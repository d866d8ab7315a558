"""A second look at a removal: asked for once, decided by somebody else."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.ergs.rules.membership import UNDO_WITHIN, may_undo
from app.threads import queries
from app.threads.models import Post, Thread, ThreadAppeal
from app.threads.rules import APPEAL_TRANSITIONS, MAX_REASON, AppealState, PostState, can_appeal
from app.threads.services.holding import hold_post, record
from app.threads.services.moderating import bury, show_again


def appeal(db: Session, actor_id: UUID, *, post_id: UUID, words: str) -> ThreadAppeal:
    """An author says why they see it differently; asking twice changes nothing."""
    erg, _thread, post = hold_post(db, post_id)
    if post.author_id != actor_id:
        raise Refused(_("Only the author can ask for a second look."), 403)
    known = queries.newest_appeal(db, post)
    if known is not None and post.state is PostState.REMOVED:
        return known
    if post.removed_at is None or not can_appeal(post.state, post.removed_at, clock.now()):
        raise Refused(_("A second look can be asked for within 14 days after a removal."))
    if not words.strip() or len(words) > MAX_REASON:
        raise Refused(_("Please say in a few words why you see it differently."), 422)
    row = ThreadAppeal(
        id=ids.new_id("appeal", f"{post_id}|{post.removed_at.isoformat()}"),
        post_id=post_id,
        removed_at=post.removed_at,
        removed_by=post.removed_by,
        removal_reason=post.reason,
        words=words.strip(),
        state=AppealState.WAITING,
    )
    db.add(row)
    db.flush()
    record(db, erg, actor_id, "appeal", row, is_veiled=post.is_veiled, after=row.state)
    for person_id in sorted(queries.deciders_of(db, row.id)):
        outbox.put(db, "thread_appeal", subject=row.id, person=person_id)
    return row


def decide_appeal(
    db: Session, actor_id: UUID, *, appeal_id: UUID, verdict: AppealState, answer: str = ""
) -> ThreadAppeal:
    """Show the post again, or let the removal stand with an answer that the author reads."""
    row, thread, post = _held(db, actor_id, appeal_id)
    if verdict is AppealState.WAITING:
        raise Refused(_("Choose one of the answers."), 422)
    if verdict is AppealState.REFUSED and not answer.strip():
        raise Refused(_("Please give a reason. The author will read it."), 422)
    _move(db, actor_id, row, verdict, "decide_appeal")
    row.decided_at, row.decided_by, row.answer = clock.now(), actor_id, answer.strip()
    outbox.withdraw(db, "thread_appeal", subject=row.id, reason="decided")
    if verdict is AppealState.GRANTED and post.state is PostState.REMOVED:
        show_again(db, thread, post)
    outbox.put(
        db,
        "thread_appeal_decided",
        subject=row.id,
        person=post.author_id,
        due=row.decided_at + UNDO_WITHIN,
        occasion=row.decided_at.isoformat(),
    )
    db.flush()
    return row


def undo_appeal(db: Session, actor_id: UUID, *, appeal_id: UUID) -> ThreadAppeal:
    """Take one's decision back before the author is told; the appeal waits again."""
    row, _thread, post = _held(db, actor_id, appeal_id)
    if row.state is AppealState.WAITING:
        return row
    if row.decided_by != actor_id or not may_undo(row.decided_at, clock.now()):
        raise Refused(_("It is too late to take this back: the person has been told."))
    was = row.state
    _move(db, actor_id, row, AppealState.WAITING, "undo_appeal")
    row.decided_at, row.decided_by, row.answer = None, None, ""
    outbox.withdraw(db, "thread_appeal_decided", subject=row.id)
    if was is AppealState.GRANTED and post.state is PostState.SHOWN:
        post.state, post.reason = PostState.REMOVED, row.removal_reason
        post.removed_at, post.removed_by = row.removed_at, row.removed_by
        bury(db, post)
    db.flush()
    return row


def _held(db: Session, actor_id: UUID, appeal_id: UUID) -> tuple[ThreadAppeal, Thread, Post]:
    known = db.get(ThreadAppeal, appeal_id)
    if known is None:
        raise Refused(_("Somebody has decided about this post already."), 404)
    _erg, thread, post = hold_post(db, known.post_id)
    db.refresh(known)
    if actor_id not in queries.deciders_of(db, appeal_id):
        raise Refused(
            _("Somebody who did not remove it and is outside your reporting line decides."), 403
        )
    return known, thread, post


def _move(db: Session, actor_id: UUID, row: ThreadAppeal, to: AppealState, verb: str) -> None:
    if to not in APPEAL_TRANSITIONS[row.state]:
        raise Refused(_("Somebody has decided about this post already."))
    before, row.state = row.state, to
    audit.record(db, actor_id, verb, row, before=before, after=to)
