"""What programs put on home, into the navigation and into the search."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core import hints, search
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    NavItem,
    SearchHit,
    agenda,
    agenda_hints,
    departures,
    navigation,
    search_sources,
)
from app.programs import queries
from app.programs.models import Enrollment, Offer, Program
from app.programs.rules import OPEN_OFFERS
from app.programs.services import enrollment
from app.programs.texts import told


def offers_to_answer(db: Session, actor: Actor) -> list[AgendaItem]:
    """Offers that wait for the reader."""
    return [_item(offer, actor) for offer in queries.open_offers_to(db, actor)]


def _item(offer: Offer, actor: Actor) -> AgendaItem:
    is_mentee = offer.mentee.person_id == actor.person_id
    other = (offer.mentor if is_mentee else offer.mentee).person
    return AgendaItem(
        section="answer",
        when=offer.expires_at or offer.created_at,
        title=_("Would you like to meet %(name)s?", name=shown_name(other)),
        text=_("An offer waits for your answer until then."),
        url=flask.url_for("programs.offer", offer_id=offer.id),
        icon="user-plus",
    )


def found_programs(db: Session, actor: Actor, q: str) -> list[SearchHit]:
    """Programs the actor may see, by the words of title and summary."""
    query = queries.visible_to(actor).order_by(Program.title).limit(10)
    if (matching := search.ids("programs", q)) is not None:
        query = query.where(Program.id.in_(matching))
    return [
        SearchHit(
            told(program.title),
            told(program.summary)[:160],
            flask.url_for("programs.show", slug=program.slug),
            "briefcase",
        )
        for program in db.scalars(query)
    ]


def leave(db: Session, person_id: UUID) -> None:
    """Departure: enrollments end, open offers are taken back, the other side is told."""
    enrollment.leave_everywhere(db, person_id)


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Enrollment.person_id == hints.person(),
        or_(Offer.mentee_id == Enrollment.id, Offer.mentor_id == Enrollment.id),
        Offer.state.in_(OPEN_OFFERS),
    )


agenda_hints.add("programs", _may_speak)
agenda.add("programs", offers_to_answer)
navigation.add("programs", NavItem("programs.index", _l("Programs"), "briefcase", 50))
search_sources.add("programs", found_programs)
departures.add("programs", leave)
