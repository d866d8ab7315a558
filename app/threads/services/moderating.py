"""Reports and decisions about them; closing discussions."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox, search
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.threads import queries
from app.threads.models import Post, Report, Thread
from app.threads.rules import (
    MAX_REASON,
    RECONSIDER_WITHIN,
    REPORT_TRANSITIONS,
    PostState,
    ReportState,
)
from app.threads.services.holding import hold_post, hold_thread, index, require_member


def report(db: Session, actor_id: UUID, *, post_id: UUID, reason: str) -> Report:
    """Ask for a look at a post; asking twice changes nothing. Nobody learns who asked."""
    erg, _thread, post = hold_post(db, post_id)
    require_member(db, actor_id, erg.id)
    if post.author_id == actor_id:
        raise Refused(_("This is your own post. You can delete it."))
    if post.state is not PostState.SHOWN:
        raise Refused(_("This post is already gone."))
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Refused(_("Please say in a few words what is wrong."), 422)
    row = db.scalar(select(Report).where(Report.post_id == post_id, Report.reporter_id == actor_id))
    if row is not None and row.state is ReportState.OPEN:
        return row
    row = row or Report(
        id=ids.new_id("report", f"{post_id}|{actor_id}"), post_id=post_id, reporter_id=actor_id
    )
    row.reason, row.state, row.created_at = reason.strip(), ReportState.OPEN, clock.now()
    row.decided_at = row.decided_by = None
    db.add(row)
    db.flush()
    audit.record(db, None, "report", row, after=row.state)
    for judge_id in sorted(queries.judges_of(db, post_id)):
        occasion = clock.now().date().isoformat()
        outbox.put(db, "thread_report", subject=row.id, person=judge_id, occasion=occasion)
    return row


def decide(
    db: Session, actor_id: UUID, *, post_id: UUID, verdict: ReportState, reason: str = ""
) -> Post:
    """Answer all open reports of a post at once; an upheld one leaves a tombstone with a reason."""
    _erg, _thread, post = hold_post(db, post_id)
    waiting = _reports(db, post_id, ReportState.OPEN)
    if not waiting:
        raise Refused(_("Somebody has decided about this post already."))
    if actor_id not in queries.judges_of(db, post_id):
        raise Refused(_("Somebody outside your reporting line has to decide about this."), 403)
    if verdict is ReportState.UPHELD and not reason.strip():
        raise Refused(_("Please give a reason. The author will read it."), 422)
    now = clock.now()
    for row in waiting:
        _move(row, verdict)
        row.decided_at, row.decided_by = now, actor_id
        outbox.withdraw(db, "thread_report", subject=row.id, reason="decided")
        audit.record(db, actor_id, "decide", row, before=ReportState.OPEN, after=verdict)
    if verdict is ReportState.UPHELD and post.state is PostState.SHOWN:
        _remove(db, actor_id, post, reason.strip())
    db.flush()
    return post


def _move(row: Report, to: ReportState) -> None:
    if to not in REPORT_TRANSITIONS[row.state]:
        raise Refused(_("Somebody has decided about this post already."))
    row.state = to


def _remove(db: Session, actor_id: UUID, post: Post, reason: str) -> None:
    post.state, post.removed_at = PostState.REMOVED, clock.now()
    post.removed_by, post.reason = actor_id, reason
    bury(db, post)
    outbox.put(
        db,
        "thread_removed",
        subject=post.id,
        person=post.author_id,
        occasion=clock.now().isoformat(),
    )
    audit.record(db, actor_id, "remove", post, after=PostState.REMOVED, reason=reason)


def bury(db: Session, post: Post) -> None:
    """Nobody finds a removed post, or is told of it, any more."""
    search.drop(db, "threads", post.id)
    outbox.withdraw(db, "thread_mention", subject=post.id, reason="removed")


def show_again(db: Session, thread: Thread, post: Post) -> None:
    """In place of its tombstone a removed post stands as it was written."""
    before, post.state, post.reason = post.state, PostState.SHOWN, None
    post.removed_at = post.removed_by = None
    outbox.withdraw(db, "thread_removed", subject=post.id, reason="shown again")
    index(db, thread, post)
    audit.record(db, None, "show_again", post, before=before, after=post.state)


def _reports(db: Session, post_id: UUID, *states: ReportState) -> list[Report]:
    chosen = select(Report).where(Report.post_id == post_id, Report.state.in_(states))
    return list(db.scalars(chosen.order_by(Report.id)))


def reconsider(db: Session, actor_id: UUID, *, post_id: UUID) -> Post:
    """Take one's latest decision about a post back: it is shown, its reports are open again."""
    _erg, thread, post = hold_post(db, post_id)
    latest = db.scalar(
        select(func.max(Report.decided_at)).where(
            Report.post_id == post_id, Report.decided_by == actor_id
        )
    )
    if latest is None or clock.now() - latest > RECONSIDER_WITHIN:
        raise Refused(_("Only who decided can take it back, within a week."), 403)
    if (appeal := queries.newest_appeal(db, post)) is not None and appeal.created_at >= latest:
        raise Refused(_("The author has asked for a second look, which somebody else decides."))
    decided = _reports(db, post_id, ReportState.UPHELD, ReportState.DISMISSED)
    for row in (row for row in decided if row.decided_at == latest):
        before = row.state
        _move(row, ReportState.OPEN)
        row.decided_at = row.decided_by = None
        audit.record(db, actor_id, "reconsider", row, before=before, after=row.state)
    if post.state is PostState.REMOVED:
        show_again(db, thread, post)
    db.flush()
    return post


def lock(db: Session, actor_id: UUID, *, thread_id: UUID, is_locked: bool) -> Thread:
    """Close a discussion to further posts, or open it again."""
    erg, thread = hold_thread(db, thread_id)
    require_member(db, actor_id, erg.id)
    if not ergs.standing_of(db, actor_id).holds(erg.id, *queries.JUDGING):
        raise Refused(_("Only moderators and leads close discussions."), 403)
    if thread.is_locked is not is_locked:
        thread.locked_at = clock.now() if is_locked else None
        db.flush()
        audit.record(db, actor_id, "lock" if is_locked else "unlock", thread)
    return thread
