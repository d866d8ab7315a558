"""What somebody needs, and the answer to it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import Length

from app.attendance.forms.words import NEEDS
from app.attendance.queries import Need
from app.attendance.rules import NeedKind
from app.core.forms import Form

LONGEST = 500
TOO_LONG = _l("Please keep it to 500 characters.")


class NeedsForm(Form):
    """All of it is optional."""

    kinds = SelectMultipleField(
        _l("What do you need?"), coerce=NeedKind, choices=list(NEEDS.items())
    )
    text = TextAreaField(
        _l("In your own words"), validators=[Length(max=LONGEST, message=TOO_LONG)]
    )

    @classmethod
    def of(cls, need: Need | None) -> NeedsForm:
        """Filled with what was said before."""
        return cls(data={"kinds": list(need.kinds), "text": need.text} if need else None)


class AnswerForm(Form):
    """Words to the person."""

    answer = TextAreaField(
        _l("Your words to the person"),
        validators=[Length(max=LONGEST, message=TOO_LONG)],
    )
