"""The form of the agreement."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.mentoring.forms.base import OneOfMany
from app.mentoring.forms.notes import number_of


class AgreementForm(OneOfMany):
    """What the members add to the agreement in their own words."""

    word = "agreement"
    text = TextAreaField(_l("What else do you agree on?"), [Length(max=4000)])
    revision = HiddenField()

    @property
    def seen_revision(self) -> int:
        """The revision that was on the page."""
        return number_of(self.revision.data)
