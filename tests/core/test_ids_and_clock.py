"""Randomness and time can be pinned, and only where they may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock, ids


@pytest.fixture(autouse=True)
def _restore():
    yield
    ids.configure(None)
    clock.configure(None)


def test_ids_differ_without_a_seed():
    assert ids.new_id() != ids.new_id()
    assert ids.new_id().version == 4


def test_the_same_seed_actor_and_request_draw_the_same():
    draws = []
    for _ in range(2):
        ids.configure("s")
        ids.begin("bo")
        draws.append([ids.new_id(), ids.new_id(), ids.token("nonce")])
    assert draws[0] == draws[1]
    assert draws[0][0] != draws[0][1]


def test_one_more_draw_for_another_subject_shifts_nothing():
    ids.configure("s")
    ids.begin("bo")
    quiet = ids.token("reminder", "event-1")
    ids.configure("s")
    ids.begin("bo")
    ids.token("reminder", "event-of-maria")
    assert ids.token("reminder", "event-1") == quiet


def test_one_more_request_of_one_actor_shifts_no_other_actor():
    ids.configure("s")
    ids.begin("bo")
    alone = ids.new_id()
    ids.configure("s")
    ids.begin("maria")
    ids.begin("bo")
    assert ids.new_id() == alone


def test_the_clock_freezes_and_shifts():
    clock.configure("2026-11-21T09:00Z")
    assert clock.now() == datetime(2026, 11, 21, 9, tzinfo=UTC)
    clock.configure("+P3D")
    assert (
        timedelta(days=2, hours=23) < clock.now() - clock.machine_now() < timedelta(days=3, hours=1)
    )
    clock.configure("-PT90M")
    assert clock.now() < clock.machine_now() - timedelta(minutes=89)


def test_machine_time_is_never_frozen():
    clock.configure("2001-01-01T00:00Z")
    assert clock.machine_now().year > 2001


def test_an_instant_without_zone_is_refused():
    with pytest.raises(ValueError, match="no zone"):
        clock.configure("2026-11-21T09:00")
