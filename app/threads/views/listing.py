"""The discussions of a group, and starting one."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.threads import policies, queries, services
from app.threads.forms import StartForm
from app.threads.views.base import bp, group_of, page_number


@bp.get("/<slug>/threads/")
@guarded_by(policies.may_read, find=ergs.erg_for)
def index(erg: Erg) -> flask.Response:
    """What members talk about, what moved last first."""
    args = flask.request.args
    q, followed = args.get("q", "").strip(), args.get("show") == "followed"
    found = queries.listing(
        reading(), current_actor(), erg, q=q, followed=followed, number=page_number()
    )
    return page(
        "threads/index.html",
        fragment="threads/_threads.html",
        listing=found,
        q=q,
        followed=followed,
        **group_of(erg),
    )


@bp.get("/<slug>/threads/new")
@guarded_by(policies.may_start, find=ergs.erg_for)
def new(erg: Erg) -> flask.Response:
    """The form of a new discussion."""
    return page("threads/new.html", form=StartForm(), **_starting(erg))


@bp.post("/<slug>/threads/new")
@guarded_by(policies.may_start, find=ergs.erg_for)
def start(erg: Erg) -> Response:
    """Open a discussion."""
    form, viewer = StartForm(), ergs.standing(reading(), current_actor()).viewer(erg.id)
    if not form.validate_on_submit() or not form.resolve(reading(), erg, viewer):
        return invalid("threads/new.html", form=form, **_starting(erg))
    person_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        thread = services.start(
            db,
            person_id,
            erg_id=erg_id,
            title=form.title.data,
            body=form.body.data,
            mentions=form.people,
            is_pseudonymous=form.is_pseudonymous.data,
        )
        thread_id = thread.id
    to = flask.url_for(".show", slug=slug, thread_id=thread_id)
    return done(_("Your discussion has begun. You follow it from now on."), to=to)


def _starting(erg: Erg) -> dict[str, Any]:
    db, actor = reading(), current_actor()
    viewer = ergs.standing(db, actor).viewer(erg.id)
    names = queries.mentionable(db, erg, viewer, actor.person_id)
    return {"names": names, "shown": shown_as(erg), **group_of(erg)}


def shown_as(erg: Erg) -> str:
    """Who sees one's name beside a post, said beside the field."""
    if erg.is_sensitive:
        return _("Members read it. Your name stands there only if members may see you belong.")
    return _(
        "Members read it with your name. If you belong confidentially, a code stands there instead."
    )
