"""What all pages of plans share: the blueprint, the words, what the address asks for."""

from __future__ import annotations

from typing import Any

import flask

from app.budgets.forms import PURPOSES
from app.budgets.rules import Purpose
from app.core.locale import current_language
from app.ergs.models import Erg
from app.ergs.rules import pick_text
from app.plans import forms
from app.plans.queries import Wanted

bp = flask.Blueprint("plans", __name__)


def base(erg: Erg) -> dict[str, Any]:
    """The group and the words of all choices."""
    return {"erg": erg, "group": pick_text(erg.texts, current_language().tag), **words()}


def words() -> dict[str, Any]:
    """The words of all choices."""
    return {
        "purposes": PURPOSES,
        "plan_states": forms.PLAN_STATES,
        "initiative_states": forms.INITIATIVE_STATES,
        "answer_states": forms.ANSWER_STATES,
        "tones": forms.TONES,
    }


def wanted() -> Wanted:
    """What the address asks a list for."""
    args = flask.request.args
    purpose = args.get("purpose", "")
    return Wanted(
        q=args.get("q", "").strip(),
        purpose=Purpose(purpose) if purpose in list(Purpose) else None,
        state=args.get("state", ""),
        number=max(1, args.get("page", 1, type=int)),
    )
