"""The executive sponsor's promises, for everyone who sees the group; and the quarterly brief."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries
from app.ergs.forms.sponsor import KEPT, KINDS, CommitmentForm, MarkForm
from app.ergs.models import Erg
from app.ergs.queries import sponsor as promises
from app.ergs.rules.sponsor import quarter_of
from app.ergs.services import sponsor as services
from app.ergs.views.base import bp, text_of

LIST = "ergs/_commitments.html"


@bp.get("/<slug>/sponsor/")
@guarded_by(policies.may_see, find=queries.erg_for)
def sponsor(erg: Erg) -> flask.Response:
    """What was promised, kept and not kept."""
    return page("ergs/sponsor.html", fragment=LIST, **_promises(erg))


def _promises(erg: Erg, **more: Any) -> dict[str, Any]:
    db = reading()
    return {
        "erg": erg,
        "text": text_of(erg),
        "sponsors": promises.sponsors(db, erg.id),
        "commitments": promises.commitments(db, erg.id),
        "in_erg": lambda row: promises.Promise(erg, row),
        "kinds": KINDS,
        "kept": KEPT,
        "today": clock.now().date(),
        "form": CommitmentForm(formdata=None),
        "marking": MarkForm(formdata=None),
        "refused_id": None,
        **more,
    }


@bp.post("/<slug>/sponsor/")
@guarded_by(policies.may_promise, find=queries.erg_for)
def promise(erg: Erg) -> Response:
    """The sponsor promises something by a day."""
    form = CommitmentForm()
    if not form.validate_on_submit():
        return invalid("ergs/sponsor.html", fragment=LIST, **_promises(erg, form=form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    values = {name: form[name].data for name in ("kind", "hours", "due_on")}
    with writing() as db:
        services.commit_to(db, actor_id, erg_id=erg_id, text=form.text.data or "", **values)
    return _shown(slug, _("Promised. Everybody who sees the group can read it."))


@bp.post("/<slug>/sponsor/commitments/<uuid:commitment_id>/mark")
@guarded_by(policies.may_mark, find=promises.commitment_in)
def mark(found: promises.Promise) -> Response:
    """The sponsor says whether it was kept."""
    form = MarkForm()
    if not form.validate_on_submit():
        context = _promises(found.erg, marking=form, refused_id=found.row.id)
        return invalid("ergs/sponsor.html", fragment=LIST, **context)
    slug, commitment_id = found.erg.slug, found.row.id
    return _acted(
        found,
        services.mark,
        _("Noted. A lead confirms it."),
        undo=flask.url_for(".reopen", slug=slug, commitment_id=commitment_id),
        to=form.to.data,
        note=form.note.data or "",
    )


@bp.post("/<slug>/sponsor/commitments/<uuid:commitment_id>/confirmation")
@guarded_by(policies.may_agree, find=promises.commitment_in)
def confirm(found: promises.Promise) -> Response:
    """A lead agrees."""
    return _acted(found, services.confirm, _("Confirmed."))


@bp.post("/<slug>/sponsor/commitments/<uuid:commitment_id>/reopening")
@guarded_by(policies.may_reopen, find=promises.commitment_in)
def reopen(found: promises.Promise) -> Response:
    """Back to open: taken back, or a lead does not agree."""
    return _acted(found, services.reopen, _("It is open again."))


def _acted(
    found: promises.Promise, act: Any, message: str, undo: str | None = None, **fields: Any
) -> Response:
    actor_id, commitment_id = current_actor().person_id, found.row.id
    slug = found.erg.slug
    with writing() as db:
        act(db, actor_id, commitment_id=commitment_id, **fields)
    return _shown(slug, message, undo)


def _shown(slug: str, message: str, undo: str | None = None) -> Response:
    erg = queries.erg_for(reading(), current_actor(), slug)
    to = flask.url_for(".sponsor", slug=slug)
    if erg is None:
        return done(message, to=flask.url_for(".index"))
    return done(message, to=to, fragment=LIST, undo=undo, **_promises(erg))


@bp.get("/<slug>/sponsor/brief")
@guarded_by(policies.may_read_brief, find=queries.erg_for)
def brief(erg: Erg) -> flask.Response:
    """A quarter in aggregates, never the roster."""
    return page(
        "ergs/brief.html",
        erg=erg,
        text=text_of(erg),
        brief=promises.brief(reading(), erg),
        quarter=quarter_of(clock.now().date()),
    )
