"""Elections out nobody: a confidential member on the roll, who votes, changes no byte of others."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete

from app.accounts.models import SignIn
from app.audit.models import AuditEvent
from app.core.database import reading
from app.core.settings import load
from app.elections import services
from app.elections.models import BallotBox, Election, Voter
from app.elections.rules import ElectionState
from app.elections.views import base
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.factory import create_app
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.elections import outing_paths
from tests.factories.ergs import make_erg, make_member

OBSERVERS = ("outsider", "member", "lead", "admin")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z", "TRELLIS_SEED": "worlds"}


@pytest.fixture(params=[Visibility.COMPANY, Visibility.NOBODY], ids=["open", "sensitive"])
def world(request, write):
    """(Maria, addresses) of a group with elections in every state."""
    with write() as db:
        people = {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "admin" else (),
            ).id
            for name in (*OBSERVERS, "maria")
        }
        erg = make_erg(db, "women", lead=people["lead"], roster=request.param)
        make_member(db, erg, people["member"], visibility=Visibility.COMPANY)
        return people["maria"], outing_paths(db, erg, people["lead"], people["member"])


def look(environ, write, paths: list[str], observers=OBSERVERS) -> dict[tuple[str, str], str]:
    """Every answer to everybody else, by a fresh application that draws the same random values."""
    with write() as db:
        db.execute(delete(SignIn))
        db.execute(delete(AuditEvent))
    app, seen = create_app(load(environ)), {}
    for observer in observers:
        browser = Browser(app).sign_in(f"{observer}@t.example")
        for path in ["/", "/ergs/desk/", "/ergs/women/", *paths]:
            answer = browser.client.get(path)
            body = answer.get_data(as_text=True)
            body = re.sub(r'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', r"\1", body)
            seen[observer, path] = f"{answer.status_code} {body}"
    app.extensions["database"].dispose()
    return seen


def differing(first, second) -> list:
    return [key for key in first if first[key] != second[key]]


def bring_in(write, maria) -> None:
    """Maria belongs, stands on the roll of the open vote, and votes."""
    with write() as db:
        erg = db.query(Erg).filter_by(slug="women").one()
        make_member(db, erg, maria, visibility=Visibility.NOBODY)
        open_vote = db.query(Election).filter_by(state=ElectionState.VOTING).one()
        db.add(Voter(election_id=open_vote.id, person_id=maria, place=8))
        box = db.get(BallotBox, open_vote.id)
        box.voted += b"\0"
        db.flush()
        services.cast(db, maria, election_id=open_vote.id, ranking=[1])


def test_a_confidential_voter_changes_nothing_for_anybody_else(environ, world, write) -> None:
    maria, paths = world
    before = look(environ, write, paths)
    bring_in(write, maria)
    assert differing(before, look(environ, write, paths)) == []
    statuses = {answer[:3] for answer in before.values()}
    assert {"200", "403"} <= statuses, "the crawl opened pages"


@pytest.mark.parametrize("world", [Visibility.COMPANY], indirect=True)
def test_a_leaked_length_of_the_roll_is_caught(environ, world, write, monkeypatch) -> None:
    def leak(election):
        n = reading().query(Voter).filter_by(election_id=election.id).count()
        return [("Voters", str(n))]

    monkeypatch.setattr(base, "facts_of", leak)
    maria, paths = world
    shown = [path for path in paths if path.endswith("/")]
    before = look(environ, write, shown, ("lead",))
    bring_in(write, maria)
    assert differing(before, look(environ, write, shown, ("lead",)))
