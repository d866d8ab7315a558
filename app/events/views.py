"""Pages of events: list, event, answer, calendar, planning."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core.database import reading, writing
from app.core.locale import current_language, speaking
from app.core.pages import done, invalid, page
from app.core.policies import Actor, anyone, current_actor, guarded_by, inside
from app.ergs import policies as erg_policies
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import TextStatus
from app.events import forms, ical, messages, policies, queries, services
from app.events.forms import AnswerForm, EventForm
from app.events.models import Occurrence, Rsvp
from app.events.queries import Wanted
from app.events.rules import (
    EventKind,
    Mode,
    RsvpState,
    shown_zones,
    wall_of,
)

bp = flask.Blueprint("events", __name__)


# A global, since the macros that call it are imported without context.
@bp.app_template_global("zones_of")
def zones_of(occurrence: Occurrence) -> tuple[str, str | None, bool]:
    """(first zone, second zone or None, whether both clocks show the same day)."""
    mode = Mode.IN_PERSON if Mode.IN_PERSON in occurrence.modes else Mode.ONLINE
    at = occurrence.starts_at
    first, second = shown_zones(at, occurrence.zone, current_actor().zone, mode)
    is_same_day = second is None or wall_of(at, first).date() == wall_of(at, second).date()
    return first, second, is_same_day


@bp.get("/events/")
@guarded_by(inside)
def index() -> flask.Response:
    """What is coming, as far as this reader may see it."""
    db, actor, wanted = reading(), current_actor(), _wanted()
    mine = standing(db, actor)
    return page(
        "events/index.html",
        fragment="events/_events.html",
        wanted=wanted,
        kinds=forms.KINDS,
        modes=forms.MODES,
        listing=queries.listing(db, actor, wanted),
        mine=mine,
        groups=queries.my_groups(db, mine),
        visible_hosts=queries.visible_hosts,
        states=forms.STATES,
    )


def _wanted() -> Wanted:
    args = flask.request.args
    kind, mode = args.get("kind"), args.get("mode")
    return Wanted(
        q=args.get("q", "").strip(),
        group=args.get("group", ""),
        kind=EventKind(kind) if kind in list(EventKind) else None,
        mode=Mode(mode) if mode in list(Mode) else None,
        mine_only=args.get("show") == "mine",
        past=args.get("show") == "past",
        number=max(1, args.get("page", 1, type=int)),
    )


@bp.get("/events/<uuid:occurrence_id>/")
@guarded_by(policies.may_see, find=queries.occurrence_for)
def show(occurrence: Occurrence) -> flask.Response:
    """An event, who comes as far as they let it be known, and one's own answer."""
    return page("events/show.html", **{**_about(occurrence), **_answering(occurrence)})


def _about(occurrence: Occurrence) -> dict[str, Any]:
    db, actor, event = reading(), current_actor(), occurrence.event
    return {
        "kinds": forms.KINDS,
        "access": forms.ACCESS,
        "states": forms.STATES,
        "audiences": forms.AUDIENCES,
        "hosts": queries.visible_hosts(event, standing(db, actor)),
        "names": queries.attendees(db, actor, occurrence),
        "runs": policies.leads_host(actor, event),
    }


def _answering(occurrence: Occurrence, form: AnswerForm | None = None) -> dict[str, Any]:
    db, event = reading(), occurrence.event
    rsvp = queries.rsvp_of(db, occurrence.id, current_actor().person_id)
    is_waiting = rsvp is not None and rsvp.state is RsvpState.WAITLISTED
    counts = not event.is_hidden or policies.leads_host(current_actor(), event)
    return {
        "occurrence": occurrence,
        "event": event,
        "rsvp": rsvp,
        "modes": forms.MODES,
        "form": form or AnswerForm.of(occurrence, rsvp),
        "is_open": policies.is_open(occurrence),
        "places": queries.places(db, occurrence) if counts else {},
        "position": queries.position(db, rsvp) if is_waiting and counts else None,
        "shown_to": forms.SHOWN_TO,
    }


@bp.post("/events/<uuid:occurrence_id>/rsvp")
@guarded_by(policies.may_answer, find=queries.occurrence_for)
def answer(occurrence: Occurrence) -> Response:
    """Say whether one comes."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    form = AnswerForm.of(occurrence, None)
    if not form.validate_on_submit():
        return invalid(
            "events/show.html",
            fragment="events/_rsvp.html",
            **{**_about(occurrence), **_answering(occurrence, form)},
        )
    with writing() as db:
        rsvp = services.answer(
            db,
            person_id,
            occurrence_id=occurrence_id,
            reply=form.reply.data,
            mode=form.mode.data,
            guests=form.guests.data or 0,
            visibility=form.visibility.data,
        )
        message = _said(rsvp)
    fresh = queries.occurrence_for(reading(), current_actor(), occurrence_id)
    return done(
        message,
        to=flask.url_for(".show", occurrence_id=occurrence_id),
        fragment="events/_rsvp.html",
        **_answering(fresh),
    )


def _said(rsvp: Rsvp) -> str:
    return {
        RsvpState.GOING: _("You are going. Your calendar entry is on its way."),
        RsvpState.WAITLISTED: _("You are on the waiting list. You will be told at once."),
        RsvpState.MAYBE: _("Noted as maybe. No seat is kept for you."),
        RsvpState.PENDING_APPROVAL: _("The organizers will answer you."),
    }.get(rsvp.state, _("Noted: you are not coming."))


@bp.get("/events/<uuid:occurrence_id>/calendar.ics")
@guarded_by(policies.may_see, find=queries.entry_for)
def calendar(rsvp: Rsvp) -> flask.Response:
    """One's own entry to put into any calendar."""
    content = ical.calendar([messages.entry_of(rsvp)], method="PUBLISH")
    return _calendar_file(content)


