"""Sending posts at their time, and writing digests; both may run at any time and twice."""

from __future__ import annotations

from app.core.database import reading, writing
from app.core.jobs import job, sweep
from app.posts import queries, services

AT_ONCE = 200


@job("send_posts")
def send_posts() -> None:
    """Freeze the audience of each post whose time has come, one at a time."""
    for post_id in queries.due(reading()):
        with writing() as db:
            services.send(db, post_id)


@sweep("posts_due", every=60)
def posts_due() -> None:
    """The same, when no wake-up came."""
    send_posts()


@sweep("digests", every=300)
def digests() -> None:
    """Put one digest for everybody whose hour has come and for whom something is new."""
    waiting = queries.awaiting_digest(reading())
    for begin in range(0, len(waiting), AT_ONCE):
        with writing() as db:
            services.compile_digests(db, waiting[begin : begin + AT_ONCE])
