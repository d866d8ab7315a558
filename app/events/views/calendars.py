"""Entries for calendar programs, what they say, and when people are reminded."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.locale import speaking
from app.core.pages import done, invalid, page
from app.core.policies import anyone, current_actor, guarded_by, inside
from app.events import calendar_links, ical, messages, policies, queries, services
from app.events.forms.choices import WORDS, EntryForm, RemindersForm, UsualForm
from app.events.models import Occurrence, Rsvp
from app.events.queries.entries import Choices
from app.events.registry import calendar_entries
from app.events.rules import offsets
from app.events.views.base import bp, dates_meant, is_for_all, said

FEED, ENTRY = "events/feed.html", "events/entry.html"


@bp.get("/events/<uuid:occurrence_id>/calendar.ics")
@guarded_by(policies.may_see, find=queries.entry_for)
def calendar(rsvp: Rsvp) -> flask.Response:
    """One's own entry to put into any calendar."""
    return _calendar_file(ical.calendar([_entry(rsvp)], method="PUBLISH"))


def _entry(rsvp: Rsvp) -> ical.Entry:
    neutral = queries.discreet_among(reading(), [rsvp])
    return messages.entry_of(rsvp, is_discreet=rsvp.id in neutral)


def _calendar_file(content: bytes) -> flask.Response:
    response = flask.Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="event.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/events/<uuid:occurrence_id>/calendar")
@guarded_by(policies.may_see, find=queries.occurrence_for)
def entry(occurrence: Occurrence) -> flask.Response:
    """The event in one's calendar: file, links, words, reminders."""
    return page(ENTRY, **_about_entry(occurrence))


def _about_entry(occurrence: Occurrence, **forms: Any) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    rsvp = queries.rsvp_of(db, occurrence.id, actor.person_id)
    is_in = rsvp is not None and rsvp.state in queries.IN_CALENDAR
    chosen = queries.choices_of(db, actor.person_id, occurrence.id)
    minutes = list(offsets(occurrence.event.reminder_minutes))
    return {
        "occurrence": occurrence,
        "event": occurrence.event,
        "chosen": chosen,
        "links": _links(rsvp, chosen) if rsvp and is_in else {},
        "is_in": is_in,
        "runs": policies.leads_host(actor, occurrence.event),
        "form": EntryForm.of(chosen),
        "reminders_form": RemindersForm(formdata=None, minutes=minutes),
        "minutes": minutes,
        **forms,
    }


def _links(rsvp: Rsvp, chosen: Choices) -> dict[str, str]:
    return calendar_links.links_for(messages.entry_of(rsvp, is_discreet=chosen.shows_neutral))


@bp.post("/events/<uuid:occurrence_id>/calendar")
@guarded_by(policies.may_see, find=queries.occurrence_for)
def choose_entry(occurrence: Occurrence) -> Response:
    """Choose words and reminders of one's own entry."""
    form, occurrence_id = EntryForm(), occurrence.id
    if not form.validate_on_submit():
        return invalid(ENTRY, **_about_entry(occurrence, form=form))
    with writing() as db:
        services.choose_entry(
            db,
            current_actor().person_id,
            occurrence_id=occurrence_id,
            is_discreet=WORDS[form.wording.data],
            is_silent=form.is_silent.data,
        )
    to = flask.url_for(".entry", occurrence_id=occurrence_id)
    return done(_("Saved. If the entry is in your calendar, it changes there."), to=to)


@bp.post("/events/<uuid:occurrence_id>/reminders")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def choose_reminders(occurrence: Occurrence) -> Response:
    """Choose when those who go are reminded."""
    form, occurrence_id = RemindersForm(), occurrence.id
    if not form.validate_on_submit():
        return invalid(ENTRY, **_about_entry(occurrence, reminders_form=form))
    minutes = list(form.minutes.data or [])
    with writing() as db:
        services.choose_reminders(
            db,
            current_actor().person_id,
            occurrence_id=occurrence_id,
            minutes=minutes,
            is_for_all=is_for_all(),
        )
    to = flask.url_for(".entry", occurrence_id=occurrence_id, dates=dates_meant())
    return done(said(_("Saved.")), to=to)


@bp.get("/calendar/<token>.ics")
@guarded_by(anyone, find=queries.feed_for)
def feed(found: queries.Feed) -> flask.Response:
    """A person's own events and sessions for their calendar program."""
    neutral = queries.discreet_among(reading(), found.rows)
    with speaking(found.person.locale, found.person.zone, found.person.hour_cycle):
        entries = [messages.entry_of(row, is_discreet=row.id in neutral) for row in found.rows]
        for _name, more in calendar_entries:
            entries += more(reading(), found.person)
        content = ical.calendar(entries, method="PUBLISH", name=_("Trellis: my events"))
    response = _calendar_file(content)
    del response.headers["Content-Disposition"]
    response.add_etag()
    return response.make_conditional(flask.request)


@bp.get("/events/calendar")
@guarded_by(inside)
def feed_settings() -> flask.Response:
    """One's own calendar address, and what all entries say."""
    return page(FEED, **_about_feed())


def _about_feed(address: str | None = None, form: UsualForm | None = None) -> dict[str, Any]:
    db, person_id = reading(), current_actor().person_id
    chosen = queries.choices_of(db, person_id)
    usual = {"is_discreet": chosen.is_discreet, "wants_summary": chosen.wants_summary}
    return {
        "address": address,
        "has_feed": address is not None or queries.has_feed(db, person_id),
        "form": form or UsualForm(formdata=None, **usual),
    }


@bp.post("/events/calendar/entries")
@guarded_by(inside)
def choose_usual() -> Response:
    """Choose what all of one's entries say, and how reminders come."""
    form, person_id = UsualForm(), current_actor().person_id
    if not form.validate_on_submit():
        return invalid(FEED, **_about_feed(form=form))
    with writing() as db:
        services.choose_usual(
            db,
            person_id,
            is_discreet=form.is_discreet.data,
            wants_summary=form.wants_summary.data,
        )
    said = _("Saved. Entries in your calendar change with the next minutes.")
    return done(said, to=flask.url_for(".feed_settings"))


@bp.post("/events/calendar")
@guarded_by(inside)
def open_feed() -> flask.Response:
    """Make a new address and show it this once."""
    person_id = current_actor().person_id
    with writing() as db:
        token = services.open_feed(db, person_id)
    base = flask.current_app.extensions["settings"].base_url
    return page(FEED, **_about_feed(address=f"{base}/calendar/{token}.ics"))


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
