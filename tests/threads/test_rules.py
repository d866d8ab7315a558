"""Who judges, and under what a post stands."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.ergs.rules import Viewer, Visibility
from app.threads.rules import Face, face, in_line, is_veiled, judges

PEOPLE = [UUID(int=n) for n in range(8)]


def lines_of(managers: list[int | None]) -> dict[UUID, set[UUID]]:
    """Everybody above each person; circles included."""
    above = {}
    for n, person in enumerate(PEOPLE):
        found, at = set(), managers[n]
        while at is not None and PEOPLE[at] not in found:
            found.add(PEOPLE[at])
            at = managers[at]
        above[person] = found
    return above


@given(
    managers=st.lists(st.none() | st.integers(0, 7), min_size=8, max_size=8),
    concerned=st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=2),
    tiers=st.lists(st.sets(st.sampled_from(PEOPLE)), min_size=1, max_size=3),
)
def test_who_judges_is_never_concerned_and_outside_every_line_if_anybody_is(
    managers, concerned, tiers
):
    above = lines_of(managers)
    chosen = judges(concerned, tiers, above)
    assert not chosen & concerned
    outside = [
        {p for p in tier if not any(in_line(p, c, above) for c in concerned)} for tier in tiers
    ]
    first = next((fit for fit in outside if fit), None)
    assert chosen == (frozenset(first) if first else frozenset(tiers[-1] - concerned))


def test_a_line_is_seen_from_both_ends_and_over_many_steps():
    chief, manager, worker, other = (uuid4() for _ in range(4))
    above = {worker: {manager, chief}, manager: {chief}}
    assert in_line(chief, worker, above) and in_line(worker, chief, above)
    assert not in_line(other, worker, above)


@given(
    veiled=st.booleans(),
    roster=st.sampled_from(Visibility),
    viewer=st.sampled_from(Viewer),
    is_pseudonymous=st.booleans(),
    own=st.sampled_from(Visibility),
)
def test_a_confidential_membership_looks_like_none(veiled, roster, viewer, is_pseudonymous, own):
    look = {"veiled": veiled, "roster": roster, "viewer": viewer}
    hidden = face(**look, membership=Visibility.NOBODY)
    absent = face(**look, membership=None)
    assert hidden is absent is not Face.NAME
    if is_veiled(roster, own, is_pseudonymous=is_pseudonymous):
        seen = face(veiled=True, roster=roster, viewer=viewer, membership=Visibility.COMPANY)
        assert seen is Face.CODE, "what was written under a code stays there for good"
