"""What a cohort's rules can be about, and rules added, changed and taken out: pure functions.

A topic is a pair of answers that the form asks for or that are known anyway, with the comparisons
that fit their type. What only the matcher may read can be a preference, never a rule that must
hold: whoever is left over would tell the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.programs.preferences import FACTORS, HARD_RULES, is_answered
from app.programs.questions import N_
from app.programs.rules import Field, form_from, rescaled
from app.programs.weights import NothingCountsError

KINDS = ("require", "forbid", "prefer")
ALIKE = ("equal", "differ")
LANGUAGE, _LINE, FORMER = HARD_RULES
COMPARATORS = {
    "equal": ALIKE,
    "differ": ALIKE,
    "gap": ("gap", *ALIKE),
    "overlap": ("overlap",),
    "zone": ("zone",),
    "windows": ("windows",),
    "language": ("language",),
    "previous_pair": ("previous_pair",),
    "has": ("has",),
    "distance": ("distance",),
}
# A comparison that says the opposite of what anybody could want is not offered.
KINDS_OF = {
    "zone": ("require", "prefer"),
    "language": ("require", "prefer"),
    "previous_pair": ("forbid",),
    "has": ("require", "prefer"),
    "distance": ("prefer",),
}
SETTINGS = {
    "gap": ("low", "high"),
    "overlap": ("at_least",),
    "zone": ("hours",),
    "windows": ("hours",),
}
NAMED = {"cross_function": N_("Function")}  # the factor is called after its one comparison
USUAL_WEIGHT = 4.0


class DoubleError(ValueError):
    """There is such a rule about the same answers already."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Answers of both sides that a rule can compare, and in which ways."""

    key: str
    label: str
    mentee: str
    mentor: str
    comparators: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    weight: float = USUAL_WEIGHT
    params: tuple[tuple[str, Any], ...] = ()
    is_private: bool = False

    @property
    def fields(self) -> tuple[str, str]:
        """The answers compared."""
        return self.mentee, self.mentor


def topics(questions: Iterable[Field], rules: Mapping[str, Any]) -> list[Topic]:
    """All that rules of a cohort with these questions can be about."""
    asked = {question.key for question in questions}
    found = [_topic(one.stored(one.weight)) for one in FACTORS if is_answered(one, asked)]
    found.append(Topic("department", N_("Department"), "department", "department", ALIKE))
    if "mode" in asked:
        found.append(Topic("mode", N_("Way to meet"), "mode", "mode", ALIKE))
    found.append(_topic(FORMER))
    here = {topic.fields for topic in found}
    sheets = [one for one in rules.get("rules", ()) if one["mentee"].startswith("sheet_")]
    return [*found, *(_topic(one) for one in sheets if _fields(one) not in here)]


def _topic(stored: Mapping[str, Any]) -> Topic:
    comparator, is_private = stored["comparator"], bool(stored.get("private"))
    return Topic(
        key=stored["key"],
        label=NAMED.get(stored["key"], stored["label"]),
        mentee=stored["mentee"],
        mentor=stored["mentor"],
        comparators=COMPARATORS[comparator],
        kinds=("prefer",) if is_private else KINDS_OF.get(comparator, KINDS),
        weight=float(stored.get("weight") or USUAL_WEIGHT),
        params=tuple(stored["params"].items()),
        is_private=is_private,
    )


def _fields(rule: Mapping[str, Any]) -> tuple[str, str]:
    return rule["mentee"], rule["mentor"]


def topic_of(rule: Mapping[str, Any], known: Iterable[Topic]) -> Topic | None:
    """What a rule is about; None where organizers may not change it: nobody is matched within a
    reporting line, and what people said of who they are counts as they were told."""
    return next((topic for topic in known if topic.fields == _fields(rule)), None)


def rule_for(rules: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """A rule by its key."""
    return next((one for one in rules.get("rules", ()) if one["key"] == key), None)


def ruled(
    topic: Topic,
    former: Mapping[str, Any] | None,
    *,
    kind: str,
    comparator: str,
    settings: Mapping[str, float],
) -> dict[str, Any]:
    """A rule about a topic, in the place of a former one if there is one."""
    if kind not in topic.kinds or comparator not in topic.comparators:
        raise ValueError(kind, comparator)
    usual = former["params"] if former and former["comparator"] == comparator else {}
    if former is None and comparator == topic.comparators[0]:
        usual = dict(topic.params)
    kept = {name: usual[name] for name in usual if name not in SETTINGS.get(comparator, ())}
    weight = float((former or {}).get("weight") or topic.weight)
    label = former["label"] if former and former["comparator"] == comparator else topic.label
    return {
        "key": former["key"] if former else topic.key,
        "label": label,
        "kind": kind,
        "comparator": comparator,
        "mentee": topic.mentee,
        "mentor": topic.mentor,
        "private": topic.is_private,
        "params": {**kept, **settings},
        **({"weight": weight} if kind == "prefer" else {}),
    }


def added(rules: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rules and one more."""
    kept = list(rules.get("rules", ()))
    _refuse_double(kept, rule)
    keys = {one["key"] for one in kept}
    names = (rule["key"], *(f"{rule['key']}-{n}" for n in range(2, len(keys) + 3)))
    free = next(name for name in names if name not in keys)
    return _weighed(rules, [*kept, {**rule, "key": free}])


def changed(rules: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rules with another one in the place of that with the same key."""
    others = [one for one in rules["rules"] if one["key"] != rule["key"]]
    _refuse_double(others, rule)
    kept = [rule if one["key"] == rule["key"] else one for one in rules["rules"]]
    return _weighed(rules, kept)


def removed(rules: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The rules without one."""
    return _weighed(rules, [one for one in rules["rules"] if one["key"] != key])


def with_minimum(rules: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """The rules with as many mentees for every mentor at least."""
    return {**rules, "minimum": minimum}


def takes_minimum(rules: Mapping[str, Any]) -> bool:
    """Whether a smallest number for each mentor means anything; groups have sizes instead."""
    return form_from(rules).kind == "pairs"


def _refuse_double(others: Iterable[Mapping[str, Any]], rule: Mapping[str, Any]) -> None:
    is_hard = rule["kind"] != "prefer"
    if any(
        _fields(one) == _fields(rule) and (one["kind"] != "prefer") == is_hard for one in others
    ):
        raise DoubleError(rule["key"])


def _weighed(rules: Mapping[str, Any], kept: list[Any]) -> dict[str, Any]:
    """The weights of what is left brought to a sum of 100."""
    weights = {one["key"]: float(one.get("weight", 0)) for one in kept if one["kind"] == "prefer"}
    if not any(weights[one["key"]] for one in kept if one["kind"] == "prefer" and not _hides(one)):
        raise NothingCountsError
    share = rescaled(weights)
    told = [
        {**one, "weight": round(share[one["key"]], 4)} if one["key"] in share else one
        for one in kept
    ]
    return {**rules, "rules": told}


def _hides(rule: Mapping[str, Any]) -> bool:
    return bool(rule.get("private"))
