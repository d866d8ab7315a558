"""Answering, changing, deleting, reporting a post."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.threads import policies, queries, services
from app.threads.forms import EditForm, ReplyForm, ReportForm
from app.threads.queries import Said, Talk
from app.threads.views.base import bp, group_of
from app.threads.views.talk import about, place_of


@bp.post("/<slug>/threads/<uuid:thread_id>/posts")
@guarded_by(policies.may_reply, find=queries.talk_for)
def reply(talk: Talk) -> Response:
    """Answer."""
    form, number = ReplyForm(), flask.request.form.get("page", 1, type=int)
    if not form.validate_on_submit() or not form.resolve(reading(), talk.erg, talk.viewer):
        return invalid("threads/show.html", **about(talk, form, number))
    slug, thread_id = talk.erg.slug, talk.thread.id
    with writing() as db:
        post = services.reply(
            db,
            current_actor().person_id,
            thread_id=thread_id,
            body=form.body.data,
            mentions=form.people,
        )
        where = {"page": queries.page_of(post), "_anchor": f"post-{post.number}"}
    to = flask.url_for(".show", slug=slug, thread_id=thread_id, **where)
    return done(_("Your answer stands in the discussion."), to=to)


@bp.get("/<slug>/threads/<uuid:thread_id>/posts/<uuid:post_id>/edit")
@guarded_by(policies.may_edit, find=queries.post_for)
def edit(found: Said) -> flask.Response:
    """One's own words in a form."""
    return page("threads/edit.html", form=EditForm(obj=found.post), **_of(found))


@bp.post("/<slug>/threads/<uuid:thread_id>/posts/<uuid:post_id>/edit")
@guarded_by(policies.may_edit, find=queries.post_for)
def revise(found: Said) -> Response:
    """Change one's words."""
    form = EditForm()
    if not form.validate_on_submit():
        return invalid("threads/edit.html", form=form, **_of(found))
    return _done(
        found, services.edit, _("Saved. The post says that it was changed."), body=form.body.data
    )


@bp.post("/<slug>/threads/<uuid:thread_id>/posts/<uuid:post_id>/deletion")
@guarded_by(policies.is_author, find=queries.post_for)
def delete(found: Said) -> Response:
    """Take one's own post away."""
    undo = flask.url_for(".restore", **_where(found))
    return _done(found, services.delete_post, _("Your post is deleted."), undo=undo)


@bp.post("/<slug>/threads/<uuid:thread_id>/posts/<uuid:post_id>/return")
@guarded_by(policies.is_author, find=queries.post_for)
def restore(found: Said) -> Response:
    """Undo the deletion."""
    return _done(found, services.restore_post, _("Your post is back."))


@bp.get("/<slug>/threads/<uuid:thread_id>/posts/<uuid:post_id>/report")
@guarded_by(policies.may_report, find=queries.post_for)
def report(found: Said) -> flask.Response:
    """The form of a report."""
    return page("threads/report.html", form=ReportForm(), **_told(found))


@bp.post("/<slug>/threads/<uuid:thread_id>/posts/<uuid:post_id>/report")
@guarded_by(policies.may_report, find=queries.post_for)
def send_report(found: Said) -> Response:
    """Ask a moderator to look."""
    form = ReportForm()
    if not form.validate_on_submit():
        return invalid("threads/report.html", form=form, **_told(found))
    return _done(
        found,
        services.report,
        _("Thank you. Somebody outside your reporting line looks at it. Nobody learns it was you."),
        reason=form.reason.data,
    )


def _where(found: Said) -> dict[str, Any]:
    talk = found.talk
    return {"slug": talk.erg.slug, "thread_id": talk.thread.id, "post_id": found.post.id}


def _of(found: Said) -> dict[str, Any]:
    return {"found": found, "thread": found.talk.thread, **group_of(found.talk.erg)}


def _told(found: Said) -> dict[str, Any]:
    return {"leaf": queries.leaf_of(reading(), current_actor(), found), **_of(found)}


def _done(
    found: Said, act: Any, message: str, *, undo: str | None = None, **fields: Any
) -> Response:
    person_id, post_id, to = current_actor().person_id, found.post.id, place_of(found)
    with writing() as db:
        act(db, person_id, post_id=post_id, **fields)
    return done(message, to=to, undo=undo)
