"""Whole flows with the keyboard alone: every stop on the way is seen, and nothing covers it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

# Whether somebody sees where they are: an outline on the element or on the card it fills, inside
# the window, and not under a bar that sticks to an edge.
SEEN = """() => {
  const at = document.activeElement
  if (at === document.body) return 'nothing has the focus'
  const lined = (e) => e && getComputedStyle(e).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(e).outlineWidth) > 0
  let near = at, seen = false
  for (let up = 0; up < 4 && near && !seen; up++, near = near.parentElement) seen = lined(near)
  if (!seen) return 'no outline: ' + at.outerHTML.slice(0, 120)
  const box = at.getBoundingClientRect()
  const x = box.x + Math.min(box.width / 2, 12), y = box.y + Math.min(box.height / 2, 12)
  const top = document.elementFromPoint(x, y)
  if (!top) return 'outside of the window: ' + at.outerHTML.slice(0, 120)
  const free = at.contains(top) || top.contains(at) || top.closest('label')?.control === at
  return free ? '' : 'covered by ' + top.outerHTML.slice(0, 120)
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until it has the focus; each stop is visible."""
    for _ in range(90):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN) == ""
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go there and press it."""
    tab_to(page, selector)
    page.keyboard.press(key)


def test_saying_yes_with_a_guest_and_taking_it_back(visit):
    page = visit("/events/?q=open+house", as_="grace")
    press(page, "main a.line-link")
    expect(page.locator("#rsvp-title")).to_have_text("Are you coming?")
    press(page, "#rsvp summary")
    tab_to(page, "#guests")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1")
    tab_to(page, "#guest_names")
    page.keyboard.type("Ines Carvalho")
    press(page, "#rsvp-going")
    expect(page.locator("#rsvp-title")).to_have_text("You are going")
    expect(page.locator("#rsvp")).to_contain_text("You bring 1 guest.")
    press(page, "#rsvp-no")
    expect(page.locator("#rsvp-title")).to_have_text("You are not coming")


def test_planning_an_event_from_its_kind(visit):
    page = visit("/events/new?host=women", as_="dalia", size="desktop", lang="ar")
    press(page, "main a[href*='kind=workshop']")
    page.wait_for_url("**kind=workshop**")
    tab_to(page, "#title")
    page.keyboard.type("Packing lunch boxes together")
    press(page, "main button[name=then]")
    page.wait_for_url(lambda url: "/new" not in url)
    expect(page.locator("h1")).to_have_text("Packing lunch boxes together")


def test_checking_somebody_in_at_the_door(visit):
    page = visit("/events/?q=open+house", as_="dalia", lang="ar")
    press(page, "main a.line-link")
    page.wait_for_url(lambda url: "?q=" not in url)
    press(page, "#links a[href$='/check-in/']")
    page.wait_for_url("**/check-in/**")
    tab_to(page, "button[id^='in-']")
    chosen = page.evaluate("document.activeElement.id").removeprefix("in-")
    page.keyboard.press("Enter")
    expect(page.locator(f"#undo-{chosen}")).to_be_visible()


def test_finding_a_day_in_the_month(visit):
    page = visit("/events/?view=month", as_="bo")
    month = page.locator("#month-name").inner_text()
    tab_to(page, ".month a")
    day = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(day))
    page.goto("/events/?view=month")
    press(page, "main .row-between nav a:last-child")
    expect(page.locator("#month-name")).not_to_have_text(month)
