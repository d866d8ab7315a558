"""Passwords by mail: asking for a link, using it once."""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, services
from app.accounts.forms import ForgottenForm, NewPasswordForm
from app.accounts.models import PasswordReset
from app.accounts.views.base import bp
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import anyone, guarded_by


@bp.get("/password/forgotten")
@guarded_by(anyone)
def forgotten() -> Response:
    """Where to ask for a link."""
    return page("accounts/forgotten.html", form=ForgottenForm())


@bp.post("/password/forgotten")
@guarded_by(anyone)
def ask_for_link() -> Response:
    """Answer the same whether or not there is such an account."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return invalid("accounts/forgotten.html", form=form)
    with writing() as db:
        services.request_reset(db, email=form.email.data)
    said = _(
        "If there is an account for this address, a link is on its way. It works for one hour."
    )
    return done(said, to=flask.url_for("accounts.sign_in_page"))


@bp.get("/password/new/<token>")
@guarded_by(anyone)
def new_password(token: str) -> Response:
    """The form behind a link; opening it uses nothing up, since mail scanners open links too."""
    if queries.reset_of(reading(), token) is None:
        return page("accounts/link_ended.html", status=404)
    return page("accounts/new_password.html", form=NewPasswordForm(), token=token)


@bp.post("/password/new/<token>")
@guarded_by(anyone)
def choose_password(token: str) -> Response:
    """Set the password by the link, once."""
    reset: PasswordReset | None = queries.reset_of(reading(), token)
    if reset is None:
        return page("accounts/link_ended.html", status=404)
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return invalid("accounts/new_password.html", form=form, token=token)
    reset_id = reset.id
    with writing() as db:
        person_id = services.use_reset(db, reset_id=reset_id, password=form.new_password.data)
    if person_id is None:
        return page("accounts/link_ended.html", status=404)
    said = _("Your new password is set, and every device is signed out. Sign in with it now.")
    return done(said, to=flask.url_for("accounts.sign_in_page"))
