"""Feedback that is asked for, on the home page; what is forgotten when somebody leaves."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.attendance import queries, services
from app.attendance.models import FeedbackBox, FeedbackPlace
from app.core import hints
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints, departures
from app.ergs.rules import pick_text
from app.events.models import Occurrence


def to_say(db: Session, actor: Actor) -> list[AgendaItem]:
    """Dates about which one is asked how it was."""
    if actor.person_id is None:
        return []
    return [_item(occurrence) for occurrence in queries.open_feedback(db, actor.person_id)]


def _item(occurrence: Occurrence) -> AgendaItem:
    text = pick_text(occurrence.event.texts, current_language().tag)
    return AgendaItem(
        section="answer",
        when=occurrence.ends_at,
        title=text.title if text else "",
        text=_("How was it? Nobody can see who said what."),
        url=url_for("attendance.feedback", occurrence_id=occurrence.id),
        icon="message-circle",
    )


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all; who has answered is told apart afterwards."""
    return exists().where(
        FeedbackPlace.person_id == hints.person(),
        FeedbackBox.occurrence_id == FeedbackPlace.occurrence_id,
        FeedbackBox.closes_at > hints.now(),
    )


agenda_hints.add("attendance", _may_speak)
agenda.add("attendance", to_say)
departures.add("attendance", services.depart)
