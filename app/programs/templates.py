"""What programs start from: format, length, questions and matching rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from app.programs.preferences import (
    BY_KEY,
    FACTORS,
    HARD_RULES,
    PRIVATE_FACTORS,
    WISH,
    WISH_WEIGHT,
    is_answered,
)
from app.programs.questions import IDENTITY, MENTEE, N_, QUESTIONS
from app.programs.ready import READY
from app.programs.rules import SHAPES, Field, Form, Format, Role, rescaled


@dataclass(frozen=True, slots=True)
class Template:
    """A ready program; everything can be changed afterwards."""

    key: str
    title: str
    explicit_title: str
    summary: str
    format: Format
    months: int
    cadence_days: int
    guide: str
    questions: tuple[str, ...]
    weights: tuple[tuple[str, float], ...] = ()
    icon: str = "sprout"
    identity: tuple[str, ...] = ()
    asks_both: bool = False
    may_repeat: bool = False  # people who were together before may be so again

    @property
    def fields(self) -> list[Field]:
        """The questions of the enrollment form; without sides everybody answers all of them."""
        asked = [QUESTIONS[key] for key in self.questions]
        if SHAPES[self.format].is_mutual:
            asked = [replace(field, roles=MENTEE) for field in asked]
        return [*asked, *(IDENTITY[key] for key in self.identity)]

    def rules(self) -> dict[str, Any]:
        """Hard rules, and the preferences rescaled to 100."""
        rules = rules_of(self.questions, dict(self.weights), asks_identity=bool(self.identity))
        shape, kept = SHAPES[self.format], rules["rules"]
        if self.may_repeat:
            kept = [rule for rule in kept if rule["comparator"] != "previous_pair"]
        if shape.last_word is Role.MENTOR:
            kept = [_turned(rule) for rule in kept]
        form = Form(shape.kind, shape.least, shape.most).stored()
        return (
            {**rules, "rules": kept, "form": form} if shape.is_shared else {**rules, "rules": kept}
        )


def _turned(rule: dict[str, Any]) -> dict[str, Any]:
    """A gap as it is where the mentor is the junior of the two."""
    if rule["comparator"] != "gap":
        return rule
    low, high = rule["params"]["low"], rule["params"]["high"]
    return {**rule, "params": {**rule["params"], "low": -high, "high": -low}}


def rules_of(
    questions: Iterable[str], changed: dict[str, float], *, asks_identity: bool = False
) -> dict[str, Any]:
    """The rules a form can feed: every factor whose answers are asked for or known anyway.

    Where people are asked who they are, the mentee's wish weighs WISH_WEIGHT of 100.
    """
    asked = set(questions)
    weights = {
        factor.key: changed.get(factor.key, factor.weight)
        for factor in FACTORS
        if is_answered(factor, asked)
    }
    weights = {key: weight for key, weight in weights.items() if weight > 0}
    if asks_identity:
        weights |= {one.key: one.weight for one in PRIVATE_FACTORS if one.key != WISH}
        share = rescaled(weights)
        weights = {key: weight * (1 - WISH_WEIGHT / 100) for key, weight in share.items()}
        weights[WISH] = WISH_WEIGHT
    prefer = [BY_KEY[key].stored(weight) for key, weight in rescaled(weights).items()]
    return {
        "version": 1,
        "objective": "fair",
        "segment": "function",
        "choice": "organizers",
        "minimum": 0,
        "rules": [*HARD_RULES, *prefer],
    }


TEMPLATES = {
    template.key: template
    for template in (
        Template(
            "career_growth",
            N_("Career Growth"),
            N_("Career growth for employee resource groups"),
            N_(
                "Six months with a mentor who has gone the way before you: six guided sessions, "
                "one goal that you choose, and somebody who asks how it is going."
            ),
            Format.ONE_TO_ONE,
            6,
            14,
            "six_sessions",
            tuple(QUESTIONS),
            (("affiliation", 3),),
            icon="sprout",
            identity=tuple(IDENTITY),
        ),
        Template(
            "leadership",
            N_("Leadership Development"),
            N_("Women's Leadership"),
            N_(
                "For people on their way into leadership, with senior mentors: a career vision, "
                "the barriers on the way, sponsors and networks, and readiness to lead."
            ),
            Format.ONE_TO_ONE,
            6,
            14,
            "six_sessions",
            tuple(key for key in QUESTIONS if key != "interests"),
            (("goals", 14), ("seniority", 12), ("site", 0), ("affiliation", 3)),
            icon="award",
            identity=("gender",),
        ),
        Template(
            "onboarding_buddy",
            N_("Onboarding Buddy"),
            N_("Onboarding Buddy"),
            N_(
                "The first three months with a colleague at your side who is not your manager: "
                "whom to ask, how things are done here, and lunch together."
            ),
            Format.BUDDY,
            3,
            7,
            "buddy",
            ("goals_wanted", "goals_offered", "style", "interests", "mode", "about"),
            (("seniority", 0), ("cross_function", 0), ("distance", 0), ("site", 12)),
            icon="users",
        ),
        *(Template(**ready) for ready in READY),
    )
}
