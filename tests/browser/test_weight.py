"""What a first visit costs on a phone: kilobytes and requests, nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = [
    ("/", None),
    ("/", "bo"),
    ("/ergs/", "bo"),
    ("/ergs/women/", "bo"),
    ("/events/", "bo"),
    ("/mentoring/", "bo"),
]


@pytest.mark.parametrize(("path", "who"), PAGES)
def test_a_first_visit_is_light(visit, live, chromium, path, who):
    weigh(visit(path, as_=who), live, chromium, path)


def test_a_first_visit_to_a_workspace_is_light(visit, live, chromium):
    page = visit("/mentoring/", as_="dalia")
    path = page.get_by_role("link", name="Hugo").first.get_attribute("href")
    weigh(page, live, chromium, path)


def test_a_first_visit_to_an_event_is_light(visit, live, chromium):
    page = visit("/events/", as_="bo")
    links = page.locator("main a[href^='/events/']").all()
    paths = [link.get_attribute("href") for link in links]
    path = next(path for path in paths if re.fullmatch(r"/events/[0-9a-f-]{36}/", path))
    weigh(page, live, chromium, path)


def weigh(page: Page, live: str, chromium: Browser, path: str) -> None:
    """Open a page as its reader does on a new device."""
    state = page.context.storage_state()
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        base_url=live,
        storage_state=state,
        service_workers="block",
    )
    fresh = context.new_page()
    session = context.new_cdp_session(fresh)
    session.send("Network.enable")
    weights: list[float] = []
    urls: list[str] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    session.on("Network.requestWillBeSent", lambda event: urls.append(event["request"]["url"]))
    fresh.goto(path, wait_until="networkidle")
    nodes = fresh.evaluate("document.querySelectorAll('*').length")
    context.close()
    elsewhere = [url for url in urls if not url.startswith((live, "data:"))]
    assert elsewhere == []
    assert sum(weights) <= 60 * 1024, f"{sum(weights) / 1024:.1f} KB: {urls}"
    assert len(weights) <= 8, urls
    assert nodes <= 700
