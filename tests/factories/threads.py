"""Discussions for tests, through the services that pages use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.ergs.models import Erg
from app.threads import services
from app.threads.models import Post, Report, Thread, ThreadAppeal
from app.threads.rules import PostState

ABSENT = ("thread_id", "post_id", "report_id", "erg_id", "appeal_id")


def make_thread(
    db: Session,
    erg_id: UUID,
    author_id: UUID,
    title: str = "How do you say no?",
    body: str = "Kindly, I hope. How do you do it?",
    **traits: Any,
) -> Thread:
    """A discussion with its first post; the author must belong."""
    return services.start(db, author_id, erg_id=erg_id, title=title, body=body, **traits)


def make_reply(
    db: Session, thread_id: UUID, author_id: UUID, body: str = "I sleep on it first.", **traits: Any
) -> Post:
    """An answer; the author must belong."""
    return services.reply(db, author_id, thread_id=thread_id, body=body, **traits)


def make_report(
    db: Session, post_id: UUID, reporter_id: UUID, reason: str = "This hurts."
) -> Report:
    """A report of somebody else's post."""
    return services.report(db, reporter_id, post_id=post_id, reason=reason)


def make_appeal(db: Session, post_id: UUID, remover_id: UUID | None = None) -> ThreadAppeal:
    """A post as a moderator leaves it, and what its author says to that."""
    post = db.get_one(Post, post_id)
    post.state, post.removed_at = PostState.REMOVED, clock.now()
    post.removed_by, post.reason = remover_id, "Too sharp."
    db.flush()
    return services.appeal(db, post.author_id, post_id=post_id, words="It was a joke.")


def opening(db: Session, thread_id: UUID) -> Post:
    """The first post of a discussion."""
    return db.scalars(select(Post).where(Post.thread_id == thread_id, Post.number == 1)).one()


def scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene: a discussion with a reported answer in an open and a hidden group."""
    return {
        "open": _scene(db, star, "women"),
        "hidden": _scene(db, star, "quiet-circle"),
        "own": _own(db, star),
        "removed": _removed(db, star),
        "plain": _plain(db, star),
        "absent": {
            "slug": "no-such-thing",
            **{key: ids.new_id() for key in ABSENT},
        },
    }


def _scene(db: Session, star: dict[str, Any], slug: str) -> dict[str, Any]:
    from tests.factories.accounts import make_person
    from tests.factories.ergs import make_member

    erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
    writer, reporter = (make_person(db, f"{word} of {slug}") for word in ("Writer", "Reporter"))
    for person in (writer, reporter):
        make_member(db, erg, person.id)
    thread = make_thread(db, erg.id, star["dalia"].id, f"A talk in {slug}")
    post = make_reply(db, thread.id, writer.id)
    report = make_report(db, post.id, reporter.id)
    return {
        "appeal_id": make_appeal(db, make_reply(db, thread.id, writer.id, "Gone.").id).id,
        "slug": slug,
        "thread_id": thread.id,
        "post_id": post.id,
        "report_id": report.id,
        "erg_id": erg.id,
    }


def _removed(db: Session, star: dict[str, Any]) -> dict[str, Any]:
    """A post of the lead's own that an administrator removed, and her appeal."""
    erg = db.scalars(select(Erg).where(Erg.slug == "women")).one()
    thread = make_thread(db, erg.id, star["dalia"].id, "Dalia jokes")
    post = opening(db, thread.id)
    appeal = make_appeal(db, post.id, star["farid"].id)
    return {"slug": "women", "post_id": post.id, "appeal_id": appeal.id}


def _plain(db: Session, star: dict[str, Any]) -> dict[str, Any]:
    """A discussion in a group of Dalia's that Bo belongs to and does nothing for."""
    from tests.factories.ergs import make_erg, make_member

    erg = make_erg(db, "plain-talk", lead=star["dalia"].id)
    make_member(db, erg, star["bo"].id)
    return {
        "slug": erg.slug,
        "thread_id": make_thread(db, erg.id, star["dalia"].id, "Dalia tells").id,
    }


def _own(db: Session, star: dict[str, Any]) -> dict[str, Any]:
    """A post of the lead's own, which nobody else may change or take back."""
    erg = db.scalars(select(Erg).where(Erg.slug == "women")).one()
    thread = make_thread(db, erg.id, star["dalia"].id, "Dalia asks")
    return {
        "slug": "women",
        "thread_id": thread.id,
        "post_id": opening(db, thread.id).id,
        "erg_id": erg.id,
    }


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """A discussion with names, one without where the group has such, a report; every address."""
    plain = make_thread(db, erg.id, lead_id, "With names", mentions=[member_id])
    answer = make_reply(db, plain.id, member_id, "Gladly.", mentions=[lead_id])
    talks = [plain]
    if erg.is_sensitive:
        talks.append(make_thread(db, erg.id, member_id, "Without names", is_pseudonymous=True))
    report = make_report(db, answer.id, lead_id)
    gone = make_reply(db, plain.id, member_id, "Gone.")
    appeal = make_appeal(db, gone.id, lead_id)
    base = f"/ergs/{erg.slug}/threads"
    found = [f"{base}/", f"{base}/?q=names", f"{base}/?show=followed", f"{base}/new"]
    for talk in talks:
        post = opening(db, talk.id).id
        found += [
            f"{base}/{talk.id}/",
            f"{base}/{talk.id}/posts/{post}/edit",
            f"{base}/{talk.id}/posts/{post}/report",
            f"/ergs/said/{post}",
        ]
    return [
        *found,
        f"{base}/{plain.id}/posts/{answer.id}/edit",
        f"{base}/{plain.id}/posts/{answer.id}/report",
        f"{base}/reports/",
        f"{base}/reports/{answer.id}/",
        f"/ergs/reports/{report.id}",
        f"{base}/appeals/{appeal.id}/",
        f"/ergs/appeals/{appeal.id}/",
        f"/ergs/removed/{gone.id}/",
        "/ergs/my-posts/",
    ]
