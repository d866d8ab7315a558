"""Series: their page, making one, changing and ending it, and coming to every date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import current_language, date_text
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs.rules import Visibility, pick_text
from app.events import forms, policies, queries
from app.events.forms.series import EveryDateForm, RepeatForm
from app.events.forms.series_change import SeriesForm
from app.events.messages.series import sentence, warning
from app.events.models import Event, Occurrence, Series
from app.events.queries import clashes, outlooks
from app.events.queries import series as found
from app.events.rules import EventState
from app.events.rules.series import cautions, parse
from app.events.services import series as services
from app.events.services import series_change, subscriptions
from app.events.services.subscriptions import Coming
from app.events.views.base import bp
from app.holidays.queries import ahead
from app.holidays.rules import DayOff, of_site, sites_in

MOST_REASONS = 3


@bp.app_template_global("series_note_of")
def series_note_of(occurrence: Occurrence) -> dict[str, Any]:
    """What an event's page says of its series and of the reader's other appointments."""
    db, person_id = reading(), current_actor().person_id
    row = occurrence.place_in_series
    return {
        "series": row.series if row else None,
        "day": row.day if row else None,
        "sentence": _sentence(row.series) if row else "",
        "conflicts": clashes.own_conflicts(db, person_id, occurrence),
    }


def _sentence(series: Series) -> str:
    return sentence(parse(series.rule), series.first_day)


def _title(event: Event) -> str:
    text = pick_text(event.texts, current_language().tag)
    return text.title if text else ""


@bp.get("/events/series/<uuid:series_id>/")
@guarded_by(policies.may_see, find=found.series_for)
def series(series: Series) -> flask.Response:
    """A series with its dates, one's own answers, and coming to every date."""
    return page("events/series.html", **_about(series))


def _about(
    series: Series, form: EveryDateForm | None = None, refusal: str | None = None
) -> dict[str, Any]:
    db, actor, args = reading(), current_actor(), flask.request.args
    past, number = args.get("show") == "past", max(1, args.get("page", 1, type=int))
    subscription = found.subscription_of(db, series.id, actor.person_id)
    return {
        "series": series,
        "event": series.event,
        "sentence": _sentence(series),
        "dates": found.dates_of(db, actor, series, past=past, number=number),
        "past": past,
        "subscription": subscription,
        "mine": found.own_dates_ahead(db, series.id, actor.person_id) if subscription else 0,
        "form": form or EveryDateForm.of(series, subscription),
        "refusal": refusal,
        "modes": forms.MODES,
        "states": forms.STATES,
        "runs": policies.may_run_series(actor, series),
    }


@bp.get("/events/<uuid:occurrence_id>/repeat")
@guarded_by(policies.may_repeat, find=queries.occurrence_for)
def repeat(occurrence: Occurrence) -> Response | flask.Response:
    """How the event should repeat, with its next dates."""
    known = found.series_of(reading(), occurrence.id)
    if known is not None:
        return flask.redirect(flask.url_for(".series_edit", series_id=known.series_id), 303)
    return page("events/series_repeat.html", **_repeating(occurrence, _repeat_form(occurrence)))


def _days_off() -> list[DayOff]:
    """Read once a request."""
    if "days_off" not in flask.g:
        flask.g.days_off = ahead(reading())
    found: list[DayOff] = flask.g.days_off
    return found


def _repeat_form(occurrence: Occurrence) -> RepeatForm:
    first = occurrence.wall_start.date()
    form = RepeatForm(data={"every": "weekly", "interval": 1, "weekdays": [first.weekday()]})
    form.prepare(first, sites_in(_days_off()))
    return form


def _repeating(occurrence: Occurrence, form: RepeatForm) -> dict[str, Any]:
    event, first = occurrence.event, occurrence.wall_start
    drawn = _drawn(form, event, first.date(), occurrence.zone, first.time(), occurrence.minutes)
    return {"occurrence": occurrence, "event": event, "form": form, **drawn}


