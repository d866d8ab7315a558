"""Pages of groups: directory, group, members, joining and leaving, requests."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, inside
from app.ergs import forms, policies, queries, services
from app.ergs.forms import MembershipForm, RefusalForm
from app.ergs.models import Erg
from app.ergs.registry import panels
from app.ergs.rules import MembershipState, Region, TextStatus, Viewer, alias, pick_text

bp = flask.Blueprint("ergs", __name__, url_prefix="/ergs")


@bp.app_context_processor
def _helpers() -> dict[str, object]:
    return {"text_of": text_of}


def text_of(thing: Any) -> Any:
    """A group's or event's text in the reader's language, else the source."""
    return pick_text(thing.texts, current_language().tag)


@bp.get("/")
@guarded_by(inside)
def index() -> flask.Response:
    """The directory."""
    args = flask.request.args
    region = args.get("region", "")
    listing = queries.directory(
        reading(),
        current_actor(),
        tag=current_language().tag,
        q=args.get("q", "").strip(),
        region=Region(region) if region in list(Region) else None,
        mine_only=args.get("mine") == "1",
        number=_page_number(),
    )
    return page(
        "ergs/index.html",
        fragment="ergs/_groups.html",
        listing=listing,
        regions=forms.REGIONS,
        mine=queries.standing(reading(), current_actor()),
    )


def _page_number() -> int:
    return max(1, flask.request.args.get("page", 1, type=int))


@bp.get("/<slug>/")
@guarded_by(policies.may_see, find=queries.erg_for)
def show(erg: Erg) -> flask.Response:
    """A group, and how one belongs to it."""
    db, actor = reading(), current_actor()
    extra = [panel for _name, build in panels for panel in [build(db, actor, erg)]]
    return page("ergs/show.html", panels=extra, **{**_about(erg), **_belonging(erg)})


def _viewer(erg: Erg) -> Viewer:
    return queries.standing(reading(), current_actor()).viewer(erg.id)


def _about(erg: Erg) -> dict[str, Any]:
    text, viewer = text_of(erg), _viewer(erg)
    return {
        "erg": erg,
        "text": text,
        "viewer": viewer,
        "roles": forms.ROLES,
        "holders": queries.role_holders(reading(), erg, viewer),
        "chapters": forms.chapter_names(erg, current_language().tag),
        "is_stale": text.status is TextStatus.STALE,
        "privacy": (
            forms.ROSTERS[erg.roster],
            forms.ADMISSIONS[erg.admission],
            forms.DISCOVERIES[erg.discovery],
        ),
    }


def _belonging(erg: Erg, form: MembershipForm | None = None) -> dict[str, Any]:
    db = reading()
    row = queries.own_membership(db, erg.id, current_actor().person_id)
    is_open = row is not None and row.ended_at is None
    chosen = queries.chosen_chapters(db, row.id) if row and is_open and erg.chapters else set()
    form = form or MembershipForm.of(erg, current_language().tag, row if is_open else None, chosen)
    return {
        "erg": erg,
        "form": form,
        "membership": row if is_open else None,
        "declined": row if row and row.state is MembershipState.DECLINED else None,
        "seen_by": forms.VISIBILITIES[form.visibility.object_data] if is_open else None,
        "admission": forms.ADMISSIONS[erg.admission],
    }


@bp.post("/<slug>/membership")
@guarded_by(policies.may_join, find=queries.erg_for)
def join(erg: Erg) -> Response:
    """Belong, or ask to belong."""
    form = MembershipForm.of(erg, current_language().tag)
    if not form.validate_on_submit():
        return _refused(erg, form)
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        row = services.join(db, person_id, erg_id=erg_id, **_answers(form))
        is_in = row.state is MembershipState.ACTIVE
    return _belongs_now(
        slug,
        _("You belong to this group now.")
        if is_in
        else _("Your request is with the leads. You will be told when there is an answer."),
    )


def _answers(form: MembershipForm) -> dict[str, Any]:
    return {
        "relation": form.relation.data,
        "visibility": form.visibility.data,
        "chapter_ids": form.chapters.data,
    }


