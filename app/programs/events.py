"""What events add to programs: a page on the cohort's desk, dates at home."""

from __future__ import annotations

from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.core import hints
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.ergs.rules import pick_text
from app.events.models import Occurrence
from app.events.registry import Belonging, belongings, copyings
from app.programs.models import CohortEvent, Enrollment
from app.programs.queries import events as queries
from app.programs.registry import cohort_pages
from app.programs.rules import LIVE_ENROLLMENTS
from app.programs.services.events import attach_copy, attach_event
from app.programs.texts import told


def events_page(cohort_id: UUID) -> tuple[str, str]:
    """The page of a cohort's events on its desk."""
    return _("Events"), url_for("programs.cohort_events", cohort_id=cohort_id)


def dates_to_answer(db: Session, actor: Actor) -> list[AgendaItem]:
    """Dates of one's own cohorts that wait for an answer."""
    if actor.person_id is None or actor.is_external:
        return []
    return [_item(row) for row in queries.cohort_dates_for(db, actor)]


def _item(occurrence: Occurrence) -> AgendaItem:
    text = pick_text(occurrence.event.texts, current_language().tag)
    return AgendaItem(
        section="answer",
        when=occurrence.starts_at,
        title=text.title if text else "",
        text=_("An event of your mentoring program. Are you coming?"),
        url=url_for("events.show", occurrence_id=occurrence.id),
        icon="calendar-days",
    )


def cohorts_of(db: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """What a new event may belong to: cohorts that its maker runs."""
    return [
        (one.id, f"{told(one.program.title)} · {one.title}")
        for one in queries.cohorts_to_serve(db, actor)
    ]


def attach_new(db: Session, actor_id: UUID | None, cohort_id: UUID, event_id: UUID) -> None:
    """Make a new event one of a cohort."""
    attach_event(db, actor_id, cohort_id=cohort_id, event_id=event_id)


def _may_speak() -> ColumnElement[bool]:
    """Whether home has to ask at all."""
    return exists().where(
        Enrollment.person_id == hints.person(),
        Enrollment.state.in_(LIVE_ENROLLMENTS),
        CohortEvent.cohort_id == Enrollment.cohort_id,
    )


agenda_hints.add("cohort_events", _may_speak)
agenda.add("cohort_events", dates_to_answer)
cohort_pages.add("events", events_page)
belongings.add("cohort", Belonging(cohorts_of, attach_new))
copyings.add("cohort", attach_copy)
