"""Pages on which elections are listed, planned, shown, counted, certified, made void."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import current_language
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by, inside
from app.elections import forms, policies, queries, services
from app.elections.forms import ElectionForm, VoidForm
from app.elections.models import Election
from app.elections.rules import ElectionState
from app.elections.views.base import bp, head, shown
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries import standing


@bp.get("/<slug>/elections/")
@guarded_by(policies.may_see, find=ergs.erg_for)
def index(erg: Erg) -> flask.Response:
    """The elections of a group."""
    db, state = reading(), flask.request.args.get("state", "")
    listing = queries.of_group(
        db,
        erg,
        is_lead=erg.id in standing(db, current_actor()).led,
        state=ElectionState(state) if state in list(ElectionState) else None,
        number=max(1, flask.request.args.get("page", 1, type=int)),
    )
    return page(
        "elections/index.html",
        fragment="elections/_elections.html",
        listing=listing,
        state=state,
        **head(erg),
    )


@bp.get("/<slug>/elections/<uuid:election_id>/")
@guarded_by(policies.may_read, find=queries.election_for)
def show(election: Election) -> flask.Response:
    """An election: where it stands, its rules, its candidates, its result."""
    return page("elections/show.html", **shown(election))


@bp.get("/elections/<uuid:election_id>/")
@guarded_by(inside, find=queries.election_by_id)
def find(election: Election) -> Response:
    """The address in messages, which names no group."""
    return go(flask.url_for(".show", slug=election.erg.slug, election_id=election.id))


@bp.get("/<slug>/elections/new")
@guarded_by(policies.may_plan, find=ergs.erg_for)
def new(erg: Erg) -> flask.Response:
    """An election as an empty form."""
    form = ElectionForm.of(erg, current_language().tag)
    return page("elections/edit.html", form=form, election=None, **head(erg))


@bp.post("/<slug>/elections/new")
@guarded_by(policies.may_plan, find=ergs.erg_for)
def create(erg: Erg) -> Response:
    """Write an election down."""
    form = ElectionForm.of(erg, current_language().tag)
    if not form.validate_on_submit():
        return invalid("elections/edit.html", form=form, election=None, **head(erg))
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        plan = form.plan(current_language().tag)
        election_id = services.plan(db, person_id, erg_id=erg_id, plan=plan).id
    return done(
        _("Saved as a draft. Only leads see it until you announce it."),
        to=flask.url_for(".show", slug=slug, election_id=election_id),
    )


@bp.get("/<slug>/elections/<uuid:election_id>/edit")
@guarded_by(policies.may_run, find=queries.election_for)
def edit(election: Election) -> flask.Response:
    """A draft as a form."""
    _require_draft(election)
    form = ElectionForm.of(election.erg, current_language().tag, election)
    return page("elections/edit.html", form=form, election=election, **head(election.erg))


def _require_draft(election: Election) -> None:
    if election.announced_at is not None:
        raise Refused(_("What was announced cannot be changed any more."))


@bp.post("/<slug>/elections/<uuid:election_id>/edit")
@guarded_by(policies.may_run, find=queries.election_for)
def revise(election: Election) -> Response:
    """Change a draft."""
    form = ElectionForm.of(election.erg, current_language().tag)
    if not form.validate_on_submit():
        context = head(election.erg)
        return invalid("elections/edit.html", form=form, election=election, **context)
    plan = form.plan(current_language().tag)
    return _acted(election, services.revise, _("Saved."), plan=plan)


def _acted(
    election: Election, act: Any, message: str, undo: str | None = None, **fields: Any
) -> Response:
    """Do it, then show the election again."""
    person_id, election_id, slug = current_actor().person_id, election.id, election.erg.slug
    address = {"slug": slug, "election_id": election_id}
    with writing() as db:
        act(db, person_id, election_id=election_id, **fields)
    return done(
        message,
        to=flask.url_for(".show", **address),
        undo=flask.url_for(undo, **address) if undo else None,
    )


@bp.post("/<slug>/elections/<uuid:election_id>/announcement")
@guarded_by(policies.may_run, find=queries.election_for)
def announce(election: Election) -> Response:
    """Show it to the members; its rules are fixed from now on."""
    return _acted(election, services.announce, _("Announced."), undo=".recall")


@bp.post("/<slug>/elections/<uuid:election_id>/announcement/recall")
@guarded_by(policies.may_run, find=queries.election_for)
def recall(election: Election) -> Response:
    """Back to a draft while nominations have not begun."""
    return _acted(election, services.recall, _("It is a draft again."))


@bp.post("/<slug>/elections/<uuid:election_id>/count")
@guarded_by(policies.may_run, find=queries.election_for)
def count(election: Election) -> Response:
    """Count once voting is over."""
    return _acted(election, services.close, _("The ballots are counted."))


@bp.post("/<slug>/elections/<uuid:election_id>/signature")
@guarded_by(policies.may_witness, find=queries.election_for)
def sign(election: Election) -> Response:
    """Certify the count."""
    return _acted(election, services.sign, _("Your signature is under it."), undo=".unsign")


@bp.post("/<slug>/elections/<uuid:election_id>/signature/recall")
@guarded_by(policies.may_witness, find=queries.election_for)
def unsign(election: Election) -> Response:
    """Take the signature back while it is the only one."""
    return _acted(election, services.take_back, _("Your signature is taken back."))


@bp.get("/<slug>/elections/<uuid:election_id>/void")
@guarded_by(policies.may_oversee, find=queries.election_for)
def ask_void(election: Election) -> flask.Response:
    """Why should it be void?"""
    return page("elections/void.html", form=VoidForm(), election=election, **head(election.erg))


@bp.post("/<slug>/elections/<uuid:election_id>/void")
@guarded_by(policies.may_oversee, find=queries.election_for)
def void(election: Election) -> Response:
    """End it without a result."""
    form = VoidForm()
    if not form.validate_on_submit():
        context = head(election.erg)
        return invalid("elections/void.html", form=form, election=election, **context)
    return _acted(election, services.void, _("The election is void."), reason=form.reason.data)


@bp.get("/<slug>/elections/<uuid:election_id>/certificate")
@guarded_by(policies.may_read, find=queries.election_for)
def certificate(election: Election) -> flask.Response:
    """The certified result, to be printed."""
    if election.state is not ElectionState.CERTIFIED:
        raise Refused(_("There is no certified result yet. Come back after it is certified."))
    return page("elections/certificate.html", **shown(election), rules=forms.TIE_RULES)
