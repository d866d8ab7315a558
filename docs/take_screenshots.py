"""Take the pictures of the documentation from a running, freshly seeded demo.

make demo &                       # in one terminal
.venv/bin/python docs/take_screenshots.py http://127.0.0.1:8000
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "images"
PASSWORD = "trellis-demo"  # noqa: S105 - printed for everyone
PHONE, DESKTOP = (390, 844), (1280, 860)

# name, who, path, size, language, dark
SHOTS = (
    ("home-phone", "hugo@demo.example", "/", PHONE, "en", False),
    ("groups-phone-ar", "dalia@demo.example", "/ergs/", PHONE, "ar", False),
    ("event-phone-dark", "bo@demo.example", "/events/", PHONE, "es", True),
    ("mentoring-phone", "hugo@demo.example", "/mentoring/", PHONE, "en", False),
    ("programs-desktop", "amara@demo.example", "/programs/", DESKTOP, "en", False),
    ("groups-desktop", "bo@demo.example", "/ergs/", DESKTOP, "en", False),
    ("landing-desktop", None, "/", DESKTOP, "en", False),
)


def shoot(browser: Browser, base: str, shot: tuple) -> None:
    """One picture; the viewport only, as a person sees it first."""
    name, email, path, (width, height), lang, dark = shot
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=base,
        locale=lang,
        color_scheme="dark" if dark else "light",
        device_scale_factor=1,
    )
    page = context.new_page()
    if email:
        page.goto("/login")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{path}?lang={lang}", wait_until="networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def main(base: str) -> None:
    """All pictures, one after the other."""
    FOLDER.mkdir(exist_ok=True)
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for shot in SHOTS:
            shoot(browser, base.rstrip("/"), shot)
            print(shot[0])
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
