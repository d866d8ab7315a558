"""What somebody from outside can open without knowing an address: every page is on this list."""

from __future__ import annotations

from app.core.policies import routes
from tests.personas import as_persona

# A new page here is read by people outside the company: add it only if that is meant.
OPEN_TO_GUESTS = {
    "accounts.forgotten",
    "accounts.settings",
    "concerns.index",
    "concerns.new",
    "mentoring.index",
    "notifications.index",
    "notifications.push",
    "operations.healthz",
    "operations.metrics",
    "operations.readyz",
    "outside.places",
    "programs.index",
    "programs.private_answers",
    "programs.requests",
    "shell.home",
    "shell.manifest",
    "shell.offline",
    "shell.search",
    "shell.service_worker",
    "shell.styleguide",
}


def test_a_guest_opens_only_what_is_meant_for_guests(demo):
    """Pages without arguments, asked for as the external mentor of the demo company."""
    guest = as_persona(demo, "external").client
    adapter = demo.url_map.bind("localhost")
    found = {
        route.endpoint
        for route in routes(demo)
        if "GET" in route.methods
        and "<" not in route.path
        and guest.get(adapter.build(route.endpoint)).status_code == 200
    }
    assert found == OPEN_TO_GUESTS


def test_a_guest_finds_nobody_by_searching(demo):
    """Not a colleague's name, not even one they are in a program with."""
    guest = as_persona(demo, "external")
    for words in ("amara", "chen", "women", "kickoff"):
        found = guest.get(f"/search?q={words}").text.lower()
        assert "okafor" not in found and "li-hua" not in found
