"""What sponsors promise and say about it, and what people write through the relay."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.core import clock
from app.core.forms import Form
from app.ergs.forms.words import REFUSED_CHOICE
from app.ergs.rules import MAX_REASON
from app.ergs.rules.relay import MAX_MESSAGE
from app.ergs.rules.sponsor import CommitmentKind, CommitmentState

KINDS = {
    CommitmentKind.HOURS: _l("Hours a month for the group"),
    CommitmentKind.MENTORS_ONE: _l("Mentors one person"),
    CommitmentKind.OPENS_KICKOFF: _l("Opens the kickoff"),
    CommitmentKind.OTHER: _l("Something else"),
}

KEPT = {
    CommitmentState.OPEN: _l("Open"),
    CommitmentState.KEPT: _l("Kept"),
    CommitmentState.NOT_KEPT: _l("Not kept"),
}


class CommitmentForm(Form):
    """A promise with its day."""

    kind = SelectField(
        _l("What do you promise?"),
        coerce=CommitmentKind,
        choices=list(KINDS.items()),
        validators=[InputRequired(REFUSED_CHOICE)],
    )
    hours = IntegerField(
        _l("Hours a month"),
        validators=[
            Optional(),
            NumberRange(1, 80, message=_l("Enter between 1 and 80 hours.")),
        ],
    )
    text = StringField(
        _l("In your own words"),
        validators=[Length(max=200, message=_l("Please keep it under 200 characters."))],
    )
    due_on = DateField(_l("By when?"), validators=[InputRequired(_l("Choose a day."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """Hours need a number, which the field itself cannot ask for: it may be left out."""
        is_fine = super().validate(extra_validators)
        if self.kind.data is CommitmentKind.HOURS and not self.hours.data:
            self.hours.errors = [*(self.hours.errors or ()), _l("Enter between 1 and 80 hours.")]
            return False
        return bool(is_fine)

    def validate_text(self, field: StringField) -> None:
        """Something else needs words."""
        if self.kind.data is CommitmentKind.OTHER and not field.data:
            raise ValidationError(_l("Please say in a sentence what you promise."))

    def validate_due_on(self, field: DateField) -> None:
        """A promise lies ahead."""
        if field.data and field.data < clock.now().date():
            raise ValidationError(_l("Choose a day that is still to come."))


class MarkForm(Form):
    """Whether a promise was kept."""

    to = RadioField(
        _l("Did you keep it?"),
        coerce=CommitmentState,
        choices=[
            (CommitmentState.KEPT, KEPT[CommitmentState.KEPT]),
            (CommitmentState.NOT_KEPT, KEPT[CommitmentState.NOT_KEPT]),
        ],
        validators=[DataRequired(REFUSED_CHOICE)],
    )
    note = TextAreaField(
        _l("A word about it"),
        validators=[Length(max=MAX_REASON, message=_l("Please keep it under 500 characters."))],
    )

    def validate_note(self, field: TextAreaField) -> None:
        """What was not kept is explained."""
        if self.to.data is CommitmentState.NOT_KEPT and not (field.data or "").strip():
            raise ValidationError(_l("Please say in a sentence why it was not kept."))


class MessageForm(Form):
    """A short message."""

    text = TextAreaField(
        _l("Message"),
        validators=[
            DataRequired(_l("Please write something.")),
            Length(max=MAX_MESSAGE, message=_l("Please keep it under 1,000 characters.")),
        ],
    )
