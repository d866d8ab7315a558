"""The poll about confidentiality: members answer, leads ask, everybody reads the same result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries
from app.ergs.forms.polls import PollAnswerForm, PollForm
from app.ergs.forms.words import ROSTERS
from app.ergs.models import Erg
from app.ergs.queries import polls
from app.ergs.rules import ErgState
from app.ergs.rules.polls import LIVE
from app.ergs.services import polls as services
from app.ergs.views.base import bp, text_of

PART = "ergs/_poll.html"


@bp.get("/<slug>/poll/")
@guarded_by(policies.may_be_polled, find=queries.erg_for)
def poll(erg: Erg) -> flask.Response:
    """The question that runs, or the last one; leads can ask."""
    return page("ergs/poll.html", fragment=PART, **_poll(erg))


@bp.get("/polls/<uuid:poll_id>/")
@guarded_by(policies.may_answer, find=polls.own_poll)
def poll_by_id(asked: polls.Asked) -> Response:
    """The address in messages, which names no group."""
    return go(flask.url_for(".poll", slug=asked.erg.slug))


def _poll(erg: Erg, **more: Any) -> dict[str, Any]:
    row = polls.newest_poll(reading(), erg.id)
    is_live = row is not None and row.state in LIVE
    said = row is not None and is_live and current_actor().person_id in polls.consenting(row)
    return {
        "erg": erg,
        "text": text_of(erg),
        "row": row,
        "asked": polls.Asked(erg, row) if row else None,
        "is_live": is_live,
        "may_ask": erg.is_sensitive and erg.state is not ErgState.ARCHIVED and not is_live,
        "rosters": ROSTERS,
        "said": said,
        "form": PollAnswerForm(formdata=None, reply="yes" if said else "no"),
        "asking": PollForm(formdata=None),
        **more,
    }


@bp.post("/<slug>/poll/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def open_poll(erg: Erg) -> Response:
    """A lead asks all members."""
    form = PollForm()
    if not form.validate_on_submit():
        return invalid("ergs/poll.html", fragment=PART, **_poll(erg, asking=form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        row_id = services.open_poll(db, actor_id, erg_id=erg_id, roster=form.roster.data).id
    return _moved(
        slug,
        _("Asked. The members are told in an hour; until then you can take it back."),
        undo=flask.url_for(".withdraw_poll", slug=slug, poll_id=row_id),
    )


@bp.post("/<slug>/poll/<uuid:poll_id>/answer")
@guarded_by(policies.may_answer_poll, find=polls.poll_in)
def answer_poll(asked: polls.Asked) -> Response:
    """A member says yes, or takes it back."""
    form = PollAnswerForm()
    if not form.validate_on_submit():
        return invalid("ergs/poll.html", fragment=PART, **_poll(asked.erg, form=form))
    actor_id, slug, poll_id = _ids(asked)
    with writing() as db:
        services.answer_poll(db, actor_id, poll_id=poll_id, is_yes=form.reply.data == "yes")
    return _moved(slug, _("Your answer is kept. You can change it until the poll is over."))


@bp.post("/<slug>/poll/<uuid:poll_id>/end")
@guarded_by(policies.may_end_poll, find=polls.poll_in)
def withdraw_poll(asked: polls.Asked) -> Response:
    """A lead takes the question back."""
    actor_id, slug, poll_id = _ids(asked)
    with writing() as db:
        services.withdraw_poll(db, actor_id, poll_id=poll_id)
    return _moved(slug, _("Taken back. The group stays confidential."))


def _ids(asked: polls.Asked) -> tuple[UUID | None, str, UUID]:
    return current_actor().person_id, asked.erg.slug, asked.row.id


def _moved(slug: str, message: str, undo: str | None = None) -> Response:
    erg = queries.erg_for(reading(), current_actor(), slug)
    return done(
        message, to=flask.url_for(".poll", slug=slug), fragment=PART, undo=undo, **_poll(erg)
    )
