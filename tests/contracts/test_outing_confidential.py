"""Nobody is outed in a group whose members may not be known: everybody is told the same."""

from __future__ import annotations

import pytest

from tests.contracts.outing import SHUT, Look, both, unlisted, unopened
from tests.outing import apart


@pytest.fixture(scope="module")
def looks(empty, tmp_path_factory) -> tuple[Look, Look]:
    """All that is said without and with Maria in the group."""
    return both(tmp_path_factory.mktemp("outing"), empty, "pride")


def test_a_confidential_membership_changes_nothing_that_others_get(looks) -> None:
    without, within = looks
    assert apart(without.pages, within.pages) == []
    assert apart(without.mails, within.mails) == []


def test_every_endpoint_is_opened_by_somebody(looks) -> None:
    assert unopened(looks[0]) == set(SHUT["pride"].items())


def test_every_address_of_the_app_is_read_or_listed_with_a_reason(looks) -> None:
    assert unlisted(looks[0]) == ([], [])
