"""Draws icons (and, given the address of a running Trellis, screenshots): `python render.py`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
GREEN = "#17402f"
# name -> (pixels, share of the square that the mark fills, rounded corners of its own)
ICONS = {
    "app-192": (192, 1.0, True),
    "app-512": (512, 1.0, True),
    "maskable-512": (512, 0.86, False),
    "apple-touch": (180, 0.92, False),
}


def drawing(share: float, rounded: bool) -> str:
    """The mark as one SVG, filling `share` of a green square."""
    inner = re.search(r"<symbol[^>]*>(.*)</symbol>", (HERE / "mark.svg").read_text(), re.S)
    assert inner is not None
    ground = "" if rounded else f'<rect width="32" height="32" fill="{GREEN}"/>'
    shift = 16 - 16 * share
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="100%" height="100%">'
        f'{ground}<g transform="translate({shift} {shift}) scale({share})">{inner[1]}</g></svg>'
    )


def shoot(page: Page, name: str) -> None:
    """Write one PNG."""
    size, share, rounded = ICONS[name]
    page.set_viewport_size({"width": size, "height": size})
    bare = "<style>body{margin:0}svg{display:block}</style>"
    page.set_content(bare + drawing(share, rounded))
    page.screenshot(path=str(HERE / f"{name}.png"), omit_background=True)


SCREENS = {"screen-narrow": (390, 844), "screen-wide": (1280, 800)}


def shoot_screens(page: Page, address: str) -> None:
    """The landing page of a running Trellis, as stores and browsers show it before installing."""
    for name, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        page.screenshot(path=str(HERE / f"{name}.png"))


def main() -> None:
    """Draw all icons and the favicon."""
    (HERE / "favicon.svg").write_text(drawing(1.0, True) + "\n", encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for name in ICONS:
            shoot(page, name)
        for address in sys.argv[1:2]:
            shoot_screens(page, address)
        browser.close()


if __name__ == "__main__":
    main()
