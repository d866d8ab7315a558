"""When one hears of all groups, and the one-click way out of it (RFC 8058)."""

from __future__ import annotations

import flask
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by, inside
from app.posts import policies, queries, services
from app.posts.forms import DigestForm
from app.posts.queries import Wish
from app.posts.views.base import bp


@bp.get("/news/digest")
@guarded_by(inside)
def digest_settings() -> flask.Response:
    """When the digest comes."""
    choice = queries.choice_of(reading(), current_actor().person_id)
    return page("posts/digest.html", form=DigestForm.of(choice))


@bp.post("/news/digest")
@guarded_by(inside)
def choose_digest() -> Response:
    """Say when it should come."""
    form, person_id = DigestForm(), current_actor().person_id
    if not form.validate_on_submit():
        return invalid("posts/digest.html", form=form)
    with writing() as db:
        services.choose_digest(
            db,
            person_id,
            rhythm=form.rhythm.data,
            hour=form.hour.data,
            weekday=form.weekday.data,
        )
    return done(_("Saved."), to=flask.url_for(".digest_settings"))


@bp.get("/unsubscribe/<token>")
@guarded_by(policies.may_unsubscribe, find=queries.wish_for)
def unsubscribing(wish: Wish) -> flask.Response:
    """The question; opening it changes nothing, since mail scanners open everything."""
    return page("posts/unsubscribe.html", wish=wish)


@bp.post("/unsubscribe/<token>")
@guarded_by(policies.may_unsubscribe, find=queries.wish_for)
def unsubscribe(wish: Wish) -> flask.Response:
    """The end of it: by the button, or by a mail program's one click."""
    person_id, token = wish.person_id, wish.token
    with writing() as db:
        services.unsubscribe(db, person_id)
    fresh = queries.wish_for(reading(), current_actor(), token)
    return page("posts/unsubscribe.html", wish=fresh)


@bp.post("/unsubscribe/<token>/undo")
@guarded_by(policies.may_unsubscribe, find=queries.wish_for)
def resubscribe(wish: Wish) -> Response:
    """Take that back."""
    person_id, token = wish.person_id, wish.token
    with writing() as db:
        services.resubscribe(db, person_id)
    return done(_("The digest comes again."), to=flask.url_for(".unsubscribing", token=token))


@bp.record_once
def _exempt(state: BlueprintSetupState) -> None:
    """A mail provider has neither session nor CSRF token; the signed address is the proof."""
    state.app.extensions["csrf"].exempt(unsubscribe)
