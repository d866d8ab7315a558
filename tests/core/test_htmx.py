"""The adapter reads what htmx 4 sends."""

from __future__ import annotations

import pytest

from app.core.htmx import htmx


@pytest.mark.parametrize(
    ("headers", "partial"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Request-Type": "partial"}, True),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_a_fragment_is_sent_only_where_htmx_wants_one(app, headers, partial):
    with app.test_request_context("/", headers=headers):
        assert htmx.is_partial is partial


def test_source_and_target_are_ids(app):
    headers = {"HX-Source": "button#rsvp-yes", "HX-Target": "div#rsvp"}
    with app.test_request_context("/", headers=headers):
        assert (htmx.source_id, htmx.target_id) == ("rsvp-yes", "rsvp")
