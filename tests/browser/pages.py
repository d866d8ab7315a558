"""Every page of the app in a real browser, each as whoever sees most of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import flask
from playwright.sync_api import Browser, Page, Response

from tests.browser.looks import is_fault, overflow, violations
from tests.contracts.access_world import Scenes
from tests.contracts.addresses import addresses, endpoints
from tests.judge import judge
from tests.personas import PERSONAS, as_persona

# The files that share the pages among them, so that processes can.
GROUPS = ["approvals", "budgets", "elections", "ergs", "files", "groups", "health"]
GROUPS += ["holidays", "plans", "posts", "resources", "threads"]
MENTORING = ["concerns", "mentoring", "programs"]
REST = ["accounts", "admin", "attendance", "events", "notifications", "operations"]
REST += ["outside", "shell", "speed"]

# Files for which the world has no scene.
NO_PAGES = {"admin.refused_rows", "ergs.picture", "events.feed"}

# Who runs something is shown more of a page than who reads it.
BY_SIGHT = ["lead", "program_manager", "member", "org_admin", "hr_analyst", "auditor"]
VIEWERS = [*BY_SIGHT, *(name for name in PERSONAS if name not in BY_SIGHT)]


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    lang: str
    dark: bool
    width: int


# Neighbours differ in everything, so that a domain of few pages still meets both of each.
LANGS = [("en", False), ("ar", True), ("ar", False), ("en", True)]
LOOKS = [Look(*LANGS[number % 4], (390, 320, 1440)[number % 3]) for number in range(12)]
AT_FULL_SIZE = [Look(*pair, width) for pair in LANGS for width in (320, 1440)]


@dataclass(frozen=True)
class Seen:
    """A page, and who opens it."""

    endpoint: str
    persona: str
    path: str


class Tour:
    """Opens pages of one running copy of the demo company."""

    def __init__(self, app: flask.Flask, scenes: Scenes, chromium: Browser, address: str) -> None:
        self.app, self.scenes, self.chromium, self.address = app, scenes, chromium, address
        self.clients = {persona: as_persona(app, persona).client for persona in VIEWERS}
        self.tabs: dict[str, Page] = {}
        self.complaints: list[str] = []

    @cached_property
    def domains(self) -> dict[str, list[str]]:
        """Endpoints by domain."""
        return {
            domain: list(names)
            for domain, names in itertools.groupby(
                endpoints(self.app), key=lambda endpoint: endpoint.split(".")[0]
            )
        }

    def pages(self, domain: str) -> list[Seen]:
        """The pages of a domain, in an order that a new one hardly changes."""
        found = [seen for endpoint in self.domains[domain] if (seen := self.page(endpoint))]
        return sorted(found, key=lambda seen: crc32(seen.endpoint.encode()))

    def page(self, endpoint: str) -> Seen | None:
        """The first address at which somebody is shown a whole page; None for what is no page."""
        is_asked, leads_on = False, endpoint in NO_PAGES
        for _line, method, path in addresses(self.app, self.scenes, endpoint):
            for persona in VIEWERS if method == "GET" else ():
                is_asked, answer = True, self.clients[persona].get(path)
                if answer.status_code == 200:
                    whole = answer.mimetype == "text/html" and b"<html" in answer.data
                    return Seen(endpoint, persona, path) if whole else None
                leads_on |= answer.status_code == 303 and "/login" not in answer.location
        assert leads_on or not is_asked, f"nobody is shown {endpoint}: it needs a scene"
        return None

    def faults_of(self, domain: str) -> dict[str, list[str]]:
        """What is wrong in a domain, every page looked at in one way and all ways in turn."""
        looks = itertools.islice(itertools.cycle(LOOKS), crc32(domain.encode()) % 12, None)
        return _faulty(
            (f"{seen} {look}", self.faults(seen, look))
            for seen, look in zip(self.pages(domain), looks, strict=False)
        )

    def faults_at_full_size(self, domain: str) -> dict[str, list[str]]:
        """What is wrong in a domain, every page looked at in all ways."""
        return _faulty(
            (f"{seen} {look}", self.faults(seen, look))
            for seen in self.pages(domain)
            for look in AT_FULL_SIZE
        )

    def faults(self, seen: Seen, look: Look) -> list[str]:
        """What is wrong with a page, looked at in one way."""
        tab, answer = self.opened(seen, look)
        found = [] if answer.status == 200 else [f"answers {answer.status}"]
        found += violations(tab)
        if (over := overflow(tab)) > 0:
            found.append(f"runs {over} px sideways")
        return found + judge(answer.text()) + self.complaints

    def opened(self, seen: Seen, look: Look) -> tuple[Page, Response]:
        """A page in the tab of its reader."""
        tab = self._tab(seen.persona)
        tab.set_viewport_size({"width": look.width, "height": 800})
        tab.emulate_media(color_scheme="dark" if look.dark else "light", reduced_motion="reduce")
        self.complaints.clear()
        joiner = "&" if "?" in seen.path else "?"
        answer = tab.goto(f"{seen.path}{joiner}lang={look.lang}", wait_until="domcontentloaded")
        assert answer is not None
        return tab, answer

    def _tab(self, persona: str) -> Page:
        if persona not in self.tabs:
            context = self.chromium.new_context(base_url=self.address, service_workers="block")
            context.set_default_timeout(10_000)
            if cookie := self.clients[persona].get_cookie("trellis_session"):
                kept = {"name": cookie.key, "value": cookie.value, "url": self.address}
                context.add_cookies([kept])
            tab = self.tabs[persona] = context.new_page()
            tab.on("console", lambda m: self.complaints.append(m.text) if is_fault(m) else None)
            tab.on("pageerror", lambda e: self.complaints.append(str(e)))
        return self.tabs[persona]

    def close(self) -> None:
        """Close what was opened."""
        for tab in self.tabs.values():
            tab.context.close()


def _faulty(looked_at: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    return {what: faults for what, faults in looked_at if faults}
