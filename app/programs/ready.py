"""Ready programs of the formats beyond pairs of mentee and mentor, one for each."""

from __future__ import annotations

from typing import Any

from app.programs.rules import SHAPES, Format


def N_(sentence: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a sentence for translation without translating it here."""
    return sentence


TALK = ("values", "style", "cadence", "mode", "about")
SKILLS = ("skills_wanted", "skills_offered")
GOALS = ("goals_wanted", "goals_offered")


def _ready(
    key: str,
    format_: Format,
    title: str,
    summary: str,
    questions: tuple[str, ...],
    weights: tuple[tuple[str, float], ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """A template in the numbers of its format."""
    shape = SHAPES[format_]
    usual = {"months": shape.months, "cadence_days": shape.cadence_days, "guide": shape.guide}
    named = {"key": key, "format": format_, "title": title, "explicit_title": title}
    return {
        **usual,
        **named,
        "summary": summary,
        "questions": questions,
        "weights": weights,
        **more,
    }


READY = (
    _ready(
        "group_mentoring",
        Format.GROUP,
        N_("Group Mentoring"),
        N_(
            "One experienced colleague and four to eight people who want to grow in the same "
            "things: every three weeks, with a topic and time for everybody's case."
        ),
        (*SKILLS, *GOALS, *TALK),
        (("skills", 24), ("goals", 16), ("site", 0)),
        icon="users",
    ),
    _ready(
        "circle",
        Format.CIRCLE,
        N_("Mentoring Circles"),
        N_(
            "Three to eight people on eye level who meet once a month. There is no fixed mentor: "
            "each time somebody else facilitates, and each time one case is in the middle."
        ),
        (*SKILLS, "goals_wanted", *TALK),
        (("seniority", 0), ("cross_function", 12), ("values", 14)),
        icon="circle",
        may_repeat=True,
    ),
    _ready(
        "peer",
        Format.PEER,
        N_("Peer Mentoring"),
        N_(
            "Two people who can learn from each other: each is good at what the other wants to "
            "learn. Nobody is the mentor, or both are."
        ),
        (*SKILLS, *TALK),
        (("skills", 30), ("seniority", 0)),
        icon="users",
    ),
    _ready(
        "reverse",
        Format.REVERSE,
        N_("Reverse Mentoring"),
        N_(
            "Leaders learn from colleagues earlier in their career: how work feels from there, "
            "and what is new. The junior mentor has the last word about the pair."
        ),
        (*SKILLS, "style", "mode", "about"),
        (("seniority", 14), ("cross_function", 10)),
        icon="refresh-cw",
        asks_both=True,
    ),
    _ready(
        "flash",
        Format.FLASH,
        N_("Flash Mentoring"),
        N_(
            "One question, one conversation of an hour with somebody who has been there. "
            "Nothing to prepare but the question."
        ),
        (*SKILLS, "mode", "about"),
        (("skills", 40), ("seniority", 4)),
        icon="clock",
    ),
    _ready(
        "project",
        Format.SITUATIONAL,
        N_("Mentoring for a Project"),
        N_(
            "Three to six months beside a new task: a first project to lead, a move to another "
            "country, a return from leave. It ends when the task is done."
        ),
        (*SKILLS, "goals_wanted", "goals_offered", "style", "cadence", "mode", "about"),
        (("skills", 26),),
        icon="target",
    ),
    _ready(
        "sponsorship",
        Format.SPONSORSHIP,
        N_("Sponsorship"),
        N_(
            "A senior colleague who speaks for you where you are not in the room: introduces, "
            "nominates, opens doors. A year, once a month."
        ),
        (*GOALS, "path_wanted", "path_offered", "values", "style", "mode", "about"),
        (("goals", 20), ("path", 14), ("seniority", 16), ("site", 0)),
        icon="award",
    ),
)