def _calendar_file(content: bytes) -> flask.Response:
    response = flask.Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="event.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/calendar/<token>.ics")
@guarded_by(anyone, find=queries.feed_for)
def feed(found: queries.Feed) -> flask.Response:
    """A person's own events for their calendar program; no other name in it."""
    with speaking(found.person.locale, found.person.zone, found.person.hour_cycle):
        entries = [messages.entry_of(rsvp) for rsvp in found.rows]
        content = ical.calendar(entries, method="PUBLISH", name=_("Trellis: my events"))
    response = _calendar_file(content)
    del response.headers["Content-Disposition"]
    response.add_etag()
    return response.make_conditional(flask.request)


@bp.get("/events/calendar")
@guarded_by(inside)
def feed_settings() -> flask.Response:
    """One's own calendar address: what it shows, make it, end it."""
    return page(
        "events/feed.html",
        address=None,
        has_feed=queries.has_feed(reading(), current_actor().person_id),
    )


@bp.post("/events/calendar")
@guarded_by(inside)
def open_feed() -> flask.Response:
    """Make a new address and show it this once."""
    person_id = current_actor().person_id
    with writing() as db:
        token = services.open_feed(db, person_id)
    base = flask.current_app.extensions["settings"].base_url
    return page("events/feed.html", address=f"{base}/calendar/{token}.ics", has_feed=True)


@bp.post("/events/calendar/end")
@guarded_by(inside)
def close_feed() -> Response:
    """End the address."""
    person_id = current_actor().person_id
    with writing() as db:
        services.close_feed(db, person_id)
    return done(
        _("The address is ended. Calendars that used it find nothing now."),
        to=flask.url_for(".feed_settings"),
    )


def host_asked_for(db: Session, actor: Actor) -> Erg | None:
    """The group named by `?host=`, as far as the actor may see it."""
    return ergs.erg_for(db, actor, flask.request.args.get("host", ""))


@bp.get("/events/new")
@guarded_by(erg_policies.may_lead, find=host_asked_for)
def new(erg: Erg) -> flask.Response:
    """An empty form in the group's zone."""
    return page("events/edit.html", **_editing(EventForm.of(None, erg.zone), erg=erg))


def _editing(form: EventForm, **more: Any) -> dict[str, Any]:
    return {"form": form, "zones": used_zones(reading()), "occurrence": None, **more}


@bp.post("/events/new")
@guarded_by(erg_policies.may_lead, find=host_asked_for)
def create(erg: Erg) -> Response:
    """Write the event down as a draft."""
    form = EventForm.of(None, erg.zone)
    if not form.validate_on_submit():
        return invalid("events/edit.html", **_editing(form, erg=erg))
    person_id, erg_id, plan = current_actor().person_id, erg.id, form.plan(current_language().tag)
    with writing() as db:
        made = services.plan(db, person_id, erg_id=erg_id, plan=plan).id
    return _saved(made, _("Saved as a draft. Only leads see it until you publish it."))


@bp.get("/events/<uuid:occurrence_id>/edit")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def edit(occurrence: Occurrence) -> flask.Response:
    """The event as a form."""
    form = EventForm.of(occurrence, occurrence.zone)
    return page("events/edit.html", **_editing(form, occurrence=occurrence))


@bp.post("/events/<uuid:occurrence_id>/edit")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def revise(occurrence: Occurrence) -> Response:
    """Save; what was saved unchanged changes nothing."""
    form = EventForm.of(occurrence, occurrence.zone)
    if not form.validate_on_submit():
        return invalid("events/edit.html", **_editing(form, occurrence=occurrence))
    source = next(t.locale for t in occurrence.event.texts if t.status is TextStatus.SOURCE)
    person_id, occurrence_id, plan = current_actor().person_id, occurrence.id, form.plan(source)
    with writing() as db:
        changed = services.revise(db, person_id, occurrence_id=occurrence_id, plan=plan)
    return _saved(
        occurrence_id,
        _("Saved. Everybody who goes is told what changed.")
        if changed
        else _("Nothing was changed."),
    )


def _saved(occurrence_id: UUID, message: str) -> Response:
    return done(message, to=flask.url_for(".show", occurrence_id=occurrence_id))


@bp.post("/events/<uuid:occurrence_id>/publication")
@guarded_by(policies.may_publish, find=queries.occurrence_for)
def publish(occurrence: Occurrence) -> Response:
    """Show the event to its audience."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.publish(db, person_id, occurrence_id=occurrence_id)
    return _saved(occurrence_id, _("Published. Its audience can see it now."))


@bp.post("/events/<uuid:occurrence_id>/cancellation")
@guarded_by(policies.may_cancel, find=queries.occurrence_for)
def cancel(occurrence: Occurrence) -> Response:
    """Cancel for good."""
    person_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        services.cancel(db, person_id, occurrence_id=occurrence_id)
    return _saved(occurrence_id, _("Canceled. Everybody who was going or waiting is told."))
