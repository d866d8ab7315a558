"""Who may see who belongs, and what may follow what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ergs import rules
from app.ergs.rules import Admission, MembershipState, Viewer, Visibility

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
WIDTHS = list(Visibility)


@given(st.sampled_from(WIDTHS), st.sampled_from(WIDTHS), st.sampled_from(list(Viewer)))
def test_the_narrower_of_roster_and_own_choice_always_wins(roster, own, viewer) -> None:
    seen = rules.is_visible(roster, own, viewer)
    alone = [rules.is_visible(Visibility.COMPANY, v, viewer) for v in (roster, own)]
    assert seen == all(alone)


@given(st.sampled_from(WIDTHS), st.sampled_from(list(Viewer)))
def test_who_chose_nobody_is_seen_by_nobody_under_any_roster(roster, viewer) -> None:
    assert not rules.is_visible(roster, Visibility.NOBODY, viewer)


@given(st.sampled_from(WIDTHS), st.sampled_from(WIDTHS))
def test_whoever_stands_closer_sees_at_least_as_much(roster, own) -> None:
    closer = (Viewer.COLLEAGUE, Viewer.MEMBER, Viewer.LEAD)
    seen = [rules.is_visible(roster, own, viewer) for viewer in closer]
    assert seen == sorted(seen)


@pytest.mark.parametrize("roster", WIDTHS)
def test_a_choice_wider_than_the_roster_is_not_offered(roster) -> None:
    offered = rules.choices_under(roster)
    assert offered[0] is Visibility.NOBODY and offered[-1] is roster


def test_a_group_with_a_closed_roster_is_sensitive_without_saying_so() -> None:
    assert rules.is_shielded(Visibility.NOBODY, says_so=False)
    assert rules.is_shielded(Visibility.LEADS, says_so=False)
    assert not rules.is_shielded(Visibility.MEMBERS, says_so=False)
    assert rules.is_shielded(Visibility.COMPANY, says_so=True)


@pytest.mark.parametrize(
    ("admission", "invited", "left_ago", "expected"),
    [
        (Admission.OPEN, False, None, MembershipState.ACTIVE),
        (Admission.APPROVAL, False, None, MembershipState.REQUESTED),
        (Admission.APPROVAL, True, None, MembershipState.ACTIVE),
        (Admission.APPROVAL, False, timedelta(hours=2), MembershipState.ACTIVE),
        (Admission.APPROVAL, False, timedelta(days=2), MembershipState.REQUESTED),
        (Admission.INVITE, False, None, None),
        (Admission.INVITE, True, None, MembershipState.ACTIVE),
    ],
)
def test_the_door_of_a_group(admission, invited, left_ago, expected) -> None:
    left_at = NOW - left_ago if left_ago else None
    assert rules.first_state(admission, was_invited=invited, left_at=left_at, now=NOW) is expected


def test_terms_include_their_last_day() -> None:
    start, end = date(2026, 1, 1), date(2026, 12, 31)
    assert rules.is_in_force(start, end, end)
    assert not rules.is_in_force(start, end, date(2027, 1, 1))
    assert not rules.is_in_force(start, None, date(2025, 12, 31))


def test_an_alias_is_stable_and_differs_between_rows() -> None:
    rows = [uuid4() for _ in range(50)]
    assert [rules.alias(r) for r in rows] == [rules.alias(r) for r in rows]
    assert len({rules.alias(r) for r in rows}) > 45


def test_no_state_leads_out_of_an_ended_membership() -> None:
    ended = set(MembershipState) - rules.OPEN_MEMBERSHIP
    assert all(state not in rules.MEMBERSHIP_TRANSITIONS for state in ended)
