"""Health endpoints for whoever runs Trellis."""

from __future__ import annotations

from dataclasses import asdict

import flask

from app.core.database import reading
from app.core.policies import anyone, guarded_by
from app.operations import health
from app.operations.policies import may_scrape

bp = flask.Blueprint("operations", __name__)


@bp.get("/healthz")
@guarded_by(anyone)
def healthz() -> flask.Response:
    """The process answers."""
    return _plain("ok\n")


@bp.get("/readyz")
@guarded_by(anyone)
def readyz() -> flask.Response:
    """Whether pages can be served: 200, or 503 with the reason."""
    found = health.readiness(flask.current_app)
    answer = flask.jsonify(ready=found.is_ready, **asdict(found))
    answer.status_code = 200 if found.is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/metrics")
@guarded_by(may_scrape)
def metrics() -> flask.Response:
    """Gauges in Prometheus' text format."""
    lines = [f"{name} {value}" for name, value in health.gauges(reading()).items()]
    return _plain("\n".join(lines) + "\n")


def _plain(text: str) -> flask.Response:
    answer = flask.Response(text, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
