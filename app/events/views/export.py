"""The list of events as a file: what the page shows to this reader, and nothing more."""

from __future__ import annotations

from dataclasses import replace

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit import services as audit
from app.core.database import reading, writing
from app.core.exports import Cell, csv_file, xlsx_file
from app.core.locale import current_language, current_zone, format_list
from app.core.policies import Actor, current_actor, guarded_by, inside
from app.ergs.queries import Standing, standing
from app.ergs.rules import pick_text
from app.events import forms, queries
from app.events.models import Occurrence, Rsvp
from app.events.rules import RsvpState
from app.events.rules.months import month_named
from app.events.views.base import bp
from app.events.views.lists import MONTH, today_of, wanted_of

MOST = 2_000
MINE = {
    RsvpState.GOING: _l("Going"),
    RsvpState.OFFERED: _l("A seat is kept for you"),
    RsvpState.WAITLISTED: _l("Waiting"),
    RsvpState.MAYBE: _l("Maybe"),
}


@bp.get("/events.csv")
@guarded_by(inside)
def list_csv() -> flask.Response:
    """The filtered list as CSV."""
    return csv_file("events", _columns(), _rows())


@bp.get("/events.xlsx")
@guarded_by(inside)
def list_xlsx() -> flask.Response:
    """The filtered list as a sheet."""
    return xlsx_file("events", _columns(), _rows())


def _columns() -> list[str]:
    return [
        _("Title"),
        _("Kind"),
        _("Starts"),
        _("Ends"),
        _("Clocks at the event"),
        _("Time zone of the event"),
        _("How"),
        _("Hosted by"),
        _("State"),
        _("My answer"),
        _("Address"),
    ]


def _rows() -> list[list[Cell]]:
    """The rows; that they were taken out is recorded first."""
    actor = current_actor()
    with writing() as db:
        audit.record(db, actor.person_id, "export_events", ("event", None))
    db = reading()
    mine = standing(db, actor)
    return [_cells(occurrence, rsvp, mine) for occurrence, rsvp in _found(actor)]


def _found(actor: Actor) -> list[tuple[Occurrence, Rsvp | None]]:
    """What the list shows on all its pages, or the month."""
    db, args, zone = reading(), flask.request.args, current_zone()
    wanted = replace(wanted_of(args), number=1)
    if args.get("view") != MONTH:
        return queries.every_date(db, actor, wanted, limit=MOST).rows
    month = month_named(args.get("month"), today_of(zone))
    days = queries.month_of(db, actor, wanted, *month.bounds(zone), zone).days
    return queries.drawn(db, actor, [i for found in days.values() for i in found][:MOST])


def _cells(occurrence: Occurrence, rsvp: Rsvp | None, mine: Standing) -> list[Cell]:
    event, tag = occurrence.event, current_language().tag
    title = pick_text(event.texts, tag)
    hosts = [pick_text(erg.texts, tag) for erg in queries.visible_hosts(event, mine)]
    return [
        title.title if title else "",
        str(forms.KINDS[event.kind]),
        occurrence.starts_at,
        occurrence.ends_at,
        occurrence.wall_start,
        occurrence.zone,
        format_list(forms.MODES[mode] for mode in occurrence.modes),
        format_list(text.name for text in hosts if text),
        str(forms.STATES[event.state]),
        str(MINE.get(rsvp.state, "")) if rsvp else "",
        flask.url_for("events.show", occurrence_id=occurrence.id, _external=True),
    ]
