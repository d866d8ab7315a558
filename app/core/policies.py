"""Who may do what: every endpoint carries a guard, and the app refuses to start without one.

From this one registry come the route table, the policy snapshot, the endpoint x persona matrix
test, and `may(endpoint, subject)` in templates, so a button and its route cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import flask
from flask_login import current_user

from app.core.database import reading


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: a signed-in person with the organization roles in force, or nobody."""

    person_id: UUID | None = None
    name: str = ""
    email: str = ""
    locale: str | None = None
    zone: str = "UTC"
    site: str | None = None
    hour_cycle: str | None = None
    roles: frozenset[str] = frozenset()
    is_external: bool = False
    session_id: UUID | None = None
    token: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Whether a person is behind the request."""
        return self.person_id is not None

    def has(self, *roles: str) -> bool:
        """Whether the actor holds any of these organization roles today."""
        return not self.roles.isdisjoint(roles)

    # Flask-Login's protocol
    is_active = True

    @property
    def is_authenticated(self) -> bool:
        """Flask-Login's word for is_signed_in."""
        return self.is_signed_in

    @property
    def is_anonymous(self) -> bool:
        """Flask-Login's word for the opposite."""
        return not self.is_signed_in

    def get_id(self) -> str:
        """The opaque session token that Flask-Login keeps in the signed cookie."""
        return self.token


NOBODY = Actor()
Policy = Callable[[Actor, Any], bool]
Finder = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])


def current_actor() -> Actor:
    """The actor of this request; NOBODY outside of one."""
    if not flask.has_request_context():
        return NOBODY
    actor: Actor = current_user._get_current_object()
    return actor


def public(policy: Policy) -> Policy:
    """Mark a policy that signed-out people may pass, so that the guard asks it first."""
    policy.is_public = True  # type: ignore[attr-defined]
    return policy


@public
def anyone(_actor: Actor, _subject: Any) -> bool:
    """Public: sign-in, landing page, health, assets."""
    return True


def signed_in(actor: Actor, _subject: Any) -> bool:
    """Every person of the organization, external people included."""
    return actor.is_signed_in


def inside(actor: Actor, _subject: Any) -> bool:
    """Every signed-in person who is not an external guest."""
    return actor.is_signed_in and not actor.is_external


class Guard:
    """Finds the subject through the actor, asks the policy, then calls the view."""

    def __init__(self, policy: Policy, find: Finder | None, view: Callable[..., Any]) -> None:
        self.policy = policy
        self.find = find
        self.view = view

    def allows(self, actor: Actor, subject: Any = None) -> bool:
        """Whether the actor may open the endpoint with this subject."""
        if not actor.is_signed_in and not getattr(self.policy, "is_public", False):
            return False
        return self.policy(actor, subject)

    def __call__(self, **arguments: Any) -> Any:
        actor = current_actor()
        if not actor.is_signed_in and not getattr(self.policy, "is_public", False):
            return flask.current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        subject = None
        if self.find is not None:
            subject = self.find(reading(), actor, **arguments)
            if subject is None:
                flask.abort(404)
        if not self.policy(actor, subject):
            flask.abort(403)
        return self.view(**arguments) if self.find is None else self.view(subject)


def guarded_by(policy: Policy, *, find: Finder | None = None) -> Callable[[F], F]:
    """Guard a view: `find(db, actor, **url)` -> None is 404, a false policy is 403.

    With a finder the view receives the found subject alone; without one, the URL's arguments.
    """

    def decorate(view: F) -> F:
        guard = Guard(policy, find, view)

        @wraps(view)
        def guarded(**arguments: Any) -> Any:
            return guard(**arguments)

        guarded.guard = guard  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def guard_of(app: flask.Flask, endpoint: str) -> Guard | None:
    """The guard of an endpoint, or None when it has none."""
    return getattr(app.view_functions.get(endpoint), "guard", None)


def may(endpoint: str, subject: Any = None) -> bool:
    """For templates: would the endpoint's own guard let this actor pass with this subject?"""
    guard = guard_of(flask.current_app, endpoint)
    if guard is None:
        raise KeyError(f"No guarded endpoint {endpoint!r}.")
    return guard.allows(current_actor(), subject)


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the route table."""

    endpoint: str
    methods: tuple[str, ...]
    path: str
    policy: str
    finder: str


def routes(app: flask.Flask) -> list[Route]:
    """Every route with its policy and finder, by path."""
    table = []
    for rule in app.url_map.iter_rules():
        guard = guard_of(app, rule.endpoint)
        methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        policy = _name(guard.policy) if guard else "-"
        finder = _name(guard.find) if guard and guard.find else ""
        table.append(Route(rule.endpoint, methods, rule.rule, policy, finder))
    return sorted(table, key=lambda route: (route.path, route.methods))


def _name(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", "")
    name = getattr(function, "__qualname__", repr(function))
    return f"{module.removeprefix('app.')}.{name}"


def verify(app: flask.Flask) -> None:
    """Refuse to start when an endpoint has no guard."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    if naked := [endpoint for endpoint in endpoints if guard_of(app, endpoint) is None]:
        raise RuntimeError(f"Endpoints without a guard: {', '.join(sorted(naked))}.")
