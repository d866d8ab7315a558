"""The ballot: rank, look at it once more, cast it for good.

The ranking travels in the bodies of requests only: never in an address, a session or a log.
"""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.elections import policies, queries, services
from app.elections.forms import Ballot, ballot_of
from app.elections.models import Election
from app.elections.rules import ElectionState
from app.elections.views.base import bp, head


@bp.get("/<slug>/elections/<uuid:election_id>/vote")
@guarded_by(policies.may_take_part, find=queries.election_for)
def ballot(election: Election) -> flask.Response:
    """The ballot."""
    _require_vote(election)
    return page("elections/vote.html", **_ballot(election, ballot_of(election.standing)))


def _require_vote(election: Election) -> None:
    """Say why there is no ballot for this reader."""
    if election.state is not ElectionState.VOTING or election.closes_at <= clock.now():
        raise Refused(_("Voting is not open."))
    voted = queries.has_voted(reading(), election.id, current_actor().person_id)
    if voted is None:
        raise Refused(
            _("Those who belonged to the group when voting began can vote in this election."), 403
        )
    if voted:
        raise Refused(
            _("You have voted already. No ballot can be traced, so none can be changed either.")
        )


def _ballot(election: Election, form: Ballot) -> dict[str, object]:
    return {**head(election.erg), "election": election, "form": form}


@bp.post("/<slug>/elections/<uuid:election_id>/vote")
@guarded_by(policies.may_take_part, find=queries.election_for)
def vote(election: Election) -> Response:
    """First the ranking for a last look, then, with the other button, the vote."""
    _require_vote(election)
    form, step = ballot_of(election.standing), flask.request.form.get("step")
    if not form.validate_on_submit():
        return invalid("elections/vote.html", **_ballot(election, form))
    if step == "change":
        return page("elections/vote.html", **_ballot(election, form))
    if step != "cast":
        by_number = {c.number: c for c in election.standing}
        ranked = [by_number[number] for number in form.ranking]
        return page("elections/confirm.html", ranked=ranked, **_ballot(election, form))
    return _cast(election, form.ranking)


def _cast(election: Election, ranking: tuple[int, ...]) -> Response:
    person_id, election_id, slug = current_actor().person_id, election.id, election.erg.slug
    with writing() as db:
        services.cast(db, person_id, election_id=election_id, ranking=ranking)
    return done(
        _("Your vote is in the box. Nobody can find out how you voted."),
        to=flask.url_for(".show", slug=slug, election_id=election_id),
    )
