"""Finding times: propose some that suit everybody, plan all sessions in one go, say one's week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core import clock
from app.core.database import reading, writing
from app.core.locale import clock_text, format_datetime, format_list, format_number, zone_text
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.core.walls import wall_of
from app.events.rules.fair_time import Hour, hour_of
from app.mentoring import queries
from app.mentoring.forms import MINUTES, HoursForm, ProposeForm, SeriesForm
from app.mentoring.models import Meeting, Relationship
from app.mentoring.policies import may_work
from app.mentoring.queries.circles import is_group, needs_of, next_meeting
from app.mentoring.queries.slots import Weeks, weeks_of
from app.mentoring.rules.overlap import propose_most
from app.mentoring.rules.slots import LATER, Slot, whose_turn
from app.mentoring.services import proposing, series
from app.mentoring.services.sessions import open_guide_sessions
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.forms import ZONES
from app.programs.models import Enrollment
from app.programs.services import hours

TIMES, SERIES, HOURS = "mentoring/times.html", "mentoring/series.html", "mentoring/hours.html"
WEEK = timedelta(days=7)


def _names(pair: Relationship) -> dict[UUID, str]:
    return {member.person_id: shown_name(member.person) for member in pair.members}


@bp.get("/<uuid:relationship_id>/times/")
@guarded_by(may_work, find=queries.relationship_for)
def times(pair: Relationship) -> flask.Response:
    """Times that suit everybody, the fairest first; never why another one is missing."""
    return page(TIMES, **_found(pair))


def _found(pair: Relationship, form: ProposeForm | None = None) -> dict[str, Any]:
    later = min(max(request.args.get("later", 0, type=int), 0), LATER)
    asked = form.minutes.data if form else request.args.get("minutes", "60")
    minutes = asked if asked in MINUTES else "60"
    weeks, now = weeks_of(reading(), pair), clock.now()
    due = (weeks.last or now) + timedelta(days=pair.cadence_days)
    needed, must = needs_of(pair)
    slots = propose_most(
        weeks.sides,
        now=now,
        minutes=int(minutes),
        needed=needed,
        must=must,
        due=max(due, now) + later * WEEK,
        since=now + later * WEEK,
    )
    form = form or ProposeForm(formdata=None, minutes=minutes)
    form.at.choices = [
        (slot.starts_at.isoformat(), format_datetime(slot.starts_at, zone=True)) for slot in slots
    ]
    if not form.is_submitted():
        form.at.data = [value for value, _label in form.at.choices]
    turn = whose_turn(slots, weeks.sides)
    return {
        "pair": pair,
        "others": pair.others(current_actor().person_id),
        "form": form,
        "slots": slots,
        "hints": {slot.starts_at.isoformat(): _hint(pair, slot, weeks) for slot in slots},
        "is_overlap": any(slot.absent for slot in slots),
        "moving": _moving(pair),
        "turn": _names(pair).get(turn) if turn else None,
        "is_mine": turn == current_actor().person_id,
        "minutes": minutes,
        "lengths": [(value, value) for value in MINUTES],
        "later": later,
        "latest": LATER,
        "has_week": current_actor().person_id in weeks.said,
    }


def _moving(pair: Relationship) -> Meeting | None:
    """The session that is to be moved to one of the times, where the reader came from one."""
    wanted = request.args.get("instead", type=UUID)
    found = next_meeting(reading(), pair.id) if wanted and is_group(pair) else None
    return found if found is not None and found.id == wanted else None


def _hint(pair: Relationship, slot: Slot, weeks: Weeks) -> str:
    """What the others' clocks show, where they differ, and for whom it is early or late."""
    zones = {side.person_id: side.zone for side in weeks.sides}
    told = _clocks(pair, slot.starts_at, zones, slot.burdened)
    return " ".join([*_missing(pair, slot), *told])


def _missing(pair: Relationship, slot: Slot) -> list[str]:
    """Who of a group cannot; why is nobody's to know."""
    if not slot.absent:
        return []
    names = _names(pair)
    can, people = len(slot.hours), len(slot.hours) + len(slot.absent)
    return [
        _("%(can)s of %(all)s can.", can=format_number(can), all=format_number(people)),
        _("%(names)s cannot.", names=format_list([names[person] for person in slot.absent])),
    ]


def _clocks(
    pair: Relationship, at: datetime, zones: dict[UUID, str], burdened: list[UUID]
) -> list[str]:
    actor, names = current_actor(), _names(pair)
    here = wall_of(at, actor.zone)
    told = [
        _(
            "For %(name)s it is %(time)s.",
            name=names[person],
            time=f"{clock_text(at, zone)} {zone_text(at, zone)}",
        )
        for person, zone in zones.items()
        if person != actor.person_id and wall_of(at, zone) != here
    ]
    if burdened:
        who = format_list([names[person] for person in burdened])
        told.append(_("Early or late for %(names)s.", names=who))
    return told