def _drawn(
    form: RepeatForm, event: Event, first: date, zone: str, at: time, minutes: int
) -> dict[str, Any]:
    """The next dates of what a form holds, with what should be known about them."""
    rule = form.rule
    if rule is None:
        return {"soon": [], "warnings": [], "zone": zone}
    soon = clashes.soon(
        reading(),
        current_actor(),
        event,
        first=datetime.combine(first, at),
        zone=zone,
        minutes=minutes,
        rule=rule,
        off=of_site(_days_off(), form.holiday_site.data or ""),
        left_out=form.days_left_out,
        title=_title,
    )
    return {
        "soon": soon,
        "warnings": [warning(one, first.day) for one in cautions(rule, first)],
        "zone": zone,
    }


@bp.post("/events/<uuid:occurrence_id>/repeat")
@guarded_by(policies.may_repeat, find=queries.occurrence_for)
def make_series(occurrence: Occurrence) -> Response:
    """Show the dates again, or make the series."""
    form = _repeat_form(occurrence)
    if not form.validate_on_submit():
        return invalid("events/series_repeat.html", **_repeating(occurrence, form))
    if "preview" in flask.request.form:
        return page("events/series_repeat.html", **_repeating(occurrence, form))
    person_id, occurrence_id, repeats = current_actor().person_id, occurrence.id, form.repeats()
    with writing() as db:
        made = services.repeat(db, person_id, occurrence_id=occurrence_id, repeats=repeats).id
    return _back(made, _("The event repeats now. More dates are made as time goes on."))


def _back(series_id: UUID, message: str) -> Response:
    return done(message, to=flask.url_for(".series", series_id=series_id))


@bp.get("/events/series/<uuid:series_id>/edit")
@guarded_by(policies.may_run_series, find=found.series_for)
def series_edit(series: Series) -> flask.Response:
    """Many dates as one form."""
    return page("events/series_edit.html", **_editing(series, _form(series), _asked(series)))


@dataclass(frozen=True, slots=True)
class Asked:
    """The first date that is meant, and whether those before it stay as they are."""

    anchor: date
    from_day: date | None


def _asked(series: Series) -> Asked:
    """What `?from=` says; without it all dates that lie ahead."""
    if "asked" not in flask.g:
        nearest = series_change.next_day(reading(), series)
        wanted = outlooks.day_ahead(reading(), series.id, flask.request.args.get("from", ""))
        is_later = wanted is not None and wanted > nearest
        flask.g.asked = Asked(wanted, wanted) if is_later else Asked(nearest, None)
    asked: Asked = flask.g.asked
    return asked


def _form(series: Series) -> SeriesForm:
    return SeriesForm.of(series, _asked(series).anchor, sites_in(_days_off()))


def _editing(series: Series, form: SeriesForm, asked: Asked, **more: Any) -> dict[str, Any]:
    given = (form.first_day.data, form.start.data, form.minutes.data)
    drawn: dict[str, Any] = {"soon": [], "warnings": [], "zone": series.zone}
    if all(given) and form.zone.data in clock.zone_names():
        day, at, minutes = given
        drawn = _drawn(form, series.event, day, form.zone.data, at, minutes)
    return {
        "series": series,
        "event": series.event,
        "form": form,
        "asked": asked,
        "zones": used_zones(reading()),
        "is_open": series.event.state in (EventState.DRAFT, EventState.CHANGES_REQUESTED),
        "outlook": None,
        **drawn,
        **more,
    }


@bp.post("/events/series/<uuid:series_id>/edit")
@guarded_by(policies.may_run_series, find=found.series_for)
def series_revise(series: Series) -> Response:
    """First what would happen, then, with the second button, it happens."""
    asked, form = _asked(series), _form(series)
    if not form.validate_on_submit():
        return invalid("events/series_edit.html", **_editing(series, form, asked))
    change, from_day = form.change(), asked.from_day
    if "save" not in flask.request.form:
        seen = outlooks.outlook(reading(), series, change, asked.anchor)
        return page("events/series_edit.html", **_editing(series, form, asked, outlook=seen))
    person_id, series_id = current_actor().person_id, series.id
    try:
        with writing() as db:
            told = series_change.revise_series(
                db, person_id, series_id=series_id, change=change, from_day=from_day
            ).people
    except Refused as refused:
        return _refused(series_id, form, asked, refused)
    return _back(series_id, _told(told))


