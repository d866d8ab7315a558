"""axe finds nothing and nothing runs sideways: phone, desktop, both directions, light, dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

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
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def _violations(page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


def _overflow(page) -> int:
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


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
    assert _violations(page) == []
    assert _overflow(page) <= 0


@pytest.mark.parametrize(("path", "who"), PAGES)
def test_pages_fit_a_narrow_phone_with_stretched_words(visit, path, who):
    page = visit(path, as_=who, size="small", lang="en-XA")
    assert _overflow(page) <= 0


def test_the_skip_link_is_first_and_leads_to_the_content(visit):
    page = visit("/ergs/", as_="bo")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
