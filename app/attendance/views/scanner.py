"""The scanner: a page for one device, the codes it may know beforehand, and what it kept."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _

from app.attendance import forms, policies, queries, services
from app.attendance.forms import CodeForm
from app.attendance.rules import Method, Scanned
from app.attendance.services import Result
from app.attendance.views.base import bp, head
from app.core import clock
from app.core.database import reading, writing
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.ergs.queries import standing
from app.events.models import Occurrence

MOST = 200
PLAIN = re.compile(r"[0-9a-z-]{0,36}")


@bp.get("/events/<uuid:occurrence_id>/check-in/scanner")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def scanner(occurrence: Occurrence) -> flask.Response:
    """Camera where there is one, a field for codes always; kept on the device unless hidden."""
    answer = page("attendance/scanner.html", form=CodeForm(), **head(occurrence))
    return keep_offline(answer, occurrence)


def keep_offline(answer: flask.Response, occurrence: Occurrence) -> flask.Response:
    """Opt in to the device's cache; never with anything of a hidden event."""
    if not occurrence.event.is_hidden:
        answer.headers["X-Trellis-Offline"] = str(current_actor().person_id)
    return answer


@bp.get("/events/<uuid:occurrence_id>/check-in/pack.json")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def pack(occurrence: Occurrence) -> flask.Response:
    """The codes that are valid at this door: no names, no ids, nothing else.

    Of a hidden event none: how many there are would say how many come. Its scans are kept unseen.
    """
    is_hidden = occurrence.event.is_hidden
    answer = flask.jsonify(codes=[] if is_hidden else queries.codes(reading(), occurrence.id))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/events/<uuid:occurrence_id>/check-in/scans")
@guarded_by(policies.may_keep_door, find=queries.door_for)
def scans(occurrence: Occurrence) -> tuple[flask.Response, int] | flask.Response:
    """What a device kept, in any order and as often as it likes."""
    body = flask.request.get_json(silent=True)
    read = _read(body) if isinstance(body, dict) else None
    if read is None:
        return flask.jsonify(message=_("This is not a list of scans.")), 422
    sent_at, kept = read
    actor_id, occurrence_id = current_actor().person_id, occurrence.id
    with writing() as db:
        results = services.merge(
            db, actor_id, occurrence_id=occurrence_id, scans=kept, sent_at=sent_at
        )
    return flask.jsonify(results=_told(occurrence_id, results))


def _read(body: dict[str, Any]) -> tuple[datetime, list[Scanned]] | None:
    """The scans that can be read; one that cannot is left out and stops none of the others."""
    rows = body.get("scans")
    sent_at = _instant(body.get("sent_at")) or clock.now()
    if not isinstance(rows, list):
        return None
    return sent_at, [one for row in rows[:MOST] if (one := _scan(row)) is not None]


def _scan(row: Any) -> Scanned | None:
    if not isinstance(row, dict):
        return None
    at, device = _instant(row.get("at")), str(row.get("device") or "")
    try:
        scan_id = UUID(str(row.get("id")))
    except ValueError:
        return None
    method = Method.TYPED if row.get("method") == Method.TYPED else Method.SCAN
    kept = device if PLAIN.fullmatch(device) else ""
    return Scanned(scan_id, str(row.get("code") or "")[:200], at or clock.now(), kept, method)


def _instant(text: Any) -> datetime | None:
    try:
        return clock.parse_instant(str(text))
    except (ValueError, OverflowError):
        return None


def _told(occurrence_id: UUID, results: list[Result]) -> list[dict[str, str]]:
    """An outcome for each; with a name or letters, unless the event is hidden."""
    db, actor, names = reading(), current_actor(), {}
    occurrence = queries.door_for(db, actor, occurrence_id)
    if occurrence is not None and not occurrence.event.is_hidden:
        people = {result.rsvp_id for result in results if result.rsvp_id}
        names = queries.labels(db, standing(db, actor), occurrence, people)
    return [
        {
            "id": str(result.id),
            "outcome": result.outcome,
            "text": str(forms.OUTCOMES[result.outcome]),
            "who": names.get(result.rsvp_id, "") if result.rsvp_id else "",
        }
        for result in results
    ]
