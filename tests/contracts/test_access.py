"""Every route x every persona x own, other, hidden and absent things: who gets what answer.

`access.json` is the reviewed table. The matrix asks the guards through real requests, with the
views replaced by an empty answer so that nothing changes. It must fail when any guard is replaced
by "signed in", or any finder by one that finds everything; that is tried for each of them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

from app.core import clock
from app.core.database import reading, writing
from app.core.policies import Guard, anyone, guard_of, inside, routes, signed_in
from app.core.settings import load
from app.factory import create_app
from tests.contracts.access_world import Scenes, build
from tests.contracts.addresses import addresses, endpoints
from tests.databases import DEMO_DAY, TEST_ENVIRONMENT
from tests.personas import PERSONAS, as_persona

TABLE = Path(__file__).with_name("access.json")
OUTCOMES = {204: "ok", 403: "forbidden", 404: "absent", 303: "sign-in", 302: "sign-in"}
Table = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def world(seeded_sqlite: Path, tmp_path_factory) -> Iterator[tuple[flask.Flask, Scenes, dict]]:
    """The demo company with things to open, and a signed-in client for each persona."""
    folder = tmp_path_factory.mktemp("access")
    shutil.copyfile(seeded_sqlite, folder / "access.sqlite3")
    app = create_app(
        load(
            {
                **TEST_ENVIRONMENT,
                "DATABASE_URL": f"sqlite:///{folder / 'access.sqlite3'}",
                "DATA_DIR": str(folder),
                "TRELLIS_NOW": f"{DEMO_DAY}T09:00Z",
            }
        )
    )
    for status in (403, 404):  # the matrix asks who gets which answer, not how it is worded
        app.register_error_handler(status, lambda _error, status=status: ("", status))
    with app.app_context(), writing() as db:
        scenes = build(db)
    clients = {persona: as_persona(app, persona).client for persona in PERSONAS}
    app.config["WTF_CSRF_ENABLED"] = False
    views = {endpoint: guard_of(app, endpoint).view for endpoint in app.view_functions}
    for endpoint in views:
        guard_of(app, endpoint).view = lambda *_a, **_k: ("", 204)
    yield app, scenes, clients
    for endpoint, view in views.items():  # guards belong to the modules, not to this app
        guard_of(app, endpoint).view = view
    app.extensions["database"].dispose()
    clock.configure(None)


def ask(world, endpoint: str) -> Table:
    """What each persona gets from one endpoint in each scene."""
    app, scenes, clients = world
    found: Table = {}
    for line, method, path in addresses(app, scenes, endpoint):
        found[line] = {
            persona: _answer(client, persona, method, path) for persona, client in clients.items()
        }
    return found


def _answer(client, persona: str, method: str, path: str) -> str:
    form = {"email": f"{persona}@test.example"}  # throttled pages count tries per address
    answer = client.open(path, method=method, data=form if method == "POST" else None)
    return OUTCOMES.get(answer.status_code, "broken")


def _folded(answers: dict[str, str]) -> dict[str, str]:
    """Personas grouped by answer, so that a reviewer reads one short line."""
    by_answer: dict[str, list[str]] = {}
    for persona, answer in answers.items():
        by_answer.setdefault(answer, []).append(persona)
    return {answer: " ".join(personas) for answer, personas in sorted(by_answer.items())}


@pytest.fixture(scope="module")
def measured(world) -> dict[str, Table]:
    return {endpoint: ask(world, endpoint) for endpoint in endpoints(world[0])}


def test_every_route_has_a_policy_and_the_table_lists_it(world, measured):
    app = world[0]
    policies = {
        f"{'/'.join(route.methods)} {route.path}": " <- ".join(
            part for part in (route.policy, route.finder) if part
        )
        for route in routes(app)
    }
    answers = {
        line: _folded(row) for table in measured.values() for line, row in sorted(table.items())
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


def test_nothing_breaks_and_every_thing_is_tried(world, measured):
    app = world[0]
    broken = [
        line
        for table in measured.values()
        for line, row in table.items()
        if "broken" in row.values()
    ]
    untried = [e for e, table in measured.items() if not table and _needs_scene(app, e)]
    assert broken == [] and untried == []


def _needs_scene(app: flask.Flask, endpoint: str) -> bool:
    guard = guard_of(app, endpoint)
    return guard.policy is not anyone


def test_strangers_meet_the_sign_in_before_anything_is_looked_up(world, measured):
    app = world[0]
    for endpoint, table in measured.items():
        if not getattr(guard_of(app, endpoint).policy, "is_public", False):
            assert {row["anonymous"] for row in table.values()} <= {"sign-in"}, endpoint


def _differs(world, endpoint: str, table: Table, guard: Guard, **change: object) -> bool:
    before = {name: getattr(guard, name) for name in change}
    for name, value in change.items():
        setattr(guard, name, value)
    try:
        return any(
            _answer(world[2][persona], persona, method, path) != table[line][persona]
            for line, method, path in addresses(world[0], world[1], endpoint)
            for persona in world[2]
        )
    finally:
        for name, value in before.items():
            setattr(guard, name, value)


def test_the_matrix_notices_any_guard_replaced_by_signed_in(world, measured):
    """The guard is policy and finder together: where the finder alone keeps people out, too."""
    app = world[0]
    unnoticed = []
    for endpoint, table in measured.items():
        guard = guard_of(app, endpoint)
        if guard.policy in (signed_in, anyone) or getattr(guard.policy, "is_public", False):
            continue
        find = guard.find and _unscoped(world, guard.find)
        if not _differs(world, endpoint, table, guard, policy=signed_in, find=find):
            unnoticed.append(endpoint)
    assert unnoticed == []


def test_the_matrix_notices_any_finder_that_finds_everything(world, measured):
    """The unscoped finder finds as the one who may see most: whoever first finds the thing."""
    app = world[0]
    unnoticed = []
    for endpoint, table in measured.items():
        guard = guard_of(app, endpoint)
        if guard.find is None or guard.policy is anyone or not _is_scoped(table):
            continue
        if not _differs(world, endpoint, table, guard, find=_unscoped(world, guard.find)):
            unnoticed.append(endpoint)
    assert unnoticed == []


def _is_scoped(table: Table) -> bool:
    """Whether somebody signed in is told "absent" about a thing that exists."""
    return any(
        "absent" in row.values() for line, row in table.items() if not line.endswith("[absent]")
    )


def _unscoped(world, find):
    """The finder asked in the name of every persona until somebody finds the thing."""
    app = world[0]
    actors = [_actor_of(app, email) for email in PERSONAS.values() if email]

    def found(db, _actor, **arguments):
        for actor in actors:
            flask.g.pop("standing", None)
            thing = find(db, actor, **arguments)
            if thing is not None:
                return thing
        return None

    return found


def _actor_of(app: flask.Flask, email: str):
    from sqlalchemy import select

    from app.accounts.models import OrgRole, Person
    from app.core.policies import Actor

    with app.app_context():
        person = reading().scalars(select(Person).where(Person.email == email)).one()
        held = reading().scalars(select(OrgRole.role).where(OrgRole.person_id == person.id)).all()
        return Actor(
            person_id=person.id,
            name=person.name or "",
            email=email,
            zone=person.zone,
            roles=frozenset(role.value for role in held),
            is_external=person.kind.value == "external",
        )


def test_guests_from_outside_reach_no_directory(measured):
    for endpoint in ("accounts.people", "ergs.index", "events.index"):
        assert measured[endpoint][f"GET {endpoint}"]["external"] == "forbidden"


def test_inside_means_not_external():
    from app.core import ids
    from app.core.policies import Actor

    assert not inside(Actor(person_id=ids.new_id(), is_external=True), None)
