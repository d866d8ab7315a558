"""What leads and members write to each other, under names or aliases."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, go, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries
from app.ergs.forms.sponsor import MessageForm
from app.ergs.models import Erg
from app.ergs.queries import relay
from app.ergs.rules import alias
from app.ergs.services import relay as services
from app.ergs.views.base import bp, page_number, text_of

TALK = "ergs/_relay.html"


@bp.get("/<slug>/manage/messages/")
@guarded_by(policies.may_lead, find=queries.erg_for)
def relays(erg: Erg) -> flask.Response:
    """The exchanges of a group; never who belongs."""
    found = relay.threads(reading(), erg, current_actor(), page_number())
    rows = [
        (thread, relay.name_in(thread, None if thread.is_alias else name))
        for thread, name, _n in found.rows
    ]
    return page("ergs/relays.html", erg=erg, text=text_of(erg), found=found, rows=rows)


@bp.get("/<slug>/manage/messages/to/<uuid:membership_id>")
@guarded_by(policies.may_write_to, find=relay.addressee)
def write_first(found: relay.Addressee) -> flask.Response:
    """A message to a member, or to whoever asks to join."""
    return page("ergs/relay_new.html", **_addressing(found, MessageForm()))


def _addressing(found: relay.Addressee, form: MessageForm) -> dict[str, Any]:
    name = found.name or _("Person %(alias)s", alias=alias(found.row.id))
    address = flask.url_for(".send_first", slug=found.erg.slug, membership_id=found.row.id)
    return {
        "erg": found.erg,
        "text": text_of(found.erg),
        "name": name,
        "is_alias": found.name is None,
        "form": form,
        "address": address,
    }


@bp.post("/<slug>/manage/messages/to/<uuid:membership_id>")
@guarded_by(policies.may_write_to, find=relay.addressee)
def send_first(found: relay.Addressee) -> Response:
    """Write to them."""
    form = MessageForm()
    if not form.validate_on_submit():
        return invalid("ergs/relay_new.html", **_addressing(found, form))
    actor_id, membership_id = current_actor().person_id, found.row.id
    with writing() as db:
        thread = services.write_to(db, actor_id, membership_id=membership_id, text=form.text.data)
        thread_id = thread.id
    return done(_("Your message is on its way."), to=flask.url_for(".talk", thread_id=thread_id))


@bp.get("/<slug>/messages/new")
@guarded_by(policies.may_belong, find=queries.erg_for)
def ask_leads(erg: Erg) -> Response:
    """A message to the leads of a group one belongs to, or asked to join; or what was said."""
    thread = relay.own_thread(reading(), erg, current_actor().person_id)
    if thread is not None:
        return go(flask.url_for(".talk", thread_id=thread.id))
    return page("ergs/relay_new.html", **_asking(erg, MessageForm()))


def _asking(erg: Erg, form: MessageForm) -> dict[str, Any]:
    return {
        "erg": erg,
        "text": text_of(erg),
        "name": None,
        "form": form,
        "address": flask.url_for(".write_to_leads", slug=erg.slug),
    }


@bp.post("/<slug>/messages")
@guarded_by(policies.may_belong, find=queries.erg_for)
def write_to_leads(erg: Erg) -> Response:
    """Write to the leads; who is confidential does so under an alias."""
    form = MessageForm()
    if not form.validate_on_submit():
        return invalid("ergs/relay_new.html", **_asking(erg, form))
    actor_id, erg_id = current_actor().person_id, erg.id
    with writing() as db:
        thread = services.write_to_leads(db, actor_id, erg_id=erg_id, text=form.text.data)
        thread_id = thread.id
    return done(_("Your message is on its way."), to=flask.url_for(".talk", thread_id=thread_id))


@bp.get("/messages/<uuid:thread_id>/")
@guarded_by(policies.may_answer, find=relay.thread_for)
def talk(found: relay.Exchange) -> flask.Response:
    """One exchange, for both sides."""
    return page("ergs/relay.html", fragment=TALK, **_talk(found, MessageForm(formdata=None)))


def _talk(found: relay.Exchange, form: MessageForm) -> dict[str, Any]:
    return {
        "found": found,
        "erg": found.erg,
        "text": text_of(found.erg),
        "name": relay.name_in(found.thread, found.name),
        "said": relay.messages(reading(), found.thread.id),
        "form": form,
    }


@bp.post("/messages/<uuid:thread_id>/")
@guarded_by(policies.may_answer, find=relay.thread_for)
def reply(found: relay.Exchange) -> Response:
    """Go on."""
    form = MessageForm()
    if not form.validate_on_submit():
        return invalid("ergs/relay.html", fragment=TALK, **_talk(found, form))
    return _spoken(found, services.answer, _("Your message is on its way."), text=form.text.data)


@bp.post("/messages/<uuid:thread_id>/aside")
@guarded_by(policies.may_lay_aside, find=relay.thread_for)
def lay_aside(found: relay.Exchange) -> Response:
    """The last message needs no answer."""
    return _spoken(found, services.lay_aside, _("Laid aside. The person is not told."))


def _spoken(found: relay.Exchange, act: Any, message: str, **fields: Any) -> Response:
    actor_id, thread_id = current_actor().person_id, found.thread.id
    with writing() as db:
        act(db, actor_id, thread_id=thread_id, **fields)
    to = flask.url_for(".talk", thread_id=thread_id)
    fresh = relay.thread_for(reading(), current_actor(), thread_id)
    if fresh is None:
        return done(message, to=flask.url_for("shell.home"))
    return done(message, to=to, fragment=TALK, **_talk(fresh, MessageForm(formdata=None)))
