"""The navigation of this reader: registered places, filtered by the guards of their endpoints."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from app.core.policies import current_actor, guard_of
from app.core.registries import NavItem, navigation


@dataclass(frozen=True, slots=True)
class Place:
    """A navigation item as templates see it."""

    endpoint: str
    label: str
    icon: str
    url: str
    current: bool
    bar: bool


def items() -> list[Place]:
    """What this reader may open, in order; nothing when signed out."""
    actor = current_actor()
    if not actor.is_signed_in:
        return []
    wanted = sorted((item for _, item in navigation), key=lambda item: item.order)
    return [_place(item) for item in wanted if _may_open(item)]


def _may_open(item: NavItem) -> bool:
    guard = guard_of(flask.current_app, item.endpoint)
    return guard is not None and guard.allows(current_actor())


def _place(item: NavItem) -> Place:
    url = flask.url_for(item.endpoint)
    prefix = item.prefix or url
    path = flask.request.path
    current = path == url or (prefix != "/" and path.startswith(prefix))
    return Place(item.endpoint, str(item.label), item.icon, url, current, item.bar)