def _refused(erg: Erg, form: MembershipForm) -> flask.Response:
    context = {**_about(erg), **_belonging(erg, form)}
    return invalid("ergs/show.html", fragment="ergs/_membership.html", panels=[], **context)


def _belongs_now(slug: str, message: str) -> Response:
    """Acknowledge; who just left a hidden group has no page to return to."""
    erg = queries.erg_for(reading(), current_actor(), slug)
    if erg is None:
        return done(message, to=flask.url_for(".index"))
    return done(
        message,
        to=flask.url_for(".show", slug=slug),
        fragment="ergs/_membership.html",
        **_belonging(erg),
    )


@bp.post("/<slug>/membership/visibility")
@guarded_by(policies.may_belong, find=queries.erg_for)
def show_to(erg: Erg) -> Response:
    """Change who may see that one belongs."""
    form = MembershipForm.of(erg, current_language().tag)
    if not form.validate_on_submit():
        return _refused(erg, form)
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        services.show_to(db, person_id, erg_id=erg_id, **_answers(form))
    return _belongs_now(slug, _("Saved. It holds from now on, everywhere."))


@bp.post("/<slug>/membership/end")
@guarded_by(policies.may_belong, find=queries.erg_for)
def leave(erg: Erg) -> Response:
    """Leave, at once and silently."""
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        services.leave(db, person_id, erg_id=erg_id)
    return _belongs_now(slug, _("You have left. Nobody was told, and you can come back here."))


@bp.get("/<slug>/members/")
@guarded_by(policies.may_see, find=queries.erg_for)
def members(erg: Erg) -> flask.Response:
    """Exactly those members whom this reader may see."""
    q = flask.request.args.get("q", "").strip()
    roster = queries.roster(reading(), erg, _viewer(erg), q=q, number=_page_number())
    return page(
        "ergs/members.html",
        fragment="ergs/_members.html",
        erg=erg,
        text=text_of(erg),
        q=q,
        roster=roster,
        badges=forms.RELATION_BADGES,
        who=forms.ROSTERS[erg.roster],
    )


@bp.get("/<slug>/manage/")
@guarded_by(policies.may_lead, find=queries.erg_for)
def manage(erg: Erg) -> flask.Response:
    """What waits for the leads."""
    return page("ergs/manage.html", text=text_of(erg), **_requests(erg))


def _requests(erg: Erg, **more: Any) -> dict[str, Any]:
    found = queries.requests(reading(), erg.id)
    rows = [
        (row, name or _("Person %(alias)s", alias=alias(row.id)), name is None)
        for row, name in found
    ]
    return {
        "erg": erg,
        "requests": rows,
        "relations": forms.RELATION_BADGES,
        "form": RefusalForm(),
        "refused_id": None,
        **more,
    }


@bp.post("/<slug>/manage/requests/<uuid:request_id>/approval")
@guarded_by(policies.may_decide, find=queries.request_for)
def approve(request: queries.Request) -> Response:
    """Let a person in."""
    return _decided(request, services.approve, _("Approved. The person has been told."))


@bp.post("/<slug>/manage/requests/<uuid:request_id>/refusal")
@guarded_by(policies.may_decide, find=queries.request_for)
def decline(request: queries.Request) -> Response:
    """Refuse with a reason."""
    form = RefusalForm()
    if not form.validate_on_submit():
        return invalid(
            "ergs/manage.html",
            fragment="ergs/_requests.html",
            text=text_of(request.erg),
            **_requests(request.erg, form=form, refused_id=request.row.id),
        )
    return _decided(
        request,
        services.decline,
        _("Declined. The person will read your reason."),
        reason=form.reason.data,
    )


def _decided(request: queries.Request, act: Any, message: str, **fields: Any) -> Response:
    person_id, request_id, slug = current_actor().person_id, request.row.id, request.erg.slug
    with writing() as db:
        act(db, person_id, request_id=request_id, **fields)
    erg = queries.erg_for(reading(), current_actor(), slug)
    return done(
        message,
        to=flask.url_for(".manage", slug=slug),
        fragment="ergs/_requests.html",
        **_requests(erg),
    )
