"""What guests find on home, and what ends when somebody leaves."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.core import clock, hints
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints, departures
from app.programs.models import Enrollment, OutsideInvitation
from app.programs.queries import outside as queries
from app.programs.rules import EnrollmentState
from app.programs.services.outside import end_lending_of
from app.programs.texts import told


def forms_to_fill_in(db: Session, actor: Actor) -> list[AgendaItem]:
    """Enrollments that began with an invitation and whose form was not sent yet."""
    return [
        AgendaItem(
            section="answer",
            when=clock.now(),
            title=_("Tell us how you would like to mentor"),
            text=told(enrollment.cohort.program.title),
            url=flask.url_for("outside.answers", enrollment_id=enrollment.id),
            icon="pencil",
        )
        for enrollment in queries.unfinished(db, actor)
    ]


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Enrollment.person_id == hints.person(),
        Enrollment.state == EnrollmentState.STARTED,
        OutsideInvitation.cohort_id == Enrollment.cohort_id,
        OutsideInvitation.person_id == Enrollment.person_id,
    )


def leave(db: Session, person_id: UUID) -> None:
    """Departure: whoever leaves lends nothing any more."""
    end_lending_of(db, person_id)


agenda_hints.add("outside", _may_speak)
agenda.add("outside", forms_to_fill_in)
departures.add("outside", leave)
