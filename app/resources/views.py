"""Pages of resources: list, resource with versions, adding and changing."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core import clock, files
from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, go, invalid, page
from app.core.policies import Actor, current_actor, guarded_by
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries.bylines import bylines
from app.ergs.rules import Viewer, pick_text
from app.resources import forms, policies, queries, services
from app.resources.forms import LOCALES, AddForm, DescribeForm, VersionForm
from app.resources.models import Resource
from app.resources.queries import Kept, OneVersion
from app.resources.rules import is_overdue, pick_locale

bp = flask.Blueprint("resources", __name__, url_prefix="/ergs")


# Globals, since the macros that call them are imported without context.
@bp.app_template_global("resource_view")
def seen(resource: Resource, wanted: str = "") -> dict[str, Any]:
    """A resource as its reader gets it: language, words, version, whether it is a foreign one."""
    own = wanted or current_language().tag
    locale = pick_locale(resource.locales, own, resource.source)
    return {
        "locale": locale,
        "text": queries.text_in(resource, locale),
        "version": resource.current(locale) if locale else None,
        "is_foreign": locale is not None and locale.split("-")[0] != own.split("-")[0],
        "is_overdue": is_overdue(resource.review_on, clock.now().date()),
    }


@bp.app_template_global("language_name")
def language_name(tag: str) -> str:
    """A language by its own name."""
    return LOCALES.get(tag, tag)


def _group(erg: Erg) -> dict[str, Any]:
    return {"erg": erg, "text": pick_text(erg.texts, current_language().tag)}


@bp.get("/<slug>/resources/")
@guarded_by(policies.may_look, find=ergs.erg_for)
def index(erg: Erg) -> flask.Response:
    """What a group keeps, as far as this reader may open it."""
    db, actor, args = reading(), current_actor(), flask.request.args
    wanted = {key: args.get(key, "").strip() for key in ("q", "tag", "locale")}
    viewer = queries.viewer_of(ergs.standing(db, actor), erg.id)
    found = queries.listing(
        db,
        actor,
        erg,
        **wanted,
        retired=args.get("show") == "retired",
        number=max(1, args.get("page", 1, type=int)),
    )
    return page(
        "resources/index.html",
        fragment="resources/_resources.html",
        listing=found,
        wanted=wanted,
        tags=queries.tags_in(db, erg, viewer),
        languages=LOCALES,
        is_keeper=viewer is Viewer.LEAD,
        **_group(erg),
    )


@bp.get("/<slug>/resources/new")
@guarded_by(policies.may_add, find=ergs.erg_for)
def new(erg: Erg) -> flask.Response:
    """The form of a new resource."""
    return page("resources/new.html", form=AddForm.of(erg, current_language().tag), **_group(erg))


@bp.post("/<slug>/resources/new")
@guarded_by(policies.may_add, find=ergs.erg_for)
def add(erg: Erg) -> Response:
    """Keep something new."""
    form = AddForm.of(erg, current_language().tag)
    if not form.is_whole():
        return invalid("resources/new.html", form=form, **_group(erg))
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        resource_id = services.add(
            db,
            person_id,
            erg_id=erg_id,
            kind=form.kind.data,
            about=form.about,
            access=form.access.data,
            tags=form.tag_list,
            review_on=form.review_on.data,
            upload=form.file.data,
            url=form.url.data,
        ).id
    where = {"slug": slug, "resource_id": resource_id}
    to, undo = flask.url_for(".show", **where), flask.url_for(".retire", **where)
    return done(_("Kept. A file can be opened as soon as it has been checked."), to=to, undo=undo)


@bp.get("/<slug>/resources/<uuid:resource_id>/")
@guarded_by(policies.may_open, find=queries.resource_for)
def show(kept: Kept) -> flask.Response:
    """A resource, its versions and languages."""
    wanted = flask.request.args.get("in", "")
    return page("resources/show.html", **_about(kept, wanted if wanted in LOCALES else ""))


def _about(kept: Kept, wanted: str = "") -> dict[str, Any]:
    resource, actor = kept.resource, current_actor()
    people = {resource.owner_id} - {None}
    names = bylines(reading(), kept.erg, people, viewer=kept.viewer, reader=actor.person_id)
    return {
        "kept": kept,
        "resource": resource,
        "seen": seen(resource, wanted),
        "versions": [v for v in resource.versions if v.is_ready or kept.may_change],
        "owner": names.get(resource.owner_id) if resource.owner_id else None,
        "accesses": forms.ACCESSES,
        "problems": files.PROBLEMS,
        **_group(kept.erg),
    }


def found_by_id(db: Session, actor: Actor, resource_id: UUID) -> Kept | None:
    """A resource by its id alone, for links in messages that name no group."""
    resource = db.get(Resource, resource_id)
    erg = db.get(Erg, resource.erg_id) if resource else None
    return queries.resource_for(db, actor, erg.slug, resource_id) if erg else None


@bp.get("/resources/<uuid:resource_id>")
@guarded_by(policies.may_open, find=found_by_id)
def by_id(kept: Kept) -> Response:
    """From a message to the resource it speaks of."""
    return go(_home(kept))


@bp.get("/<slug>/resources/<uuid:resource_id>/versions/<uuid:version_id>/open")
@guarded_by(policies.may_open_version, find=queries.version_for)
def open_version(one: OneVersion) -> Response:
    """To the content: a link of some minutes for this person alone, or the page it leads to."""
    version = one.version
    if version.file is None:
        return flask.redirect(version.url or "", 303)
    return flask.redirect(files.link(version.file, current_actor()), 303)


@bp.get("/<slug>/resources/<uuid:resource_id>/edit")
@guarded_by(policies.may_change, find=queries.resource_for)
def edit(kept: Kept) -> flask.Response:
    """What is said about it, in a form."""
    return page("resources/edit.html", form=_describe_form(kept), **_editing(kept))


@bp.post("/<slug>/resources/<uuid:resource_id>/edit")
@guarded_by(policies.may_change, find=queries.resource_for)
def describe(kept: Kept) -> Response:
    """Change what is said about it."""
    form = _describe_form(kept)
    if not form.is_whole():
        return invalid("resources/edit.html", form=form, **_editing(kept))
    return _done(
        kept,
        services.describe,
        _("Saved."),
        about=form.about,
        access=form.access.data,
        tags=form.tag_list,
        review_on=form.review_on.data,
        owner_id=form.owner.data,
    )


def _describe_form(kept: Kept) -> DescribeForm:
    wanted = flask.request.args.get("in", "")
    locale = wanted if wanted in LOCALES else kept.resource.source
    return DescribeForm.of(kept.erg, kept.resource, locale, _keepers(kept))


def _keepers(kept: Kept) -> list[tuple[UUID, str]]:
    """Those who can look after it, and whoever does now, under the name the reader may see."""
    found, now = queries.keepers(reading(), kept.erg), kept.resource.owner_id
    if now is None or now in dict(found):
        return found
    actor = current_actor()
    names = bylines(reading(), kept.erg, [now], viewer=kept.viewer, reader=actor.person_id)
    return [(now, names.get(now, "")), *found]


def _editing(kept: Kept) -> dict[str, Any]:
    return {"kept": kept, "resource": kept.resource, **_group(kept.erg)}


@bp.get("/<slug>/resources/<uuid:resource_id>/versions/new")
@guarded_by(policies.may_change, find=queries.resource_for)
def new_version(kept: Kept) -> flask.Response:
    """The form of a newer version."""
    wanted = flask.request.args.get("in", "")
    form = VersionForm(data={"locale": wanted if wanted in LOCALES else kept.resource.source})
    return page("resources/version.html", form=form, **_editing(kept))


@bp.post("/<slug>/resources/<uuid:resource_id>/versions/new")
@guarded_by(policies.may_change, find=queries.resource_for)
def add_version(kept: Kept) -> Response:
    """Upload what is newer, or the same in another language."""
    form = VersionForm()
    if not form.is_whole(kept.resource):
        return invalid("resources/version.html", form=form, **_editing(kept))
    where = {"slug": kept.erg.slug, "resource_id": kept.resource.id}
    with writing() as db:
        version_id = services.add_version(
            db,
            current_actor().person_id,
            resource_id=where["resource_id"],
            about=form.about,
            upload=form.file.data,
            url=form.url.data,
            note=form.note.data or "",
        ).id
    undo = flask.url_for(".withdraw", **where, version_id=version_id)
    message = _("The new version is here. A file can be opened as soon as it has been checked.")
    return done(message, to=flask.url_for(".show", **where), undo=undo)


@bp.post("/<slug>/resources/<uuid:resource_id>/versions/<uuid:version_id>/restoring")
@guarded_by(policies.may_change_version, find=queries.version_for)
def restore(one: OneVersion) -> Response:
    """Make an older version the newest."""
    where = {"slug": one.kept.erg.slug, "resource_id": one.kept.resource.id}
    version_id = one.version.id
    with writing() as db:
        new_id = services.restore_version(db, current_actor().person_id, version_id=version_id).id
    undo = flask.url_for(".withdraw", **where, version_id=new_id)
    return done(_("The older version holds again."), to=flask.url_for(".show", **where), undo=undo)


@bp.post("/<slug>/resources/<uuid:resource_id>/versions/<uuid:version_id>/withdrawal")
@guarded_by(policies.may_change_version, find=queries.version_for)
def withdraw(one: OneVersion) -> Response:
    """Take a version out of sight."""
    return _sight(one, True, _("Withdrawn. The version before it holds."), ".unwithdraw")


@bp.post("/<slug>/resources/<uuid:resource_id>/versions/<uuid:version_id>/return")
@guarded_by(policies.may_change_version, find=queries.version_for)
def unwithdraw(one: OneVersion) -> Response:
    """Bring it back."""
    return _sight(one, False, _("The version is back."), ".withdraw")


def _sight(one: OneVersion, is_withdrawn: bool, message: str, back: str) -> Response:
    version_id = one.version.id
    undo = flask.url_for(
        back, slug=one.kept.erg.slug, resource_id=one.kept.resource.id, version_id=version_id
    )
    to = _home(one.kept)
    with writing() as db:
        services.withdraw_version(
            db, current_actor().person_id, version_id=version_id, is_withdrawn=is_withdrawn
        )
    return done(message, to=to, undo=undo)


@bp.post("/<slug>/resources/<uuid:resource_id>/review")
@guarded_by(policies.may_change, find=queries.resource_for)
def review(kept: Kept) -> Response:
    """Say that it is still right; with `on` in the address, undo that."""
    before, on = kept.resource.review_on, _day(flask.request.args.get("on", ""))
    if on is not None:
        return _done(kept, services.review, _("The review is due again."), next_on=on)
    undo = _address(kept, ".review", on=before.isoformat()) if before else None
    return _done(kept, services.review, _("Thank you. You are asked again in a year."), undo=undo)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@bp.post("/<slug>/resources/<uuid:resource_id>/retirement")
@guarded_by(policies.may_change, find=queries.resource_for)
def retire(kept: Kept) -> Response:
    """Take it out of sight."""
    undo = _address(kept, ".unretire")
    slug = kept.erg.slug
    message = _("Retired. Nobody but those who keep the resources can see it.")
    return _done(kept, services.retire, message, undo=undo, to=flask.url_for(".index", slug=slug))


@bp.post("/<slug>/resources/<uuid:resource_id>/return")
@guarded_by(policies.may_change, find=queries.resource_for)
def unretire(kept: Kept) -> Response:
    """Bring it back."""
    undo = _address(kept, ".retire")
    return _done(kept, services.retire, _("It is back."), undo=undo, is_retired=False)


def _address(kept: Kept, endpoint: str, **more: Any) -> str:
    return flask.url_for(endpoint, slug=kept.erg.slug, resource_id=kept.resource.id, **more)


def _home(kept: Kept) -> str:
    return _address(kept, ".show")


def _done(
    kept: Kept, act: Any, message: str, *, undo: str | None = None, to: str = "", **fields: Any
) -> Response:
    person_id, resource_id, home = current_actor().person_id, kept.resource.id, _home(kept)
    with writing() as db:
        act(db, person_id, resource_id=resource_id, **fields)
    return done(message, to=to or home, undo=undo)
