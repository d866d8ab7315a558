"""How much each preference counts: pure functions over a cohort's stored rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.programs.figures import SEGMENTS
from app.programs.rules import form_from, rescaled

OBJECTIVES = ("fair", "total")
CHOICES = ("organizers", "mentees", "requests")
FOLLOWED = {"pairs": CHOICES, "groups": ("organizers", "mentees")}  # elsewhere nobody ranks
MOST = 100.0


class NothingCountsError(ValueError):
    """No preference that people may see would count."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A preference with its share of the score, and its place among the rules."""

    at: int
    label: str
    weight: float
    is_private: bool


def choices(rules: Mapping[str, Any]) -> tuple[str, ...]:
    """Who may choose under these rules: only what the matching follows in their form."""
    return FOLLOWED.get(form_from(rules).kind, ("organizers",))


def choice_of(rules: Mapping[str, Any]) -> str:
    """Who chooses under these rules; the organizers where the form follows nobody else."""
    choice = rules.get("choice", "organizers")
    return choice if choice in choices(rules) else "organizers"


def takes_requests(rules: Mapping[str, Any]) -> bool:
    """Whether mentees ask mentors of their shortlist themselves."""
    return choice_of(rules) == "requests"


def preferences(rules: Mapping[str, Any]) -> list[Weighed]:
    """The preferences of rules, in their order."""
    return [
        Weighed(at, one["label"], float(one.get("weight", 0)), bool(one.get("private", False)))
        for at, one in enumerate(rules.get("rules", ()))
        if one["kind"] == "prefer"
    ]


def hard_rules(rules: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind, label) of what must or must not be, as far as people may know of it."""
    return [
        (one["kind"], one["label"])
        for one in rules.get("rules", ())
        if one["kind"] != "prefer" and not one.get("private")
    ]


def reweighed(
    rules: Mapping[str, Any],
    weights: Sequence[float],
    *,
    objective: str,
    segment: str,
    choice: str = "organizers",
) -> dict[str, Any]:
    """The rules with other weights, brought to a sum of 100."""
    known = preferences(rules)
    if len(weights) != len(known) or not all(0 <= weight <= MOST for weight in weights):
        raise ValueError(weights)
    if sum(w for w, one in zip(weights, known, strict=True) if not one.is_private) <= 0:
        raise NothingCountsError
    if (
        choice not in choices(rules)
        or objective not in OBJECTIVES
        or segment not in ("", *SEGMENTS)
    ):
        raise ValueError(objective, segment)
    share = rescaled({str(one.at): w for one, w in zip(known, weights, strict=True)})
    changed = [
        {**one, "weight": round(share[str(at)], 4)} if str(at) in share else one
        for at, one in enumerate(rules["rules"])
    ]
    return {**rules, "rules": changed, "objective": objective, "segment": segment, "choice": choice}
