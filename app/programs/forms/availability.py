"""What somebody in the pool has time for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, ValidationError
from wtforms.fields import DateField
from wtforms.validators import NumberRange, Optional

from app.core import clock
from app.core.forms import Form
from app.programs.models import Enrollment
from app.programs.rules import Role


class AvailabilityForm(Form):
    """What somebody in the pool has time for."""

    capacity = IntegerField(
        _l("How many people at a time?"),
        validators=[Optional(), NumberRange(0, 20, _l("Enter a number from 0 to 20."))],
    )
    takes_no_more = BooleanField(_l("Nobody more for now"))
    paused_until = DateField(_l("Pause until"), validators=[Optional()])

    @classmethod
    def of(cls, enrollment: Enrollment) -> AvailabilityForm:
        """The form as things stand; only mentors have places."""
        form = cls(
            data={
                "capacity": enrollment.capacity,
                "takes_no_more": enrollment.takes_no_more,
                "paused_until": enrollment.paused_until,
            }
        )
        if enrollment.role is not Role.MENTOR:
            del form.capacity
        return form

    def validate_paused_until(self, field: DateField) -> None:
        """A pause ends on a day to come."""
        if field.data and field.data <= clock.now().date():
            raise ValidationError(_("Choose a day to come as the end of your pause."))

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        capacity = self.capacity.data if "capacity" in self else None
        return {
            "capacity": 1 if capacity is None else capacity,
            "takes_no_more": self.takes_no_more.data,
            "paused_until": self.paused_until.data,
        }
