"""Who reads the whole database cannot tell who cast which ballot: this test tries."""

from __future__ import annotations

import itertools
import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, inspect, text

from app.core import clock
from app.core.database import database, writing
from app.elections import services
from app.elections.models import BallotBox, Candidate, Election, Voter
from app.elections.rules import ElectionState
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.elections import make_election
from tests.factories.ergs import make_erg, make_member

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
# Everybody has a ranking of their own, so that a ballot alone would tell its voter.
RANKINGS = list(itertools.permutations((1, 2, 3)))
VOTERS = [f"voter{n}" for n in range(len(RANKINGS))]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW.isoformat()}


@pytest.fixture
def election(write):
    """(election id, voters by name) of an open vote with three candidates."""
    with write() as db:
        people = {n: make_person(db, n, f"{n}@t.example", PASSWORD).id for n in VOTERS}
        lead = make_person(db, "Lead Test", "lead@t.example").id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        standing = []
        for n in range(3):
            standing.append(make_person(db, f"Candidate {n}").id)
            make_member(db, erg, standing[-1])
        for person_id in people.values():
            make_member(db, erg, person_id, visibility=Visibility.NOBODY)
        return make_election(db, erg, candidates=standing).id, people


def vote(election_id, people, order) -> None:
    """Everybody votes at a time of their own, in some order."""
    for minute, number in enumerate(order):
        with clock.frozen(NOW + timedelta(minutes=minute)), writing() as db:
            ranking = RANKINGS[number]
            services.cast(db, people[VOTERS[number]], election_id=election_id, ranking=ranking)


def dump() -> dict[str, list[tuple]]:
    """Every table in physical order, with what the database keeps beside the columns."""
    engine = database().engine
    hidden = "rowid, *" if engine.dialect.name == "sqlite" else "ctid::text, xmin::text, *"
    tables = inspect(engine).get_table_names()
    found = {}
    with engine.connect() as db:
        for name in tables:
            try:
                found[name] = [
                    tuple(row) for row in db.execute(text(f"SELECT {hidden} FROM {name}"))
                ]
            except Exception:
                db.rollback()
                found[name] = [tuple(row) for row in db.execute(text(f"SELECT * FROM {name}"))]
    return found


def test_two_orders_of_voting_leave_the_same_columns(election, context) -> None:
    """If the order of votes changes no column, no column can tell it."""
    election_id, people = election
    boxes = []
    for order in (range(6), reversed(range(6))):
        vote(election_id, people, order)
        with writing() as db:
            box = db.get(BallotBox, election_id)
            boxes.append((json.dumps(box.ballots), box.voted))
            box.ballots, box.voted = [], bytes(len(box.voted))
    assert boxes[0] == boxes[1]


def test_rankings_swapped_among_voters_leave_the_same_columns(election, context) -> None:
    """The same voters with each other's ballots: the strongest form of unlinkable."""
    election_id, people = election
    seen = []
    for shift in (0, 1, 4):
        for n, name in enumerate(VOTERS):
            with writing() as db:
                ranking = RANKINGS[(n + shift) % 6]
                services.cast(db, people[name], election_id=election_id, ranking=ranking)
        tables = dump()
        with writing() as db:
            box = db.get(BallotBox, election_id)
            box.ballots, box.voted = [], bytes(len(box.voted))
        seen.append(tables)
    for name, rows in seen[0].items():
        for other in seen[1:]:
            assert _plain(rows) == _plain(other[name]), name


def _plain(rows: list[tuple]) -> list[str]:
    """Rows without ctid, xmin and the like, which count transactions of any kind."""
    return [
        str([v for v in row if not re.fullmatch(r"\(\d+,\d+\)|\d{3,}", str(v))]) for row in rows
    ]


def test_no_row_was_written_for_a_single_vote(election, context) -> None:
    """Per table: the rows before and after all votes; only the one box and its lock changed."""
    election_id, people = election
    before = dump()
    vote(election_id, people, [3, 0, 5, 1, 4, 2])
    after = dump()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"ballot_box", "election"}
    assert len(after["ballot_box"]) == len(after["election"]) == 1
    assert len(after["election_voter"]) == len(before["election_voter"])
    for name in ("audit_event", "delivery"):
        assert len(after[name]) == len(before[name]), f"{name} has a row for a vote"


