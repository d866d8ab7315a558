"""What programs start from: format, length, questions and matching rules; sentences in English,
marked for translation and shown in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from app.programs.ready import READY
from app.programs.rules import SHAPES, Field, Form, Format, Purpose, Role, rescaled


def N_(sentence: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a sentence for translation without translating it here."""
    return sentence


SKILLS = (
    ("leading_people", N_("Leading people")),
    ("strategy", N_("Strategy")),
    ("negotiation", N_("Negotiation")),
    ("public_speaking", N_("Public speaking")),
    ("writing", N_("Writing")),
    ("coaching", N_("Coaching others")),
    ("delegating", N_("Delegating")),
    ("stakeholders", N_("Working with stakeholders")),
    ("project_planning", N_("Planning projects")),
    ("product_thinking", N_("Product thinking")),
    ("data_analysis", N_("Data analysis")),
    ("engineering", N_("Engineering craft")),
    ("finance", N_("Finance and budgets")),
    ("sales", N_("Sales and customers")),
    ("across_cultures", N_("Working across cultures")),
    ("visibility", N_("Making work visible")),
)
GOALS = (
    ("next_level", N_("Reach the next level")),
    ("first_team", N_("Lead a team for the first time")),
    ("change_field", N_("Move to another field")),
    ("network", N_("Build a network in the company")),
    ("sponsor", N_("Find a sponsor")),
    ("confidence", N_("Speak up with confidence")),
    ("balance", N_("Balance work and life")),
    ("settle_in", N_("Settle in well")),
)
PATHS = (
    ("expert", N_("Expert in a field")),
    ("people_lead", N_("Leader of people")),
    ("product_owner", N_("Owner of a product")),
    ("executive", N_("Executive")),
    ("open", N_("Still open")),
)
VALUES = (
    ("learning", N_("Learning")),
    ("fairness", N_("Fairness")),
    ("independence", N_("Independence")),
    ("impact", N_("Impact")),
    ("stability", N_("Stability")),
    ("creativity", N_("Creativity")),
    ("care", N_("Care for others")),
    ("excellence", N_("Excellence")),
)
STYLES = (
    ("direct", N_("Straight to the point")),
    ("exploring", N_("Thinking aloud together")),
    ("structured", N_("Prepared and structured")),
)
INTERESTS = (
    ("sports", N_("Sports")),
    ("music", N_("Music")),
    ("reading", N_("Books")),
    ("cooking", N_("Cooking")),
    ("family", N_("Family")),
    ("nature", N_("Nature")),
    ("volunteering", N_("Volunteering")),
    ("games", N_("Games")),
)
MODES = (
    ("online", N_("Online")),
    ("in_person", N_("In person")),
    ("either", N_("Either is fine")),
)
CADENCES = (
    ("weekly", N_("Every week")),
    ("biweekly", N_("Every two weeks")),
    ("monthly", N_("Every month")),
)
BACKGROUND = (
    ("experienced", N_("I have been a mentor before")),
    ("trained", N_("I have taken a training for mentors")),
    ("culture_trained", N_("I have taken a training on working across cultures")),
)
TEMPERS = (
    ("reflecting", N_("I think first, then speak")),
    ("talking", N_("I find my thoughts while speaking")),
    ("planning", N_("I like to have a plan")),
    ("open_ended", N_("I like to see what comes")),
    ("steady", N_("I keep calm when things go wrong")),
    ("curious", N_("I look for what is new")),
)
MENTEE, MENTOR = (Role.MENTEE,), (Role.MENTOR,)
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))

# What people may say of who they are, for the matching alone; `demographics` knows the same keys.
IDENTITY = {
    field.key: field
    for field in (
        Field(
            "gender",
            N_("Gender"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=(("woman", N_("Woman")), ("man", N_("Man")), ("nonbinary", N_("Non-binary"))),
        ),
        Field(
            "orientation",
            N_("Being LGBTQ+"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=(("lgbtq", N_("LGBTQ+")), ("straight", N_("Not LGBTQ+"))),
        ),
        Field(
            "disability",
            N_("Living with a disability"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=YES_NO,
        ),
        Field(
            "veteran",
            N_("Having served in the armed forces"),
            "identity",
            Purpose.MATCHING_ONLY,
            options=YES_NO,
        ),
    )
}

QUESTIONS = {
    field.key: field
    for field in (
        Field(
            "skills_wanted",
            N_("Which skills do you want to grow?"),
            "choices",
            Purpose.VISIBLE,
            MENTEE,
            SKILLS,
            N_("Choose up to five."),
            required=True,
        ),
        Field(
            "skills_offered",
            N_("Which skills can you help with?"),
            "choices",
            Purpose.VISIBLE,
            MENTOR,
            SKILLS,
            N_("Choose what you would gladly talk about."),
            required=True,
        ),
        Field(
            "goals_wanted",
            N_("What do you want to reach?"),
            "choices",
            Purpose.VISIBLE,
            MENTEE,
            GOALS,
            N_("One or two are enough."),
            required=True,
        ),
        Field(
            "goals_offered",
            N_("What have you reached, or helped others to reach?"),
            "choices",
            Purpose.VISIBLE,
            MENTOR,
            GOALS,
            required=True,
        ),
        Field(
            "path_wanted",
            N_("Where should your career lead?"),
            "choice",
            Purpose.VISIBLE,
            MENTEE,
            PATHS,
        ),
        Field(
            "path_offered",
            N_("Which path have you taken?"),
            "choice",
            Purpose.VISIBLE,
            MENTOR,
            PATHS,
        ),
        Field(
            "values",
            N_("What matters most to you at work?"),
            "choices",
            Purpose.VISIBLE,
            options=VALUES,
            hint=N_("Choose up to three."),
        ),
        Field("style", N_("How do you like to talk?"), "choice", Purpose.VISIBLE, options=STYLES),
        Field(
            "interests",
            N_("What do you enjoy outside of work?"),
            "choices",
            Purpose.VISIBLE,
            options=INTERESTS,
        ),
        Field(
            "cadence",
            N_("How often do you want to meet?"),
            "choice",
            Purpose.VISIBLE,
            options=CADENCES,
        ),
        Field("mode", N_("How do you want to meet?"), "choice", Purpose.VISIBLE, options=MODES),
        Field(
            "background",
            N_("What do you bring as a mentor?"),
            "choices",
            Purpose.VISIBLE,
            MENTOR,
            BACKGROUND,
            N_("Choose what is true of you. Nobody needs any of it to be a good mentor."),
        ),
        Field(
            "personality",
            N_("What is most like you?"),
            "choices",
            Purpose.MATCHING_ONLY,
            options=TEMPERS,
            hint=N_("Choose up to three."),
        ),
        Field(
            "groups",
            N_("May groups that you are openly a member of count a little?"),
            "choice",
            Purpose.MATCHING_ONLY,
            options=YES_NO,
            hint=N_(
                "Only groups in which every colleague can read your name count, and only with "
                "people who say yes here too."
            ),
        ),
        Field(
            "about",
            N_("What should your match know about you?"),
            "text",
            Purpose.VISIBLE,
            hint=N_("A few sentences."),
        ),
    )
}


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
