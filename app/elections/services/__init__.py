"""Verbs of elections and handovers."""

from app.elections.services.certifying import sign, take_back
from app.elections.services.erasing import erase
from app.elections.services.handover import tick
from app.elections.services.planning import Plan, announce, archive, plan, recall, revise, void
from app.elections.services.standing import decline, leave_group, nominate, stand
from app.elections.services.steps import advance, close
from app.elections.services.voting import cast

__all__ = [
    "Plan",
    "advance",
    "announce",
    "archive",
    "cast",
    "close",
    "decline",
    "erase",
    "leave_group",
    "nominate",
    "plan",
    "recall",
    "revise",
    "sign",
    "stand",
    "take_back",
    "tick",
    "void",
]