def test_the_rows_of_voters_are_never_touched_by_a_vote(election, context) -> None:
    """Neither their transaction nor their place on disk, in whatever order people vote."""
    election_id, people = election
    before = dump()["election_voter"]
    vote(election_id, people, [5, 4, 3, 2, 1, 0])
    assert dump()["election_voter"] == before
    assert "time" not in str({c.name: str(c.type) for c in Voter.__table__.c}).lower()
    kept = {c.name for c in BallotBox.__table__.c}
    assert kept == {"election_id", "salt", "voted", "ballots", "result", "digest"}


def test_the_best_guess_of_every_join_is_no_better_than_chance(election, context) -> None:
    """Join voters to rankings by every order there is: rows, ids, transactions, places, time."""
    election_id, people = election
    vote(election_id, people, [2, 5, 0, 3, 1, 4])
    tables = dump()
    with writing() as db:
        ballots = [
            tuple(ranking)
            for ranking, n in db.get(BallotBox, election_id).ballots
            for _ in range(n)
        ]
    assert ballots == sorted(ballots), "the order of ballots is that of their content"
    names = {str(person_id).replace("-", ""): n for n, person_id in enumerate(people.values())}
    for table, rows in tables.items():
        orders = _orders_of_voters(rows, names)
        for column, order in orders.items():
            distinct = list(dict.fromkeys(order))
            assert distinct != [2, 5, 0, 3, 1, 4], f"{table}[{column}] keeps the order of votes"


def _orders_of_voters(rows: list[tuple], names: dict[str, int]) -> dict[int, list[int]]:
    """The voters in the order of each column of a table in which all of them stand."""
    if not rows:
        return {}
    named = []
    for row in rows:
        flat = [str(value).replace("-", "") for value in row]
        who = next((names[value] for value in flat if value in names), None)
        if who is not None:
            named.append((flat, who))
    if len({who for _flat, who in named}) < len(names):
        return {}
    return {
        column: [who for _flat, who in sorted(named, key=lambda pair: pair[0][column])]
        for column in range(len(rows[0]))
    }


@contextmanager
def statements(app):
    seen: list[tuple[str, str]] = []

    def note(_c, _cursor, statement, parameters, *_rest) -> None:
        seen.append((statement, str(parameters)))

    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_casting_over_the_web_leaves_the_ranking_in_no_address_log_or_statement_of_its_own(
    app, election, capfd
) -> None:
    election_id, _people = election
    bo = Browser(app).sign_in("voter0@t.example")
    bo.get(f"/ergs/women/elections/{election_id}/vote")
    capfd.readouterr()
    with statements(app) as seen:
        bo.submit("Look at my ballot", rank_1="2", rank_2="1", rank_3="3")
        assert bo.url.endswith("/vote")
        assert not any("INSERT" in s or "UPDATE ballot_box" in s for s, _p in seen)
        bo.submit("Cast my vote")
    assert "rank" not in bo.url
    assert "rank" not in "".join(capfd.readouterr())
    writes = [s for s, _p in seen if s.startswith(("INSERT", "UPDATE", "DELETE"))]
    tables = {re.split(r"\s+", s.replace("INTO ", "").replace("FROM ", ""))[1] for s in writes}
    assert tables <= {"election", "ballot_box"}, tables
    assert bo.has("Your vote is in the box.")


def test_nothing_of_the_ballots_is_shown_before_the_count_nor_of_few_after(
    app, election, write
) -> None:
    election_id, people = election
    with write() as db:
        erg = db.get(Erg, db.get(Election, election_id).erg_id)
        names = list(people.values())
        few = make_election(
            db, erg, ElectionState.COUNTED, candidates=names[:2], votes={names[2]: (1,)}
        )
        few_id, salt = few.id, db.get(BallotBox, few.id).salt
        for number, name in enumerate(VOTERS):
            services.cast(db, people[name], election_id=election_id, ranking=RANKINGS[number])
    voter = Browser(app).sign_in("voter0@t.example")
    open_page = voter.get(f"/ergs/women/elections/{election_id}/")
    assert open_page.has("You have voted.") and not open_page.has("First choices")
    few_page = voter.get(f"/ergs/women/elections/{few_id}/")
    assert few_page.has("Fewer than five ballots were cast.")
    assert not few_page.has("First choices")
    assert salt not in few_page.html


def test_candidates_are_in_an_order_that_says_nothing_of_when_they_stood(election, write) -> None:
    with write() as db:
        rows = db.query(Candidate).filter_by(election_id=election[0]).all()
        assert sorted(c.number for c in rows) == [1, 2, 3]
    kept = {column.name for column in Candidate.__table__.c}
    assert not {name for name in kept if name.endswith(("_at", "_by"))}
