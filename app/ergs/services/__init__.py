"""Verbs of groups: found, activate, join, decide, leave, grant and end roles."""

from app.ergs.services.chapters import (
    Branching,
    change_chapter,
    close_chapter,
    open_chapter,
    reopen_chapter,
)
from app.ergs.services.departure import depart
from app.ergs.services.erasing import erase
from app.ergs.services.groups import Words, change_state, found, restyle
from app.ergs.services.images import (
    describe_image,
    draw,
    give_image,
    picture_path,
    remove_image,
    restore_image,
)
from app.ergs.services.membership import approve, decline, join, leave, show_to
from app.ergs.services.polls import answer_poll, open_poll, withdraw_poll
from app.ergs.services.roles import end_role, grant
from app.ergs.services.switches import set_switches
from app.ergs.services.texts import write_text

__all__ = [
    "Branching",
    "Words",
    "answer_poll",
    "approve",
    "change_chapter",
    "change_state",
    "close_chapter",
    "decline",
    "depart",
    "describe_image",
    "draw",
    "end_role",
    "erase",
    "found",
    "give_image",
    "grant",
    "join",
    "leave",
    "open_chapter",
    "open_poll",
    "picture_path",
    "remove_image",
    "reopen_chapter",
    "restore_image",
    "restyle",
    "set_switches",
    "show_to",
    "withdraw_poll",
    "write_text",
]
