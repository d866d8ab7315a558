"""What home says of sessions and goals."""

from __future__ import annotations

from datetime import timedelta

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core import clock, hints
from app.core.locale import format_list
from app.core.policies import Actor
from app.core.registries import AgendaItem, NavItem, agenda, agenda_hints, navigation
from app.mentoring import queries
from app.mentoring.models import Goal, Meeting, Member, Relationship
from app.mentoring.rules import LIVE, SessionState


def coming_and_asked(db: Session, actor: Actor) -> list[AgendaItem]:
    """The next sessions, and those of which the reader has not said whether they took place."""
    now = clock.now()
    items = []
    for meeting in queries.agenda_meetings(db, actor):
        ends = meeting.starts_at + timedelta(minutes=meeting.minutes)
        if meeting.state is SessionState.PROPOSED:
            items += _proposed(meeting, actor)
        elif meeting.state is SessionState.SCHEDULED and ends > now:
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
        url=flask.url_for("mentoring.session", session_id=meeting.id),
    )


def _proposed(meeting: Meeting, actor: Actor) -> list[AgendaItem]:
    """Times that somebody else proposed, while one of them can be taken."""
    is_open = meeting.expires_at is not None and meeting.expires_at > clock.now()
    if meeting.planned_by == actor.person_id or not is_open:
        return []
    return [
        AgendaItem(
            section="answer",
            when=meeting.starts_at,
            icon="calendar-plus",
            title=_("Which time suits you?"),
            text=_("Session with %(names)s", names=_names(meeting, actor)),
            url=flask.url_for("mentoring.workspace", relationship_id=meeting.relationship_id),
        )
    ]


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


def may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Member.person_id == hints.person(),
        Member.left_at.is_(None),
        Relationship.id == Member.relationship_id,
        Relationship.state.in_(LIVE),
    )


agenda_hints.add("mentoring", may_speak)


agenda_hints.add("goals", may_speak)


agenda.add("mentoring", coming_and_asked)


agenda.add("goals", goals_moved)


navigation.add("mentoring", NavItem("mentoring.index", _l("Mentoring"), "sprout", 40, bar=True))
