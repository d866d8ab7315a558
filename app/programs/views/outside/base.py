"""The blueprint, and what its templates may use besides the words of programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask_babel import gettext as _

from app.accounts.models import Person
from app.accounts.rules import PersonKind
from app.core.database import reading
from app.programs.outside.forms import STATES
from app.programs.queries.outside import origins
from app.programs.views.base import words

bp = flask.Blueprint("outside", __name__, url_prefix="/outside")
bp.context_processor(words)


@bp.context_processor
def _states() -> dict[str, Any]:
    choices = [(state.value, label) for state, (label, _tone) in STATES.items()]
    return {"invitation_states": STATES, "state_choices": choices}


@bp.app_template_global()
def from_where(person: Person, cohort_id: UUID) -> str | None:
    """From where a mentor comes who is no colleague; None for colleagues.

    Partners are read once a page and cohort, and only where somebody comes from outside.
    """
    if person.kind is not PersonKind.EXTERNAL:
        return None
    known = flask.g.setdefault("origins", {})
    if cohort_id not in known:
        known[cohort_id] = origins(reading(), cohort_id)
    partner = known[cohort_id].get(person.id)
    return _("From %(partner)s", partner=partner) if partner else _("From outside the company")
