"""The list of events: what comes next, and the month."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.database import reading
from app.core.locale import LANGUAGES, current_language, current_zone, month_text, weekdays
from app.core.pages import page
from app.core.policies import current_actor, guarded_by, inside
from app.ergs.queries import standing
from app.ergs.rules import pick_text
from app.events import forms, queries
from app.events.models import Occurrence
from app.events.queries import Listing, Wanted
from app.events.queries.visible import PAGE
from app.events.rules import EventKind, Mode, wall_of
from app.events.rules.finding import Need
from app.events.rules.months import Month, chosen_day, day_named, month_named
from app.events.views.base import bp, zones_of

MONTH = "month"
NEEDS = {
    Need.CAPTIONS: _l("Captions"),
    Need.STEP_FREE: _l("Step-free way"),
    Need.SIGN_LANGUAGE: _l("Sign language"),
    Need.QUIET_ROOM: _l("Quiet room"),
}


@bp.get("/events/")
@guarded_by(inside)
def index() -> flask.Response:
    """What this reader may see, as a list by day or as a month; the address holds all of it."""
    wanted = wanted_of(flask.request.args)
    is_month = flask.request.args.get("view") == MONTH
    return page(
        "events/index.html",
        fragment="events/_events.html",
        **(_month(wanted) if is_month else _agenda(wanted)),
        **_choices(wanted),
    )


def _agenda(wanted: Wanted) -> dict[str, Any]:
    found = queries.listing(reading(), current_actor(), wanted)
    return {"listing": found, "days": by_day(found), "month": None}


def _month(wanted: Wanted) -> dict[str, Any]:
    db, actor, zone = reading(), current_actor(), current_zone()
    today = today_of(zone)
    month = month_named(flask.request.args.get("month"), today)
    found = queries.month_of(db, actor, wanted, *month.bounds(zone), zone)
    asked = day_named(flask.request.args.get("day"), month)
    day = chosen_day(list(found.days), asked, today if month.has(today) else month.first)
    ids = found.days.get(day, []) if day else []
    rows = queries.drawn(db, actor, ids[wanted.skip : wanted.skip + PAGE])
    listing = Listing(rows, len(ids), wanted.number)
    return {
        "listing": listing,
        "days": by_day(listing),
        "month": _grid(month),
        "in_month": found,
        "titles": {
            i: pick_text(texts, current_language().tag) for i, texts in found.titles.items()
        },
        "today": today,
        "day": day,
    }


def today_of(zone: ZoneInfo) -> date:
    """The day on the clocks of a zone."""
    return clock.now().astimezone(zone).date()


def _grid(month: Month) -> dict[str, Any]:
    names = weekdays()
    return {
        "name": month_text(month.first),
        "weekdays": names,
        "weeks": month.weeks(names[0][0]),
        "this": str(month),
        "earlier": str(month.later(-1)),
        "later": str(month.later(1)),
    }


def _choices(wanted: Wanted) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    return {
        "wanted": wanted,
        "kinds": forms.KINDS,
        "modes": forms.MODES,
        "needs": NEEDS,
        "states": forms.STATES,
        "languages": [(tag, found.name) for tag, found in LANGUAGES.items() if tag != "en-XA"],
        "mine": standing(db, actor),
        "groups": queries.groups_to_choose(db, actor, wanted.group),
        "visible_hosts": queries.visible_hosts,
        "at": _at,
        "at_export": _at_export,
    }


def by_day(listing: Listing) -> dict[date, list[Any]]:
    """The rows of a page by the day on the reader's clocks."""
    days: dict[date, list[Any]] = {}
    for row in listing.rows:
        days.setdefault(day_of(row[0]), []).append(row)
    return days


def day_of(occurrence: Occurrence) -> date:
    """The day on which a date begins where the reader is."""
    return occurrence.starts_at.astimezone(current_zone()).date()


# A global, since included partials may be imported without context.
@bp.app_template_global("clocks_on")
def clocks_on(occurrence: Occurrence, day: date) -> list[tuple[str, bool]]:
    """(zone, whether it shows the same day) of the clocks to print under a day's heading."""
    zones = [zone for zone in zones_of(occurrence)[:2] if zone]
    return [(zone, wall_of(occurrence.starts_at, zone).date() == day) for zone in zones]


def _at(**changed: str | None) -> str:
    """The address of this list with something else in it; None takes a part away."""
    kept: dict[str, Any] = {**flask.request.args.to_dict(flat=False), "page": None, **changed}
    return flask.url_for(".index", **{name: value for name, value in kept.items() if value})


def _at_export(kind: str) -> str:
    """The address of this list as a file."""
    args = {name: value for name, value in flask.request.args.items(multi=True) if name != "page"}
    kept: dict[str, Any] = {**args, "access": flask.request.args.getlist("access")}
    return flask.url_for(f".list_{kind}", **kept)


def wanted_of(args: Any) -> Wanted:
    """The filters of an address; what makes no sense is left out."""
    kind, mode, show = args.get("kind"), args.get("mode"), args.get("show")
    return Wanted(
        q=args.get("q", "").strip(),
        group=args.get("group", ""),
        kind=EventKind(kind) if kind in list(EventKind) else None,
        mode=Mode(mode) if mode in list(Mode) else None,
        language=args.get("language", "") if args.get("language") in LANGUAGES else "",
        access=tuple(need for need in Need if need in args.getlist("access")),
        mine_only=show == "mine",
        past=show == "past",
        number=min(max(1, args.get("page", 1, type=int)), 10_000),
    )
