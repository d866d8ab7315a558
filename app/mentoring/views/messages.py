"""The conversation of a relationship: reading, writing, second thoughts."""

from __future__ import annotations

from typing import Any

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock, ids
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.htmx import htmx
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.mentoring.forms.messages import ChangeForm, MessageForm, ReadForm, instant_in
from app.mentoring.models import PairMessage, Relationship
from app.mentoring.policies import may_change_message, may_open_workspace
from app.mentoring.queries import messages as queries
from app.mentoring.queries import relationship_for
from app.mentoring.rules import LIVE
from app.mentoring.rules.messages import LONGEST_KEY, is_fresh
from app.mentoring.services import messages as services
from app.mentoring.views.acting import found_pair, me
from app.mentoring.views.base import bp

PAGE, TALK, LINES = "mentoring/messages.html", "mentoring/_talk.html", "mentoring/_messages.html"


@bp.get("/<uuid:relationship_id>/messages")
@guarded_by(may_open_workspace, find=relationship_for)
def messages(pair: Relationship) -> flask.Response:
    """What the members write to each other, the newest at the bottom."""
    q, number = request.args.get("q", "").strip()[:200], request.args.get("page", 1, type=int)
    return page(PAGE, **_about(pair, q=q, number=number))


def _about(
    pair: Relationship, form: MessageForm | None = None, *, q: str = "", number: int = 1
) -> dict[str, Any]:
    """All that the page of a conversation and its parts show."""
    actor = current_actor()
    shows_held = "held" in request.args
    talk = queries.talk_of(reading(), actor, pair.id, q=q, number=number, with_held=shows_held)
    mine = next(member for member in pair.members if member.person_id == actor.person_id)
    others = pair.others(actor.person_id)
    form = form or MessageForm(formdata=None)
    form.key.data = form.key.data or ids.token("message", pair.id, size=12)[:LONGEST_KEY]
    form.seen.data = talk.upto.isoformat() if talk.upto else ""
    return {
        "pair": pair,
        "others": others,
        "names": {member.person_id: member.person for member in pair.members},
        "unreached": [member for member in others if not member.person.can_sign_in],
        "can_write": pair.state in LIVE and any(m.person.can_sign_in for m in others),
        "is_live": pair.state in LIVE,
        "shows_held": shows_held,
        "talk": talk,
        "new": talk.new_to(mine),
        "q": q,
        "form": form,
        "now": clock.now(),
        "is_fresh": is_fresh,
    }


@bp.post("/<uuid:relationship_id>/messages")
@guarded_by(may_open_workspace, find=relationship_for)
def send_message(pair: Relationship) -> Response:
    """Write to the others."""
    form, pair_id, person_id = MessageForm(), pair.id, me()
    if not form.validate_on_submit():
        return invalid(PAGE, fragment=TALK, **_about(pair, form))
    said = {"text": form.text.data, "key": form.key.data, "seen": form.seen_up_to}
    try:
        with writing() as db:
            services.send(db, person_id, relationship_id=pair_id, **said)
    except Refused as refused:
        form.text.errors = [refused.message]
        return invalid(PAGE, fragment=TALK, **_about(found_pair(pair_id), form))
    return _talked(_("Sent."), pair_id, TALK)


def _talked(said: str, pair_id: Any, fragment: str, undo: str | None = None) -> Response:
    to = url_for(".messages", relationship_id=pair_id)
    return done(said, to=to, fragment=fragment, undo=undo, **_about(found_pair(pair_id)))


@bp.get("/<uuid:relationship_id>/messages/newer")
@guarded_by(may_open_workspace, find=relationship_for)
def newer_messages(pair: Relationship) -> Response:
    """What was written since the page was drawn; asked for now and then while it is in sight."""
    if not htmx.is_partial:
        return go(url_for(".messages", relationship_id=pair.id))
    after = request.args.get("after", "")
    is_news = queries.has_newer(reading(), current_actor(), pair.id, instant_in(after))
    known = _about(pair) if is_news else {"pair": pair, "upto": after}
    return page("mentoring/_newer.html", is_news=is_news, **known)


@bp.post("/<uuid:relationship_id>/messages/read")
@guarded_by(may_open_workspace, find=relationship_for)
def read_messages(pair: Relationship) -> Response:
    """Nothing up to here is new any more."""
    form, pair_id, person_id = ReadForm(), pair.id, me()
    if not form.validate_on_submit():
        flask.abort(400)
    with writing() as db:
        services.mark_read(db, person_id, relationship_id=pair_id, until=form.instant)
    if htmx.is_partial:
        return page("mentoring/_read.html", pair=None, new=(), talk=None)
    return done(_("Marked as read."), to=url_for(".messages", relationship_id=pair_id))


@bp.get("/messages/<uuid:message_id>/change")
@guarded_by(may_change_message, find=queries.message_for)
def message(message: PairMessage) -> flask.Response:
    """One's own words in a form while they are fresh, and the way to take them back."""
    return page("mentoring/message.html", form=ChangeForm(obj=message), **_of(message))


def _of(message: PairMessage) -> dict[str, Any]:
    pair = found_pair(message.relationship_id)
    return {
        "message": message,
        "pair": pair,
        "others": pair.others(current_actor().person_id),
        "can_change": pair.state in LIVE
        and message.deleted_at is None
        and is_fresh(message.sent_at, clock.now()),
    }


@bp.post("/messages/<uuid:message_id>/change")
@guarded_by(may_change_message, find=queries.message_for)
def change_message(message: PairMessage) -> Response:
    """Change one's words while they are fresh."""
    form, message_id, pair_id, person_id = ChangeForm(), message.id, message.relationship_id, me()
    if not form.validate_on_submit():
        return invalid("mentoring/message.html", form=form, **_of(message))
    with writing() as db:
        services.edit(db, person_id, message_id=message_id, text=form.text.data)
    return done(_("Your message is changed."), to=url_for(".messages", relationship_id=pair_id))


@bp.post("/messages/<uuid:message_id>/deletion")
@guarded_by(may_change_message, find=queries.message_for)
def delete_message(message: PairMessage) -> Response:
    """Take one's words back."""
    message_id, pair_id, person_id = message.id, message.relationship_id, me()
    with writing() as db:
        services.delete(db, person_id, message_id=message_id)
    undo = url_for(".restore_message", message_id=message_id)
    return _talked(_("Your message is deleted. A mark stays in its place."), pair_id, LINES, undo)


@bp.post("/messages/<uuid:message_id>/return")
@guarded_by(may_change_message, find=queries.message_for)
def restore_message(message: PairMessage) -> Response:
    """Undo a deletion."""
    message_id, pair_id, person_id = message.id, message.relationship_id, me()
    with writing() as db:
        services.restore(db, person_id, message_id=message_id)
    return _talked(_("Your message is back."), pair_id, LINES)
