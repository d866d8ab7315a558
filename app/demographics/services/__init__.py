"""Verbs of self-identification: say, take from records, read for a purpose, erase, re-key."""

from app.demographics.services.identification import erase, identify, record_hris
from app.demographics.services.keys import add_root, drop_unused_roots, rewrap
from app.demographics.services.reading import read, read_consenting

__all__ = [
    "add_root",
    "drop_unused_roots",
    "erase",
    "identify",
    "read",
    "read_consenting",
    "record_hris",
    "rewrap",
]
