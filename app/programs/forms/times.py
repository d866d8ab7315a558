"""Parts of the week and time zones that people choose from."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.programs.feed import DAYS, PARTS

WINDOWS = {
    "mon": _l("Monday"),
    "tue": _l("Tuesday"),
    "wed": _l("Wednesday"),
    "thu": _l("Thursday"),
    "fri": _l("Friday"),
}

TIMES = {
    "morning": _l("morning"),
    "midday": _l("midday"),
    "afternoon": _l("afternoon"),
    "evening": _l("evening"),
}

ZONES = (
    "Africa/Cairo",
    "Africa/Lagos",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Amman",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Stockholm",
    "Europe/Warsaw",
    "UTC",
)


def window_choices() -> list[tuple[str, str]]:
    """The parts of the working week."""
    return [
        (f"{day}-{part}", _("%(day)s, %(part)s", day=WINDOWS[day], part=TIMES[part]))
        for day in DAYS
        if day in WINDOWS
        for part in PARTS
    ]
