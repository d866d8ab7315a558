"""How figures are said: in percent, in bands, or that they are too small to be shown."""

from __future__ import annotations

from datetime import date

from babel.dates import format_skeleton
from flask_babel import gettext as _

from app.core.locale import babel_locale, format_number, format_percent
from app.health.rules import Cell, Kind, Unit


def month_text(month: date) -> str:
    """A month with its year, as the reader's language writes it."""
    return str(format_skeleton("yMMMM", month, locale=babel_locale()))


def period_text(since: date, month: date) -> str:
    """The months that were pooled."""
    if since == month:
        return month_text(month)
    return _("%(first)s to %(last)s", first=month_text(since), last=month_text(month))


def cell_text(cell: Cell, unit: Unit) -> str:
    """A published number in words."""
    if cell.kind is Kind.BAND:
        return _band_text(cell, unit)
    if cell.kind is Kind.HIDDEN or cell.value is None:
        return _("Too few to show")
    if unit is Unit.SHARE and cell.of:
        return format_percent(cell.value / cell.of)
    if unit is Unit.OPEN and cell.of:
        return _("%(value)s of %(of)s", value=format_number(cell.value), of=format_number(cell.of))
    return format_number(cell.value)


def _band_text(cell: Cell, unit: Unit) -> str:
    low, high = cell.low or 0, cell.high
    if unit is Unit.SHARE:
        ends = format_percent(low / 100), format_percent((high or 100) / 100)
        return _("Between %(low)s and %(high)s", low=ends[0], high=ends[1])
    if unit is Unit.HOURS:
        return _hours_text(low, high)
    if high is None:
        return _("%(low)s or more", low=format_number(low))
    if low == 0:
        return _("Fewer than %(number)s", number=format_number(high + 1))
    return _("%(low)s to %(high)s", low=format_number(low), high=format_number(high))


def _hours_text(low: int, high: int | None) -> str:
    if high is None:
        return _("%(low)s hours or more", low=format_number(low))
    if low == 0:
        return _("Fewer than %(number)s hours", number=format_number(high + 1))
    return _("%(low)s to %(high)s hours", low=format_number(low), high=format_number(high + 1))


def counted_text(cell: Cell) -> str:
    """Numerator and denominator of what is shown exactly; empty otherwise."""
    if cell.kind is not Kind.EXACT or cell.value is None:
        return ""
    if cell.of is None:
        return format_number(cell.value)
    return _("%(value)s of %(of)s", value=format_number(cell.value), of=format_number(cell.of))


def height(cell: Cell, unit: Unit) -> float | None:
    """Where a cell stands in a chart; only what is exact is drawn."""
    if cell.kind is not Kind.EXACT or cell.value is None:
        return None
    if unit is Unit.SHARE and cell.of:
        return round(100 * cell.value / cell.of, 1)
    return cell.value
