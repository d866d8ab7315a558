"""Pages on which members nominate and stand."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.elections import policies, queries, services
from app.elections.forms import StandForm
from app.elections.models import Candidate, Election
from app.elections.rules import ElectionState
from app.elections.views.base import bp, head, viewer_of
from app.ergs import queries as ergs


@bp.get("/<slug>/elections/<uuid:election_id>/nominations")
@guarded_by(policies.may_take_part, find=queries.election_for)
def nominees(election: Election) -> flask.Response:
    """The members whom this reader may see, each with a button."""
    q = flask.request.args.get("q", "").strip()
    number = max(1, flask.request.args.get("page", 1, type=int))
    viewer = viewer_of(election.erg_id)
    return page(
        "elections/nominees.html",
        fragment="elections/_nominees.html",
        q=q,
        roster=ergs.roster(reading(), election.erg, viewer, q=q, number=number),
        election=election,
        is_open=election.state is ElectionState.NOMINATING,
        **head(election.erg),
    )


@bp.post("/<slug>/elections/<uuid:election_id>/nominations")
@guarded_by(policies.may_take_part, find=queries.election_for)
def nominate(election: Election) -> Response:
    """Ask somebody to stand."""
    person_id = _chosen()
    actor_id, election_id, slug = current_actor().person_id, election.id, election.erg.slug
    with writing() as db:
        services.nominate(db, actor_id, election_id=election_id, person_id=person_id)
    return done(
        _("They will be asked. Nobody sees it unless they accept."),
        to=flask.url_for(".nominees", slug=slug, election_id=election_id),
    )


def _chosen() -> UUID:
    try:
        return UUID(flask.request.form.get("person", ""))
    except ValueError:
        raise Refused(_("Choose somebody from the list of members you can see."), 422) from None


@bp.get("/<slug>/elections/<uuid:election_id>/candidacy")
@guarded_by(policies.may_take_part, find=queries.election_for)
def candidacy(election: Election) -> flask.Response:
    """Stand, change one's words, or say no."""
    own = queries.own_candidacy(election, current_actor().person_id)
    return page("elections/stand.html", **_standing(election, StandForm.of(own, _my_name())))


def _my_name() -> str:
    return current_actor().name


def _standing(election: Election, form: StandForm) -> dict[str, object]:
    person_id = current_actor().person_id
    return {
        **head(election.erg),
        "election": election,
        "form": form,
        "own": queries.own_candidacy(election, person_id),
        "is_open": election.state is ElectionState.NOMINATING,
        "membership": ergs.own_membership(reading(), election.erg_id, person_id),
    }


@bp.post("/<slug>/elections/<uuid:election_id>/candidacy")
@guarded_by(policies.may_take_part, find=queries.election_for)
def stand(election: Election) -> Response:
    """Stand from now on."""
    form = StandForm()
    if not form.validate_on_submit():
        return invalid("elections/stand.html", **_standing(election, form))
    actor_id, election_id, slug = current_actor().person_id, election.id, election.erg.slug
    with writing() as db:
        services.stand(
            db,
            actor_id,
            election_id=election_id,
            statement=(form.statement.data or "").replace("\r\n", "\n"),
            shown_as=form.shown_as.data or "",
            locale=current_language().tag,
        )
    address = {"slug": slug, "election_id": election_id}
    return done(
        _("You stand. Your name and your words are on the page of the election."),
        to=flask.url_for(".show", **address),
        undo=flask.url_for(".decline", **address),
    )


@bp.post("/<slug>/elections/<uuid:election_id>/candidacy/refusal")
@guarded_by(policies.may_stand, find=queries.candidacy_for)
def decline(own: Candidate) -> Response:
    """Do not stand, or no longer."""
    actor_id, election_id = current_actor().person_id, own.election_id
    slug = own.election.erg.slug
    with writing() as db:
        services.decline(db, actor_id, election_id=election_id)
    return done(
        _("You do not stand. Nobody was told."),
        to=flask.url_for(".show", slug=slug, election_id=election_id),
    )
