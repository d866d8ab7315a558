"""Forms of the conversation: a message, second thoughts about it, what was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from app.core import clock
from app.core.forms import Form
from app.mentoring.forms.base import OneOfMany
from app.mentoring.rules.messages import LONGEST_KEY, LONGEST_MESSAGE

WORDS = [
    InputRequired(_l("Write something first.")),
    Length(max=LONGEST_MESSAGE, message=_l("A message has at most 4,000 characters.")),
]


def instant_in(text: str | None) -> datetime | None:
    """The instant that a page wrote down; None when it is no instant."""
    try:
        return clock.parse_instant(text or "")
    except ValueError:
        return None


class MessageForm(OneOfMany):
    """What one writes; `key` names this one act of sending, `seen` up to where one has read."""

    word = "message"
    text = TextAreaField(_l("Your message"), WORDS)
    key = HiddenField(validators=[InputRequired(), Length(max=LONGEST_KEY)])
    seen = HiddenField()

    @property
    def seen_up_to(self) -> datetime | None:
        """The newest message that the page showed."""
        return instant_in(self.seen.data)


class ChangeForm(OneOfMany):
    """One's own words, once more."""

    word = "change"
    text = TextAreaField(_l("Your message"), WORDS)


class ReadForm(Form):
    """Everything up to here was read."""

    until = HiddenField()

    def validate_until(self, field: Any) -> None:
        """An instant with zone, as the page wrote it."""
        if instant_in(field.data) is None:
            raise ValidationError(_("Something changed meanwhile. Reload the page."))

    @property
    def instant(self) -> datetime:
        """The newest message that the page showed."""
        return clock.parse_instant(self.until.data)
