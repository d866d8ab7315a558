"""Offers: the page with its reasons, and the answers to it."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core.database import reading, writing
from app.core.locale import date_text
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs import queries
from app.programs.forms import DeclineForm, ReasonForm
from app.programs.models import Enrollment, Offer
from app.programs.policies import (
    may_answer,
    may_answer_for,
    may_extend,
    may_revive,
    may_see_offer,
    may_withdraw_offer,
)
from app.programs.rules import SHAPES, DeclineReason, Field, Purpose, Role
from app.programs.services import offers as services
from app.programs.texts import answer_text, told, why_this, words_of
from app.programs.views.base import bp
from app.programs.wording import offer_question, offer_reason, said_yes


@bp.get("/offers/<uuid:offer_id>/")
@guarded_by(may_see_offer, find=queries.offer_for)
def offer(offer: Offer) -> flask.Response:
    """Who is offered to me, and why."""
    return page("programs/offer.html", form=DeclineForm(), **_context(offer))


def _context(offer: Offer) -> dict[str, Any]:
    kept = queries.enrollment_form(reading(), offer.cohort)
    fields = kept.fields if kept else []
    side = Role.MENTEE if offer.mentee.person_id == current_actor().person_id else Role.MENTOR
    other = offer.mentor if side is Role.MENTEE else offer.mentee
    why, stretch = why_this(offer.reasons, words_of(fields))
    format_ = offer.cohort.program.format
    company = queries.company_of(reading(), offer) if SHAPES[format_].is_mutual else [other]
    names = [shown_name(one.person) for one in company]
    return {
        "offer": offer,
        "company": [(one, _shown(fields, one)) for one in company],
        "question": offer_question(format_, names, shown_name(offer.mentor.person)),
        "heading": offer_reason(format_),
        "why": [(text, True) for text in why],
        "stretch": stretch,
    }


def _shown(fields: list[Field], other: Enrollment) -> list[tuple[str, str]]:
    """What somebody wrote for their match to read."""
    return [
        (told(field.label), answer_text(field, other.answers[field.key]))
        for field in fields
        if field.purpose is Purpose.VISIBLE and other.answers.get(field.key)
    ]


@bp.post("/offers/<uuid:offer_id>/acceptance")
@guarded_by(may_answer, find=queries.offer_for)
def accept(offer: Offer) -> Response:
    """Say yes."""
    offer_id, person_id = offer.id, current_actor().person_id
    format_ = offer.cohort.program.format
    with writing() as db:
        path = services.accept(db, person_id, offer_id=offer_id)
    if path is None:
        return done(
            _("Thank you. Now the other side answers."), to=url_for(".offer", offer_id=offer_id)
        )
    return done(said_yes(format_), to=path)


@bp.post("/offers/<uuid:offer_id>/decline")
@guarded_by(may_answer, find=queries.offer_for)
def decline(offer: Offer) -> Response:
    """Say no, with a reason for the organizers alone."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return invalid("programs/offer.html", form=form, **_context(offer))
    offer_id, person_id, slug = offer.id, current_actor().person_id, offer.cohort.program.slug
    with writing() as db:
        services.decline(
            db,
            person_id,
            offer_id=offer_id,
            reason=form.why,
            note=form.note.data or "",
            no_more=form.no_more.data,
        )
    return done(
        _("Thank you for saying so. The organizers look for another match."),
        to=url_for(".show", slug=slug),
    )


@bp.post("/offers/<uuid:offer_id>/acceptance-on-behalf")
@guarded_by(may_answer_for, find=queries.offer_for)
def accept_for(offer: Offer) -> Response:
    """Accept for somebody who cannot sign in."""
    offer_id, cohort_id, person_id = offer.id, offer.cohort_id, current_actor().person_id
    with writing() as db:
        services.accept(db, person_id, offer_id=offer_id, on_behalf=True)
    return done(
        _("Accepted on their behalf, and marked so."),
        to=url_for(".cohort_offers", cohort_id=cohort_id),
    )


@bp.post("/offers/<uuid:offer_id>/decline-on-behalf")
@guarded_by(may_answer_for, find=queries.offer_for)
def decline_for(offer: Offer) -> Response:
    """Decline for somebody who cannot sign in."""
    offer_id, cohort_id, person_id = offer.id, offer.cohort_id, current_actor().person_id
    note = flask.request.form.get("note", "")[:2000]
    with writing() as db:
        services.decline(
            db, person_id, offer_id=offer_id, reason=DeclineReason.OTHER, note=note, on_behalf=True
        )
    return done(
        _("Declined on their behalf, and marked so."),
        to=url_for(".cohort_offers", cohort_id=cohort_id),
    )


@bp.post("/offers/<uuid:offer_id>/extension")
@guarded_by(may_extend, find=queries.offer_for)
def extend(offer: Offer) -> Response:
    """One more week."""
    offer_id, to = offer.id, _back(offer)
    with writing() as db:
        until = services.extend(db, current_actor().person_id, offer_id=offer_id).expires_at
    return done(_("There is time until %(when)s now.", when=date_text(until)), to=to)


@bp.post("/offers/<uuid:offer_id>/revival")
@guarded_by(may_revive, find=queries.offer_for)
def revive(offer: Offer) -> Response:
    """Open an offer again that ran out."""
    offer_id, to = offer.id, _back(offer)
    with writing() as db:
        services.revive(db, current_actor().person_id, offer_id=offer_id)
    return done(_("The offer is open again, for a week."), to=to)


def _back(offer: Offer) -> str:
    """The people of an offer stay with it, organizers with their list."""
    if may_see_offer(current_actor(), offer):
        return url_for(".offer", offer_id=offer.id)
    return url_for(".cohort_offers", cohort_id=offer.cohort_id)


@bp.post("/offers/<uuid:offer_id>/withdrawal")
@guarded_by(may_withdraw_offer, find=queries.offer_for)
def withdraw_offer(offer: Offer) -> Response:
    """Take an open offer back as an organizer."""
    form = ReasonForm()
    offer_id, cohort_id, person_id = offer.id, offer.cohort_id, current_actor().person_id
    with writing() as db:
        services.withdraw_offer(db, person_id, offer_id=offer_id, reason=form.reason.data or "")
    return done(_("The offer is taken back."), to=url_for(".cohort_offers", cohort_id=cohort_id))
