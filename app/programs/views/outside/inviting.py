"""Organizers invite mentors from outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import date_text
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.programs.models import Cohort, OutsideInvitation
from app.programs.outside.forms import InvitationForm
from app.programs.outside.policies import may_recall, may_send_again
from app.programs.policies import may_manage
from app.programs.queries import cohort_for
from app.programs.queries import outside as queries
from app.programs.rules import form_from
from app.programs.rules.outside import TAKES_GUESTS, USUAL_DAYS, InvitationState
from app.programs.services import outside as services
from app.programs.views.base import page_number
from app.programs.views.outside.base import bp

PAGE, PART = "programs/outside.html", "programs/_outside.html"


@bp.get("/cohorts/<uuid:cohort_id>/")
@guarded_by(may_manage, find=cohort_for)
def invitations(cohort: Cohort) -> flask.Response:
    """Whom one has invited from outside, and a form for one more."""
    return page(PAGE, fragment=PART, **_context(cohort), form=_form())


def _form() -> InvitationForm:
    data = {"locale": current_actor().locale or "en"}
    return InvitationForm(data=data).offer(queries.partners_in_force(reading()))


def _context(cohort: Cohort) -> dict[str, Any]:
    asked = flask.request.args
    wanted, q = asked.get("state", ""), asked.get("q", "").strip()[:200]
    state = InvitationState(wanted) if wanted in list(InvitationState) else None
    found = queries.invitations_page(reading(), cohort.id, q=q, state=state, number=page_number())
    takes_guests = cohort.state in TAKES_GUESTS and not form_from(cohort.rules).is_mutual
    return {"cohort": cohort, "found": found, "q": q, "state": state, "open": takes_guests}


@bp.post("/cohorts/<uuid:cohort_id>/invitations")
@guarded_by(may_manage, find=cohort_for)
def invite(cohort: Cohort) -> Response:
    """Invite an address; the answer is the same whoever has it."""
    form = _form()
    if not form.validate_on_submit():
        return invalid(PAGE, **_context(cohort), form=form)
    cohort_id, actor_id, guest = cohort.id, current_actor().person_id, form.guest
    try:
        with writing() as db:
            services.invite(db, actor_id, cohort_id=cohort_id, guest=guest)
    except Refused as refused:
        if refused.status != 422:
            raise
        form.email.errors = [refused.message]
        cohort = reading().get_one(Cohort, cohort_id)
        return invalid(PAGE, **_context(cohort), form=form)
    return done(
        _("The invitation is on its way. You hear from us when it is answered."),
        to=url_for(".invitations", cohort_id=cohort_id),
    )


@bp.post("/invitations/<uuid:invitation_id>/again")
@guarded_by(may_send_again, find=queries.invitation_for)
def send_again(invitation: OutsideInvitation) -> Response:
    """Send the mail once more, with two weeks from today."""
    invitation_id, cohort_id = invitation.id, invitation.cohort_id
    last = clock.now().date() + timedelta(days=USUAL_DAYS)
    with writing() as db:
        services.send_again(
            db, current_actor().person_id, invitation_id=invitation_id, answer_by=last
        )
    return done(
        _("The invitation is sent again. There is time until %(day)s now.", day=date_text(last)),
        to=url_for(".invitations", cohort_id=cohort_id),
    )


@bp.post("/invitations/<uuid:invitation_id>/recall")
@guarded_by(may_recall, find=queries.invitation_for)
def recall(invitation: OutsideInvitation) -> Response:
    """Take an invitation back."""
    invitation_id, cohort_id = invitation.id, invitation.cohort_id
    with writing() as db:
        services.recall(db, current_actor().person_id, invitation_id=invitation_id)
    return done(
        _("The invitation is taken back. Its link says so."),
        to=url_for(".invitations", cohort_id=cohort_id),
        undo=url_for(".send_again", invitation_id=invitation_id),
    )
