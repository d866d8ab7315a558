"""Editing a group: its words, its looks, its life."""

from __future__ import annotations

from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import used_zones
from app.core.database import reading, writing
from app.core.locale import LANGUAGES
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries, services
from app.ergs.forms import groups as forms
from app.ergs.models import Erg
from app.ergs.rules import ERG_TRANSITIONS, PUBLISHED, ErgState
from app.ergs.views.base import bp, text_of

DONE = {
    ErgState.ACTIVE: lambda: _("The group is active. People can find it and join."),
    ErgState.DORMANT: lambda: _("The group is resting. Nobody new can join until it wakes."),
    ErgState.ARCHIVED: lambda: _("The group is archived. Its future events are canceled."),
}


@bp.get("/<slug>/edit/")
@guarded_by(policies.may_move, find=queries.erg_for)
def edit(erg: Erg) -> flask.Response:
    """Everything that can be changed about a group."""
    return page("ergs/edit.html", **_edited(erg))


def _edited(erg: Erg, form: forms.LooksForm | None = None) -> dict[str, Any]:
    by_locale = {text.locale: text for text in erg.texts}
    return {
        "erg": erg,
        "text": text_of(erg),
        "form": form or forms.LooksForm.of(erg),
        "zones": used_zones(reading()),
        "texts": [(LANGUAGES[tag], by_locale.get(tag)) for tag in queries.WRITTEN_IN],
        "text_states": forms.TEXT_STATES,
        **_life(erg),
    }


def _life(erg: Erg) -> dict[str, Any]:
    return {
        "erg": erg,
        "states": forms.STATES,
        "tones": forms.STATE_TONES,
        "next_states": ERG_TRANSITIONS[erg.state],
        "lacks": [forms.LACKS[lack] for lack in queries.lacks_of(reading(), erg)],
    }


@bp.post("/<slug>/edit/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def restyle(erg: Erg) -> Response:
    """Change time zone and color."""
    form = forms.LooksForm()
    if not form.validate_on_submit():
        return invalid("ergs/edit.html", **_edited(erg, form))
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    with writing() as db:
        services.restyle(db, actor_id, erg_id=erg_id, zone=form.zone.data, color=form.color.data)
    return done(_("Saved."), to=flask.url_for(".edit", slug=slug))


@bp.get("/<slug>/texts/<locale>/")
@guarded_by(policies.may_write, find=queries.writing_for)
def text(draft: queries.Writing) -> flask.Response:
    """The words in one language beside the original."""
    return page("ergs/text.html", **_writing(draft, forms.TextForm.of(draft.own)))


def _writing(draft: queries.Writing, form: forms.TextForm) -> dict[str, Any]:
    source = queries.source_of(draft.erg)
    is_source = draft.own is not None and draft.own is source
    return {
        "erg": draft.erg,
        "text": text_of(draft.erg),
        "form": form,
        "language": LANGUAGES[draft.locale],
        "own": draft.own,
        "source": None if is_source else source,
        "text_states": forms.TEXT_STATES,
        "has_translations": is_source and len(draft.erg.texts) > 1,
    }


@bp.post("/<slug>/texts/<locale>/")
@guarded_by(policies.may_write, find=queries.writing_for)
def write_text(draft: queries.Writing) -> Response:
    """Save the words in one language."""
    form = forms.TextForm()
    if not form.validate_on_submit():
        return invalid("ergs/text.html", **_writing(draft, form))
    actor_id, erg_id, locale = current_actor().person_id, draft.erg.id, draft.locale
    slug, words = draft.erg.slug, form.words
    with writing() as db:
        services.write_text(db, actor_id, erg_id=erg_id, locale=locale, words=words)
    return done(
        _("The words in %(language)s are saved.", language=LANGUAGES[locale].name),
        to=flask.url_for(".edit", slug=slug),
    )


@bp.post("/<slug>/state/<to>")
@guarded_by(policies.may_turn, find=queries.turn_for)
def turn(turn: queries.Turn) -> Response:
    """Start a group, let it rest, wake it."""
    return _turned(turn.erg, turn.to)


def _turned(erg: Erg, to: ErgState) -> Response:
    actor_id, erg_id, slug, before = current_actor().person_id, erg.id, erg.slug, erg.state
    with writing() as db:
        services.change_state(db, actor_id, erg_id=erg_id, to=to)
    goes_back = before in PUBLISHED and to in PUBLISHED
    return done(
        DONE[to](),
        to=flask.url_for(".edit", slug=slug),
        undo=flask.url_for(".turn", slug=slug, to=before) if goes_back else None,
    )


@bp.get("/<slug>/archive/")
@guarded_by(policies.may_move, find=queries.erg_for)
def farewell(erg: Erg) -> flask.Response:
    """What archiving means, before it is done."""
    return page("ergs/archive.html", erg=erg, text=text_of(erg))


@bp.post("/<slug>/archive/")
@guarded_by(policies.may_move, find=queries.erg_for)
def archive(erg: Erg) -> Response:
    """Archive the group for good."""
    if flask.request.form.get("confirmed") != "y":
        return invalid("ergs/archive.html", erg=erg, text=text_of(erg), is_unconfirmed=True)
    return _turned(erg, ErgState.ARCHIVED)
