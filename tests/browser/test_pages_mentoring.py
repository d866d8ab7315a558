"""Every page of mentoring: axe, width, policy, console and DOM."""

from __future__ import annotations

import pytest

from tests.browser.pages import MENTORING

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("domain", MENTORING)
def test_every_page_is_accessible_and_fits(tour, domain):
    assert tour.faults_of(domain) == {}


@pytest.mark.soak
@pytest.mark.parametrize("domain", MENTORING)
def test_every_page_is_accessible_and_fits_in_every_way(tour, domain):
    assert tour.faults_at_full_size(domain) == {}
