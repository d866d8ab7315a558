"""axe finds nothing and nothing runs sideways: phone, desktop, both directions, light, dark."""

from __future__ import annotations

import pytest

from tests.browser.looks import overflow, violations

pytestmark = pytest.mark.browser

PAGES = [
    ("/", None),
    ("/login", None),
    ("/", "bo"),
    ("/ergs/", "bo"),
    ("/events/", "bo"),
    ("/mentoring/", "bo"),
    ("/programs/", "amara"),
    ("/notifications/", "bo"),
    ("/settings/", "bo"),
    ("/notifications/push", "bo"),
    ("/events/calendar", "bo"),
    ("/people/", "bo"),
    ("/manage/people/", "farid"),
]


@pytest.mark.parametrize(("path", "who"), PAGES)
@pytest.mark.parametrize(
    ("lang", "size", "dark"),
    [
        ("en", "phone", False),
        ("ar", "small", True),
        ("es", "desktop", False),
    ],
)
def test_pages_are_accessible_and_fit(visit, path, who, lang, size, dark):
    page = visit(path, as_=who, size=size, lang=lang, dark=dark)
    assert violations(page) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize(("path", "who"), PAGES)
def test_pages_fit_a_narrow_phone_with_stretched_words(visit, path, who):
    page = visit(path, as_=who, size="small", lang="en-XA")
    assert overflow(page) <= 0


def test_the_skip_link_is_first_and_leads_to_the_content(visit):
    page = visit("/ergs/", as_="bo")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
