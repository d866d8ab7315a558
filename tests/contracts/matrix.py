"""The matrix asked: every guard through the app's own routing, in the name of each persona.

Many routes share one finder and one policy, so what these say of the same things to the same
persona is remembered: only a persona's first question goes to the database. Routing and the guard
itself are gone through each time, and `ask_really` sends requests through the whole app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from itertools import cycle
from typing import Any, NamedTuple

import flask
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from app.accounts.models import OrgRole, Person
from app.core.database import database, reading
from app.core.policies import NOBODY, Actor, Guard, anyone, guard_of, routes, signed_in
from tests.contracts.access_world import Scenes
from tests.contracts.addresses import addresses, endpoints
from tests.personas import PERSONAS, as_persona

OUTCOMES = {204: "ok", 403: "forbidden", 404: "absent", 303: "sign-in", 302: "sign-in"}
HERE = {"REMOTE_ADDR": "127.0.0.1"}
Table = dict[str, dict[str, str]]


class Asked(NamedTuple):
    """What stands in an endpoint's guard."""

    policy: Callable[..., bool]
    find: Callable[..., Any] | None
    view: Callable[..., Any]

    @property
    def is_open(self) -> bool:
        """Whether "signed in" would let in nobody new."""
        is_public = getattr(self.policy, "is_public", False)
        return is_public or self.policy in (signed_in, anyone)


class Matrix:
    """The app with empty views and guards that remember; `answers` is what each endpoint said."""

    def __init__(self, app: flask.Flask, scenes: Scenes) -> None:
        self.app = app
        self.scenes = scenes
        self.routes = routes(app)
        self.actors = {persona: _actor_of(app, email) for persona, email in PERSONAS.items()}
        self.guards: dict[str, Asked] = {}
        self.answers: dict[str, Table] = {}
        self.really: dict[str, tuple[str, str]] = {}
        self._known: dict[Any, Any] = {}
        self._sessions: dict[str, Any] = {}

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """While no view does anything. Guards belong to the modules and not to this app."""
        with ExitStack() as stack:
            for endpoint in self.app.view_functions:
                guard = _guard(self.app, endpoint)
                self.guards[endpoint] = Asked(guard.policy, guard.find, guard.view)
                stack.callback(vars(guard).update, vars(guard).copy())
                guard.view = lambda *_a, **_k: ("", 204)
            yield

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While guards remember, and each persona reads out of a session of its own."""
        with ExitStack() as stack:
            stack.enter_context(self.app.app_context())
            for persona in self.actors:
                session = self._sessions[persona] = database().open_reading()
                stack.callback(session.close)
            for endpoint in self.app.view_functions:
                guard = _guard(self.app, endpoint)
                stack.callback(vars(guard).update, vars(guard).copy())
                guard.policy = self._judged_once(guard.policy)
                guard.find = guard.find and self._found_once(guard.find)
            yield

    def ask_really(self) -> None:
        """Fill `really`: each line by one persona in turn, in a request through the whole app."""
        clients = {persona: as_persona(self.app, persona).client for persona in PERSONAS}
        turn = cycle(clients)
        for endpoint in endpoints(self.app):
            for line, method, path in addresses(self.app, self.scenes, endpoint):
                persona = next(turn)
                form = {"email": f"{persona}@test.example"} if method == "POST" else None
                answer = clients[persona].open(path, method=method, data=form)
                self.really[line] = persona, OUTCOMES.get(answer.status_code, "broken")

    def ask_all(self) -> None:
        """Fill `answers`: every endpoint, in every scene, as every persona."""
        for endpoint in endpoints(self.app):
            self.answers[endpoint] = {
                line: {persona: self._answer(persona) for persona in self.actors}
                for line, _method, _path in self._opened(endpoint)
            }

    def notices(self, endpoint: str, **less: bool) -> bool:
        """Whether anybody gets another answer once the guard is less than it was."""
        table = self.answers[endpoint]
        return any(said != table[line][who] for line, who, said in self.told(endpoint, **less))

    def told(
        self, endpoint: str, *, passes_all: bool = False, finds_all: bool = False
    ) -> Iterator[tuple[str, str, str]]:
        """(line, persona, answer) with the policy "signed in" or a finder that finds everything."""
        guard = _guard(self.app, endpoint)
        kept = dict(vars(guard))
        guard.policy = signed_in if passes_all else guard.policy
        if finds_all and guard.find:
            guard.find = self._found_by_anybody(guard.find)
        try:
            for line, _method, _path in self._opened(endpoint):
                for persona in self.actors:
                    yield line, persona, self._answer(persona)
        finally:
            vars(guard).update(kept)

    def _opened(self, endpoint: str) -> Iterator[tuple[str, str, str]]:
        """Every address of an endpoint, each while its request is being made."""
        for line, method, path in addresses(self.app, self.scenes, endpoint):
            with self.app.test_request_context(path, method=method, environ_base=HERE):
                yield line, method, path

    def _answer(self, persona: str) -> str:
        """What this persona gets from the request being made."""
        context = flask.globals.app_ctx._get_current_object()  # type: ignore[attr-defined]
        context.g = self.app.app_ctx_globals_class()
        flask.g.read_session = self._sessions[persona]
        flask.g._login_user = self.actors[persona]
        try:
            status = self.app.make_response(self.app.dispatch_request()).status_code
        except HTTPException as error:
            status = error.code or 0
        return OUTCOMES.get(status, "broken")

    def _found_once(self, find: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(find)
        def found(db: Any, actor: Actor, **arguments: Any) -> Any:
            key = (find, actor, flask.request.query_string, *sorted(arguments.items()))
            if key not in self._known:
                self._known[key] = find(db, actor, **arguments)
            return self._known[key]

        return found

    def _judged_once(self, policy: Callable[..., bool]) -> Callable[..., bool]:
        @wraps(policy)
        def judged(actor: Actor, subject: Any) -> bool:
            key = (policy, actor, id(subject), flask.request.query_string)
            if subject is None:
                key = (*key, flask.request.path)
            if key not in self._known:
                self._known[key] = policy(actor, subject)
            return bool(self._known[key])

        return judged

    def _found_by_anybody(self, find: Callable[..., Any]) -> Callable[..., Any]:
        """The finder asked in the name of every persona until somebody finds the thing."""

        def found(_db: Any, _actor: Actor, **arguments: Any) -> Any:
            for persona, actor in self.actors.items():
                if actor.is_signed_in:
                    thing = find(self._sessions[persona], actor, **arguments)
                    if thing is not None:
                        return thing
            return None

        return found


def _guard(app: flask.Flask, endpoint: str) -> Guard:
    guard = guard_of(app, endpoint)
    assert guard is not None, endpoint
    return guard


def _actor_of(app: flask.Flask, email: str | None) -> Actor:
    if email is None:
        return NOBODY
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
