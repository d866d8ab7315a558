"""Forms of the organizers' desk, and of members who say that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, ValidationError
from wtforms.fields import DateField
from wtforms.validators import InputRequired, Optional

from app.accounts.messages import shown_name
from app.accounts.models import Person
from app.core import clock
from app.mentoring.forms.base import OneOfMany
from app.mentoring.risk_words import OUTCOMES, PLAYS
from app.mentoring.rules.risks import LONGEST_REST

SPANS = (
    ("14", _l("Two weeks")),
    ("30", _l("One month")),
    ("60", _l("Two months")),
    ("90", _l("Three months")),
)


class OwnerForm(OneOfMany):
    """Who looks after a flag."""

    word = "owner"
    owner = SelectField(_l("Who looks after it"), [Optional()])

    def __init__(self, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named = [(str(person.id), shown_name(person)) for person in people]
        self.owner.choices = [("", _("Nobody yet")), *named]


class SnoozeForm(OneOfMany):
    """Until when a flag is put off."""

    word = "snooze"
    until = DateField(_l("Until"), [InputRequired(_l("Choose the day on which it comes back."))])

    def validate_until(self, field: Any) -> None:
        """A day to come, ninety days away at most."""
        today = clock.now().date()
        if field.data and not today < field.data <= today + LONGEST_REST:
            raise ValidationError(_("Choose a day to come, ninety days away at most."))


class PlayForm(OneOfMany):
    """What was done."""

    word = "play"
    play = RadioField(
        _l("What do you do?"),
        [InputRequired(_l("Choose what you do."))],
        choices=[(play.value, text) for play, text in PLAYS.items()],
    )
    writes = BooleanField(_l("Send the message of this play to everybody, in the same words"))


class OutcomeForm(OneOfMany):
    """What became of a flag."""

    word = "outcome"
    outcome = RadioField(
        _l("What became of it?"),
        [InputRequired(_l("Choose what became of it."))],
        choices=[(outcome.value, text) for outcome, text in OUTCOMES.items()],
    )


class FineForm(OneOfMany):
    """For how long nothing is asked."""

    word = "fine"
    days = RadioField(
        _l("For how long should nobody ask?"),
        [InputRequired(_l("Choose for how long."))],
        choices=list(SPANS),
        default="30",
    )

    @property
    def until(self) -> Any:
        """The last day of it."""
        return clock.now().date() + timedelta(days=int(self.days.data))
