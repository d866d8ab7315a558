"""Verbs of attendance."""

from app.attendance.services.exporting import note_export
from app.attendance.services.feedback import ask_for_feedback, give_feedback
from app.attendance.services.materials import add_material, return_material, withdraw_material
from app.attendance.services.needs import (
    answer_need,
    depart,
    note_reading,
    purge_needs,
    reopen_need,
    say_needs,
    take_back_needs,
    to_purge,
)
from app.attendance.services.room import enter_room_code, forget_tries
from app.attendance.services.scanning import (
    Result,
    check_in_by_name,
    count_guests,
    merge,
    type_code,
    undo,
    walk_in,
)
from app.attendance.services.settling import settle, to_settle

__all__ = [
    "Result",
    "add_material",
    "answer_need",
    "ask_for_feedback",
    "check_in_by_name",
    "count_guests",
    "depart",
    "enter_room_code",
    "forget_tries",
    "give_feedback",
    "merge",
    "note_export",
    "note_reading",
    "purge_needs",
    "reopen_need",
    "return_material",
    "say_needs",
    "settle",
    "take_back_needs",
    "to_purge",
    "to_settle",
    "type_code",
    "undo",
    "walk_in",
    "withdraw_material",
]
