"""Verbs of events. The one door to a seat is `admission`; answers and plans go through it."""

from app.events.services.admission import settle
from app.events.services.answering import (
    answer,
    depart,
    leave_group,
    remove,
    sweep_due,
    to_sweep,
)
from app.events.services.feeds import close_feed, open_feed
from app.events.services.planning import Plan, cancel, cancel_ahead, index, plan, publish, revise

__all__ = [
    "Plan",
    "answer",
    "cancel",
    "cancel_ahead",
    "close_feed",
    "depart",
    "index",
    "leave_group",
    "open_feed",
    "plan",
    "publish",
    "remove",
    "revise",
    "settle",
    "sweep_due",
    "to_sweep",
]
