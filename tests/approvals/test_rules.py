"""Nobody approves their own work; deadlines pass on working days; rules hold only as written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.approvals.rules import (
    APPROVAL_TRANSITIONS,
    ApprovalState,
    Decider,
    backup_of,
    covers,
    deadline,
    mandate,
    matches,
)

people = st.integers(1, 5).map(lambda n: UUID(int=n))
role_sets = st.sets(st.sampled_from([*Decider, "co_lead", "check_in"]), max_size=3)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(list(Decider)), min_size=1, max_size=2),
    people,
    st.frozensets(people, max_size=2),
    role_sets,
    st.dictionaries(people, role_sets, max_size=3),
)
def test_nobody_decides_about_their_own_work_not_even_through_a_deputy(
    deciders, person, authors, roles, deputy_for
) -> None:
    given_right = mandate(
        deciders, person=person, authors=authors, roles=roles, deputy_for=deputy_for
    )
    if given_right is None:
        return
    assert person not in authors
    source = given_right.for_person
    assert source not in authors
    held = roles if source is None else deputy_for[source]
    assert any(covers(decider, held) for decider in deciders)


def test_a_co_lead_is_a_lead_and_behind_the_leads_stands_the_sponsor() -> None:
    assert covers(Decider.LEAD, ["co_lead"]) and not covers(Decider.COMMS, ["lead"])
    assert backup_of(Decider.COMMS) is Decider.LEAD
    assert backup_of(Decider.LEAD) is Decider.SPONSOR


def test_a_deadline_passes_over_the_weekend_at_the_same_time_by_the_groups_clocks() -> None:
    friday = datetime(2026, 10, 23, 15, tzinfo=UTC)
    due = deadline(friday, 2, "Europe/Berlin")
    assert due == datetime(2026, 10, 27, 16, tzinfo=UTC), "the clocks went back on Sunday"


@settings(max_examples=100, deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(1, 30))
def test_a_deadline_lies_ahead_on_a_working_day(start, days) -> None:
    begun = start.replace(tzinfo=UTC)
    due = deadline(begun, days, "UTC")
    assert due.weekday() < 5 and timedelta(days=days) <= due - begun <= timedelta(days=2 * days + 2)


def test_a_rule_holds_only_when_every_condition_does() -> None:
    facts = {"kind": "announcement", "audience": "group", "author_role": ["comms", "lead"]}
    assert matches({"kind": "announcement", "author_role": "comms"}, facts)
    assert not matches({"kind": "announcement", "audience": "chapter"}, facts)
    assert not matches({"author_role": "sponsor"}, facts)
    assert not matches({"unknown": "x"}, facts)
    assert not matches({}, facts), "a rule without conditions approves nothing"


def test_what_was_taken_back_stays_so() -> None:
    assert not APPROVAL_TRANSITIONS[ApprovalState.WITHDRAWN]
    assert ApprovalState.APPROVED not in APPROVAL_TRANSITIONS[ApprovalState.REJECTED]
