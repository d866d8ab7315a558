"""Verbs of plans and recommendations."""

from app.plans.services.planning import (
    Aim,
    Measure,
    add_initiative,
    add_result,
    begin_plan,
    change_initiative,
    change_result,
    forget_owner,
    link_copy,
    move_initiative,
    move_plan,
    note_progress,
)
from app.plans.services.recommending import (
    Plea,
    answer,
    change,
    recall_answer,
    recommend,
    restore,
    withdraw,
)

__all__ = [
    "Aim",
    "Measure",
    "Plea",
    "add_initiative",
    "add_result",
    "answer",
    "begin_plan",
    "change",
    "change_initiative",
    "change_result",
    "forget_owner",
    "link_copy",
    "move_initiative",
    "move_plan",
    "note_progress",
    "recall_answer",
    "recommend",
    "restore",
    "withdraw",
]
