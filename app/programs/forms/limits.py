"""How much people may write in one field."""

from __future__ import annotations

LONGEST_TEXT = 2000
