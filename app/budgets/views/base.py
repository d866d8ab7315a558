"""What all pages of money share: the blueprint, the words, what the address asks for."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import flask

from app.budgets import forms
from app.budgets.queries import Wanted
from app.budgets.rules import EntryKind, Purpose, RequestState
from app.core.locale import current_language
from app.ergs.models import Erg
from app.ergs.rules import pick_text

bp = flask.Blueprint("budgets", __name__)
K = TypeVar("K", bound=StrEnum)


def base(erg: Erg) -> dict[str, Any]:
    """The group and the words of all choices."""
    return {
        "erg": erg,
        "group": pick_text(erg.texts, current_language().tag),
        "purposes": forms.PURPOSES,
        "states": forms.STATES,
        "tones": forms.TONES,
        "kinds": forms.KINDS,
        "line_name": forms.line_name,
    }


def wanted() -> Wanted:
    """What the address asks a list for."""
    args = flask.request.args
    return Wanted(
        q=args.get("q", "").strip(),
        state=_one_of(RequestState, "state"),
        purpose=_one_of(Purpose, "purpose"),
        kind=_one_of(EntryKind, "kind"),
        cycle_id=_id("cycle"),
        number=max(1, args.get("page", 1, type=int)),
    )


def _one_of(kind: type[K], name: str) -> K | None:
    value = flask.request.args.get(name, "")
    return kind(value) if value in list(kind) else None


def _id(name: str) -> UUID | None:
    try:
        return UUID(flask.request.args.get(name, ""))
    except ValueError:
        return None
