"""What a person would meet on a page in the browser, as lists of faults."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

AXE = Axe()
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def violations(page: Page) -> list[str]:
    """What axe finds, each with the first element it stands on."""
    found = AXE.run(page, options=OPTIONS).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


def overflow(page: Page) -> int:
    """How many pixels the page runs sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def is_fault(message: ConsoleMessage) -> bool:
    """Chromium itself logs every answer of 400 and above; that is not a fault of the page."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")
