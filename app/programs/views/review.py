"""Looking closer at a run: beside an earlier one, and solved again from its record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.models import MatchRun
from app.programs.policies import may_manage
from app.programs.rungs import replay_text
from app.programs.services import replays
from app.programs.views.base import bp, page_number

ROWS = 20


@bp.get("/runs/<uuid:run_id>/comparison")
@guarded_by(may_manage, find=queries.run_for)
def compare(run: MatchRun) -> flask.Response:
    """A run beside an earlier one: kept, changed, new and lost pairs."""
    db = reading()
    others = [one for one in queries.runs_of(db, run.cohort_id) if one.id != run.id and one.metrics]
    wanted = flask.request.args.get("with", type=UUID)
    other = next((one for one in others if one.id == wanted), _before(run, others))
    return page("programs/compare.html", run=run, others=others, other=other, **_shown(run, other))


def _before(run: MatchRun, others: list[MatchRun]) -> MatchRun | None:
    """The run just before this one, else any."""
    earlier = (one for one in others if one.created_at <= run.created_at)
    return next(earlier, others[0] if others else None)


def _shown(run: MatchRun, other: MatchRun | None) -> dict[str, Any]:
    if other is None:
        return {"found": None, "rows": [], "people": {}, "number": 1, "last": 1}
    db = reading()
    found = queries.comparison(db, current_actor(), other.id, run.id)
    number, last = page_number(), max(1, -(-len(found.rows) // ROWS))
    rows = found.rows[(number - 1) * ROWS : number * ROWS]
    people = queries.names_of(db, {one for row in rows for one in row if one})
    return {"found": found, "rows": rows, "people": people, "number": number, "last": last}


@bp.post("/runs/<uuid:run_id>/replay")
@guarded_by(may_manage, find=queries.run_for)
def replay(run: MatchRun) -> Response:
    """Solve a run again from its record: at once when it is small, else by a worker."""
    run_id, person_id = run.id, current_actor().person_id
    record = replays.record_of(reading(), run_id)
    found: dict[str, Any] = {"state": "queued"}
    if record is None or replays.is_small(*(record.joined.values() or [record.instance])):
        found = replays.replay(record)
    with writing() as db:
        if found["state"] == "queued":
            replays.ask_replay(db, person_id, run_id=run_id)
        else:
            replays.note_replay(db, person_id, run_id=run_id, found=found)
    return done(replay_text(found) or _("Noted."), to=url_for(".run", run_id=run_id))
