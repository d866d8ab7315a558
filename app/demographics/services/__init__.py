"""Verbs of self-identification: say, take from records, read for a purpose, erase, re-key."""

from app.demographics.services.feeding import for_matching
from app.demographics.services.identification import erase, identify, record_hris
from app.demographics.services.keys import add_root, drop_unused_roots, rewrap
from app.demographics.services.matching_answers import (
    Notice,
    own_answers,
    say_for_matching,
    stop_matching,
)
from app.demographics.services.reading import read, read_consenting

__all__ = [
    "Notice",
    "add_root",
    "drop_unused_roots",
    "erase",
    "for_matching",
    "identify",
    "own_answers",
    "read",
    "read_consenting",
    "record_hris",
    "rewrap",
    "say_for_matching",
    "stop_matching",
]
