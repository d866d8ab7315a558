"""Messages between members: for how long one's own words can be changed or brought back."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_MESSAGE = 4000
LONGEST_KEY = 40
PAGE = 30
# Own words can be changed for this long after sending, and brought back as long after deleting.
SECOND_THOUGHTS = timedelta(minutes=15)
# A notice waits a little, so that nobody is called who is reading already.
NOTICE_AFTER = timedelta(minutes=1)


def is_fresh(since: datetime, now: datetime) -> bool:
    """Whether a second thought still counts."""
    return now - since <= SECOND_THOUGHTS
