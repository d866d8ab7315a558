"""What the matcher can weigh and what must hold: the factors, their usual weights, strict rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.programs.questions import BACKGROUND, N_


@dataclass(frozen=True, slots=True)
class Factor:
    """A preference the matcher can weigh: which answers it compares, and how."""

    key: str
    label: str
    comparator: str
    mentee: str
    mentor: str
    weight: float
    params: tuple[tuple[str, Any], ...] = ()
    private: bool = False

    def stored(self, weight: float) -> dict[str, Any]:
        """The factor as a rule in JSON, with the weight it has in a program."""
        return {
            "key": self.key,
            "label": self.label,
            "kind": "prefer",
            "comparator": self.comparator,
            "mentee": self.mentee,
            "mentor": self.mentor,
            "weight": round(weight, 4),
            "private": self.private,
            "params": dict(self.params),
        }


# What is known of everybody without a question.
KNOWN = frozenset({"level", "function", "site", "windows", "zone", "languages", "line"})
# Values that follow from the answer to another question.
ANSWERED_BY = {
    **{item: "background" for item, _text in BACKGROUND},
    "affiliation": "groups",
}


def is_answered(factor: Factor, asked: Collection[str]) -> bool:
    """Whether a form with these questions says what a factor compares."""
    names = (ANSWERED_BY.get(name, name) for name in (factor.mentee, factor.mentor))
    return all(name in KNOWN or name in asked for name in names)


# The weights are out of 100; a program has those whose answers it asks for, rescaled to 100.
FACTORS = (
    Factor("skills", N_("Skills"), "overlap", "skills_wanted", "skills_offered", 17),
    Factor("goals", N_("Goals"), "overlap", "goals_wanted", "goals_offered", 11),
    Factor("path", N_("Career path"), "equal", "path_wanted", "path_offered", 6),
    Factor("values", N_("Values"), "overlap", "values", "values", 10),
    Factor("style", N_("Way of talking"), "equal", "style", "style", 5),
    Factor(
        "personality",
        N_("Personality"),
        "overlap",
        "personality",
        "personality",
        3,
        (("share", "union"),),
        private=True,
    ),
    Factor("interests", N_("Interests"), "overlap", "interests", "interests", 2),
    Factor(
        "affiliation",
        N_("Groups in common"),
        "overlap",
        "affiliation",
        "affiliation",
        1,
        (("share", "any"),),
        private=True,
    ),
    Factor(
        "seniority",
        N_("Seniority"),
        "gap",
        "level",
        "level",
        9,
        (("low", 2), ("high", 5), ("fade", 1)),
    ),
    Factor("cross_function", N_("Across functions"), "differ", "function", "function", 4),
    Factor("distance", N_("Distance in the organization"), "distance", "line", "line", 1),
    Factor(
        "availability",
        N_("Free hours in common"),
        "windows",
        "windows",
        "windows",
        6,
        (("hours", 2),),
        private=True,  # the form promises that nobody reads the windows
    ),
    Factor("zone", N_("Time zone"), "zone", "zone", "zone", 5),
    Factor("cadence", N_("Rhythm"), "equal", "cadence", "cadence", 4),
    Factor("language", N_("Language"), "language", "languages", "languages", 4),
    Factor("site", N_("Same site"), "equal", "site", "site", 2),
    Factor("trained", N_("Trained as a mentor"), "has", "trained", "trained", 2),
    Factor("experienced", N_("Experienced as a mentor"), "has", "experienced", "experienced", 2),
    Factor(
        "culture_trained",
        N_("Trained in working across cultures"),
        "has",
        "culture_trained",
        "culture_trained",
        2,
    ),
)
# Wishes count what a match may know; deniable answers are a light hint beside them.
SHARE = (("share", "mentee"),)
PRIVATE_FACTORS = (
    Factor(
        "wish", N_("Whom the mentee hopes to meet"), "overlap", "wishes", "shared", 3, SHARE, True
    ),
    Factor(
        "wish_mentor",
        N_("Whom the mentor hopes to meet"),
        "overlap",
        "shared",
        "wishes",
        1,
        (("share", "mentor"),),
        True,
    ),
    Factor(
        "hint", N_("Deniable answers, a light hint"), "overlap", "wishes", "seen", 1, SHARE, True
    ),
    Factor(
        "hint_mentor",
        N_("Deniable answers of mentees, a light hint"),
        "overlap",
        "seen",
        "wishes",
        0.5,
        (("share", "mentor"),),
        True,
    ),
)
WISH = "wish"
WISH_WEIGHT = 15.0  # of 100, where a program is about who people are
BY_KEY = {factor.key: factor for factor in (*FACTORS, *PRIVATE_FACTORS)}

HARD_RULES = (
    {
        "key": "common_language",
        "label": N_("A language in common"),
        "kind": "require",
        "comparator": "language",
        "mentee": "languages",
        "mentor": "languages",
        "params": {},
    },
    {
        "key": "reporting_line",
        "label": N_("Reporting line"),
        "kind": "forbid",
        "comparator": "reporting_line",
        "mentee": "reporting_line",
        "mentor": "reporting_line",
        "params": {},
    },
    {
        "key": "previous_pair",
        "label": N_("Already a pair before"),
        "kind": "forbid",
        "comparator": "previous_pair",
        "mentee": "previous",
        "mentor": "previous",
        "params": {},
    },
)
