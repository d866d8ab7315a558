"""A person's own settings: language and time, channels, password, devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, services
from app.accounts.forms import ChangePasswordForm, PreferencesForm, zones_like
from app.accounts.messages import channel_labels, topic_labels
from app.accounts.models import Person
from app.accounts.rules import FIXED_CHOICES
from app.accounts.views.base import bp
from app.accounts.views.signin import end
from app.core.database import reading, writing
from app.core.locale import COOKIE, current_language
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, signed_in

TEMPLATE = "accounts/settings.html"


def _me() -> Person:
    found = reading().get(Person, current_actor().person_id)
    if found is None:
        flask.abort(404)
    return found


def _context(**forms: Any) -> dict[str, Any]:
    """Everything the page shows; a form with errors replaces its fresh one."""
    me = _me()
    return {
        "me": me,
        "form": PreferencesForm(formdata=None, obj=me, locale=_language(me)),
        "password_form": ChangePasswordForm(formdata=None),
        "zones": queries.used_zones(reading()),
        "topics": topic_labels(),
        "channels": channel_labels(),
        "fixed": FIXED_CHOICES,
        "muted": queries.muted_of(reading(), [me.id]).get(me.id, frozenset()),
        "devices": queries.sessions_of(reading(), me.id),
        **forms,
    }


def _language(me: Person) -> str:
    return me.locale or current_language().tag


@bp.get("/settings/")
@guarded_by(signed_in)
def settings() -> Response:
    """All settings on one page; with `?zone=` the zones like what was typed, loaded apart."""
    typed = flask.request.args.get("zone", "")[:60]
    if not typed:
        return page(TEMPLATE, **_context())
    return page(TEMPLATE, fragment="accounts/_zones.html", **_context(zones=zones_like(typed)))


@bp.post("/settings/preferences")
@guarded_by(signed_in)
def save_preferences() -> Response:
    """Keep language, zone, clock and quiet hours; the profile then wins over the device."""
    form = PreferencesForm()
    if not form.validate_on_submit():
        return invalid(TEMPLATE, **_context(form=form))
    quiet_from, quiet_to = form.quiet
    person_id = _person_id()
    with writing() as db:
        services.choose_preferences(
            db,
            person_id,
            locale=form.locale.data,
            zone=form.zone.data,
            hour_cycle=form.hour_cycle.data or None,
            quiet_from=quiet_from,
            quiet_to=quiet_to,
        )
    answer = done(_("Your preferences are saved."), to=flask.url_for(".settings"))
    answer.delete_cookie(COOKIE)
    return answer


def _person_id() -> UUID:
    person_id = current_actor().person_id
    if person_id is None:
        flask.abort(403)
    return person_id


@bp.post("/settings/channels")
@guarded_by(signed_in)
def save_channels() -> Response:
    """Keep which news comes by which channel."""
    wanted = [
        (topic, channel)
        for topic, _separator, channel in (
            v.partition(":") for v in flask.request.form.getlist("on")
        )
    ]
    with writing() as db:
        services.choose_channels(db, _person_id(), wanted=wanted)
    return done(_("Your choice of channels is saved."), to=flask.url_for(".settings"))


@bp.post("/settings/password")
@guarded_by(signed_in)
def change_password() -> Response:
    """Change the password and sign every other device out."""
    form = ChangePasswordForm()
    actor, person_id = current_actor(), _person_id()
    if not form.validate_on_submit() or not _proved(form):
        return invalid(TEMPLATE, **_context(password_form=form))
    with writing() as db:
        services.set_password(db, person_id, person_id=person_id, password=form.new_password.data)
        services.revoke_all_sessions(db, person_id, person_id=person_id, but=actor.session_id)
    said = _("Your password is changed, and your other devices are signed out.")
    return done(said, to=flask.url_for(".settings"))


def _proved(form: ChangePasswordForm) -> bool:
    current = form.current_password
    if services.verified(reading(), current_actor().email, current.data) is not None:
        return True
    current.errors = [_("This is not your current password.")]
    return False


@bp.post("/settings/sessions/<uuid:session_id>/revocation")
@guarded_by(signed_in)
def revoke_session(session_id: UUID) -> Response:
    """Sign one device out; the own one goes to the front page."""
    person_id = _person_id()
    with writing() as db:
        services.revoke_session(db, person_id, person_id=person_id, session_id=session_id)
    if session_id == current_actor().session_id:
        return end()
    return done(_("That device is signed out."), to=flask.url_for(".settings"))


@bp.post("/settings/sessions/revocation")
@guarded_by(signed_in)
def revoke_all_sessions() -> Response:
    """Sign out everywhere, here too."""
    person_id = _person_id()
    with writing() as db:
        services.revoke_all_sessions(db, person_id, person_id=person_id)
    return end()
