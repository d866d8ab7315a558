"""Fixtures of this domain's page tests."""

from __future__ import annotations

import pytest

from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A signed-in browser of either kind by first name."""
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    """Person ids by first name; everybody can sign in as <name>@t.example, Farid administers."""
    with write() as db:
        return {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "farid" else (),
            ).id
            for name in ("bo", "dalia", "juno", "farid", "kai")
        }
