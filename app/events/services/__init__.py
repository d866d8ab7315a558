"""Verbs of events. The one door to a seat is `admission`; answers and plans go through it."""

from app.events.services.admission import settle
from app.events.services.answering import answer, come_after_all
from app.events.services.approving import publish, send_on, state_of, submit, take_back
from app.events.services.audience import invite_group, uninvite_group
from app.events.services.checking_in import (
    CAN_ENTER,
    check_in,
    close_attendance,
    undo_check_in,
)
from app.events.services.choices import choose_entry, choose_reminders, choose_usual
from app.events.services.ending import cancel, cancel_ahead, complete, over, postpone, resume
from app.events.services.erasing import erase
from app.events.services.feeds import close_feed, open_feed
from app.events.services.forgetting import forget, forget_leavers, to_forget
from app.events.services.giving_back import depart, leave_group, sweep_due, to_sweep
from app.events.services.hosting import (
    accept_host,
    ask_host,
    decline_host,
    reopen_host,
    step_down,
    take_back_host,
)
from app.events.services.organizing import admit, hold_back, remove, restore, set_answering
from app.events.services.planning import (
    EVENT_FIELDS,
    Plan,
    change_seats,
    index,
    plan,
    revise,
)
from app.events.services.walking_in import walk_in
from app.events.services.words import translate

__all__ = [
    "CAN_ENTER",
    "EVENT_FIELDS",
    "Plan",
    "accept_host",
    "admit",
    "answer",
    "ask_host",
    "cancel",
    "cancel_ahead",
    "change_seats",
    "check_in",
    "choose_entry",
    "choose_reminders",
    "choose_usual",
    "close_attendance",
    "close_feed",
    "come_after_all",
    "complete",
    "decline_host",
    "depart",
    "erase",
    "forget",
    "forget_leavers",
    "hold_back",
    "index",
    "invite_group",
    "leave_group",
    "open_feed",
    "over",
    "plan",
    "postpone",
    "publish",
    "remove",
    "reopen_host",
    "restore",
    "resume",
    "revise",
    "send_on",
    "set_answering",
    "settle",
    "state_of",
    "step_down",
    "submit",
    "sweep_due",
    "take_back",
    "take_back_host",
    "to_forget",
    "to_sweep",
    "translate",
    "undo_check_in",
    "uninvite_group",
    "walk_in",
]
