"""Verbs of speed mentoring: set up, draw, run, come and go, wish."""

from app.speed.services.seats import (
    choose_side,
    come_back,
    depart,
    erase,
    mark_absent,
    mark_here,
    seat_somebody,
    step_out,
    take_side,
)
from app.speed.services.setup import Settings, draw_tables, send_to, set_up, translate_prompts
from app.speed.services.steering import (
    catch_up_due,
    extend,
    finish,
    next_round,
    pause,
    resume,
    start,
    to_catch_up,
    undo,
)
from app.speed.services.wishes import close_due, to_close, wish

__all__ = [
    "Settings",
    "catch_up_due",
    "choose_side",
    "close_due",
    "come_back",
    "depart",
    "draw_tables",
    "erase",
    "extend",
    "finish",
    "mark_absent",
    "mark_here",
    "next_round",
    "pause",
    "resume",
    "seat_somebody",
    "send_to",
    "set_up",
    "start",
    "step_out",
    "take_side",
    "to_catch_up",
    "to_close",
    "translate_prompts",
    "undo",
    "wish",
]
