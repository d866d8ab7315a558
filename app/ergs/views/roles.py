"""Roles and terms: the leads' page, and the page of whoever is asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries as people
from app.core import clock
from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import forms, policies, queries
from app.ergs.forms.membership import chapter_names
from app.ergs.forms.roles import ENDS, STATES, RemovalForm, RoleForm, uuid_of
from app.ergs.models import Erg
from app.ergs.queries import terms
from app.ergs.rules import ROLE_TRANSITIONS, alias
from app.ergs.rules.terms import TWO_PERSON
from app.ergs.services import roles_removal as removals
from app.ergs.services import terms as services
from app.ergs.views.base import bp, page_number, text_of

LIST = "ergs/_roles.html"


@bp.get("/<slug>/manage/roles/")
@guarded_by(policies.may_run_roles, find=queries.erg_for)
def roles(erg: Erg) -> flask.Response:
    """Who does what until when, what is open, what was."""
    return page("ergs/roles.html", fragment=LIST, **_roles(erg))


def _roles(erg: Erg, **more: Any) -> dict[str, Any]:
    held = terms.roles_of(reading(), erg.id)
    return {
        "erg": erg,
        "text": text_of(erg),
        "held": [h for h in held if h.grant.state in ROLE_TRANSITIONS],
        "ending": terms.unasked([h.grant for h in held], clock.now().date()),
        "past": [h for h in held if h.grant.state not in ROLE_TRANSITIONS],
        "has_lead": bool(queries.leads_of(reading(), erg.id)),
        "me": current_actor().person_id,
        "roles": forms.ROLES,
        "chapters": chapter_names(erg, current_language().tag),
        "states": STATES,
        "ends": ENDS,
        "two_person": TWO_PERSON,
        "form": RemovalForm(),
        "refused_id": None,
        **more,
    }


@bp.get("/<slug>/manage/roles/new")
@guarded_by(policies.may_run_roles, find=queries.erg_for)
def new_role(erg: Erg) -> flask.Response:
    """First find the person, then say which role and how long."""
    person_id = uuid_of(flask.request.args.get("person"))
    after = terms.grant_of(reading(), erg.id, uuid_of(flask.request.args.get("after")))
    form = RoleForm.of(erg, current_language().tag, person_id, after)
    chosen = _choosing(erg, form, person_id, after=after.id if after else None)
    return page("ergs/role.html", fragment="ergs/_people.html", **chosen)


def _choosing(
    erg: Erg, form: RoleForm, person_id: UUID | None, *, after: UUID | None = None
) -> dict[str, Any]:
    person = people.person_for(reading(), current_actor(), person_id) if person_id else None
    return {
        "erg": erg,
        "text": text_of(erg),
        "form": form,
        "person": person,
        **found_people(),
        "choose": "ergs.new_role",
        "after": after,
    }


def found_people() -> dict[str, Any]:
    """Colleagues by name; the search is the same whoever belongs to what."""
    q = flask.request.args.get("q", "").strip()
    if not q:
        return {"q": q, "found": None, "after": None}
    found = people.directory(reading(), q=q, number=page_number())
    return {"q": q, "found": found, "after": None}


@bp.post("/<slug>/manage/roles/")
@guarded_by(policies.may_run_roles, find=queries.erg_for)
def propose_role(erg: Erg) -> Response:
    """Ask somebody to take a role."""
    form = RoleForm.of(erg, current_language().tag)
    person_id = uuid_of(form.person_id.data)
    if not form.validate_on_submit() or person_id is None:
        return invalid("ergs/role.html", **_choosing(erg, form, person_id))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        row = services.propose(
            db,
            actor_id,
            erg_id=erg_id,
            person_id=person_id,
            role=form.role.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            chapter_id=form.chapter.data,
        )
        grant_id = row.id
    return done(
        _("The question is on its way. You see the answer here."),
        to=flask.url_for(".roles", slug=slug),
        undo=flask.url_for(".withdraw_role", slug=slug, grant_id=grant_id),
    )


@bp.post("/<slug>/manage/roles/<uuid:grant_id>/renewal")
@guarded_by(policies.may_run_role, find=terms.role_in)
def renew_role(asked: terms.RoleAsked) -> Response:
    """Ask the holder for another term."""
    actor_id, grant_id, slug = current_actor().person_id, asked.grant.id, asked.erg.slug
    with writing() as db:
        next_id = services.renew(db, actor_id, grant_id=grant_id).id
    return done(
        _("The question is on its way. You see the answer here."),
        to=flask.url_for(".roles", slug=slug),
        undo=flask.url_for(".withdraw_role", slug=slug, grant_id=next_id),
    )


@bp.post("/<slug>/manage/roles/<uuid:grant_id>/withdrawal")
@guarded_by(policies.may_run_role, find=terms.role_in)
def withdraw_role(asked: terms.RoleAsked) -> Response:
    """Take back a proposal."""
    return _changed(asked, services.withdraw_proposal, _("The proposal is taken back."))


@bp.post("/<slug>/manage/roles/<uuid:grant_id>/end")
@guarded_by(policies.may_run_role, find=terms.role_in)
def revoke_role(asked: terms.RoleAsked) -> Response:
    """End a role that one lead may end alone."""
    return _changed(asked, services.revoke, _("The role has ended. The person has been told."))


@bp.post("/<slug>/manage/roles/<uuid:grant_id>/removal")
@guarded_by(policies.may_run_role, find=terms.role_in)
def propose_removal(asked: terms.RoleAsked) -> Response:
    """Propose that a lead or sponsor goes; a second person has to agree."""
    form = RemovalForm()
    if not form.validate_on_submit():
        context = _roles(asked.erg, form=form, refused_id=asked.grant.id)
        return invalid("ergs/roles.html", fragment=LIST, **context)
    return _changed(
        asked,
        removals.propose_removal,
        _("Proposed. Nothing changes until a second person agrees."),
        reason=form.reason.data,
    )


def _changed(asked: terms.RoleAsked, act: Any, message: str, **fields: Any) -> Response:
    actor_id, grant_id, slug = current_actor().person_id, asked.grant.id, asked.erg.slug
    with writing() as db:
        act(db, actor_id, grant_id=grant_id, **fields)
    return _acknowledged(slug, message)


def _acknowledged(slug: str, message: str) -> Response:
    erg = queries.erg_for(reading(), current_actor(), slug)
    to = flask.url_for(".roles", slug=slug)
    if erg is None:
        return done(message, to=flask.url_for(".index"))
    return done(message, to=to, fragment=LIST, **_roles(erg))


@bp.get("/roles/<uuid:grant_id>/")
@guarded_by(policies.may_answer, find=terms.own_role)
def own_role(asked: terms.RoleAsked) -> flask.Response:
    """A role that was proposed to the reader, or that is theirs."""
    return page("ergs/own_role.html", **_own(asked))


def _own(asked: terms.RoleAsked) -> dict[str, Any]:
    return {
        "asked": asked,
        "erg": asked.erg,
        "text": text_of(asked.erg),
        "roles": forms.ROLES,
        "states": STATES,
        "ends": ENDS,
        "chapter": asked.chapter.names.get(current_language().tag, asked.chapter.names["en"])
        if asked.chapter
        else None,
    }


@bp.post("/roles/<uuid:grant_id>/acceptance")
@guarded_by(policies.may_answer, find=terms.own_role)
def accept_role(asked: terms.RoleAsked) -> Response:
    """Take the role."""
    return _answered(asked, services.accept, _("Thank you. The role is yours."))


@bp.post("/roles/<uuid:grant_id>/refusal")
@guarded_by(policies.may_answer, find=terms.own_role)
def refuse_role(asked: terms.RoleAsked) -> Response:
    """Say no."""
    return _answered(asked, services.refuse, _("You said no. Nobody asks why."))


@bp.post("/roles/<uuid:grant_id>/resignation")
@guarded_by(policies.may_answer, find=terms.own_role)
def resign(asked: terms.RoleAsked) -> Response:
    """Lay the role down."""
    return _answered(asked, services.resign, _("You have laid the role down. Thank you for it."))


def _answered(asked: terms.RoleAsked, act: Any, message: str) -> Response:
    actor_id, grant_id = current_actor().person_id, asked.grant.id
    with writing() as db:
        act(db, actor_id, grant_id=grant_id)
    return done(message, to=flask.url_for(".own_role", grant_id=grant_id))


@bp.get("/removals/<uuid:removal_id>/")
@guarded_by(policies.may_answer, find=terms.removal_for)
def removal(found: terms.Removal) -> flask.Response:
    """A proposal to take a role away, for its second person."""
    return page(
        "ergs/removal.html",
        found=found,
        erg=found.erg,
        text=text_of(found.erg),
        name=found.name or _("Person %(alias)s", alias=alias(found.grant.id)),
        roles=forms.ROLES,
    )


@bp.post("/removals/<uuid:removal_id>/confirmation")
@guarded_by(policies.may_confirm, find=terms.removal_for)
def confirm_removal(found: terms.Removal) -> Response:
    """The second person agrees."""
    return _decided(found, removals.confirm_removal, _("Confirmed. The role has ended."))


@bp.post("/removals/<uuid:removal_id>/withdrawal")
@guarded_by(policies.may_take_back, find=terms.removal_for)
def withdraw_removal(found: terms.Removal) -> Response:
    """The proposer takes it back."""
    return _decided(found, removals.withdraw_removal, _("Taken back. Nothing has changed."))


def _decided(found: terms.Removal, act: Any, message: str) -> Response:
    actor_id, removal_id, slug = current_actor().person_id, found.row.id, found.erg.slug
    with writing() as db:
        act(db, actor_id, removal_id=removal_id)
    erg = queries.erg_for(reading(), current_actor(), slug)
    if erg is not None and policies.may_run_roles(current_actor(), erg):
        return done(message, to=flask.url_for(".roles", slug=slug))
    return done(message, to=flask.url_for("shell.home"))
