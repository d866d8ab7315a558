"""Why a file is not taken, and the check that a form makes before anything is written."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from app.core.errors import Refused
from app.core.files.kinds import Problem

PROBLEMS = {
    Problem.EMPTY: _l("This file is empty. Choose another one."),
    Problem.TOO_LARGE: _l("This file is too large. Make it smaller or split it."),
    Problem.QUOTA: _l(
        "The group has no room left for this file. Remove something, or ask your administrator."
    ),
    Problem.UNKNOWN: _l(
        "This kind of file is not taken. Use PDF, PNG, JPEG, WebP, GIF, text, CSV, or an "
        "Office document without macros."
    ),
    Problem.MISNAMED: _l("The file is not what its name says. Save it again under its right kind."),
    Problem.BROKEN: _l("This file cannot be read. Save it again and try once more."),
    Problem.BOMB: _l(
        "This file would become far too large when opened. Save it in a smaller size."
    ),
    Problem.MACROS: _l("This document contains macros. Save it without them and try again."),
}


def refusal(problem: Problem) -> Refused:
    """The refusal to raise; the text says why and what next."""
    return Refused(str(PROBLEMS[problem]), 422)


def accepted(_form: Any, field: Any) -> None:
    """A validator for file fields: an upload of a kind and size that is taken, or none."""
    from app.core.files.storing import check  # storing raises what this module words

    if not field.data:
        return
    problem = check(field.data)
    if problem is not None:
        raise ValidationError(str(PROBLEMS[problem]))
