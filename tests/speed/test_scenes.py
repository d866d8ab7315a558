"""The scenes of the access matrix can be built, and answer as their names say."""

from __future__ import annotations

import pytest

from app.core.database import writing
from tests.client import Browser
from tests.contracts import access_world


@pytest.fixture
def scenes(demo):
    with demo.app_context(), writing() as db:
        return access_world.build(db)["speed"]


def test_who_opens_what_in_an_open_and_a_hidden_group(demo, scenes) -> None:
    readers = {
        name: Browser(demo).sign_in(f"{name}@demo.example") for name in ("dalia", "bo", "elena")
    }
    wanted = {
        ("dalia", "open running", "desk"): 200,
        ("bo", "open running", "desk"): 403,
        ("bo", "open running", "now"): 200,
        ("elena", "open running", "now"): 404,
        ("elena", "open running", ""): 200,
        ("dalia", "hidden draft", "desk"): 200,
        ("bo", "hidden draft", ""): 404,
        ("bo", "hidden draft", "desk"): 404,
        ("bo", "other kind", ""): 404,
        ("dalia", "absent", "desk"): 404,
        ("dalia", "open empty", "desk"): 200,
        ("dalia", "open empty", "plan"): 404,
        ("bo", "open over", ""): 200,
    }
    found = {
        (name, scene, path): readers[name]
        .get(f"/events/{scenes[scene]['occurrence_id']}/speed/{path}")
        .status
        for name, scene, path in wanted
    }
    assert found == wanted
