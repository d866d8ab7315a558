"""The answers to a date as a file for its organizers: what their page shows, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import flask
from flask_babel import gettext as _

from app.audit import services as audit
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.exports import Cell, csv_file, xlsx_file
from app.core.policies import current_actor, guarded_by
from app.events import forms, policies, queries
from app.events.models import Occurrence
from app.events.queries import AnswerLine, WantedPeople
from app.events.rules import Question, questions_of
from app.events.views.base import bp
from app.events.views.guests import SHORT


@bp.get("/events/<uuid:occurrence_id>/people.csv")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def people_csv(occurrence: Occurrence) -> flask.Response:
    """The filtered answers as CSV."""
    rows = _rows(occurrence)
    return csv_file("people", _columns(occurrence), rows)


@bp.get("/events/<uuid:occurrence_id>/people.xlsx")
@guarded_by(policies.may_run, find=queries.occurrence_for)
def people_xlsx(occurrence: Occurrence) -> flask.Response:
    """The filtered answers as a sheet."""
    rows = _rows(occurrence)
    return xlsx_file("people", _columns(occurrence), rows)


def _columns(occurrence: Occurrence) -> list[str]:
    questions = questions_of(occurrence.event.questions)
    fixed = [_("Name or alias"), _("State"), _("How"), _("Guests"), _("Names of guests")]
    return [*fixed, *(question.text for question in questions), _("Reason")]


def _rows(occurrence: Occurrence) -> list[list[Cell]]:
    """The rows; that they were taken out is recorded first. A hidden event gives no roster away."""
    if occurrence.event.is_hidden:
        raise Refused(
            _("Who comes to a confidential event leaves this place in no file. Use the page.")
        )
    subject = ("occurrence", occurrence.id)
    person_id, asked = current_actor().person_id, [q.id for q in _questions(occurrence)]
    with writing() as db:
        audit.record(db, person_id, "export_answers", subject)
    return [_cells(line, asked) for line in _lines(occurrence.id)]


def _questions(occurrence: Occurrence) -> list[Question]:
    return list(questions_of(occurrence.event.questions))


def _lines(occurrence_id: UUID) -> Iterator[AnswerLine]:
    db, actor = reading(), current_actor()
    occurrence = queries.occurrence_for(db, actor, occurrence_id)
    wanted = replace(WantedPeople.of(flask.request.args), number=1)
    while occurrence is not None:
        found = queries.people_of(db, actor, occurrence, wanted)
        yield from found.rows
        if wanted.number >= found.last:
            return
        wanted = replace(wanted, number=wanted.number + 1)


def _cells(line: AnswerLine, asked: list[str]) -> list[Cell]:
    rsvp = line.rsvp
    return [
        line.name or _("Alias %(letters)s", letters=line.alias),
        str(SHORT[rsvp.state]),
        str(forms.MODES[rsvp.mode]),
        rsvp.guests,
        ", ".join(line.guest_names),
        *(_told(rsvp.told.get(question)) for question in asked),
        rsvp.reason,
    ]


def _told(answer: str | None) -> str:
    words: dict[str, str] = {"yes": _("Yes"), "no": _("No")}
    return words.get(answer or "", answer or "")
