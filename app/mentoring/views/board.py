"""The board of a group: what its members tell and ask each other between sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import guarded_by
from app.mentoring.forms.circles import PostForm, ReplyForm, WordsForm
from app.mentoring.group_policies import (
    may_answer_post,
    may_change_post,
    may_pin,
    may_restore_post,
)
from app.mentoring.models import BoardPost, Relationship
from app.mentoring.policies import may_open_workspace, may_work
from app.mentoring.queries import circles
from app.mentoring.queries.board import board_page, post_for, reading_of
from app.mentoring.rules import LIVE
from app.mentoring.rules.circles import PostKind
from app.mentoring.services import board as services
from app.mentoring.views.acting import found_pair, me
from app.mentoring.views.base import bp

PAGE, PART = "mentoring/board.html", "mentoring/_board.html"


@bp.get("/<uuid:relationship_id>/board/")
@guarded_by(may_open_workspace, find=circles.group_for)
def board(group: Relationship) -> flask.Response:
    """What stands on the board, pinned posts first."""
    return page(PAGE, fragment=PART, **_about(group))


def _about(group: Relationship, **forms: Any) -> dict[str, Any]:
    db, person_id = reading(), me()
    q = request.args.get("q", "").strip()[:200]
    number = request.args.get("page", 1, type=int)
    row, found = reading_of(db, group.id, person_id), board_page(db, group.id, q, number)
    since = row.read_at if row else None
    posts = [one for talk in found.rows for one in (talk.post, *talk.replies)]
    fresh = {
        one.id
        for one in posts
        if one.author_id != person_id and (since is None or one.created_at > since)
    }
    return {
        "pair": group,
        "others": group.others(person_id),
        "names": {member.person_id: member.person for member in group.members},
        "found": found,
        "q": q,
        "new": fresh,
        "is_live": group.state in LIVE,
        "may_pin_here": group.state in LIVE and person_id in circles.hosts_of(db, group),
        "form": PostForm(formdata=None),
        "reply_form": None,
        "reply_to": None,
        **forms,
    }


def _back(message: str, group_id: UUID, undo: str | None = None) -> Response:
    return done(
        message,
        to=url_for(".board", relationship_id=group_id),
        fragment=PART,
        undo=undo,
        **_about(found_pair(group_id)),
    )


@bp.post("/<uuid:relationship_id>/board/")
@guarded_by(may_work, find=circles.group_for)
def write_post(group: Relationship) -> Response:
    """Put something on the board."""
    form = PostForm()
    if not form.validate_on_submit():
        return invalid(PAGE, fragment=PART, **_about(group, form=form))
    group_id, person_id = group.id, me()
    with writing() as db:
        post = services.write(
            db,
            person_id,
            relationship_id=group_id,
            kind=PostKind(form.kind.data),
            body=form.body.data.strip(),
            url=form.url.data or "",
        )
        undo = url_for(".delete_post", post_id=post.id)
    return _back(_("It stands on the board."), group_id, undo)


@bp.post("/posts/<uuid:post_id>/replies")
@guarded_by(may_answer_post, find=post_for)
def reply_to_post(post: BoardPost) -> Response:
    """Answer a post."""
    form, post_id, group_id = ReplyForm(), post.id, post.relationship_id
    if not form.validate_on_submit():
        shown = _about(found_pair(group_id), reply_form=form, reply_to=post_id)
        return invalid(PAGE, fragment=PART, **shown)
    with writing() as db:
        answer = services.reply(db, me(), post_id=post_id, body=form.body.data.strip())
        undo = url_for(".delete_post", post_id=answer.id)
    return _back(_("Your answer stands on the board."), group_id, undo)


@bp.route("/posts/<uuid:post_id>/words", methods=["GET", "POST"])
@guarded_by(may_change_post, find=post_for)
def change_post(post: BoardPost) -> Response:
    """Change one's words."""
    form = WordsForm(obj=post)
    group = found_pair(post.relationship_id)
    shown: dict[str, Any] = {
        "pair": group,
        "others": group.others(me()),
        "post": post,
        "form": form,
    }
    if not form.is_submitted():
        return page("mentoring/post.html", **shown)
    if not form.validate():
        return invalid("mentoring/post.html", **shown)
    post_id, group_id, words = post.id, group.id, (form.body.data.strip(), form.url.data or "")
    with writing() as db:
        services.change(db, me(), post_id=post_id, body=words[0], url=words[1])
    undo = url_for(".change_post_back", post_id=post_id)
    return _back(_("Changed. The post says that it was."), group_id, undo)


@bp.post("/posts/<uuid:post_id>/former-words")
@guarded_by(may_change_post, find=post_for)
def change_post_back(post: BoardPost) -> Response:
    """Undo a change."""
    post_id, group_id = post.id, post.relationship_id
    with writing() as db:
        services.change_back(db, me(), post_id=post_id)
    return _back(_("The former words are back."), group_id)


@bp.post("/posts/<uuid:post_id>/deletion")
@guarded_by(may_change_post, find=post_for)
def delete_post(post: BoardPost) -> Response:
    """Take one's own post away."""
    post_id, group_id = post.id, post.relationship_id
    with writing() as db:
        services.delete(db, me(), post_id=post_id)
    undo = url_for(".restore_post", post_id=post_id)
    return _back(_("Your post is gone. You can bring it back for a day."), group_id, undo)


@bp.post("/posts/<uuid:post_id>/restoration")
@guarded_by(may_restore_post, find=post_for)
def restore_post(post: BoardPost) -> Response:
    """Undo a deletion."""
    post_id, group_id = post.id, post.relationship_id
    with writing() as db:
        services.restore(db, me(), post_id=post_id)
    return _back(_("Your post is back."), group_id)


@bp.post("/posts/<uuid:post_id>/pin")
@guarded_by(may_pin, find=post_for)
def pin_post(post: BoardPost) -> Response:
    """Keep a post on top, or let it go down."""
    post_id, group_id, is_pinned = post.id, post.relationship_id, post.pinned_at is None
    with writing() as db:
        services.pin(db, me(), post_id=post_id, is_pinned=is_pinned)
    said = _("Pinned: it stays on top.") if is_pinned else _("It is not pinned any more.")
    return _back(said, group_id, url_for(".pin_post", post_id=post_id))


@bp.post("/<uuid:relationship_id>/board/seen")
@guarded_by(may_open_workspace, find=circles.group_for)
def mark_board_read(group: Relationship) -> Response:
    """Nothing of what stands here is news any more."""
    group_id, person_id = group.id, me()
    with writing() as db:
        services.mark_read(db, person_id, relationship_id=group_id)
    if request.headers.get("HX-Request"):
        return page("mentoring/_board_seen.html", fragment="mentoring/_board_seen.html", new=())
    return done(_("Marked as read."), to=url_for(".board", relationship_id=group_id))
