"""Every address of the app, made from its own URL rules and the world's scenes."""

from __future__ import annotations

from collections.abc import Iterator

import flask

from app.core.policies import routes
from tests.contracts.access_world import Scenes

# Endpoints whose finder looks at the query.
OF_HOST = {"open": {"host": "women"}, "hidden": {"host": "quiet-circle"}}
QUERIES = {"events.new": OF_HOST, "events.create": OF_HOST}


def endpoints(app: flask.Flask) -> list[str]:
    """Everything that answers, but for files served as they are."""
    return sorted({route.endpoint for route in routes(app)} - {"static", "asset"})


def addresses(app: flask.Flask, scenes: Scenes, endpoint: str) -> Iterator[tuple[str, str, str]]:
    """(line of the table, method, path) of each way to ask for an endpoint, every path once."""
    adapter = app.url_map.bind("localhost")
    asked: set[tuple[str, str]] = set()
    for rule in app.url_map.iter_rules(endpoint):
        domain = endpoint.split(".")[0]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if not rule.arguments:
                yield f"{method} {endpoint}", method, adapter.build(endpoint)
                for name, query in QUERIES.get(endpoint, {}).items():
                    yield f"{method} {endpoint} [{name}]", method, adapter.build(endpoint, query)
            for name, scene in scenes.get(domain, {}).items():
                if rule.arguments and rule.arguments <= set(scene):
                    values = {key: scene[key] for key in rule.arguments}
                    path = adapter.build(endpoint, values)
                    if (method, path) not in asked:
                        asked.add((method, path))
                        yield f"{method} {endpoint} [{name}]", method, path
