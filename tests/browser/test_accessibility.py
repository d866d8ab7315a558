"""axe finds nothing and nothing runs sideways: phone, desktop, both directions, light, dark."""

from __future__ import annotations

import pytest

from tests.browser.looks import overflow
from tests.browser.pages import Look, Seen

pytestmark = pytest.mark.browser

PAGES = {
    "shell.home": "/",
    "accounts.sign_in": "/login",
    "ergs.index": "/ergs/",
    "events.index": "/events/",
    "mentoring.index": "/mentoring/",
    "programs.index": "/programs/",
    "notifications.index": "/notifications/",
    "accounts.settings": "/settings/",
    "notifications.push": "/notifications/push",
    "events.calendar": "/events/calendar",
    "accounts.people": "/people/",
    "admin.people": "/manage/people/",
}
BY = {
    "accounts.sign_in": "anonymous",
    "programs.index": "program_manager",
    "admin.people": "org_admin",
}
LOOKS = [
    Look("en", dark=False, width=390),
    Look("ar", dark=True, width=320),
    Look("es", dark=False, width=1440),
]


def _seen(endpoint: str) -> Seen:
    return Seen(endpoint, BY.get(endpoint, "member"), PAGES[endpoint])


@pytest.mark.parametrize("endpoint", PAGES)
def test_the_first_pages_are_accessible_and_fit(tour, endpoint):
    assert [tour.faults(_seen(endpoint), look) for look in LOOKS] == [[], [], []]


@pytest.mark.parametrize("endpoint", PAGES)
def test_the_first_pages_fit_a_narrow_phone_with_stretched_words(tour, endpoint):
    tab, _ = tour.opened(_seen(endpoint), Look("en-XA", dark=False, width=320))
    assert overflow(tab) <= 0


def test_the_skip_link_is_first_and_leads_to_the_content(visit):
    page = visit("/ergs/", as_="bo")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
