"""Matching by keyboard alone: a mentee puts a list in order, an organizer decides and publishes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PROJECT = "/programs/mentoring-for-a-project/manage/"
MOST = 140  # presses of Tab within which everything is reached


def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, and seen."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"{selector} is not reached by keyboard on {page.url}")


def act(page: Page, selector: str, *, sure: bool = False) -> None:
    """Reach a button or a link, press Enter, say yes where it asks, and wait for the next page."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")
        if sure:
            reach(page, "#confirm [value=yes]")
            page.keyboard.press("Enter")


def decisions(page: Page) -> int:
    return page.locator("section[aria-labelledby='decisions'] li").count()


def test_a_mentee_puts_the_list_in_order_by_keyboard(visit):
    page = visit("/", as_="bo", size="desktop")
    act(page, "a[href$='/shortlist']")
    for place in (1, 2):
        reach(page, "select[name^='m_']")
        page.keyboard.type(f"Place {place}")
    act(page, "#shortlist-save")
    expect(page.locator("#main").get_by_text("Your order is saved")).to_be_visible()
    chosen = page.locator("select[name^='m_']").evaluate_all("all => all.map(s => s.value)")
    assert chosen[:2] == ["1", "2"] and set(chosen[2:]) <= {""}


def test_an_organizer_locks_vetoes_publishes_and_recalls_by_keyboard(visit):
    page = visit(PROJECT, as_="amara", size="desktop")
    act(page, "a[href*='/programs/runs/']")
    act(page, "#end-choice")
    before = decisions(page)
    act(page, "li:last-child > .grow > a[href*='pair=']")
    act(page, "#pair form:has([value='lock']) button")
    expect(page.locator("#main").get_by_text("Noted.")).to_be_visible()
    act(page, "li:nth-last-child(2) > .grow > a[href*='pair=']")
    act(page, "#pair form:has([value='veto']) button")
    assert decisions(page) == before + 2
    act(page, "#publish", sure=True)
    expect(page.locator("#main").get_by_text("Nothing has left yet")).to_be_visible()
    act(page, "#recall")
    expect(page.locator("#main").get_by_text("Nobody has heard of it")).to_be_visible()
    expect(page.locator("#publish")).to_be_visible()


def test_on_a_phone_what_weights_would_do_stays_in_sight_and_hides_no_slider(visit):
    page = visit(PROJECT, as_="amara", size="phone")
    page.goto(page.locator("a[href$='/weights']").first.get_attribute("href"))
    slider = page.locator(".slider")
    slider.first.press("ArrowRight")
    tried = page.locator("#tried .figures")
    expect(tried).to_be_in_viewport(ratio=1)
    slider.last.focus()
    expect(tried).to_be_in_viewport(ratio=1)
    assert slider.last.bounding_box()["y"] < tried.bounding_box()["y"] - 40
