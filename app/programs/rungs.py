"""The figures of a run in words: what came first, what it reached, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core.locale import format_number, format_percent
from app.matching.published import OTHERS
from app.programs.private_rungs import Rung, private_rungs

SEGMENT_NAMES = {
    "": _l("No division"),
    "level": _l("Level"),
    "function": _l("Function"),
    "department": _l("Department"),
    "site": _l("Site"),
}
ORDERS = {
    "fair": _l("The weakest pair first, then the sum of scores"),
    "total": _l("The sum of scores alone"),
}
CHOICES = {
    "organizers": _l("The organizers review the proposals"),
    "mentees": _l("Mentees rank a short list first"),
    "requests": _l("Mentees ask mentors of a short list themselves"),
}
REPLAYS = {
    "queued": _l("The run is being solved again. Reload the page in a moment."),
    "equal": _l("Solved again from its record: the same pairs, the same proof."),
    "altered": _l("The record was changed after the run, so it cannot be solved again."),
    "gone": _l(
        "What this run was given is no longer kept: half a year is over, or somebody has left and"
        " taken their answers along."
    ),
}


def rungs_of(metrics: Mapping[str, Any]) -> list[Rung]:
    """(aim, what it means, figure) of every rung, in the order in which they counted."""
    if "best_total" not in metrics:
        return []
    found = [_coverage(metrics)]
    if metrics["waited"]:
        found.append(_carried_over(metrics))
    if metrics.get("ranked"):
        found.append(_chosen(metrics))
    if metrics["objective"] == "fair":
        found.append(_floor(metrics))
    found.append(_total(metrics))
    if metrics["segments"]:
        found.append(_segment(metrics))
    if metrics["earlier"]:
        found.append(_kept(metrics))
    return [*found, *private_rungs(metrics)]


def _coverage(told: Mapping[str, Any]) -> Rung:
    waiting = told["mentees"] - told["pairs"]
    if waiting and told.get("groups"):
        text = ngettext(
            "%(num)s person is without a group; this run found no place for them.",
            "%(num)s people are without a group; this run found no place for them.",
            waiting,
        )
    elif waiting:
        text = ngettext(
            "%(num)s person is without a match; under these rules nobody more can have one.",
            "%(num)s people are without a match; under these rules nobody more can have one.",
            waiting,
        )
    else:
        text = _("Everybody has a match.")
    return _("Most people matched"), text, format_percent(told["matched_share"])


def _carried_over(told: Mapping[str, Any]) -> Rung:
    return (
        _("Who missed rounds comes first"),
        _("Of those who went without a match in earlier rounds, so many have one now."),
        _("%(some)s of %(all)s", some=_n(told["waited_matched"]), all=_n(told["waited"])),
    )


def _chosen(told: Mapping[str, Any]) -> Rung:
    text = _(
        "Mentees who ranked their list. The matching follows their order, and then the sum of"
        " scores: the weakest pair and groups that fall behind do not count in such a run. Nobody"
        " reads who ranked whom."
    )
    return _("Own choices"), text, _n(told["ranked"])


def _floor(told: Mapping[str, Any]) -> Rung:
    floor = "–" if told["floor"] is None else format_percent(told["floor"])
    if told.get("groups"):
        place = _("The score of the person who fits a group least. It is raised before the sum.")
        return _("The weakest place"), place, floor
    text = _("The score of the pair that fits least. It is raised before the sum counts.")
    return _("The weakest pair"), text, floor


def _total(told: Mapping[str, Any]) -> Rung:
    best, total = told["best_total"], told["total"]
    cost = (best - total) / best if best > 0 else 0.0
    said = {"best": _n(round(best, 2)), "cost": format_percent(cost, 2)}
    if told.get("groups"):
        text = _("How well everybody fits the others of their group, added up.")
    elif told.get("ranked"):
        text = _(
            "The sum of scores could be %(best)s if nothing else counted: %(cost)s were given for"
            " the mentees' own order and for what only the matching knows.",
            **said,
        )
    elif told["objective"] == "fair":
        text = _(
            "The sum of scores could be %(best)s if nothing else counted: %(cost)s were given for"
            " the weakest pairs and for what only the matching knows.",
            **said,
        )
    else:
        text = _(
            "The sum of scores could be %(best)s if nothing else counted: %(cost)s were given for"
            " what only the matching knows.",
            **said,
        )
    return _("Sum of scores"), text, _n(round(total, 2))


def _segment(told: Mapping[str, Any]) -> Rung:
    name, people, regret = max(told["segments"], key=lambda one: one[2])
    shown = _("Others together") if name == OTHERS else name
    text = _(
        "%(kind)s: %(name)s (%(people)s people) misses most of its best possible scores.",
        kind=SEGMENT_NAMES[told["segment"]],
        name=shown,
        people=_n(people),
    )
    return _("No group far behind"), text, format_percent(regret, 1)


def _kept(told: Mapping[str, Any]) -> Rung:
    text = _("Pairs of the run before this one that stayed as they were.")
    if told.get("groups"):
        text = _("People who stayed where the run before this one had placed them.")
    return (
        _("Little changes"),
        text,
        _("%(some)s of %(all)s", some=_n(told["earlier_kept"]), all=_n(told["earlier"])),
    )


def _n(number: float) -> str:
    return format_number(number)


def replay_text(found: Mapping[str, Any] | None) -> str:
    """What solving a run again gave."""
    if not found:
        return ""
    if found["state"] != "different":
        return str(REPLAYS[found["state"]])
    text: str = _(
        "Solved again, the result differs: %(missing)s pairs of the record are missing, %(further)s"
        " are new.",
        missing=_n(found["missing"]),
        further=_n(found["further"]),
    )
    return text
