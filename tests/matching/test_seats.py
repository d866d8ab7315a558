"""Everybody gets a seat, in pairs or circles, and never beside somebody they may not meet."""

from __future__ import annotations

import numpy as np
import pytest

from app.matching.seats import solve_seats
from app.matching.types import Instance, Participant, Rule

WORDS = [f"skill {n}" for n in range(8)]
SKILL = Rule("prefer", "overlap", "wants", "offers", "Skills", 10)
HOURS = Rule("prefer", "overlap", "free", "free", "Free hours in common", 5, private=True)


def world(count, rules=(SKILL, HOURS), **more):
    rng = np.random.default_rng(count)

    def some():
        return frozenset(rng.choice(WORDS, 3, replace=False).tolist())

    people = tuple(
        Participant(f"p{at:02}", values={"wants": some(), "offers": some(), "free": some()})
        for at in range(count)
    )
    return Instance(people, people, rules, objective="total", discreet=True, **more)


def check(instance, found, sizes):
    seated = [one for group in found.groups for one in group]
    assert sorted(seated) == sorted(found.mate) and len(set(seated)) == len(seated)
    assert {len(group) for group in found.groups} <= set(sizes)
    of = {one: group for group in found.groups for one in group}
    for pair in found.pairs:
        assert pair.mentor in of[pair.mentee] and pair.mentor != pair.mentee
        assert sum(part.points for part in pair.contributions) == pytest.approx(pair.score)
        assert "Free hours in common" not in {part.label for part in pair.contributions}


@pytest.mark.parametrize("count", [2, 7, 12])
def test_peers_are_in_pairs_and_the_odd_one_is_a_third(count):
    instance = world(count)
    found = solve_seats(instance, 2, 3, in_circles=False)
    check(instance, found, (2, 3))
    assert sorted(map(len, found.groups)) == [2] * (count // 2 - count % 2) + [3] * (count % 2)
    assert found.unmatched == () and found.matched_share == 1


def test_circles_have_their_size_and_hold_nobody_with_whom_somebody_may_not_be():
    never = frozenset({("p00", "p01"), ("p05", "p00"), ("p02", "p03")})
    instance = world(14, excluded=never, banned=frozenset({("p06", "p07")}))
    found = solve_seats(instance, 3, 6, in_circles=True)
    check(instance, found, range(3, 7))
    for group in found.groups:
        assert not any({a, b} <= set(group) for a, b in (*never, ("p06", "p07")))
    assert solve_seats(instance, 3, 6, in_circles=True).groups == found.groups


def test_fixed_people_stay_together_in_either_form():
    instance = world(9, locked=frozenset({("p03", "p08"), ("p08", "p01")}))
    circles = solve_seats(instance, 3, 5, in_circles=True)
    assert any({"p01", "p03", "p08"} <= set(group) for group in circles.groups)
    peers = solve_seats(instance, 2, 3, in_circles=False)
    assert any({"p01", "p03", "p08"} == set(group) for group in peers.groups)
    assert {pair.mentee for pair in peers.pairs if pair.locked} == {"p01", "p03", "p08"}


def test_whoever_has_nobody_is_told_why_in_words_without_sides():
    alone = Rule("require", "equal", "tongue", "tongue", "A language in common")
    people = tuple(
        Participant(name, values={"wants": frozenset("a"), "offers": frozenset("a"), "tongue": tag})
        for name, tag in (("ana", "es"), ("bea", "es"), ("zoe", "ja"))
    )
    found = solve_seats(Instance(people, people, (SKILL, alone)), 2, 3, in_circles=False)
    assert found.groups == (("ana", "bea"),)
    (waiting,) = found.unmatched
    assert waiting.mentee == "zoe"
    assert {why.code for why in waiting.why} <= {"rules_leave_no_peer", "relax_for_peers"}
