"""Leads plan events."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import current_language
from app.core.pages import invalid, page
from app.core.policies import Actor, current_actor, guarded_by
from app.ergs import policies as erg_policies
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import TextStatus
from app.events import forms, policies, queries, services
from app.events.forms import EventForm, beginnings
from app.events.forms.again import AgainForm
from app.events.forms.belonging import BelongingForm
from app.events.forms.event import filled
from app.events.forms.outlines import ABOUT
from app.events.models import Occurrence
from app.events.rules import USUAL, EventKind, EventState
from app.events.rules.series import Repeats
from app.events.services import Plan, series
from app.events.views.base import bp, saved


def host_asked_for(db: Session, actor: Actor) -> Erg | None:
    """The group named by `?host=`, as far as the actor may see it."""
    return ergs.erg_for(db, actor, flask.request.args.get("host", ""))


@bp.get("/events/new")
@guarded_by(erg_policies.may_lead, find=host_asked_for)
def new(erg: Erg) -> flask.Response:
    """The kinds to choose from; then a short form that knows what is usual."""
    values = _beginning(erg)
    if values is None:
        return page("events/kinds.html", erg=erg, kinds=forms.KINDS, about=ABOUT, usual=USUAL)
    form = EventForm.of(None, [erg], values)
    more = {"again": AgainForm.of(None), "belonging": _belonging()}
    return page("events/edit.html", **_editing(form, erg=erg, **more))


def _belonging() -> BelongingForm | None:
    return BelongingForm.of(reading(), current_actor())


def _beginning(erg: Erg) -> dict[str, Any] | None:
    """What the form begins with: a copy of another event, or the usual of the chosen kind."""
    db, args, now = reading(), flask.request.args, clock.now()
    like = args.get("like", type=UUID)
    model = queries.occurrence_for(db, current_actor(), like) if like else None
    if model is not None and policies.leads_host(current_actor(), model.event):
        return beginnings.again({**filled(model), "chapters": []}, now, model.zone)
    if args.get("kind") not in list(EventKind):
        return None
    last = queries.last_of_group(db, erg.id)
    return {**beginnings.usual(EventKind(args["kind"]), erg, last, now), **_slot_asked_for(erg)}


def _slot_asked_for(erg: Erg) -> dict[str, Any]:
    """Day and start that a link proposes (`?day=&start=&zone=`), on the clocks of that zone.

    Without one they are those of the group, whatever zone its last event had.
    """
    args = flask.request.args
    zone = args.get("zone", "")
    try:
        return {
            "day": date.fromisoformat(args.get("day", "")),
            "start": time.fromisoformat(args.get("start", "")).replace(tzinfo=None),
            "zone": zone if zone in clock.zone_names() else erg.zone,
        }
    except ValueError:
        return {}


def _editing(form: EventForm, **more: Any) -> dict[str, Any]:
    erg = more.get("erg")
    event = more["occurrence"].event if "occurrence" in more else None
    return {
        "form": form,
        "zones": used_zones(reading()),
        "occurrence": None,
        "again": None,
        "belonging": None,
        "kinds": forms.KINDS,
        "is_open": event is None or event.state in (EventState.DRAFT, EventState.CHANGES_REQUESTED),
        "asks_others": bool(erg) and queries.group_needs_approval(reading(), erg.id),
        **more,
    }


@bp.post("/events/new")
@guarded_by(erg_policies.may_lead, find=host_asked_for)
def create(erg: Erg) -> Response:
    """Write the event down as a draft, and publish it at once when that was the wish."""
    form = EventForm.of(None, [erg], {"zone": erg.zone})
    again, belonging = AgainForm.of(form.day.data), _belonging()
    asked = [form, again, *([belonging] if belonging else [])]
    faults = [not one.validate_on_submit() for one in asked]
    if any(faults):
        more = {"again": again, "belonging": belonging}
        return invalid("events/edit.html", **_editing(form, erg=erg, **more))
    plan, repeats = form.plan(current_language().tag), again.repeats()
    made = _written(erg.id, plan, repeats, belonging)
    if form.publishes:
        return _go_on(made)
    return saved(made, _("Saved as a draft. Only leads see it until you publish it."))


def _written(
    erg_id: UUID, plan: Plan, repeats: Repeats | None, belonging: BelongingForm | None
) -> UUID:
    person_id = current_actor().person_id
    with writing() as db:
        made = services.plan(db, person_id, erg_id=erg_id, plan=plan)
        if repeats is not None:
            series.repeat(db, person_id, occurrence_id=made.id, repeats=repeats)
        if belonging is not None:
            belonging.attach(db, person_id, made.event_id)
    return made.id


def _go_on(occurrence_id: UUID) -> Response:
    """Publish what was saved, or send it on its way; when that is refused the draft is there."""
    person_id = current_actor().person_id
    try:
        with writing() as db:
            event = services.send_on(db, person_id, occurrence_id=occurrence_id)
            message = _sent(event.state)
    except Refused as refused:
        return saved(occurrence_id, _("Saved as a draft. %(reason)s", reason=str(refused)))
    return saved(occurrence_id, message)


def _sent(state: EventState) -> str:
    return {
        EventState.PUBLISHED: _("Published. Its audience can see it now."),
        EventState.APPROVED: _("It needs nobody’s approval. You can publish it now."),
    }.get(state, _("Sent for approval. You hear as soon as somebody has decided."))


@bp.get("/events/<uuid:occurrence_id>/edit")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def edit(occurrence: Occurrence) -> flask.Response:
    """The event as a form."""
    form = EventForm.of(occurrence, occurrence.event.accepted_hosts, None)
    return page("events/edit.html", **_editing(form, occurrence=occurrence))


@bp.post("/events/<uuid:occurrence_id>/edit")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def revise(occurrence: Occurrence) -> Response:
    """Save; what was saved unchanged changes nothing."""
    form = EventForm.of(occurrence, occurrence.event.accepted_hosts, None)
    if not form.validate_on_submit():
        return invalid("events/edit.html", **_editing(form, occurrence=occurrence))
    source = next(t.locale for t in occurrence.event.texts if t.status is TextStatus.SOURCE)
    person_id, occurrence_id, plan = current_actor().person_id, occurrence.id, form.plan(source)
    with writing() as db:
        changed = services.revise(db, person_id, occurrence_id=occurrence_id, plan=plan)
        state = services.state_of(db, occurrence_id)
    return saved(occurrence_id, _revised(bool(changed), state))


def _revised(is_changed: bool, state: EventState) -> str:
    if not is_changed:
        return _("Nothing was changed.")
    return {
        EventState.PUBLISHED: _("Saved. Everybody who goes is told what changed."),
        EventState.SUBMITTED: _("Saved. Whoever approves it decides about it as it is now."),
    }.get(state, _("Saved."))


@bp.post("/events/<uuid:occurrence_id>/publication")
@guarded_by(policies.may_publish, find=queries.occurrence_for)
def publish(occurrence: Occurrence) -> Response:
    """Show the event to its audience."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.publish(db, person_id, occurrence_id=occurrence_id)
    return saved(occurrence_id, _("Published. Its audience can see it now."))


@bp.post("/events/<uuid:occurrence_id>/submission")
@guarded_by(policies.may_submit, find=queries.occurrence_for)
def submit(occurrence: Occurrence) -> Response:
    """Send it for approval."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        state = services.submit(db, person_id, occurrence_id=occurrence_id).state
    return saved(occurrence_id, _sent(state))


@bp.post("/events/<uuid:occurrence_id>/submission/withdrawal")
@guarded_by(policies.may_take_back, find=queries.occurrence_for)
def take_back(occurrence: Occurrence) -> Response:
    """Make it a draft again."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.take_back(db, person_id, occurrence_id=occurrence_id)
    return saved(occurrence_id, _("It is a draft again. Nobody has to decide about it."))
