"""What the inbox's buttons send."""

from __future__ import annotations

from datetime import datetime

from wtforms import BooleanField, HiddenField, ValidationError

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
