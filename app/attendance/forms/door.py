"""Codes, names and guests at the door."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.core.forms import Form
from app.events.forms import MODES
from app.events.models import Occurrence
from app.events.rules import Mode

NEEDED = _l("This is needed.")


class CodeForm(Form):
    """A code read from somebody's phone."""

    code = StringField(
        _l("Code of the person"),
        validators=[DataRequired(NEEDED), Length(max=60, message=_l("That is too long."))],
    )


class RoomForm(Form):
    """The six digits on the screen."""

    digits = StringField(
        _l("Code on the screen"),
        validators=[DataRequired(NEEDED), Length(max=20, message=_l("That is too long."))],
    )
    mode = RadioField(
        _l("How do you take part?"),
        coerce=Mode,
        choices=list(MODES.items()),
        validators=[Optional()],
    )

    @classmethod
    def of(cls, occurrence: Occurrence) -> RoomForm:
        """With the ways of taking part that are open."""
        form = cls(data={"mode": next(iter(occurrence.modes), Mode.IN_PERSON)})
        form.mode.choices = [(mode, MODES[mode]) for mode in occurrence.modes]
        return form


class GuestsForm(Form):
    """How many of the guests came along."""

    guests = IntegerField(
        _l("Guests who came"),
        validators=[
            InputRequired(NEEDED),
            NumberRange(0, 99, _l("Enter a number from 0 on.")),
        ],
    )


class WalkInForm(Form):
    """Somebody found by name."""

    person = StringField(validators=[DataRequired(NEEDED)])
    mode = RadioField(coerce=Mode, choices=[(m, m) for m in Mode], validators=[Optional()])

    @property
    def person_id(self) -> UUID | None:
        """The person, if it is one."""
        try:
            return UUID(self.person.data or "")
        except ValueError:
            return None
