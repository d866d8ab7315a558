"""What speed mentoring adds to home, to an event's page, and to somebody's leaving."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.core import clock, hints
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    agenda,
    agenda_hints,
    departures,
    erasures,
)
from app.events.agenda.base import title_of
from app.events.models import Occurrence, Rsvp
from app.events.registry import Extra, Section, extras, sections
from app.events.rules import EventKind
from app.speed import policies, queries, services
from app.speed.forms import BesideForm
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.pairing import Side
from app.speed.rules import SITTING, SessionState

AFTERWARDS = timedelta(days=3)


def my_talks(db: Session, actor: Actor) -> list[AgendaItem]:
    """A side to choose, a table to go to, a private answer afterwards."""
    if actor.person_id is None:
        return []
    rows = db.execute(queries.mine_ahead(actor.person_id, clock.now() - AFTERWARDS)).unique()
    return [
        _item(rsvp.occurrence, session, text)
        for rsvp, session, seat in rows
        if (text := _text(session, seat))
    ]


def _text(session: SpeedSession, seat: SpeedSeat | None) -> str:
    if seat is None:
        is_over = session.state is SessionState.OVER
        return "" if is_over else _("Choose how you take part in the talks.")
    if session.state is SessionState.OVER:
        is_asked = session.closed_at is None and bool(session.round)
        return _("With whom would you like to go on talking?") if is_asked else ""
    is_on = session.state in (SessionState.RUNNING, SessionState.PAUSED)
    return _("The talks have begun. Here is your table.") if is_on and seat.state in SITTING else ""


def _item(occurrence: Occurrence, session: SpeedSession, text: str) -> AgendaItem:
    return AgendaItem(
        section="answer",
        when=session.wishes_until or occurrence.starts_at,
        title=title_of(occurrence.event),
        text=text,
        url=url_for("speed.show", occurrence_id=occurrence.id),
        icon="messages-square",
    )


def _may_speak() -> ColumnElement[bool]:
    """Whether home has to ask at all."""
    return exists().where(
        Rsvp.person_id == hints.person(),
        Rsvp.state.in_(queries.COMING),
        SpeedSession.occurrence_id == Rsvp.occurrence_id,
        Occurrence.id == Rsvp.occurrence_id,
        Occurrence.ends_at > hints.week_ago(),
    )


def way_in(db: Session, actor: Actor, occurrence: Occurrence) -> Section | None:
    """From the page of the event to the talks; for those who come, and for organizers."""
    if occurrence.event.kind is not EventKind.SPEED_MENTORING:
        return None
    runs = policies.may_set_up(actor, occurrence)
    if not runs and not policies.is_coming(actor, occurrence):
        return None
    return Section("speed/_entry.html", {"occurrence": occurrence, "runs": runs})


def beside_the_answer(
    db: Session, actor: Actor, occurrence: Occurrence, is_fresh: bool
) -> Extra | None:
    """Whoever answers chooses a side in the talks there and then."""
    if occurrence.event.kind is not EventKind.SPEED_MENTORING:
        return None
    found = queries.open_to(db, occurrence.id, actor.person_id)
    if found is None:
        return None
    form = BesideForm.of(found[1], fresh=is_fresh)

    def keep(db: Session, rsvp: Rsvp) -> None:
        if form.side.data and rsvp.state in queries.COMING:
            services.take_side(
                db,
                rsvp.person_id,
                occurrence_id=rsvp.occurrence_id,
                side=Side(form.side.data),
            )

    return Extra("speed/beside.html", form, keep)


agenda_hints.add("speed", _may_speak)
agenda.add("speed", my_talks)
sections.add("speed", way_in)
extras.add("speed", beside_the_answer)
departures.add("speed", services.depart)
erasures.add("speed", services.erase)
