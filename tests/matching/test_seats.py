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


@pytest.mark.parametrize("in_circles", [False, True])
def test_whoever_missed_rounds_has_a_seat_before_others(in_circles):
    """Ana and Zoe may not meet, and the others fit Zoe better; Ana missed nine rounds."""
    both = ("bea", "cem") if in_circles else ("bea",)
    people = (
        Participant("ana", missed=9, values={"wants": frozenset("x"), "offers": frozenset("x")}),
        *(Participant(b, values={"wants": frozenset("a"), "offers": frozenset("a")}) for b in both),
        Participant("zoe", missed=1, values={"wants": frozenset("a"), "offers": frozenset("a")}),
    )
    apart = frozenset({("zoe", "ana")})
    instance = Instance(people, people, (SKILL,), banned=apart)
    sizes = (3, 4) if in_circles else (2, 3)
    found = solve_seats(instance, *sizes, in_circles=in_circles)
    assert {"ana", *both} == set(found.mate)
    assert [one.mentee for one in found.unmatched] == ["zoe"]


def test_peers_stay_together_where_nothing_speaks_for_others():
    people = tuple(Participant(f"p{at}", values={"wants": frozenset("a")}) for at in range(8))
    before = frozenset({("p0", "p5"), ("p5", "p0"), ("p3", "p1")})
    found = solve_seats(Instance(people, people, (SKILL,), current=before), 2, 3, in_circles=False)
    assert {("p0", "p5"), ("p1", "p3")} <= {tuple(sorted(group)) for group in found.groups}
