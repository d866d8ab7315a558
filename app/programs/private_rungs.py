"""What a run may say of private answers: whether it had reasons that are not shown, wishes met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.core.locale import date_text, format_number, format_percent
from app.matching.shielding import HIDDEN

Rung = tuple[str, str, str]


def private_rungs(told: Mapping[str, Any]) -> list[Rung]:
    """(aim, what it means, figure) of what private answers did, as far as it may be told."""
    found = []
    if told.get("differing"):
        text = _(
            "Pairs that would be others if only what is shown here had counted. The reasons are"
            " private: free hours, people who do not want to meet, wishes. No score shows them."
        )
        if told.get("ranked"):
            text = _(
                "Pairs that would be others if only what is shown here had counted. The reasons are"
                " the mentees' own order, and what is private: free hours, people who do not want"
                " to meet, wishes. No score shows them."
            )
        found.append((_("Reasons not shown"), text, format_number(told["differing"])))
    wishes = told.get("honored")
    return [*found, _wishes(wishes)] if wishes else found


def _wishes(wishes: Mapping[str, Any]) -> Rung:
    aim = _("Wishes met")
    if wishes["share"] == HIDDEN:
        text = _(
            "Too few people to say how many hoped to meet somebody like them and did. It is told"
            " from ten such wishes among twenty people on."
        )
        figure = "\u2013"
    else:
        since = date_text(datetime.fromisoformat(wishes["since"]))
        text = _(
            "Of the wishes that could be met among people who said that their match may know. As of"
            " %(day)s; a new figure is made when ten other people are in the pool.",
            day=since,
        )
        figure = _share(wishes["share"])
    if not wishes["hints"]:
        hints = _("Deniable answers were left out: fewer than ten people are on one side.")
        text = f"{text} {hints}"
    return aim, text, figure


def _share(band: str) -> str:
    """A band of the share, as people read it."""
    if band == "90":
        return str(_("At least %(share)s", share=format_percent(0.9)))
    if band == "0":
        return str(_("Less than half"))
    low, high = (0.75, 0.9) if band == "75" else (0.5, 0.75)
    return str(_("%(low)s to %(high)s", low=format_percent(low), high=format_percent(high)))
