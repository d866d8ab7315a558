"""A group that may not be seen does not exist: all pages below it say so in the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import flask
import pytest
from werkzeug.test import TestResponse

from app.core.database import writing
from app.ergs.queries import groups
from tests.contracts.access_world import Scenes, build
from tests.personas import as_persona

AS_HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
HIDDEN, ABSENT = "quiet-circle", "never-a-club"  # of one length, because lengths are compared
OUTSIDERS = ("hr_analyst", "auditor", "external")


@pytest.fixture
def scenes(demo: flask.Flask) -> Scenes:
    """The demo company with things of every kind in a hidden group."""
    with demo.app_context(), writing() as db:
        return build(db)


def of_groups(app: flask.Flask) -> list[str]:
    """What can be fetched below the name of a group."""
    return sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/ergs/<slug>/") and "GET" in (rule.methods or ())
    )


def in_hidden(app: flask.Flask, scenes: Scenes, endpoint: str) -> Iterator[str]:
    """Addresses of an endpoint at which the hidden group has something."""
    adapter = app.url_map.bind("localhost")
    (rule,) = app.url_map.iter_rules(endpoint)
    for scene in scenes[endpoint.split(".")[0]].values():
        if scene.get("slug") == HIDDEN and rule.arguments <= set(scene):
            yield adapter.build(endpoint, {key: scene[key] for key in rule.arguments})


def masked(answer: TestResponse, slug: str) -> tuple[int, str, str]:
    """Without the name that was asked for and what is drawn anew for every answer."""
    headers = str(sorted((k, v) for k, v in answer.headers if k not in ("Date", "Set-Cookie")))
    body = answer.get_data(as_text=True).replace(slug, "SLUG")
    for nonce in re.findall(r"'nonce-([^']+)'", headers):
        headers, body = headers.replace(nonce, "NONCE"), body.replace(nonce, "NONCE")
    body = re.sub(r'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', r"\1", body)
    return answer.status_code, headers.replace(slug, "SLUG"), body


def told_apart(app: flask.Flask, scenes: Scenes, endpoints: list[str]) -> list[tuple[str, str]]:
    """(persona, address) wherever the hidden group is answered otherwise than one that is not."""
    found = []
    for persona in OUTSIDERS:
        client = as_persona(app, persona).client
        for endpoint in endpoints:
            paths = set(in_hidden(app, scenes, endpoint))
            assert paths, f"nothing is hidden from {endpoint}"
            for path in paths:
                for headers in ({}, AS_HTMX):
                    there = client.get(path, headers=headers)
                    nowhere = client.get(path.replace(HIDDEN, ABSENT), headers=headers)
                    assert nowhere.status_code == 404, path
                    if masked(there, HIDDEN) != masked(nowhere, ABSENT):
                        found.append((persona, path))
    return found


def test_hidden_and_absent_groups_answer_with_the_same_bytes(demo, scenes) -> None:
    assert told_apart(demo, scenes, of_groups(demo)) == []


def test_a_finder_that_forgets_to_hide_is_caught(demo, scenes, monkeypatch) -> None:
    """Otherwise the test above would say nothing."""
    by_address = groups._by_address
    monkeypatch.setattr(groups, "_by_address", lambda **_who: by_address(sees_all=True))
    for endpoint in ("ergs.show", "ergs.manage", "threads.index"):
        assert told_apart(demo, scenes, [endpoint]) != [], endpoint
