"""What the buttons of the inbox and of push send."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, ValidationError
from wtforms.validators import InputRequired, Length

from app.core import clock
from app.core.forms import Form


class MarkForm(Form):
    """Read, or unread again."""

    is_read = BooleanField()


class MarkAllForm(Form):
    """Everything the page has shown."""

    until = HiddenField()

    def validate_until(self, field: HiddenField) -> None:
        """An instant with zone, as the page wrote it."""
        try:
            clock.parse_instant(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from error

    @property
    def instant(self) -> datetime:
        """Until when the page knew the inbox."""
        return clock.parse_instant(self.until.data)


NEEDED = InputRequired(_l("The browser did not say where it is reached. Reload the page."))


class DeviceForm(Form):
    """A browser's push address and keys, filled in by the script."""

    endpoint = HiddenField(validators=[NEEDED, Length(max=1000)])
    p256dh = HiddenField(validators=[NEEDED, Length(max=200)])
    auth = HiddenField(validators=[NEEDED, Length(max=100)])


class TitlesForm(Form):
    """What a locked screen may show."""

    shows_titles = BooleanField(_l("Show what the news is about"))
