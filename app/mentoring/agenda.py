"""What mentoring puts on home and into the navigation, and what it does when programs call."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core import clock, hints
from app.core.locale import format_list
from app.core.policies import Actor
from app.core.registries import AgendaItem, NavItem, agenda, agenda_hints, departures, navigation
from app.health.registry import Figure, Window, figures
from app.health.rules import Measure, Unit
from app.mentoring import queries
from app.mentoring.models import Goal, Meeting, Member, Relationship
from app.mentoring.rules import LIVE, SessionState
from app.mentoring.services import relationships
from app.programs.registry import cohort_pages, on_accepted


def coming_and_asked(db: Session, actor: Actor) -> list[AgendaItem]:
    """The next sessions, and those of which the reader has not said whether they took place."""
    now = clock.now()
    items = []
    for meeting in queries.agenda_meetings(db, actor):
        ends = meeting.starts_at + timedelta(minutes=meeting.minutes)
        if meeting.state is SessionState.SCHEDULED and ends > now:
            items.append(_next(meeting, actor))
        elif ends <= now and queries.has_said(meeting, actor.person_id) is None:
            items.append(_asked(meeting, actor))
    return items


def _names(meeting: Meeting, actor: Actor) -> str:
    return format_list(
        [shown_name(member.person) for member in meeting.pair.others(actor.person_id)]
    )


def _next(meeting: Meeting, actor: Actor) -> AgendaItem:
    return AgendaItem(
        section="next",
        when=meeting.starts_at,
        icon="message-circle",
        title=_("Session with %(names)s", names=_names(meeting, actor)),
        text=meeting.place,
        url=flask.url_for("mentoring.workspace", relationship_id=meeting.relationship_id),
    )


def _asked(meeting: Meeting, actor: Actor) -> AgendaItem:
    return AgendaItem(
        section="answer",
        when=meeting.starts_at,
        icon="calendar-check",
        title=_("Did you meet %(names)s?", names=_names(meeting, actor)),
        text="",
        url=flask.url_for("mentoring.workspace", relationship_id=meeting.relationship_id),
        act="mentoring/_claim_buttons.html",
        data={"session_id": meeting.id},
    )


def goals_moved(db: Session, actor: Actor) -> list[AgendaItem]:
    """What the partner's goals did in the last week."""
    return [_moved(goal, owner) for goal, owner in queries.moved_goals(db, actor)]


def _moved(goal: Goal, owner: Member) -> AgendaItem:
    return AgendaItem(
        section="moved",
        when=goal.moved_at,
        title=goal.text,
        icon="target",
        text=_(
            "%(name)s: %(done)s of %(all)s steps",
            name=shown_name(owner.person),
            done=goal.done,
            all=len(goal.steps),
        ),
        url=flask.url_for("mentoring.workspace", relationship_id=goal.relationship_id),
    )


def pairs_page(cohort_id: UUID) -> tuple[str, str]:
    """The pairs of a cohort, on its desk."""
    return _("Pairs"), flask.url_for("mentoring.pairs", cohort_id=cohort_id)


def leave(db: Session, person_id: UUID) -> None:
    """Departure: pairs end, partners are told."""
    relationships.pairs_of_leaver(db, person_id)


def uptake(db: Session, window: Window) -> dict[UUID, Measure]:
    """Members of each group who were in a relationship at the end of the window."""
    return {erg_id: Measure(number) for erg_id, number in queries.uptake(db, window)}


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Member.person_id == hints.person(),
        Member.left_at.is_(None),
        Relationship.id == Member.relationship_id,
        Relationship.state.in_(LIVE),
    )


agenda_hints.add("mentoring", _may_speak)
agenda_hints.add("goals", _may_speak)
agenda.add("mentoring", coming_and_asked)
figures.add(
    "mentoring_uptake",
    Figure(
        _l("Mentoring uptake"),
        _l("Members who were in a mentoring relationship on the last day of the period, of all."),
        _l("Members at the end of the period."),
        Unit.SHARE,
        70,
        uptake,
    ),
)
agenda.add("goals", goals_moved)
navigation.add("mentoring", NavItem("mentoring.index", _l("Mentoring"), "sprout", 40, bar=True))
on_accepted.add("mentoring", relationships.begin)
cohort_pages.add("mentoring", pairs_page)
departures.add("mentoring", leave)
