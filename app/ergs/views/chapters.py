"""Chapters: their page, and how leads arrange them."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries, services
from app.ergs.forms import REGIONS, ROLES
from app.ergs.forms.chapters import AXES, ChapterForm, chapter_name
from app.ergs.models import Chapter, Erg
from app.ergs.queries import Branch
from app.ergs.views.base import bp, text_of, viewer_of


@bp.app_template_filter("chapter_name")
def _name(chapter: Chapter) -> str:
    return chapter_name(chapter, current_language().tag)


@bp.get("/<slug>/chapters/<chapter>/")
@guarded_by(policies.may_see_branch, find=queries.branch_for)
def chapter(branch: Branch) -> flask.Response:
    """A chapter and who leads it, as far as they allow."""
    holders = queries.role_holders(reading(), branch.erg, viewer_of(branch.erg))
    return page(
        "ergs/chapter.html",
        erg=branch.erg,
        text=text_of(branch.erg),
        chapter=branch.chapter,
        holders=[holder for holder in holders if holder.chapter_id == branch.chapter.id],
        roles=ROLES,
        axes=AXES,
        regions=REGIONS,
    )


@bp.get("/<slug>/manage/chapters/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def chapters(erg: Erg) -> flask.Response:
    """All chapters, and a form for another one."""
    return page("ergs/chapters.html", **_arranged(erg))


def _arranged(erg: Erg, form: ChapterForm | None = None) -> dict[str, Any]:
    return {
        "erg": erg,
        "text": text_of(erg),
        "axes": AXES,
        "regions": REGIONS,
        "closed": queries.closed_chapters(reading(), erg),
        "form": form or ChapterForm.of(erg),
        "zones": used_zones(reading()),
    }


@bp.post("/<slug>/manage/chapters/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def open_chapter(erg: Erg) -> Response:
    """Open a chapter."""
    form = ChapterForm.of(erg)
    if not form.validate_on_submit():
        return invalid("ergs/chapters.html", **_arranged(erg, form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    branching = form.branching
    try:
        with writing() as db:
            services.open_chapter(db, actor_id, erg_id=erg_id, branching=branching)
    except Refused as refused:
        return _again(slug, refused)
    return done(_("The chapter is open."), to=flask.url_for(".chapters", slug=slug))


def _again(slug: str, refused: Refused) -> Response:
    """The same form with the refusal at the name; what was typed stays."""
    erg = queries.erg_for(reading(), current_actor(), slug)
    form = ChapterForm.of(erg)
    form.validate()
    form.name_fields[0][1].errors = [refused.message]
    return invalid("ergs/chapters.html", **_arranged(erg, form))


@bp.get("/<slug>/chapters/<chapter>/edit")
@guarded_by(policies.may_shape_branch, find=queries.branch_for)
def edit_chapter(branch: Branch) -> flask.Response:
    """The form of a chapter."""
    return page("ergs/chapter_edit.html", **_edited(branch))


def _edited(branch: Branch, form: ChapterForm | None = None) -> dict[str, Any]:
    return {
        "erg": branch.erg,
        "text": text_of(branch.erg),
        "chapter": branch.chapter,
        "form": form or ChapterForm.of(branch.erg, branch.chapter),
        "zones": used_zones(reading()),
    }


@bp.post("/<slug>/chapters/<chapter>/edit")
@guarded_by(policies.may_shape_branch, find=queries.branch_for)
def change_chapter(branch: Branch) -> Response:
    """Rename or move a chapter."""
    form = ChapterForm.of(branch.erg, branch.chapter)
    if not form.validate_on_submit():
        return invalid("ergs/chapter_edit.html", **_edited(branch, form))
    message = _("Saved.")
    return _acted(branch, services.change_chapter, message, branching=form.branching)


@bp.post("/<slug>/chapters/<chapter>/close")
@guarded_by(policies.may_shape_branch, find=queries.branch_for)
def close_chapter(branch: Branch) -> Response:
    """Close a chapter; it can be brought back."""
    undo = flask.url_for(".reopen_chapter", slug=branch.erg.slug, chapter=branch.chapter.slug)
    message = _("The chapter is closed. Its history stays.")
    return _acted(branch, services.close_chapter, message, undo=undo)


@bp.post("/<slug>/chapters/<chapter>/reopen")
@guarded_by(policies.may_shape_branch, find=queries.branch_for)
def reopen_chapter(branch: Branch) -> Response:
    """Bring a closed chapter back."""
    return _acted(branch, services.reopen_chapter, _("The chapter is open again."))


def _acted(
    branch: Branch, act: Any, message: str, *, undo: str | None = None, **fields: Any
) -> Response:
    actor_id, chapter_id, slug = current_actor().person_id, branch.chapter.id, branch.erg.slug
    with writing() as db:
        act(db, actor_id, chapter_id=chapter_id, **fields)
    return done(message, to=flask.url_for(".chapters", slug=slug), undo=undo)
