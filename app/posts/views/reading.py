"""The lists, and a post as it is read."""

from __future__ import annotations

import flask

from app.approvals import queries as approvals
from app.core import clock
from app.core.database import reading
from app.core.locale import current_language
from app.core.pages import page
from app.core.policies import current_actor, guarded_by, inside
from app.core.richtext import render, snippet
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries.bylines import bylines
from app.ergs.rules import TextStatus, pick_text
from app.posts import forms, policies, queries
from app.posts.queries import Entry, Wanted
from app.posts.rules import PostKind, PostState
from app.posts.services.holding import APPROVAL_KIND
from app.posts.views.base import about, bp, language_name, viewer_of


def _wanted() -> Wanted:
    args = flask.request.args
    kind, show = args.get("kind", ""), args.get("show", "")
    return Wanted(
        q=args.get("q", "").strip(),
        kind=PostKind(kind) if kind in list(PostKind) else None,
        show=show if show in ("work", "archive") else "",
        number=max(1, args.get("page", 1, type=int)),
    )


@bp.get("/ergs/<slug>/posts/")
@guarded_by(policies.may_read, find=ergs.erg_for)
def index(erg: Erg) -> flask.Response:
    """What a group says to its members."""
    return _list("posts/index.html", _wanted(), erg)


@bp.get("/news/")
@guarded_by(inside)
def news() -> flask.Response:
    """What all of the reader's groups say."""
    return _list("posts/news.html", _wanted(), None)


def _list(template: str, wanted: Wanted, erg: Erg | None) -> flask.Response:
    return page(
        template,
        fragment="posts/_posts.html",
        erg=erg,
        wanted=wanted,
        kinds=forms.KINDS,
        states=forms.STATES,
        snippet=snippet,
        language_name=language_name,
        listing=queries.listing(reading(), current_actor(), wanted, erg),
    )


@bp.get("/ergs/<slug>/posts/<uuid:post_id>/")
@guarded_by(policies.may_open, find=queries.entry_for)
def show(entry: Entry) -> flask.Response:
    """A post in the reader's language, else visibly in its own."""
    db, actor, post = reading(), current_actor(), entry.post
    text = pick_text(post.texts, flask.request.args.get("text") or current_language().tag)
    author = {post.author_id} if post.author_id else set()
    names = bylines(db, entry.erg, author, viewer=viewer_of(entry.erg), reader=actor.person_id)
    writes = policies.writes_for(actor, entry.erg, post)
    return page(
        "posts/show.html",
        **about(entry),
        text=text,
        body=render(text.body),
        is_stale=text.status is TextStatus.STALE,
        author=names.get(post.author_id),
        writes=writes,
        is_waiting=post.state is PostState.SENT and post.leaves_at > clock.now(),
        round=approvals.last_round(db, APPROVAL_KIND, post.id) if writes else None,
    )
