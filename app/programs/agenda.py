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
    erasures,
    navigation,
    search_sources,
)
from app.programs import events, queries
from app.programs import talks as _talks  # noqa: F401 - registers what follows speed mentoring
from app.programs.models import Enrollment, MatchRequest, Offer, Program
from app.programs.queries import choosing, requests
from app.programs.registry import on_accepted
from app.programs.rules import OPEN_OFFERS
from app.programs.services import enrollment, forgetting
from app.programs.services.requests import settle
from app.programs.texts import told
from app.programs.wording import offer_question


def offers_to_answer(db: Session, actor: Actor) -> list[AgendaItem]:
    """Offers that wait for the reader."""
    return [_item(offer, actor) for offer in queries.open_offers_to(db, actor)]


def _item(offer: Offer, actor: Actor) -> AgendaItem:
    is_mentee = offer.mentee.person_id == actor.person_id
    other = (offer.mentor if is_mentee else offer.mentee).person
    return AgendaItem(
        section="answer",
        when=offer.expires_at or offer.created_at,
        title=offer_question(
            offer.cohort.program.format, [shown_name(other)], shown_name(offer.mentor.person)
        ),
        text=_("An offer waits for your answer until then."),
        url=flask.url_for("programs.offer", offer_id=offer.id),
        icon="user-plus",
    )


def own_requests(db: Session, actor: Actor) -> list[AgendaItem]:
    """What mentees ask the reader, and what the reader has asked mentors."""
    return [_asked(row, actor) for row in requests.open_requests(db, actor)]


def _asked(row: MatchRequest, actor: Actor) -> AgendaItem:
    is_mine = row.mentee.person_id == actor.person_id
    name = shown_name((row.mentor if is_mine else row.mentee).person)
    return AgendaItem(
        section="next" if is_mine else "answer",
        when=row.expires_at,
        title=_("Your request to %(name)s", name=name)
        if is_mine
        else _("%(name)s would like to meet you", name=name),
        text=_("The mentor answers until then.")
        if is_mine
        else _("The request waits for your answer until then."),
        url=flask.url_for("programs.request", request_id=row.id),
        icon="hourglass" if is_mine else "user-plus",
    )


def lists_to_rank(db: Session, actor: Actor) -> list[AgendaItem]:
    """Shortlists that wait for the reader's own order."""
    return [
        AgendaItem(
            section="answer",
            when=until,
            title=_("Whom would you like to meet?"),
            text=_("Your list of mentors waits for your own order until then."),
            url=flask.url_for("programs.shortlist", enrollment_id=enrollment_id),
            icon="list-checks",
        )
        for enrollment_id, until in choosing.open_lists(db, actor)
    ]


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
agenda_hints.add("requests", requests.may_speak)
agenda.add("requests", own_requests)
agenda_hints.add("shortlists", choosing.may_speak)
agenda.add("shortlists", lists_to_rank)
on_accepted.add("requests", settle)
navigation.add(
    "programs",
    NavItem("programs.index", _l("Programs"), "briefcase", 50, prefix=("/programs/", "/outside/")),
)
search_sources.add("programs", found_programs)
departures.add("programs", leave)

__all__ = ["events"]


erasures.add("programs", forgetting.forget)
