"""Every route x every persona x own, other, hidden and absent things: who gets what answer.

`access.json` is the reviewed table. The matrix asks the guards with the views replaced by an empty
answer, so that nothing changes: all of them through the app's routing, and each line of the table
once through a whole request. It must fail when any guard, or its policy alone, is replaced by
"signed in", or any finder by one that finds everything; that is tried for each of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import clock
from app.core.policies import anyone, inside
from tests.contracts import second_walls
from tests.contracts.access_world import open_world
from tests.contracts.matrix import Matrix, Table
from tests.personas import PERSONAS

TABLE = Path(__file__).with_name("access.json")


@pytest.fixture(scope="module")
def matrix(seeded_sqlite: Path, tmp_path_factory) -> Iterator[Matrix]:
    """The demo company with things to open, and what every persona is told of each of them."""
    app, scenes = open_world(seeded_sqlite, tmp_path_factory.mktemp("access"))
    for status in (403, 404):  # the matrix asks who gets which answer, not how it is worded
        app.register_error_handler(status, lambda _error, status=status: ("", status))
    matrix = Matrix(app, scenes)
    with matrix.emptied():
        matrix.ask_really()
        with matrix.watched():
            matrix.ask_all()
            yield matrix
    app.extensions["database"].dispose()
    clock.configure(None)


def _folded(answers: dict[str, str]) -> dict[str, str]:
    """Personas grouped by answer, so that a reviewer reads one short line."""
    by_answer: dict[str, list[str]] = {}
    for persona, answer in answers.items():
        by_answer.setdefault(answer, []).append(persona)
    return {answer: " ".join(personas) for answer, personas in sorted(by_answer.items())}


def test_every_route_has_a_policy_and_the_table_lists_it(matrix):
    policies = {
        f"{'/'.join(route.methods)} {route.path}": " <- ".join(
            part for part in (route.policy, route.finder) if part
        )
        for route in matrix.routes
    }
    answers = {
        line: _folded(row)
        for table in matrix.answers.values()
        for line, row in sorted(table.items())
    }
    now = {"policies": policies, "answers": answers}
    reviewed = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    if now != reviewed:
        proposal = TABLE.with_suffix(".proposed.json")
        proposal.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        changed = [
            line
            for part in now
            for line in now[part].keys() | reviewed.get(part, {}).keys()
            if now[part].get(line) != reviewed.get(part, {}).get(line)
        ]
        pytest.fail(
            f"{len(changed)} lines differ from access.json; review {proposal.name}, then "
            f"put it in its place. First: {sorted(changed)[:5]}"
        )


def test_requests_through_the_whole_app_get_the_answers_of_the_table(matrix):
    """The rest of the table is asked of routing and guard alone, without cookies and headers."""
    told = {line: row for table in matrix.answers.values() for line, row in table.items()}
    otherwise = {
        line: (persona, answer, told[line][persona])
        for line, (persona, answer) in matrix.really.items()
        if told[line][persona] != answer
    }
    assert otherwise == {}
    assert matrix.really.keys() == told.keys()


def test_nothing_breaks_and_every_thing_is_tried(matrix):
    broken = [
        line
        for table in matrix.answers.values()
        for line, row in table.items()
        if "broken" in row.values()
    ]
    untried = [
        endpoint
        for endpoint, table in matrix.answers.items()
        if not table and matrix.guards[endpoint].policy is not anyone
    ]
    assert broken == [] and untried == []


def test_strangers_meet_the_sign_in_before_anything_is_looked_up(matrix):
    for endpoint, table in matrix.answers.items():
        if not getattr(matrix.guards[endpoint].policy, "is_public", False):
            assert {row["anonymous"] for row in table.values()} <= {"sign-in"}, endpoint


def closed(matrix: Matrix) -> dict[str, Table]:
    """The table of all endpoints that are not open to everybody who is signed in."""
    return {e: table for e, table in matrix.answers.items() if not matrix.guards[e].is_open}


def test_the_matrix_notices_any_guard_replaced_by_signed_in(matrix):
    """The guard is policy and finder together: where the finder alone keeps people out, too."""
    unnoticed = [
        endpoint
        for endpoint in closed(matrix)
        if not matrix.notices(endpoint, passes_all=True, finds_all=True)
    ]
    assert unnoticed == []


def test_the_matrix_notices_any_finder_that_finds_everything(matrix):
    """The unscoped finder finds as the one who may see most: whoever first finds the thing."""
    unnoticed = [
        endpoint
        for endpoint, table in matrix.answers.items()
        if _is_scoped(table)
        and matrix.guards[endpoint].policy is not anyone
        and not matrix.notices(endpoint, finds_all=True)
    ]
    assert unnoticed == []


@pytest.fixture(scope="module")
def unnoticed_policies(matrix: Matrix) -> dict[str, list[str]]:
    """Endpoints, by policy and finder, at which "signed in" in place of the policy goes unseen."""
    guards = {route.endpoint: f"{route.policy} <- {route.finder}" for route in matrix.routes}
    found: dict[str, list[str]] = {}
    for endpoint in closed(matrix):
        if not matrix.notices(endpoint, passes_all=True):
            found.setdefault(guards[endpoint], []).append(endpoint)
    return found


def test_the_matrix_notices_any_policy_replaced_by_signed_in(unnoticed_policies):
    """The finder stays; where it alone keeps the same people out, the guard is listed with why."""
    listed = second_walls.ALL
    missing = {guard: at for guard, at in unnoticed_policies.items() if guard not in listed}
    needless = [guard for guard in listed if guard not in unnoticed_policies]
    assert (missing, needless) == ({}, [])


def test_where_a_policy_goes_unnoticed_its_finder_does_not(matrix, unnoticed_policies):
    """And the policy is what its entry in the list says: a second wall, or open to colleagues."""
    for guard, found in unnoticed_policies.items():
        for endpoint in found:
            table = matrix.answers[endpoint]
            assert _is_scoped(table), endpoint
            told = list(matrix.told(endpoint, finds_all=True))
            passed = {(line, who) for line, who, answer in told if answer == "ok"}
            before = {(line, who) for line, row in table.items() for who in row if _ok(row, who)}
            if guard in second_walls.ASKS_AGAIN:
                assert passed <= before, (guard, endpoint)
            if guard in second_walls.LETS_COLLEAGUES_IN:
                there = {line for line, row in table.items() if "ok" in row.values()}
                assert passed >= {(line, who) for line in there for who in COLLEAGUES}, endpoint


COLLEAGUES = PERSONAS.keys() - {"anonymous", "external"}


def _ok(row: dict[str, str], persona: str) -> bool:
    return row[persona] == "ok"


def _is_scoped(table: Table) -> bool:
    """Whether somebody signed in is told "absent" about a thing that exists."""
    return any(
        "absent" in row.values() for line, row in table.items() if not line.endswith("[absent]")
    )


def test_guests_from_outside_reach_no_directory(matrix):
    for endpoint in ("accounts.people", "ergs.index", "events.index"):
        assert matrix.answers[endpoint][f"GET {endpoint}"]["external"] == "forbidden"


def test_inside_means_not_external():
    from app.core import ids
    from app.core.policies import Actor

    assert not inside(Actor(person_id=ids.new_id(), is_external=True), None)
