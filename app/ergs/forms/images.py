"""What leads enter about the picture of a group."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.core.files import PROBLEMS, Problem, accepted
from app.core.forms import Form
from app.ergs.rules import MAX_ALT


class PictureForm(Form):
    """A picture and what it shows."""

    file = FileField(_l("Picture"), validators=[accepted])
    alt = StringField(
        _l("What the picture shows"),
        validators=[
            DataRequired(_l("Please say in a few words what the picture shows.")),
            Length(max=MAX_ALT, message=_l("This is too long. Please shorten it.")),
        ],
    )


def problem_text(problem: str | None) -> Any:
    """Why a picture could not be drawn."""
    known = problem if problem in list(Problem) else Problem.BROKEN
    return PROBLEMS[Problem(known)]
