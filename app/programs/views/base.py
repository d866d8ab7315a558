"""The blueprint, and what all templates of programs may use."""

from __future__ import annotations

from typing import Any

import flask

from app.accounts.messages import shown_name
from app.programs.labels import FORMATS, WHO_SEES, role_label, state_label, state_tone
from app.programs.texts import told

bp = flask.Blueprint("programs", __name__, url_prefix="/programs")
bp.add_app_template_filter(told, "told")
bp.add_app_template_filter(shown_name, "shown_name")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "formats": FORMATS, "who_sees": WHO_SEES, "role_label": role_label,
        "state_label": state_label, "state_tone": state_tone,
    }


def page_number() -> int:
    """The page asked for."""
    return flask.request.args.get("page", 1, type=int)
