"""Leaving at once: Back does not return to the page; and everything is said without script, too."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_back_does_not_return_to_a_page_that_was_left_at_once(visit):
    page = visit("/events/", as_="bo")
    page.get_by_role("link", name="Something is wrong?").click()
    page.get_by_role("link", name="Leave this page at once").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.go_back()
    assert "/events/" in page.url


def test_a_concern_is_raised_without_script_on_a_small_phone(visit):
    page = visit("/support/", as_="bo", size="small", scripts=False)
    page.get_by_role("link", name="Something else").click()
    expect(page.get_by_role("heading", name="Exactly these people can read it")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("What happened, or what worries you?").fill("Somebody shouts in our calls.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("It is sent.")).to_be_visible()
    expect(page.get_by_text("Somebody shouts in our calls.")).to_be_visible()
    page.get_by_role("link", name="Leave this page at once").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Support")
