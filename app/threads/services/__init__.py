"""Verbs of discussions: start, reply, edit, delete, follow, report, decide, lock, take all back."""

from app.threads.services.appeals import appeal, decide_appeal, undo_appeal
from app.threads.services.erasing import erase
from app.threads.services.following import leave_group, mark_seen, take_stance
from app.threads.services.moderating import decide, lock, reconsider, report
from app.threads.services.removing import (
    delete_post,
    remove_all,
    restore_all,
    restore_post,
    wipe_deleted,
)
from app.threads.services.writing import edit, reply, start

__all__ = [
    "appeal",
    "decide",
    "decide_appeal",
    "delete_post",
    "edit",
    "erase",
    "leave_group",
    "lock",
    "mark_seen",
    "reconsider",
    "remove_all",
    "reply",
    "report",
    "restore_all",
    "restore_post",
    "start",
    "take_stance",
    "undo_appeal",
    "wipe_deleted",
]
