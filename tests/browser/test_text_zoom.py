"""Letters twice as large on a narrow phone: everything wraps, nothing runs sideways."""

from __future__ import annotations

import pytest

from tests.browser.looks import overflow
from tests.browser.pages import Look

pytestmark = pytest.mark.browser

PAGES = [
    "shell.home",
    "accounts.people",
    "elections.index",
    "elections.show",
    "events.index",
    "events.show",
    "ergs.index",
    "ergs.show",
    "mentoring.index",
    "mentoring.workspace",
]


@pytest.mark.parametrize("endpoint", PAGES)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_text_twice_as_large_fits(tour, endpoint, lang):
    tab, _ = tour.opened(tour.page(endpoint), Look(lang, dark=False, width=320))
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(tab) <= 0
