"""A conversation on two phones: what is new comes by itself, and nothing half written is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LINE = "Shall we begin with the second question?"


def opened(page: Page, partner: str) -> Page:
    """The conversation with somebody, from the list of one's relationships."""
    page.clock.install()
    page.goto("/mentoring/?lang=en")
    page.get_by_role("link", name=partner).first.click()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
    return page


def test_a_message_arrives_is_read_and_leaves_what_is_being_written(visit):
    dalia = opened(visit("/", as_="dalia"), "Hugo")
    box = dalia.get_by_label("Your message")
    box.fill("I was just going to")
    hugo = opened(visit("/", as_="hugo"), "داليا")
    before = hugo.locator(".message").count()
    hugo.get_by_label("Your message").fill(LINE)
    hugo.get_by_role("button", name="Send").dblclick()
    sent = hugo.locator(".message", has_text=LINE)
    expect(sent).to_have_count(1)
    expect(sent).to_be_in_viewport()
    expect(hugo.get_by_label("Your message")).to_have_value("")
    expect(hugo.get_by_role("button", name="Send")).to_be_focused()
    hugo.reload()
    expect(hugo.locator(".message")).to_have_count(before + 1)

    expect(dalia.locator(".message", has_text=LINE)).to_have_count(0)
    dalia.clock.fast_forward(21_000)
    expect(dalia.locator(".message", has_text=LINE)).to_be_in_viewport()
    expect(box).to_have_value("I was just going to")
    expect(box).to_be_focused()
    mark = dalia.get_by_role("button", name="Mark 1 message as read")
    expect(mark).to_be_visible()
    dalia.clock.fast_forward(3_000)
    expect(mark).to_have_count(0)
    dalia.goto("/mentoring/?lang=en")
    expect(dalia.get_by_text("new message")).to_have_count(0)


def test_the_box_is_in_reach_on_a_small_phone_and_enter_makes_a_line(visit):
    hugo = opened(visit("/", as_="hugo", size="small"), "داليا")
    box = hugo.get_by_label("Your message")
    expect(box).to_be_in_viewport()
    expect(hugo.get_by_role("button", name="Send")).to_be_in_viewport()
    box.fill("One")
    box.press("Enter")
    box.type("Two")
    expect(box).to_have_value("One\nTwo")
    assert hugo.evaluate("document.documentElement.scrollWidth") == 320
