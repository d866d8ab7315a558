"""A group with a lead, somebody for communications, members; a confidential group."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.ergs.rules import RoleName, Visibility
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role

PEOPLE = ("dalia", "bo", "maria", "comms", "outsider", "admin")


@pytest.fixture
def people(write) -> dict[str, UUID]:
    """Everybody can sign in as name@t.example."""
    with write() as db:
        return {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "admin" else (),
            ).id
            for name in PEOPLE
        }


def _group(db, people: dict[str, UUID], slug: str, **switches) -> UUID:
    erg = make_erg(db, slug, lead=people["dalia"], **switches)
    make_member(db, erg, people["bo"], visibility=Visibility.COMPANY)
    make_member(db, erg, people["maria"], visibility=Visibility.NOBODY)
    make_member(db, erg, people["comms"], visibility=Visibility.MEMBERS)
    make_role(db, erg, people["comms"], RoleName.COMMS)
    return erg.id


@pytest.fixture
def women(write, people) -> UUID:
    """An open group in which members see each other; Maria belongs confidentially."""
    with write() as db:
        return _group(db, people, "women", roster=Visibility.COMPANY)


@pytest.fixture
def pride(write, people) -> UUID:
    """A confidential group."""
    with write() as db:
        return _group(db, people, "pride", roster=Visibility.NOBODY, says_sensitive=True)
