"""A discussion: reading it, following it, closing it."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, go, page
from app.core.policies import current_actor, guarded_by
from app.threads import policies, queries, services
from app.threads.forms import ReplyForm
from app.threads.queries import Said, Talk
from app.threads.rules import Stance
from app.threads.views.base import bp, group_of, page_number
from app.threads.views.listing import shown_as


@bp.get("/<slug>/threads/<uuid:thread_id>/")
@guarded_by(policies.may_open, find=queries.talk_for)
def show(talk: Talk) -> flask.Response:
    """A discussion, a page of posts, and the answer one can give."""
    return page("threads/show.html", **about(talk))


def about(talk: Talk, form: ReplyForm | None = None, number: int | None = None) -> dict[str, Any]:
    """All that the page of a discussion shows."""
    db, actor = reading(), current_actor()
    leaves = queries.posts(db, actor, talk, number or page_number())
    shown = [leaf.post.id for leaf in leaves.leaves]
    return {
        "talk": talk,
        "thread": talk.thread,
        "leaves": leaves,
        "mentioned": queries.mentioned(db, talk.erg, talk.viewer, shown),
        "names": queries.mentionable(db, talk.erg, talk.viewer, actor.person_id),
        "form": form or ReplyForm(),
        "shown": shown_as(talk.erg),
        **group_of(talk.erg),
    }


@bp.get("/said/<uuid:post_id>")
@guarded_by(policies.may_see_post, find=queries.said_for)
def said(found: Said) -> Response:
    """From a message to the post it speaks of."""
    return go(place_of(found))


def place_of(found: Said) -> str:
    """The address of a post on its page of the discussion."""
    return flask.url_for(
        ".show",
        slug=found.talk.erg.slug,
        thread_id=found.talk.thread.id,
        page=queries.page_of(found.post),
        _anchor=f"post-{found.post.number}",
    )


@bp.post("/<slug>/threads/<uuid:thread_id>/stance")
@guarded_by(policies.may_open, find=queries.talk_for)
def stance(talk: Talk) -> Response:
    """Follow, mute, or neither."""
    wanted = flask.request.form.get("stance", "")
    if wanted not in list(Stance):
        flask.abort(400)
    slug, thread_id = talk.erg.slug, talk.thread.id
    _write(talk, services.take_stance, stance=Stance(wanted))
    message = {
        Stance.FOLLOW: _("You follow this discussion. New answers stand on your home page."),
        Stance.MUTE: _("Muted. You hear no more of this discussion, not even when mentioned."),
        Stance.USUAL: _("You hear of this discussion when somebody mentions you."),
    }[Stance(wanted)]
    fresh = queries.talk_for(reading(), current_actor(), slug, thread_id)
    to = flask.url_for(".show", slug=slug, thread_id=thread_id)
    return done(message, to=to, fragment="threads/_stance.html", talk=fresh)


@bp.post("/<slug>/threads/<uuid:thread_id>/seen")
@guarded_by(policies.may_open, find=queries.talk_for)
def seen(talk: Talk) -> Response:
    """Nothing up to here is new any more."""
    number = flask.request.form.get("number", 0, type=int)
    slug, thread_id = talk.erg.slug, talk.thread.id
    _write(talk, services.mark_seen, number=number)
    if flask.request.headers.get("HX-Request"):
        return page("threads/_seen.html", fragment="threads/_seen.html", new=0, thread=None)
    return done(_("Marked as read."), to=flask.url_for(".show", slug=slug, thread_id=thread_id))


@bp.post("/<slug>/threads/<uuid:thread_id>/lock")
@guarded_by(policies.may_lock, find=queries.talk_for)
def lock(talk: Talk) -> Response:
    """Close the discussion."""
    return _lock(talk, True, _("Closed. Everybody can go on reading."), ".unlock")


@bp.post("/<slug>/threads/<uuid:thread_id>/unlock")
@guarded_by(policies.may_lock, find=queries.talk_for)
def unlock(talk: Talk) -> Response:
    """Open it again."""
    return _lock(talk, False, _("The discussion is open again."), ".lock")


def _lock(talk: Talk, is_locked: bool, message: str, back: str) -> Response:
    where = {"slug": talk.erg.slug, "thread_id": talk.thread.id}
    _write(talk, services.lock, is_locked=is_locked)
    return done(message, to=flask.url_for(".show", **where), undo=flask.url_for(back, **where))


def _write(talk: Talk, act: Any, **fields: Any) -> None:
    person_id, thread_id = current_actor().person_id, talk.thread.id
    with writing() as db:
        act(db, person_id, thread_id=thread_id, **fields)
