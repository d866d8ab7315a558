"""Files that people upload: received raw, made clean by the worker, served in a sandbox.

`receive(db, upload, owner_id, group_id)` in the transaction of its cause (the caller holds the
group's row), `open_clean(file)` for whoever reads the content, `link(file, actor)` for an address
that only this person can open, for some minutes; `accepted` is the validator of a form's file
field, `answer_with(file)` the answer of a route with a guard of its own.
"""

from app.core.files.cleaning import clean_due, clean_here, clean_one, discard
from app.core.files.kinds import KINDS, Kind, Problem, clean_name, recognize
from app.core.files.models import FileState, StoredFile
from app.core.files.serving import LINK_MINUTES, answer_with, bp, link
from app.core.files.storing import check, open_clean, receive
from app.core.files.words import PROBLEMS, accepted

__all__ = [
    "KINDS",
    "LINK_MINUTES",
    "PROBLEMS",
    "FileState",
    "Kind",
    "Problem",
    "StoredFile",
    "accepted",
    "answer_with",
    "bp",
    "check",
    "clean_due",
    "clean_here",
    "clean_name",
    "clean_one",
    "discard",
    "link",
    "open_clean",
    "receive",
    "recognize",
]
