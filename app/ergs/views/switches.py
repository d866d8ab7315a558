"""The switches of a group, and the group as others see it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import flask
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import reading, writing
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.ergs import policies, queries, services
from app.ergs.forms.groups import PERSONAS, SwitchesForm
from app.ergs.models import Erg
from app.ergs.rules import ErgState, Persona, Switches, switches_of, would_unshield
from app.ergs.views.base import bp, text_of
from app.ergs.views.preview import seen_as


@bp.get("/<slug>/switches/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def switches(erg: Erg) -> flask.Response:
    """The switches, each explained, beside what somebody else would see."""
    form = SwitchesForm.of(erg)
    return page("ergs/switches.html", fragment="ergs/_preview.html", **_shown(erg, form))


def _shown(erg: Erg, form: SwitchesForm) -> dict[str, Any]:
    args, held = flask.request.args, switches_of(erg)
    viewer = args.get("viewer", "")
    persona = Persona(viewer) if viewer in list(Persona) else Persona.COLLEAGUE
    tried = SwitchesForm.of(erg, args) if "discovery" in args else None
    wanted = tried.switches if tried is not None and tried.validate() else held
    return {
        "erg": erg,
        "text": text_of(erg),
        "form": form,
        "personas": PERSONAS,
        "persona": persona,
        "lines": seen_as(reading(), erg, persona, wanted),
        "is_tried": wanted != held,
        "is_refused": would_unshield(erg.state, held, wanted),
        "is_bound": held.is_sensitive and erg.state is not ErgState.DRAFT,
    }


@bp.post("/<slug>/switches/")
@guarded_by(policies.may_shape, find=queries.erg_for)
def set_switches(erg: Erg) -> Response:
    """Save the switches."""
    form = SwitchesForm()
    if not form.validate_on_submit() or _is_bound(erg, form):
        return invalid("ergs/switches.html", **_shown(erg, form))
    return _switched(erg, form.switches)


def _is_bound(erg: Erg, form: SwitchesForm) -> bool:
    """Whether members count on what this would take away; said at the field that would."""
    held = switches_of(erg)
    if not would_unshield(erg.state, held, form.switches):
        return False
    loses_word = held.says_sensitive and not form.switches.says_sensitive
    field = form.says_sensitive if loses_word else form.roster
    field.errors = [
        _("People joined this group because it is confidential. This change cannot be saved.")
    ]
    return True


@bp.post("/<slug>/switches/undo")
@guarded_by(policies.may_shape, find=queries.erg_for)
def restore_switches(erg: Erg) -> Response:
    """Take the last change back: the address says what held before."""
    form = SwitchesForm.of(erg, flask.request.args)
    if not form.validate():
        flask.abort(400)
    return _switched(erg, form.switches)


def _switched(erg: Erg, wanted: Switches) -> Response:
    actor_id, erg_id, slug = current_actor().person_id, erg.id, erg.slug
    before, state = switches_of(erg), erg.state
    with writing() as db:
        services.set_switches(db, actor_id, erg_id=erg_id, switches=wanted)
    may_go_back = before != wanted and not would_unshield(state, wanted, before)
    return done(
        _("Saved. It holds from now on, everywhere."),
        to=flask.url_for(".switches", slug=slug),
        undo=_way_back(slug, before) if may_go_back else None,
    )


def _way_back(slug: str, before: Switches) -> str:
    values = {name: value for name, value in asdict(before).items() if value is not False}
    if before.says_sensitive:
        values["says_sensitive"] = "y"
    return flask.url_for(".restore_switches", slug=slug, **values)
