"""Inviting to a group, and answering an invitation."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries as people
from app.core.database import reading, writing
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import forms, policies, queries
from app.ergs.forms import MembershipForm
from app.ergs.forms.roles import InvitationForm, uuid_of
from app.ergs.models import Erg
from app.ergs.queries import invitations
from app.ergs.services import invitations as services
from app.ergs.services import join as join_group
from app.ergs.views.base import bp, page_number, text_of
from app.ergs.views.roles import found_people

LIST = "ergs/_invitations.html"


@bp.get("/<slug>/manage/invitations/")
@guarded_by(policies.may_lead, find=queries.erg_for)
def invited(erg: Erg) -> flask.Response:
    """Who is invited and has time to answer; and the search for more."""
    looks = "q" in flask.request.args
    fragment = "ergs/_people.html" if looks else LIST
    return page("ergs/invitations.html", fragment=fragment, **_inviting(erg))


def _inviting(erg: Erg, form: InvitationForm | None = None) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    chosen = uuid_of(form.person_id.data if form else flask.request.args.get("person"))
    return {
        "erg": erg,
        "text": text_of(erg),
        "invited": invitations.invited(db, erg, page_number()),
        "person": people.person_for(db, actor, chosen) if chosen else None,
        "form": form or InvitationForm(data={"person_id": str(chosen or ""), "days": 14}),
        **found_people(),
        "choose": "ergs.invited",
    }


@bp.post("/<slug>/manage/invitations/")
@guarded_by(policies.may_lead, find=queries.erg_for)
def invite(erg: Erg) -> Response:
    """Invite one person."""
    form = InvitationForm()
    person_id = uuid_of(form.person_id.data)
    if not form.validate_on_submit() or person_id is None:
        return invalid("ergs/invitations.html", **_inviting(erg, form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        row = services.invite(db, actor_id, erg_id=erg_id, person_id=person_id, days=form.days.data)
        invitation_id = row.id
    return done(
        _("Invited. The person decides, and has until the day below."),
        to=flask.url_for(".invited", slug=slug),
        undo=flask.url_for(".uninvite", slug=slug, invitation_id=invitation_id),
    )


@bp.post("/<slug>/manage/invitations/<uuid:invitation_id>/withdrawal")
@guarded_by(policies.may_invite, find=invitations.invitation_in)
def uninvite(found: invitations.InvitationTo) -> Response:
    """Take an invitation back."""
    actor_id, invitation_id, slug = current_actor().person_id, found.row.id, found.erg.slug
    with writing() as db:
        services.withdraw_invitation(db, actor_id, invitation_id=invitation_id)
    message, to = _("The invitation is taken back."), flask.url_for(".invited", slug=slug)
    erg = queries.erg_for(reading(), current_actor(), slug)
    if erg is None:
        return done(message, to=to)
    return done(message, to=to, fragment=LIST, **_inviting(erg))


@bp.get("/invitations/<uuid:invitation_id>/")
@guarded_by(policies.may_answer, find=invitations.own_invitation)
def invitation(found: invitations.InvitationTo) -> flask.Response:
    """An invitation, with the same choices as joining."""
    form = MembershipForm.of(found.erg, current_language().tag)
    return page("ergs/invitation.html", **_answering(found, form))


def _answering(found: invitations.InvitationTo, form: MembershipForm) -> dict[str, Any]:
    erg = found.erg
    mine = queries.standing(reading(), current_actor())
    return {
        "found": found,
        "erg": erg,
        "text": text_of(erg),
        "form": form,
        "is_member": erg.id in mine.member_of,
        "is_open": invitations.open_invitation(reading(), erg.id, current_actor().person_id)
        is not None,
        "privacy": (forms.ROSTERS[erg.roster], forms.DISCOVERIES[erg.discovery]),
    }


@bp.post("/invitations/<uuid:invitation_id>/acceptance")
@guarded_by(policies.may_answer, find=invitations.own_invitation)
def accept_invitation(found: invitations.InvitationTo) -> Response:
    """Belong."""
    form = MembershipForm.of(found.erg, current_language().tag)
    if not form.validate_on_submit():
        return invalid("ergs/invitation.html", **_answering(found, form))
    person_id, erg_id, slug = current_actor().person_id, found.erg.id, found.erg.slug
    with writing() as db:
        join_group(db, person_id, erg_id=erg_id, **form.choices)
    return done(_("You belong to this group now."), to=flask.url_for(".show", slug=slug))


@bp.post("/invitations/<uuid:invitation_id>/refusal")
@guarded_by(policies.may_answer, find=invitations.own_invitation)
def decline_invitation(found: invitations.InvitationTo) -> Response:
    """Say no."""
    person_id, invitation_id = current_actor().person_id, found.row.id
    with writing() as db:
        services.decline_invitation(db, person_id, invitation_id=invitation_id)
    return done(_("You said no. Nobody asks why."), to=flask.url_for("shell.home"))
