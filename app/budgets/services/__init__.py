"""Verbs of money: cycles, asking, deciding, spending; every cent is a line of the ledger."""

from app.budgets.services.asking import Wish, ask, recall, revise, submit
from app.budgets.services.cycles import (
    CycleTerms,
    allocate,
    change_cycle,
    close_cycle,
    enter_rate,
    open_cycle,
    reopen_cycle,
    reverse,
)
from app.budgets.services.deciding import approve, ask_changes, reject, reopen, take_back
from app.budgets.services.spending import (
    recommit,
    reconcile,
    release,
    spend,
    unreconcile,
    unspend,
)

__all__ = [
    "CycleTerms",
    "Wish",
    "allocate",
    "approve",
    "ask",
    "ask_changes",
    "change_cycle",
    "close_cycle",
    "enter_rate",
    "open_cycle",
    "recall",
    "recommit",
    "reconcile",
    "reject",
    "release",
    "reopen",
    "reopen_cycle",
    "reverse",
    "revise",
    "spend",
    "submit",
    "take_back",
    "unreconcile",
    "unspend",
]
