"""What home says of private questions: whether one goes on, whether one wants another term."""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core import clock
from app.core.locale import format_list
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.mentoring.models import Relationship
from app.mentoring.queries import lifecycle, surveys
from app.mentoring.rules import RelationshipState


def questions(db: Session, actor: Actor) -> list[AgendaItem]:
    """One line for each question that the reader has not answered."""
    return [_asked(pair, actor) for pair in lifecycle.asked(db, actor)]


def _asked(pair: Relationship, actor: Actor) -> AgendaItem:
    names = format_list([shown_name(m.person) for m in pair.others(actor.person_id)])
    is_trial = pair.state is RelationshipState.TRIAL
    asked_at = pair.trial_asked_at if is_trial else pair.renewal_asked_at
    assert asked_at is not None, "only open questions are found"
    return AgendaItem(
        section="answer",
        when=asked_at,
        icon="users",
        title=_("Do you want to go on with %(names)s?", names=names)
        if is_trial
        else _("Another term with %(names)s?", names=names),
        text=_("Nobody sees your answer."),
        url=flask.url_for("mentoring.going_on", relationship_id=pair.id),
    )


def may_ask() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(Relationship.id.is_not(None), lifecycle.is_asked())


def closing_questions(db: Session, actor: Actor) -> list[AgendaItem]:
    """One line for each enrollment whose closing questions wait."""
    return [
        AgendaItem(
            section="answer",
            when=ended_at or clock.now(),
            icon="clipboard-list",
            title=_("How is it now?"),
            text=_("A minute, if you like. Nobody sees your answers."),
            url=flask.url_for("mentoring.survey", enrollment_id=enrollment_id),
        )
        for enrollment_id, ended_at in surveys.waiting(db, actor)
    ]


def may_be_surveyed() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(surveys.is_waiting())


agenda_hints.add("mentoring_questions", may_ask)


agenda_hints.add("closing_questions", may_be_surveyed)


agenda.add("mentoring_questions", questions)


agenda.add("closing_questions", closing_questions)
