"""Sentences that differ by format: what one enrolls as, what an offer asks, what a yes opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.locale import format_list, format_percent
from app.matching.circles import gap
from app.programs.models import Enrollment
from app.programs.rules import SHAPES, Format, Role

_HINTS = {
    Role.MENTEE: _l("I want to grow, and somebody who asks the right questions."),
    Role.MENTOR: _l("I want to pass on what I have learned, to one person or a few."),
}
_FORMAT_HINTS = {
    Format.REVERSE: {
        Role.MENTEE: _l("I lead others, and want to learn from somebody earlier in their career."),
        Role.MENTOR: _l("I am earlier in my career, and will tell a leader how work feels here."),
    },
    Format.SPONSORSHIP: {
        Role.MENTEE: _l("I am ready for a next step, and want somebody to open doors."),
        Role.MENTOR: _l("I will speak for somebody where they are not in the room."),
    },
    Format.BUDDY: {
        Role.MENTEE: _l("I am new here, and want somebody to ask."),
        Role.MENTOR: _l("I know my way around, and will show it."),
    },
}
_PROOFS = {
    "peers": _l(
        "Most people in pairs, those who missed rounds first, then the highest sum; an odd one is "
        "a third."
    ),
    "circles": _l(
        "Found by exchanging people while that helped. Nobody sits with somebody whom a rule or a "
        "decision forbids."
    ),
}


def role_hint(format_: Format, role: Role) -> Any:
    """What somebody says who enrolls on this side."""
    return _FORMAT_HINTS.get(format_, _HINTS)[role]


def offer_question(format_: Format, names: Sequence[str], mentor: str) -> str:
    """What an offer asks."""
    kind = SHAPES[format_].kind
    if kind == "groups":
        return _("Would you like to join the group of %(name)s?", name=mentor)
    if kind == "circles":
        return _("Would you like to join this circle?")
    return _("Would you like to meet %(name)s?", name=format_list(names))


def offer_reason(format_: Format) -> str:
    """The heading over the reasons of an offer."""
    if SHAPES[format_].kind == "circles":
        return _("Why we suggest this circle to you")
    return _("Why we suggest you to each other")


def said_yes(format_: Format) -> str:
    """What somebody reads who has taken a place."""
    if SHAPES[format_].is_shared:
        return _("Thank you, your place is yours. The page says who is still awaited.")
    return _("You are a pair now. Plan your first session.")


def proof_text(kind: str, told: Mapping[str, Any]) -> str:
    """What is known about how good a result without sides is."""
    text = str(_PROOFS[kind]) if kind in _PROOFS else ""
    bound = told.get("bound")
    if not bound:
        return text
    share = format_percent(ceil(1000 * gap(told["total"], bound) - 1e-3) / 1000, 1)
    if kind == "peers":
        return _(
            "Most people in pairs, those who missed rounds first; an odd one is a third. Of so many"
            " people only the best partners of each were compared: the sum is at most %(share)s"
            " below the best possible.",
            share=share,
        )
    near = _(
        "At most %(share)s below the best possible for circles of this size or larger.",
        share=share,
    )
    return f"{text} {near}"


def waiting_text(enrollment: Enrollment, is_scarce: bool, may_change: bool) -> list[str]:
    """What somebody reads whom a matching left without anybody, and what they can do.

    It rests on what everybody may know, and names nobody, no rule, and nothing that others said.
    """
    if enrollment.role is Role.MENTOR:
        return [
            _("Nobody has been placed with you so far; some may still be thinking about it."),
            _("The matching looks at everybody together, so this says nothing about you."),
            _("Your places stay open for those who wait, and for the next matching."),
        ]
    said = [
        _("You are still waiting for a match."),
        _("The matching looks at everybody together, so this says nothing about you."),
    ]
    if is_scarce:
        said.append(_("In the last matching there were more people than free places."))
    said.append(
        _(
            "Places that come free are offered to those who wait. In the next matching, whoever "
            "has waited comes first."
        )
    )
    if may_change:
        said.append(
            _(
                "What you can do: more languages, free hours or topics in your answers give the "
                "matching more to choose from."
            )
        )
    else:
        said.append(_("What you can do: ask the organizers, who see that you are waiting."))
    return said
