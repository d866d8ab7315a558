"""Each bug that other products have and ours must not has a test named after it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NAMES = re.compile(r"^\s*(?:async )?def test_(?:bug_)?(\w+)", re.MULTILINE)
# The list as it was handed down; a side door is named by the door.
BUGS = """
check-then-insert overbooking; side door invite; side door plus one; side door mode switch;
side door recurring child; side door un-cancel; side door import; drifting counters;
promotion of someone unapproved; an offer that comes back to life after cancel;
a wrong person served from a second queue; waitlisted people getting "you are attending";
no promotion after registration closes; UTC printed under a local label;
today's offset used across a DST change; each save moving the event; a series jumping an hour;
an evening event west of UTC landing on the next day; all-day off by one;
roll-over wiping RSVPs; duplicate occurrences; attendee addresses in calendar files;
a private flag lost on an edited occurrence; autocomplete that enumerates everyone;
GET links that mail scanners trigger; reminders after a move at the old time;
reminders to people who never registered; calendar invitations left behind after closing
"""


def named(bug: str) -> str:
    """The words of a sentence as the name of a function."""
    return "_".join(re.findall(r"[a-z0-9]+", bug.lower().replace("'", "")))


ALL = [named(bug) for bug in BUGS.split(";")]


def tested() -> set[str]:
    """The names of all tests, without what says that they are tests."""
    files = TESTS.rglob("test_*.py")
    return {name for file in files for name in NAMES.findall(file.read_text())}


@pytest.mark.parametrize("bug", ALL)
def test_a_bug_of_others_has_a_test_named_after_it(bug) -> None:
    assert bug in tested()


def test_a_bug_without_a_test_would_be_noticed() -> None:
    assert "paid_tickets_sold_twice" not in tested() and len(set(ALL)) == 28
