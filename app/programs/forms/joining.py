"""Which cohorts are matched together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.validators import DataRequired

from app.core.forms import Form


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


class TogetherForm(Form):
    """Other cohorts beside the one at hand."""

    cohorts = SelectMultipleField(
        _l("Match together with"),
        [DataRequired(_l("Choose at least one other cohort."))],
        coerce=_id,
    )


def together_form(choices: Iterable[tuple[UUID, str]], **more: Any) -> TogetherForm:
    """The form over the cohorts that can be chosen; nobody else's is among them."""
    form = TogetherForm(**more)
    form.cohorts.choices = list(choices)
    return form
