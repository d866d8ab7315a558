"""Groups that host together: asking one, answering for one's own, stepping down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events import forms, policies, queries, services
from app.events.models import Occurrence
from app.events.queries import AskedHost
from app.events.rules import Audience, HostState
from app.events.services.hosting import why_not
from app.events.views.base import bp, dates_meant, is_for_all, said


@bp.get("/events/<uuid:occurrence_id>/hosts")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def hosts(occurrence: Occurrence) -> flask.Response:
    """Who hosts, who was asked, who is invited; other groups by words that were entered."""
    event, args = occurrence.event, flask.request.args
    here = [host for host in event.hosts if host.state in (HostState.ASKED, HostState.ACCEPTED)]
    mine = standing(reading(), current_actor())
    q = args.get("q", "").strip()
    found = queries.groups_to_ask(
        reading(),
        current_actor(),
        q,
        [host.erg_id for host in here],
        max(1, args.get("page", 1, type=int)),
    )
    return page(
        "events/hosts.html",
        fragment="events/_found_groups.html",
        occurrence=occurrence,
        event=event,
        hosting=here,
        mine=mine,
        found=found,
        q=q,
        invites=event.audience is Audience.MEMBERS,
        invited=queries.invited_to(reading(), event),
        states=forms.HOST_STATES,
    )


def _group() -> UUID:
    """The group that a button named."""
    try:
        return UUID(flask.request.form.get("group", ""))
    except ValueError:
        flask.abort(404)


def _meant(occurrence_id: UUID, erg_id: UUID) -> dict[str, Any]:
    """The group, and the date or all dates of its series."""
    return {"occurrence_id": occurrence_id, "erg_id": erg_id, "is_for_all": is_for_all()}


def _back(occurrence_id: UUID, message: str) -> Response:
    to = url_for(".hosts", occurrence_id=occurrence_id, dates=dates_meant())
    return done(said(message), to=to)


@bp.post("/events/<uuid:occurrence_id>/hosts")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def ask_host(occurrence: Occurrence) -> Response:
    """Ask a group to host with us."""
    person_id, occurrence_id, erg_id = current_actor().person_id, occurrence.id, _group()
    with writing() as db:
        services.ask_host(db, person_id, **_meant(occurrence_id, erg_id))
    return _back(occurrence_id, _("Asked. The leads of the group find the question on their desk."))


@bp.post("/events/<uuid:occurrence_id>/hosts/withdrawal")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def take_back_host(occurrence: Occurrence) -> Response:
    """Not ask any more."""
    person_id, occurrence_id, erg_id = current_actor().person_id, occurrence.id, _group()
    with writing() as db:
        services.take_back_host(db, person_id, **_meant(occurrence_id, erg_id))
    return _back(occurrence_id, _("The group is not asked any more."))


@bp.post("/events/<uuid:occurrence_id>/hosts/leaving")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def step_down(occurrence: Occurrence) -> Response:
    """Stop hosting, for one's own group."""
    person_id, occurrence_id, erg_id = current_actor().person_id, occurrence.id, _group()
    with writing() as db:
        services.step_down(db, person_id, **_meant(occurrence_id, erg_id))
    return done(
        said(_("Your group does not host the event any more. Its members may still come.")),
        to=url_for(".index"),
    )


@bp.post("/events/<uuid:occurrence_id>/invited")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def invite_group(occurrence: Occurrence) -> Response:
    """Let the members of a further group come."""
    person_id, occurrence_id, erg_id = current_actor().person_id, occurrence.id, _group()
    with writing() as db:
        services.invite_group(db, person_id, **_meant(occurrence_id, erg_id))
    return _back(occurrence_id, _("Invited. Members of the group can see the event and come."))


@bp.post("/events/<uuid:occurrence_id>/invited/withdrawal")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def uninvite_group(occurrence: Occurrence) -> Response:
    """Take an invitation back before the event is published."""
    person_id, occurrence_id, erg_id = current_actor().person_id, occurrence.id, _group()
    with writing() as db:
        services.uninvite_group(db, person_id, **_meant(occurrence_id, erg_id))
    return _back(occurrence_id, _("The group is not invited any more."))


@bp.get("/events/<uuid:occurrence_id>/hosts/<uuid:erg_id>/answer")
@guarded_by(policies.may_answer_for, find=queries.asked_host_for)
def asked(found: AskedHost) -> flask.Response:
    """What one's group is asked, and what a yes means, before it is given."""
    return page("events/asked.html", **_question(found))


def _question(found: AskedHost) -> dict[str, Any]:
    event, mine = found.occurrence.event, standing(reading(), current_actor())
    return {
        "occurrence": found.occurrence,
        "event": event,
        "row": found.row,
        "hosts": queries.visible_hosts(event, mine),
        "kinds": forms.KINDS,
        "audiences": forms.AUDIENCES,
        "refusal": why_not(event, found.row.erg),
        "makes_hidden": found.row.erg.is_discreet and not event.is_hidden,
    }


def _where(found: AskedHost) -> dict[str, Any]:
    return {"occurrence_id": found.occurrence.id, "erg_id": found.row.erg_id}


@bp.post("/events/<uuid:occurrence_id>/hosts/<uuid:erg_id>/acceptance")
@guarded_by(policies.may_answer_for, find=queries.asked_host_for)
def accept_host(found: AskedHost) -> Response:
    """Yes, together."""
    return _answered(found, services.accept_host, _("Your group hosts this event as well."))


@bp.post("/events/<uuid:occurrence_id>/hosts/<uuid:erg_id>/refusal")
@guarded_by(policies.may_answer_for, find=queries.asked_host_for)
def decline_host(found: AskedHost) -> Response:
    """Not this time."""
    return _answered(found, services.decline_host, _("Your group does not host this event."))


def _answered(found: AskedHost, verb: Any, message: str) -> Response:
    where, person_id = _where(found), current_actor().person_id
    with writing() as db:
        verb(db, person_id, **where)
    return done(message, to=url_for(".asked", **where), undo=url_for(".reopen_host", **where))


@bp.post("/events/<uuid:occurrence_id>/hosts/<uuid:erg_id>/reopening")
@guarded_by(policies.may_answer_for, find=queries.asked_host_for)
def reopen_host(found: AskedHost) -> Response:
    """Take the answer back."""
    where, person_id = _where(found), current_actor().person_id
    with writing() as db:
        services.reopen_host(db, person_id, **where)
    return done(_("Your answer is taken back."), to=url_for(".asked", **where))
