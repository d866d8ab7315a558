"""What a group needs before it starts, its colors, and how its translations age."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from app.ergs.rules.groups import TextStatus

MAX_NAME = 120
MAX_SLUG = 60
MAX_MISSION = 600
MAX_CHARTER = 8_000


class Color(StrEnum):
    """The color of a group's banner and card."""

    GREEN = "green"
    APRICOT = "apricot"
    PLUM = "plum"
    SKY = "sky"


class Lack(StrEnum):
    """What is missing before a group can start."""

    LEAD = "lead"
    CHARTER = "charter"


def lacks(*, has_lead: bool, has_charter: bool) -> list[Lack]:
    """What keeps a group from starting, in the order in which it is best done."""
    missing = {Lack.CHARTER: has_charter, Lack.LEAD: has_lead}
    return [lack for lack, is_there in missing.items() if not is_there]


def status_when_written(before: TextStatus | None) -> TextStatus:
    """Whoever writes a translation brings it up to date; the source stays the source."""
    return TextStatus.SOURCE if before is TextStatus.SOURCE else TextStatus.TRANSLATED


def status_when_source_changes(before: TextStatus) -> TextStatus:
    """A translation of what has changed is older than the original."""
    return TextStatus.STALE if before is TextStatus.TRANSLATED else before


def slug_of(name: str) -> str:
    """An address made of a name's plain letters; empty when it has none."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "").replace("'", "")).casefold()
    letters = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MAX_SLUG].strip("-")
