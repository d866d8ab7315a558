"""The page that a mail opens: one button, and nothing happens before it is pressed."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core import ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, page
from app.core.policies import Actor, anyone, guarded_by
from app.events import links, messages, policies, services
from app.events.models import Rsvp
from app.events.rules import CONCERNED, Reply, RsvpState
from app.events.services import admission
from app.events.views.base import bp

_S = RsvpState


def answer_of_link(db: Session, _actor: Actor, token: str) -> Rsvp | None:
    """The answer that a signed link is about."""
    rsvp_id = links.opened(token)
    return db.get(Rsvp, rsvp_id) if rsvp_id else None


def next_reply(rsvp: Rsvp) -> Reply | None:
    """What one tap can change now: take what is offered, or give up a place."""
    if policies.is_paused(rsvp.occurrence):
        return Reply.NO if rsvp.state in CONCERNED else None
    if not admission.takes_claims(rsvp.occurrence):
        return None
    if rsvp.state is _S.OFFERED or (rsvp.state is _S.WAITLISTED and rsvp.called_at):
        return Reply.GOING
    return Reply.NO if rsvp.state in (_S.GOING, _S.WAITLISTED, _S.PENDING_APPROVAL) else None


@bp.get("/events/answers/<token>")
@guarded_by(anyone, find=answer_of_link)
def one_tap(rsvp: Rsvp) -> flask.Response:
    """What the mail was about, as it is now, and its button."""
    return page("events/one_tap.html", **_about(rsvp))


def _about(rsvp: Rsvp) -> dict[str, Any]:
    return {
        "rsvp": rsvp,
        "occurrence": rsvp.occurrence,
        "title": messages.title_of(rsvp.occurrence.event),
        "time": messages.time_of(rsvp.occurrence, rsvp.mode),
        "reply": next_reply(rsvp),
        "is_paused": policies.is_paused(rsvp.occurrence),
        "key": ids.token("press", rsvp.id, size=12),
    }


@bp.post("/events/answers/<token>")
@guarded_by(anyone, find=answer_of_link)
def tap(rsvp: Rsvp) -> Response:
    """Do what the button said; a second tap changes nothing."""
    sent = flask.request.form
    person_id, occurrence_id, rsvp_id = rsvp.person_id, rsvp.occurrence_id, rsvp.id
    reply = Reply.GOING if sent.get("reply") == Reply.GOING else Reply.NO
    if reply is Reply.GOING and rsvp.state not in (_S.OFFERED, _S.WAITLISTED, _S.GOING):
        raise Refused(_("This offer is over. On the event's page you can ask for a seat again."))
    with writing() as db:
        services.answer(
            db,
            person_id,
            occurrence_id=occurrence_id,
            reply=reply,
            key=sent.get("key", "")[:64],
        )
    fresh = reading().get(Rsvp, rsvp_id)
    assert fresh is not None
    said = _("You are going.") if fresh.state is _S.GOING else _("Noted.")
    return done(said, to=flask.url_for(".one_tap", token=links.token(rsvp_id)))
