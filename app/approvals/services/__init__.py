"""Asking, deciding, taking back; chains, rules and deputies."""

from app.approvals.services.arranging import (
    add_rule,
    depart,
    end_deputy,
    end_rule,
    forget_member,
    name_deputy,
    resume_deputy,
    resume_rule,
    set_chain,
)
from app.approvals.services.deciding import ask, decide, escalate, overdue, undo, withdraw

__all__ = [
    "add_rule",
    "ask",
    "decide",
    "depart",
    "end_deputy",
    "end_rule",
    "escalate",
    "forget_member",
    "name_deputy",
    "overdue",
    "resume_deputy",
    "resume_rule",
    "set_chain",
    "undo",
    "withdraw",
]
