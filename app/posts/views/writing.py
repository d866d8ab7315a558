"""Writing a post and its translations; asking for approval, taking back, putting away."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.htmx import htmx
from app.core.locale import current_language, offered
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.core.richtext import render, snippet
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import TextStatus
from app.posts import policies, queries, services
from app.posts.forms import PostForm, TextForm
from app.posts.models import PostText
from app.posts.queries import Entry
from app.posts.rules import PostState, text_in
from app.posts.views.base import about, back, bp, where


def _only(erg: Erg) -> set[Any] | None:
    """The chapters of somebody who writes for no more; None writes for all."""
    mine = ergs.standing(reading(), current_actor())
    return None if queries.runs_news(mine, erg.id) else queries.led_chapters(mine, erg)


@bp.get("/ergs/<slug>/posts/new")
@guarded_by(policies.may_write, find=ergs.erg_for)
def new(erg: Erg) -> flask.Response:
    """An empty post."""
    form = PostForm.for_group(erg, current_language().tag, None, None, _only(erg))
    return page("posts/new.html", erg=erg, form=form, language=current_language())


@bp.post("/ergs/<slug>/posts/new")
@guarded_by(policies.may_write, find=ergs.erg_for)
def create(erg: Erg) -> Response:
    """Write it down as a draft."""
    form = PostForm.for_group(erg, current_language().tag, None, None, _only(erg))
    if not form.validate_on_submit():
        return invalid("posts/new.html", erg=erg, form=form, language=current_language())
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        post = services.write(
            db,
            person_id,
            erg_id=erg_id,
            words=form.words,
            locale=current_language().tag,
            kind=form.kind.data,
            chapter_id=form.chapter.data,
        )
        post_id = post.id
    return done(
        _("Saved as a draft. Only those who write for the group see it."),
        to=flask.url_for(".edit", slug=slug, post_id=post_id),
    )


def _language_of(entry: Entry) -> str:
    """The language being written: the one asked for, else the original's."""
    asked = flask.request.args.get("text", "")
    known = {language.tag for language in offered()} | {t.locale for t in entry.post.texts}
    return asked if asked in known else source_of(entry).locale


def source_of(entry: Entry) -> PostText:
    return next(text for text in entry.post.texts if text.status is TextStatus.SOURCE)


def _form(entry: Entry, locale: str) -> TextForm:
    text = text_in(entry.post.texts, locale)
    if locale != source_of(entry).locale:
        return TextForm.of(text)
    tag = current_language().tag
    return PostForm.for_group(entry.erg, tag, entry.post, text, _only(entry.erg))


@bp.get("/ergs/<slug>/posts/<uuid:post_id>/edit")
@guarded_by(policies.may_edit, find=queries.entry_for)
def edit(entry: Entry) -> flask.Response:
    """The words in one language, saved while they are typed."""
    locale = _language_of(entry)
    return page("posts/edit.html", **_editing(entry, locale, _form(entry, locale)))


def _editing(entry: Entry, locale: str, form: TextForm, **more: Any) -> dict[str, Any]:
    texts = {text.locale: text.status for text in entry.post.texts}
    return {
        **about(entry),
        "form": form,
        "locale_written": locale,
        "source": source_of(entry),
        "texts": texts,
        "languages": offered(),
        "saved_at": entry.post.changed_at,
        **more,
    }


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/edit")
@guarded_by(policies.may_edit, find=queries.entry_for)
def save(entry: Entry) -> Response:
    """Keep what is typed; by itself (htmx) only the line that says so is answered."""
    locale = _language_of(entry)
    form, to = _form(entry, locale), where(entry)
    if not form.validate_on_submit():
        context = _editing(entry, locale, form)
        return invalid("posts/edit.html", fragment="posts/_saved.html", **context)
    person_id, is_source = current_actor().person_id, isinstance(form, PostForm)
    with writing() as db:
        if is_source:
            services.revise(
                db,
                person_id,
                post_id=to["post_id"],
                words=form.words,
                kind=form.kind.data,
                chapter_id=form.chapter.data,
            )
        else:
            services.translate(
                db, person_id, post_id=to["post_id"], locale=locale, words=form.words
            )
    return _kept(to, locale)


def _kept(to: dict[str, Any], locale: str) -> Response:
    if flask.request.form.get("then") == "preview":
        return go(flask.url_for(".preview", **to, text=locale))
    if htmx.is_partial:
        return page(
            "posts/_saved.html", fragment="posts/_saved.html", saved_at=clock.now(), form=None
        )
    return done(_("Saved."), to=flask.url_for(".edit", **to, text=locale))


@bp.get("/ergs/<slug>/posts/<uuid:post_id>/preview")
@guarded_by(policies.may_preview, find=queries.entry_for)
def preview(entry: Entry) -> flask.Response:
    """As it will be read, and as its line in the mail."""
    locale = _language_of(entry)
    text = text_in(entry.post.texts, locale) or source_of(entry)
    return page(
        "posts/preview.html",
        **about(entry),
        text=text,
        body=render(text.body),
        beginning=snippet(text.body, 160),
        texts=entry.post.texts,
    )


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/submission")
@guarded_by(policies.may_edit, find=queries.entry_for)
def submit(entry: Entry) -> Response:
    """Ask for approval."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        post = services.submit(db, person_id, post_id=to["post_id"])
        is_approved = post.state is PostState.APPROVED
    said = (
        _("Approved at once, because the group says so. You can send it now.")
        if is_approved
        else _("Sent for approval. You are told when there is an answer.")
    )
    return back(said, to, undo=flask.url_for(".take_back", **to))


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/draft")
@guarded_by(policies.may_take_back, find=queries.entry_for)
def take_back(entry: Entry) -> Response:
    """Make it a draft again."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.take_back(db, person_id, post_id=to["post_id"])
    return back(_("It is a draft again. Change it, then send it for approval."), to)


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/archive")
@guarded_by(policies.may_archive, find=queries.entry_for)
def archive(entry: Entry) -> Response:
    """Put it away."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.archive(db, person_id, post_id=to["post_id"])
    return back(
        _("Put away. Only those who write find it now."), to, flask.url_for(".restore", **to)
    )


@bp.post("/ergs/<slug>/posts/<uuid:post_id>/restoration")
@guarded_by(policies.may_restore, find=queries.entry_for)
def restore(entry: Entry) -> Response:
    """Take it out of the archive."""
    person_id, to = current_actor().person_id, where(entry)
    with writing() as db:
        services.restore(db, person_id, post_id=to["post_id"])
    return back(_("It is back."), to)
