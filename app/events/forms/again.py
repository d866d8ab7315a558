"""Whether a new event repeats: the common rules, next to everything else that is asked once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField
from wtforms.validators import Optional, ValidationError

from app.core.forms import Form
from app.events.forms.series import choices_from
from app.events.rules.series import Recurrence, Repeats, is_last_of_month

IN_EVERY_MONTH = 28
# The rule of each choice by its name among all rules of a first date, and every how many.
RULES = {
    "weekly": ("weekly", 1),
    "fortnightly": ("weekly", 2),
    "weekday": ("weekday", 1),
    "monthly": ("monthly", 1),
    "month_end": ("month_end", 1),
}


class AgainForm(Form):
    """How often a new event takes place; the day of the event is the first date."""

    again = RadioField(
        _l("How often?"),
        choices=[
            ("", _l("Once")),
            ("weekly", _l("Every week, on the same day of the week")),
            ("fortnightly", _l("Every other week, on the same day of the week")),
            ("weekday", _l("Every month, on the same day of the week, such as the second Tuesday")),
            ("monthly", _l("Every month, on the same date")),
            ("month_end", _l("Every month, on its last day")),
        ],
        default="",
        validators=[Optional()],
    )
    again_until = DateField(_l("Last day"), validators=[Optional()])
    again_skips = BooleanField(_l("Skip holidays"))

    first: date | None = None

    @classmethod
    def of(cls, first: date | None) -> AgainForm:
        """The form beside an event on that day."""
        form = cls()
        form.first = first
        return form

    def validate_again(self, field: RadioField) -> None:
        """The rule must name the first date, and mean every month when it says so."""
        if self.first is None or not field.data:
            return
        if field.data == "month_end" and not is_last_of_month(self.first):
            raise ValidationError(
                _("The day of the event is not the last one of its month. Change one of the two.")
            )
        if field.data == "monthly" and self.first.day > IN_EVERY_MONTH:
            raise ValidationError(
                _(
                    "Not every month has a day %(number)s. "
                    "Choose the last day of the month or a day of the week.",
                    number=self.first.day,
                )
            )

    def validate_again_until(self, field: DateField) -> None:
        """There is a second date before the end."""
        rule = None if self.again.errors else self.rule
        if rule is None or self.first is None:
            return
        if len(list(islice(rule.days(self.first), 2))) == 1:
            raise ValidationError(
                _("With this end there is only one date. Choose a later end, or none.")
            )

    @property
    def rule(self) -> Recurrence | None:
        """The rule that was chosen, once the first date is known."""
        if self.first is None or self.again.data not in RULES:
            return None
        name, interval = RULES[self.again.data]
        base = choices_from(self.first).get(name)
        return base and replace(base, interval=interval, until=self.again_until.data)

    def repeats(self) -> Repeats | None:
        """What was entered, as the services take it; None when it takes place once."""
        rule = self.rule
        return Repeats(rule, self.again_skips.data, "", frozenset()) if rule else None
