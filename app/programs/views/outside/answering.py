"""What somebody outside sees: the page of the invitation, then the form of a mentor."""

from __future__ import annotations

from typing import Any

import flask
from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import services as accounts
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import anyone, current_actor, guarded_by
from app.programs import forms, queries
from app.programs.models import Enrollment, OutsideInvitation
from app.programs.outside import links
from app.programs.outside.policies import may_fill_in
from app.programs.queries.outside import invitation_of_link, invited_enrollment
from app.programs.rules import EnrollmentState, Role, fields_for
from app.programs.services import outside as services
from app.programs.views.outside.base import bp

FORM = "programs/outside_form.html"
NOT_ASKED = "groups"  # people from outside are in none


@bp.get("/invitation/<token>")
@guarded_by(anyone, find=invitation_of_link)
def invitation(invitation: OutsideInvitation) -> flask.Response:
    """What one is invited to, what one would see, and two buttons; opening it decides nothing."""
    return page("programs/outside_invitation.html", invitation=invitation, token=_token(invitation))


def _token(invitation: OutsideInvitation) -> str:
    return links.token(invitation.id)


@bp.post("/invitation/<token>/acceptance")
@guarded_by(anyone, find=invitation_of_link)
def accept(invitation: OutsideInvitation) -> Response:
    """Say yes; whoever has no password chooses one next."""
    invitation_id = invitation.id
    with writing() as db:
        enrollment = services.accept(db, invitation_id=invitation_id)
        token = accounts.first_password_link(db, person_id=enrollment.person_id)
    to = url_for(".answers", enrollment_id=enrollment.id)
    if current_actor().person_id == enrollment.person_id:
        return done(_("Thank you. Tell us how you would like to mentor."), to=to)
    if token is not None:
        return done(
            _("Thank you. Choose a password; then tell us how you would like to mentor."),
            to=url_for("accounts.new_password", token=token),
        )
    return done(
        _("Thank you. Sign in with the password you have."),
        to=url_for("accounts.sign_in_page", next=to),
    )


@bp.post("/invitation/<token>/decline")
@guarded_by(anyone, find=invitation_of_link)
def decline(invitation: OutsideInvitation) -> Response:
    """Say no."""
    invitation_id, token = invitation.id, _token(invitation)
    with writing() as db:
        services.decline(db, invitation_id=invitation_id)
    return done(
        _("Thank you for saying so. We keep no account for you."),
        to=url_for(".invitation", token=token),
    )


@bp.route("/enrollments/<uuid:enrollment_id>/answers", methods=["GET", "POST"])
@guarded_by(may_fill_in, find=invited_enrollment)
def answers(enrollment: Enrollment) -> Response:
    """The mentor's questions of the cohort, for somebody who was invited."""
    db, actor, cohort = reading(), current_actor(), enrollment.cohort
    kept = queries.enrollment_form(db, cohort)
    if kept is None:
        raise Refused(_("This cohort has no questions yet. Please ask whoever invited you."))
    is_new = enrollment.state is EnrollmentState.STARTED
    fields = [one for one in kept.fields if one.kind != "identity" and one.key != NOT_ASKED]
    form = forms.enroll_form(fields, Role.MENTOR, actor.zone, data=forms.values_of(enrollment))
    context: dict[str, Any] = {
        "program": cohort.program,
        "cohort": cohort,
        "form": form,
        "role": Role.MENTOR,
        "questions": fields_for(fields, Role.MENTOR),
        "action": url_for(".answers", enrollment_id=enrollment.id),
        "is_guest": actor.is_external,
    }
    if not form.is_submitted():
        return page(FORM, **context)
    if not form.validate():
        return invalid(FORM, **context)
    excluded = tuple(queries.people_by_email(db, forms.excluded_emails(form)))
    reply = forms.reply_of(form, fields, Role.MENTOR, excluded)
    enrollment_id, slug = enrollment.id, cohort.program.slug
    try:
        with writing() as db:
            services.enroll_invited(db, actor.person_id, enrollment_id=enrollment_id, reply=reply)
    except Refused as refused:
        if refused.status != 422:
            raise
        form.capacity.errors = [refused.message]
        return invalid(FORM, **context)
    said = _("You are enrolled. We will tell you what comes next.")
    return done(
        said if is_new else _("Your answers are saved."), to=url_for("programs.show", slug=slug)
    )
