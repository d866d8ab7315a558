"""For members: what organizers can see, "we are fine", and the question "still going?"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring import queries
from app.mentoring.forms.risks import FineForm
from app.mentoring.models import Relationship
from app.mentoring.policies import may_answer_by_link, may_open_workspace, may_work
from app.mentoring.queries import risks as seen
from app.mentoring.risk_words import LOOKS_AT, RISKS
from app.mentoring.rules import LIVE
from app.mentoring.rules.risks import APPLIES
from app.mentoring.services import silence
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp

ANSWERS: dict[str, tuple[Any, Callable[..., None]]] = {
    "going_on": (_l("We go on"), silence.go_on),
    "elsewhere": (_l("We are fine, we meet elsewhere"), silence.elsewhere),
    "pause": (_l("We pause for thirty days"), silence.rest),
}


@bp.get("/<uuid:relationship_id>/seen/")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def seen_by_organizers(pair: Relationship) -> flask.Response:
    """What organizers can see about a relationship, in plain words."""
    return page("mentoring/seen.html", **_context(pair, FineForm(formdata=None)))


def _context(pair: Relationship, form: FineForm) -> dict[str, Any]:
    db = reading()
    applies = APPLIES[pair.format]
    return {
        "pair": pair,
        "others": pair.others(current_actor().person_id),
        "is_live": pair.state in LIVE,
        "flags": seen.open_flags(db, pair.id),
        "fine": seen.fine_until(db, pair.id),
        "notice": seen.notice_of(db, pair.id),
        "rules": [(RISKS[rule], text) for rule, text in LOOKS_AT.items() if rule in applies],
        "risk_labels": RISKS,
        "form": form,
    }


@bp.post("/<uuid:relationship_id>/fine")
@guarded_by(may_work, find=queries.relationship_for)
def say_fine(pair: Relationship) -> Response:
    """All is well, here or elsewhere: nobody asks for a while."""
    form = FineForm()
    if not form.validate_on_submit():
        return invalid("mentoring/seen.html", **_context(pair, form))
    pair_id, until = pair.id, form.until
    with writing() as db:
        silence.reassure(db, me(), relationship_id=pair_id, until=until)
    return done(
        _("Good to hear. Nobody asks until then."),
        to=url_for(".seen_by_organizers", relationship_id=pair_id),
        undo=url_for(".unsay_fine", relationship_id=pair_id),
    )


@bp.post("/<uuid:relationship_id>/fine/undo")
@guarded_by(may_work, find=queries.relationship_for)
def unsay_fine(pair: Relationship) -> Response:
    """Take that back."""
    pair_id = pair.id
    with writing() as db:
        silence.ask_again(db, me(), relationship_id=pair_id)
    return done(_("Taken back."), to=url_for(".seen_by_organizers", relationship_id=pair_id))


@bp.get("/still/<token>")
@guarded_by(may_answer_by_link, find=seen.still_going_for)
def still_going(question: seen.StillGoing) -> flask.Response:
    """The question with its buttons; opening it changes nothing."""
    return page(
        "mentoring/still.html",
        question=question,
        others=question.pair.others(question.person_id),
        answers=[
            (said, text)
            for said, (text, _act) in ANSWERS.items()
            if said != "pause" or question.may_pause
        ],
    )


@bp.post("/still/<token>")
@guarded_by(may_answer_by_link, find=seen.still_going_for)
def answer_still_going(question: seen.StillGoing) -> Response:
    """One tap, once."""
    said = flask.request.form.get("said", "")
    if said not in ANSWERS:
        raise Refused(_("Choose one of the answers."), 422)
    act, pair_id = ANSWERS[said][1], question.pair.id
    with writing() as db:
        act(db, question.person_id, relationship_id=pair_id, asked=question.nudge_id)
    return done(_("Thank you. That is noted."), to=url_for(".still_going", token=question.token))