@bp.post("/<uuid:relationship_id>/times/")
@guarded_by(may_work, find=queries.relationship_for)
def propose_times(pair: Relationship) -> Response:
    """Propose some of the found times."""
    form = ProposeForm()
    if not form.validate_on_submit():
        return invalid(TIMES, **_found(pair, form))
    pair_id, person_id = pair.id, me()
    with writing() as db:
        proposing.propose(
            db,
            person_id,
            relationship_id=pair_id,
            starts=form.starts,
            minutes=int(form.minutes.data),
            place=form.place.data or "",
        )
    said = _("Proposed. The first tap of somebody else settles it.")
    return done(said, to=url_for(".workspace", relationship_id=pair_id))


@bp.get("/<uuid:relationship_id>/series/")
@guarded_by(may_work, find=queries.relationship_for)
def series_form(pair: Relationship) -> flask.Response:
    """When all sessions would be, before any of them is planned."""
    form = _series_form(pair, request.args if "day" in request.args else None, csrf=False)
    if "day" in request.args and not form.validate():
        return invalid(SERIES, pair=pair, form=form, planned=[], **_around(pair))
    planned = _days(pair, form) if "day" in request.args else []
    hints = [_hint_of(pair, one.at.instant, int(form.minutes.data)) for one in planned]
    return page(SERIES, pair=pair, form=form, planned=planned, hints=hints, **_around(pair))


def _hint_of(pair: Relationship, at: datetime, minutes: int) -> str:
    zones = {m.person_id: m.person.zone for m in pair.members if m.left_at is None}
    burdened = [p for p, zone in zones.items() if hour_of(at, minutes, zone) is not Hour.FINE]
    return " ".join(_clocks(pair, at, zones, burdened))


def _around(pair: Relationship) -> dict[str, Any]:
    return {"others": pair.others(current_actor().person_id)}


def _series_form(pair: Relationship, formdata: Any, *, csrf: bool = True) -> SeriesForm:
    actor = current_actor()
    zones = [actor.zone, *(member.person.zone for member in pair.members), "UTC"]
    left = len(open_guide_sessions(reading(), pair)) if formdata is None else 0
    return SeriesForm(
        zones, formdata=formdata, meta={"csrf": csrf}, zone=actor.zone, count=left or 6
    )


def _days(pair: Relationship, form: SeriesForm) -> list[series.Planned]:
    return series.days_of(
        reading(), pair, first=form.wall_time, zone=form.zone.data, count=form.count.data
    )


@bp.post("/<uuid:relationship_id>/series/")
@guarded_by(may_work, find=queries.relationship_for)
def plan_series(pair: Relationship) -> Response:
    """Plan all sessions in one go."""
    form = _series_form(pair, request.form)
    if not form.validate():
        return invalid(SERIES, pair=pair, form=form, planned=[], **_around(pair))
    pair_id, person_id = pair.id, me()
    with writing() as db:
        series_id = series.plan_series(
            db,
            person_id,
            relationship_id=pair_id,
            first=form.wall_time,
            zone=form.zone.data,
            count=form.count.data,
            minutes=int(form.minutes.data),
            place=form.place.data or "",
        )
    return done(
        _("All sessions are planned. Each of them can be moved by itself."),
        to=url_for(".sessions_list", relationship_id=pair_id),
        undo=url_for(".take_back_series", relationship_id=pair_id, series_id=series_id),
    )


def _series_for(db: Any, actor: Any, relationship_id: UUID, series_id: UUID) -> Any:
    pair = queries.relationship_for(db, actor, relationship_id)
    return pair if pair is not None and queries.has_series(db, pair.id, series_id) else None


@bp.post("/<uuid:relationship_id>/series/<uuid:series_id>/cancellation")
@guarded_by(may_work, find=_series_for)
def take_back_series(pair: Relationship) -> Response:
    """Undo: what of a series still lies ahead is canceled."""
    assert request.view_args is not None, "the route has arguments"
    pair_id, series_id, person_id = pair.id, request.view_args["series_id"], me()
    with writing() as db:
        series.take_back_series(db, person_id, relationship_id=pair_id, series_id=series_id)
    said = _("The sessions are canceled; they leave all calendars.")
    return done(said, to=url_for(".sessions_list", relationship_id=pair_id))


def _own_hours(pair: Relationship) -> Enrollment | None:
    wanted = next((m.enrollment_id for m in pair.members if m.person_id == me()), None)
    return reading().get(Enrollment, wanted) if wanted else None


@bp.route("/<uuid:relationship_id>/hours", methods=["GET", "POST"])
@guarded_by(may_work, find=queries.relationship_for)
def my_hours(pair: Relationship) -> Response:
    """The hours of one's week; nobody else reads them."""
    own = _own_hours(pair)
    if own is None:
        flask.abort(404)
    zones = [own.zone, current_actor().zone, *ZONES]
    form = HoursForm(zones, data={"windows": own.weekly_windows, "zone": own.zone})
    context = {"pair": pair, "others": pair.others(me()), "form": form}
    if not form.is_submitted():
        return page(HOURS, **context)
    if not form.validate():
        return invalid(HOURS, **context)
    enrollment_id, pair_id, person_id = own.id, pair.id, me()
    with writing() as db:
        hours.set_hours(
            db,
            person_id,
            enrollment_id=enrollment_id,
            windows=form.windows.data or (),
            zone=form.zone.data,
        )
    said = _("Saved. Times are looked for in these hours from now on.")
    return done(said, to=url_for(".times", relationship_id=pair_id))
