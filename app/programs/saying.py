"""A rule as a whole sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core.locale import format_number
from app.programs.texts import told

KINDS = {
    "require": _l("Must be"),
    "forbid": _l("Must not be"),
    "prefer": _l("Good to have"),
}
COMPARISONS = {
    "equal": _l("The same on both sides"),
    "differ": _l("Different on both sides"),
    "overlap": _l("Answers in common"),
    "gap": _l("Steps between the two"),
    "language": _l("A language in common"),
    "zone": _l("Hours between the clocks"),
    "windows": _l("Free hours in common"),
    "has": _l("The mentor names it"),
    "distance": _l("Steps through managers"),
}


def sentence(rule: Mapping[str, Any], *, is_mutual: bool = False) -> str:
    """What a rule asks for; where there are no sides, of any two people."""
    params, factor = rule.get("params", {}), told(rule["label"])
    if rule["comparator"] == "gap":
        return _gap(rule["kind"], factor, params, is_mutual=is_mutual)
    return _SENTENCES[rule["comparator"]](rule["kind"], factor, params)


def _equal(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    if kind == "require":
        return _("%(factor)s: it must be the same on both sides.", factor=factor)
    if kind == "forbid":
        return _("%(factor)s: it must not be the same on both sides.", factor=factor)
    return _("%(factor)s: better if it is the same on both sides.", factor=factor)


def _differ(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    if kind == "require":
        return _("%(factor)s: it must differ between the two.", factor=factor)
    if kind == "forbid":
        return _("%(factor)s: it must not differ between the two.", factor=factor)
    return _("%(factor)s: better if it differs between the two.", factor=factor)


def _overlap(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    least = int(params.get("at_least", 1))
    if kind == "require":
        return ngettext(
            "%(factor)s: at least %(num)s must be in common.",
            "%(factor)s: at least %(num)s must be in common.",
            least,
            factor=factor,
        )
    if kind == "forbid":
        return ngettext(
            "%(factor)s: none may be in common.",
            "%(factor)s: %(num)s or more must not be in common.",
            least,
            factor=factor,
        )
    return _("%(factor)s: the more in common, the better.", factor=factor)


def _language(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    if kind == "prefer":
        return _("Better if the two share a language.")
    return _("The two must share a language.")


def _zone(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    hours = params.get("hours", 6)
    if kind == "prefer":
        return ngettext(
            "The closer their clocks, the better; from %(num)s hour apart it counts nothing.",
            "The closer their clocks, the better; from %(num)s hours apart it counts nothing.",
            hours,
        )
    return ngettext(
        "Their clocks must be at most %(num)s hour apart.",
        "Their clocks must be at most %(num)s hours apart.",
        hours,
    )


def _windows(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    return ngettext(
        "Better if %(num)s hour of the week is free for both.",
        "Better if %(num)s hours of the week are free for both.",
        params.get("hours", 1),
    )


def _has(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    if kind == "require":
        return _("%(factor)s: the mentor must be.", factor=factor)
    return _("%(factor)s: better if the mentor is.", factor=factor)


def _distance(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    return _("The further apart the two work, through the managers above them, the better.")


def _line(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    return _("Nobody is matched with somebody of their own reporting line.")


def _former(kind: str, factor: str, params: Mapping[str, Any]) -> str:
    return _("Whoever was a pair before is not matched again.")


_SENTENCES: dict[str, Callable[[str, str, Mapping[str, Any]], str]] = {
    "equal": _equal,
    "differ": _differ,
    "overlap": _overlap,
    "language": _language,
    "zone": _zone,
    "windows": _windows,
    "has": _has,
    "distance": _distance,
    "reporting_line": _line,
    "previous_pair": _former,
}


def _gap(kind: str, factor: str, params: Mapping[str, Any], *, is_mutual: bool) -> str:
    steps = _steps(params, is_mutual=is_mutual)
    if kind == "require":
        return _("%(factor)s, required: %(steps)s.", factor=factor, steps=steps)
    if kind == "forbid":
        return _("%(factor)s, not allowed: %(steps)s.", factor=factor, steps=steps)
    return _("%(factor)s, good to have: %(steps)s.", factor=factor, steps=steps)


def _steps(params: Mapping[str, Any], *, is_mutual: bool) -> str:
    low, high = params.get("low", 1), params.get("high")
    if is_mutual:
        return ngettext(
            "the two are at most %(num)s step apart",
            "the two are at most %(num)s steps apart",
            high or 0,
        )
    if high is None:
        return _above(low)
    if low == high:
        return _exactly(low)
    if low >= 0:
        return _(
            "the mentor is %(low)s to %(high)s steps above the mentee",
            low=format_number(low),
            high=format_number(high),
        )
    if high <= 0:
        return _(
            "the mentor is %(low)s to %(high)s steps below the mentee",
            low=format_number(-high),
            high=format_number(-low),
        )
    return _(
        "the mentor is between %(low)s steps below and %(high)s steps above the mentee",
        low=format_number(-low),
        high=format_number(high),
    )


def _above(low: float) -> str:
    if low < 0:
        return ngettext(
            "the mentor is at most %(num)s step below the mentee",
            "the mentor is at most %(num)s steps below the mentee",
            -low,
        )
    return ngettext(
        "the mentor is at least %(num)s step above the mentee",
        "the mentor is at least %(num)s steps above the mentee",
        low,
    )


def _exactly(steps: float) -> str:
    if not steps:
        return _("both are on the same step")
    if steps < 0:
        return ngettext(
            "the mentor is %(num)s step below the mentee",
            "the mentor is %(num)s steps below the mentee",
            -steps,
        )
    return ngettext(
        "the mentor is %(num)s step above the mentee",
        "the mentor is %(num)s steps above the mentee",
        steps,
    )
