"""How an event repeats, and how one comes to every date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    NumberRange,
    Optional,
    ValidationError,
)

from app.core.forms import Form
from app.ergs.rules import Visibility
from app.events.forms.answer import QuestionsForm
from app.events.forms.words import CHOOSE, MODES, NEEDED, SHOWN_TO
from app.events.messages.series import sentence, weekday_name
from app.events.models import Series
from app.events.rules import Mode, questions_of
from app.events.rules.series import (
    LAST,
    Frequency,
    Recurrence,
    Repeats,
    is_last_of_month,
    nth_of,
)

MOST_TIMES, LONGEST_INTERVAL, WEEK = 500, 52, 7


class RepeatForm(Form):
    """The rule; the monthly choices are named after the first date."""

    every = RadioField(_l("How often?"), default="weekly", validators=[DataRequired(CHOOSE)])
    interval = IntegerField(
        _l("Every how many days, weeks, months or years?"),
        default=1,
        validators=[
            InputRequired(NEEDED),
            NumberRange(1, LONGEST_INTERVAL, _l("Enter a number from 1 to 52.")),
        ],
    )
    weekdays = SelectMultipleField(_l("On these days of the week"), coerce=int)
    ends = RadioField(
        _l("Until when?"),
        choices=[
            ("never", _l("Without an end")),
            ("until", _l("Until a day")),
            ("count", _l("For a number of dates")),
        ],
        default="never",
        validators=[DataRequired(CHOOSE)],
    )
    until = DateField(_l("Last day"), validators=[Optional()])
    count = IntegerField(
        _l("Number of dates"),
        validators=[
            Optional(),
            NumberRange(2, MOST_TIMES, _l("Enter a number from 2 to 500.")),
        ],
    )
    skips_holidays = BooleanField(_l("Skip holidays"))
    holiday_site = SelectField(_l("Whose holidays?"), validators=[Optional()])
    left_out = SelectMultipleField(_l("Leave out these dates"), validate_choice=False)

    first: date

    def prepare(self, first: date, sites: list[str]) -> None:
        """The choices that hang on the first date."""
        self.first = first
        self.every.choices = [
            (name, sentence(rule, first)) for name, rule in choices_from(first).items()
        ]
        self.weekdays.choices = [(day, weekday_name(day)) for day in range(WEEK)]
        chosen = self.holiday_site.data
        extra = [chosen] if chosen and chosen not in sites else []
        self.holiday_site.choices = [("", _("Those of everybody"))] + [
            (site, _("Those of everybody and of %(site)s", site=site)) for site in sites + extra
        ]

    def validate_ends(self, field: RadioField) -> None:
        """What an end needs must be there."""
        if field.data == "until" and self.until.data is None:
            raise ValidationError(_("Choose the last day."))
        if field.data == "count" and self.count.data is None:
            raise ValidationError(_("Enter how many dates there are."))

    def validate_weekdays(self, field: SelectMultipleField) -> None:
        """The first date belongs to it."""
        if self.every.data == "weekly" and field.data and self.first.weekday() not in field.data:
            name = weekday_name(self.first.weekday())
            raise ValidationError(
                _("The first date is a %(weekday)s. Choose it too.", weekday=name)
            )

    @property
    def rule(self) -> Recurrence | None:
        """The rule as far as it can be read."""
        base = choices_from(self.first).get(self.every.data or "")
        if base is None or not self.interval.data or self.interval.errors:
            return None
        days = tuple(sorted(self.weekdays.data or ()))
        if base.frequency is Frequency.WEEKLY and days:
            base = replace(base, weekdays=days)
        return replace(
            base,
            interval=self.interval.data,
            until=self.until.data if self.ends.data == "until" else None,
            count=self.count.data if self.ends.data == "count" else None,
        )

    @property
    def days_left_out(self) -> frozenset[date]:
        """Days that were ticked; what is no day is nothing."""
        return frozenset(found for text in self.left_out.data or () if (found := _day(text)))

    def repeats(self) -> Repeats:
        """What was entered, as the services take it."""
        rule = self.rule
        assert rule is not None
        return Repeats(
            rule, self.skips_holidays.data, self.holiday_site.data or "", self.days_left_out
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def choices_from(first: date) -> dict[str, Recurrence]:
    """The rules to choose from, all of which name the first date."""
    weekday = (first.weekday(),)
    found = {
        "daily": Recurrence(Frequency.DAILY),
        "weekly": Recurrence(Frequency.WEEKLY, weekdays=weekday),
        "monthly": Recurrence(Frequency.MONTHLY, month_day=first.day),
    }
    if is_last_of_month(first):
        found["month_end"] = Recurrence(Frequency.MONTHLY, month_day=LAST)
    nth = nth_of(first)
    found["weekday"] = Recurrence(Frequency.MONTHLY, weekdays=weekday, nth=nth)
    if nth != LAST and first.day + WEEK > last_day_of(first):
        found["last_weekday"] = Recurrence(Frequency.MONTHLY, weekdays=weekday, nth=LAST)
    found["yearly"] = Recurrence(Frequency.YEARLY)
    return found


def last_day_of(day: date) -> int:
    """How many days its month has."""
    return next(number for number in (31, 30, 29, 28) if _exists(day, number))


def _exists(day: date, number: int) -> bool:
    try:
        day.replace(day=number)
    except ValueError:
        return False
    return True


def filled_with(rule: Recurrence, first: date) -> dict[str, Any]:
    """The fields of a rule that exists."""
    bare = replace(rule, interval=1, count=None, until=None)
    if bare.frequency is Frequency.WEEKLY:
        every = "weekly"
    else:
        known = {made: name for name, made in choices_from(first).items()}
        every = known.get(bare, bare.frequency.value)
    ends = "count" if rule.count else "until" if rule.until else "never"
    return {
        "every": every,
        "interval": rule.interval,
        "weekdays": list(rule.weekdays) if bare.frequency is Frequency.WEEKLY else [],
        "ends": ends,
        "until": rule.until,
        "count": rule.count,
    }


class EveryDateForm(QuestionsForm):
    """How one comes to every date, and what the organizers ask, once for all of them."""

    mode = RadioField(_l("How will you take part?"), coerce=Mode, validators=[DataRequired(CHOOSE)])
    guests = IntegerField(
        _l("Guests you bring"),
        default=0,
        validators=[Optional(), NumberRange(0, 99, _l("Enter a number from 0 on."))],
    )
    visibility = SelectField(
        _l("Who may see that you are coming?"),
        coerce=Visibility,
        choices=list(SHOWN_TO.items()),
        default=Visibility.LEADS,
        validators=[Optional()],
    )

    @classmethod
    def of(cls, series: Series, subscription: Any = None) -> EveryDateForm:
        """The form of one series, filled with what holds."""
        capacity = {Mode.IN_PERSON: series.seats_in_person, Mode.ONLINE: series.seats_online}
        modes = [mode for mode in Mode if capacity[mode] != 0]
        form = cls.asking(tuple(questions_of(series.event.questions)))(
            data={
                "mode": subscription.mode if subscription else next(iter(modes), None),
                "guests": subscription.guests if subscription else 0,
                "visibility": subscription.visibility if subscription else Visibility.LEADS,
            }
        )
        form.mode.choices = [(mode, MODES[mode]) for mode in modes]
        form.guests.validators[1].max = series.event.guest_limit
        return form
