"""A holiday as administrators enter it."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.core.forms import Form
from app.holidays.rules import LONGEST

NEEDED = _l("This is needed.")


class HolidayForm(Form):
    """First and last day, a name, and whose day off it is."""

    name = StringField(_l("Name"), validators=[DataRequired(NEEDED), Length(max=120)])
    starts_on = DateField(_l("First day"), validators=[InputRequired(NEEDED)])
    ends_on = DateField(_l("Last day"), validators=[Optional()])
    site = StringField(_l("Site"), validators=[Length(max=200)])

    def validate_ends_on(self, field: DateField) -> None:
        """In order, and no longer than people are away."""
        if field.data is None or self.starts_on.data is None:
            return
        if not 0 <= (field.data - self.starts_on.data).days < LONGEST:
            raise ValidationError(_("The last day comes after the first, and within two months."))
