"""What those who could not be there find afterwards."""

from __future__ import annotations

from enum import StrEnum

MAX_MATERIALS = 20


class MaterialKind(StrEnum):
    """What kind of thing it is."""

    RECORDING = "recording"
    NOTES = "notes"
    LINK = "link"
    RESOURCE = "resource"
