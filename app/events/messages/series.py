"""A rule as people say it, in the language being spoken."""

from __future__ import annotations

from datetime import date

from babel import dates
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.locale import babel_locale, date_text, format_list
from app.events.rules.series import FEBRUARY, LAST, Caution, Frequency, Recurrence


def weekday_name(day: int) -> str:
    """Monday is 0."""
    return str(dates.get_day_names("wide", locale=babel_locale())[day])


def sentence(rule: Recurrence, first: date) -> str:
    """How it repeats and until when: one sentence, or two with an end."""
    return " ".join(part for part in (_how_often(rule, first), _until(rule)) if part)


def _how_often(rule: Recurrence, first: date) -> str:
    every = rule.interval
    if rule.frequency is Frequency.DAILY:
        return ngettext("Every day.", "Every %(num)d days.", every)
    if rule.frequency is Frequency.WEEKLY:
        days = format_list(weekday_name(day) for day in rule.weekdays or (first.weekday(),))
        return ngettext(
            "Every week on %(days)s.", "Every %(num)d weeks on %(days)s.", every, days=days
        )
    if rule.frequency is Frequency.YEARLY:
        return _yearly(rule, first)
    if rule.weekdays:
        return _by_weekday(rule.nth or 1, weekday_name(rule.weekdays[0]), every)
    if rule.month_day == LAST:
        return ngettext(
            "Every month on its last day.", "Every %(num)d months on the last day.", every
        )
    return ngettext(
        "Every month on day %(day)d.",
        "Every %(num)d months on day %(day)d.",
        every,
        day=rule.month_day or first.day,
    )


def _yearly(rule: Recurrence, first: date) -> str:
    if rule.month_day == LAST and rule.month == FEBRUARY:
        return ngettext(
            "Every year on the last day of February.",
            "Every %(num)d years on the last day of February.",
            rule.interval,
        )
    day = dates.format_skeleton("MMMMd", first, locale=babel_locale())
    return ngettext(
        "Every year on %(day)s.", "Every %(num)d years on %(day)s.", rule.interval, day=day
    )


def _by_weekday(nth: int, weekday: str, every: int) -> str:
    """Whole sentences, since ordinals and weekdays agree differently in each language."""
    return {
        1: ngettext(
            "Every month on the first %(weekday)s.",
            "Every %(num)d months on the first %(weekday)s.",
            every,
            weekday=weekday,
        ),
        2: ngettext(
            "Every month on the second %(weekday)s.",
            "Every %(num)d months on the second %(weekday)s.",
            every,
            weekday=weekday,
        ),
        3: ngettext(
            "Every month on the third %(weekday)s.",
            "Every %(num)d months on the third %(weekday)s.",
            every,
            weekday=weekday,
        ),
        4: ngettext(
            "Every month on the fourth %(weekday)s.",
            "Every %(num)d months on the fourth %(weekday)s.",
            every,
            weekday=weekday,
        ),
    }.get(nth) or ngettext(
        "Every month on the last %(weekday)s.",
        "Every %(num)d months on the last %(weekday)s.",
        every,
        weekday=weekday,
    )


def _until(rule: Recurrence) -> str:
    if rule.count is not None:
        return ngettext("There is %(num)d date.", "There are %(num)d dates.", rule.count)
    if rule.until is not None:
        return _("The last day is %(day)s.", day=date_text(rule.until, "long"))
    return ""


def warning(caution: Caution, day: int) -> str:
    """What people do not expect of the rule, and the way out."""
    if caution is Caution.LEAP_YEARS:
        return _("29 February exists only in leap years, so the other years have no date.")
    return _(
        "Months without a day %(day)d have no date. Choose the last day of the month to have one "
        "in every month.",
        day=day,
    )
