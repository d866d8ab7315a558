"""Fair time: which region of a group carries the bad hours, and when its next events could be."""

from __future__ import annotations

import flask
from babel import dates
from flask_babel import lazy_gettext as _l

from app.core.database import reading
from app.core.locale import babel_locale, format_list
from app.core.pages import page
from app.core.policies import guarded_by
from app.ergs import policies as erg_policies
from app.ergs.models import Erg
from app.ergs.queries import erg_for
from app.events.queries.fair_time import fair_time
from app.events.rules.fair_time import Hour, Region
from app.events.views.base import bp

CITIES = 3
HOURS = {
    Hour.FINE: _l("in the day"),
    Hour.BAD: _l("early or late"),
    Hour.NIGHT: _l("at night"),
}


@bp.get("/ergs/<slug>/fair-time/")
@guarded_by(erg_policies.may_lead, find=erg_for)
def fair(erg: Erg) -> flask.Response:
    """Each region's share of bad hours, and slots that balance it."""
    return page(
        "events/fair_time.html",
        erg=erg,
        found=fair_time(reading(), erg),
        hours=HOURS,
        named=named,
    )


def named(region: Region) -> str:
    """A region by its largest cities, as the reader writes them."""
    locale = babel_locale()
    cities = (
        dates.get_timezone_location(zone, return_city=True, locale=locale)
        for zone in region.zones[:CITIES]
    )
    return format_list(dict.fromkeys(cities))
