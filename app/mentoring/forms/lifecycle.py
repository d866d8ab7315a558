"""Forms of how a relationship goes on and ends."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField, ValidationError
from wtforms.fields import DateField
from wtforms.validators import InputRequired, Length, Optional

from app.core import clock
from app.core.forms import Form
from app.mentoring.forms.base import OneOfMany
from app.mentoring.labels import ENDINGS
from app.mentoring.rules import LONGEST_PAUSE, InThePause


class PauseForm(OneOfMany):
    """Until when a pair rests, and what becomes of sessions before that day."""

    word = "pause"
    until = DateField(_l("Until"), [InputRequired(_l("Choose the day on which you go on."))])
    in_the_pause = RadioField(
        _l("Sessions that fall into the pause"),
        [Optional()],
        choices=[
            (InThePause.MOVE.value, _l("Move them behind the pause, at the same hour")),
            (InThePause.CANCEL.value, _l("Cancel them")),
        ],
    )

    def validate_until(self, field: Any) -> None:
        """A day to come, sixty days away at most."""
        today = clock.now().date()
        if field.data and not today < field.data <= today + LONGEST_PAUSE:
            raise ValidationError(_("Choose a day to come, sixty days away at most."))


class LookBackForm(OneOfMany):
    """The last word of a member."""

    word = "look-back"
    own_text = TextAreaField(
        _l("What did you reach, and what do you take along?"), [Length(max=4000)]
    )
    thanks = TextAreaField(_l("What do you want to say to your partner?"), [Length(max=2000)])

    def validate_own_text(self, field: Any) -> None:
        """Something, in one of the two fields."""
        if not (field.data or "").strip() and not (self.thanks.data or "").strip():
            raise ValidationError(_("Write a few words in one of the two fields."))


class HandoverForm(OneOfMany):
    """A mentor's note for the next mentor."""

    word = "handover"
    text = TextAreaField(
        _l("What should the next mentor know?"),
        [InputRequired(_l("Write the note first.")), Length(max=4000)],
    )


class EndingForm(Form):
    """Why organizers end a pair."""

    code = RadioField(
        _l("Why does this pair end?"),
        [InputRequired(_l("Choose a reason."))],
        choices=[(code.value, text) for code, text in ENDINGS.items()],
    )