def _refused(series_id: UUID, form: SeriesForm, asked: Asked, refused: Refused) -> Response:
    """The same form with the refusal; what was typed stays."""
    fresh = found.series_for(reading(), current_actor(), series_id)
    if fresh is None:
        raise refused
    form.first_day.errors = [refused.message]
    return invalid("events/series_edit.html", **_editing(fresh, form, asked))


def _told(people: int) -> str:
    if not people:
        return _("Saved. Nobody had to be told.")
    return ngettext(
        "Saved. %(num)d person is told through their calendar.",
        "Saved. %(num)d people are told through their calendars.",
        people,
    )


@bp.get("/events/series/<uuid:series_id>/end")
@guarded_by(policies.may_run_series, find=found.series_for)
def series_ending(series: Series) -> flask.Response:
    """What the end of a series would mean: how many dates, how many people."""
    from_day = _asked(series).from_day
    dates, people = found.told_of_end(reading(), series.id, from_day)
    return page(
        "events/series_end.html",
        series=series,
        event=series.event,
        from_day=from_day,
        dates=dates,
        people=people,
    )


@bp.post("/events/series/<uuid:series_id>/end")
@guarded_by(policies.may_run_series, find=found.series_for)
def series_end(series: Series) -> Response:
    """Cancel the dates ahead, all or those from one on."""
    from_day = _asked(series).from_day
    person_id, series_id = current_actor().person_id, series.id
    with writing() as db:
        services.end(
            db,
            person_id,
            series_id=series_id,
            from_day=from_day,
            reason=flask.request.form.get("reason", "").strip()[:500],
        )
    return _back(series_id, _("The series has ended. Everybody who was coming is told."))


@bp.post("/events/series/<uuid:series_id>/subscription")
@guarded_by(policies.may_come_to_all, find=found.series_for)
def subscribe(series: Series) -> Response:
    """Come to every date."""
    form = EveryDateForm.of(series)
    if not form.validate_on_submit():
        return invalid("events/series.html", **_about(series, form))
    person_id, series_id = current_actor().person_id, series.id
    assert person_id is not None
    try:
        with writing() as db:
            coming = subscriptions.subscribe(
                db,
                person_id,
                series_id=series_id,
                mode=form.mode.data,
                guests=form.guests.data or 0,
                visibility=form.visibility.data or Visibility.NOBODY,
                told=form.told,
            )
    except Refused as refused:
        fresh = found.series_for(reading(), current_actor(), series_id)
        if fresh is None:
            raise
        return invalid("events/series.html", **_about(fresh, form, refused.message))
    to = flask.url_for(".series", series_id=series_id)
    return done(_coming(coming), to=to, category="warning" if coming.left else "success")


def _coming(coming: Coming) -> str:
    """How many dates were answered; the first that were not, each with the reason."""
    if not coming.answered and not coming.left:
        return _("You come to every date. Dates that you had answered stay as they are.")
    said = ngettext(
        "You come to every date. %(num)d date was answered for you just now.",
        "You come to every date. %(num)d dates were answered for you just now.",
        coming.answered,
    )
    if not coming.left:
        return said
    left = ngettext(
        "%(num)d date was not; open it to answer it yourself:",
        "%(num)d dates were not; open them to answer them yourself:",
        len(coming.left),
    )
    reasons = (
        _("%(day)s: %(reason)s", day=date_text(one.starts_at), reason=one.reason)
        for one in coming.left[:MOST_REASONS]
    )
    return " ".join([said, left, *reasons])


@bp.post("/events/series/<uuid:series_id>/subscription/end")
@guarded_by(policies.may_see, find=found.series_for)
def unsubscribe(series: Series) -> Response:
    """Come to every date no longer; keep what was said yes to, or withdraw it as well."""
    person_id, series_id = current_actor().person_id, series.id
    assert person_id is not None
    withdraws = flask.request.form.get("dates") == "withdraw"
    with writing() as db:
        subscriptions.unsubscribe(db, person_id, series_id=series_id, withdraws=withdraws)
    return _back(
        series_id,
        _("You are not coming to these dates any more. Each has left your calendar.")
        if withdraws
        else _("New dates are not answered for you any more. Your dates stay."),
    )
