"""What people choose about entries and reminders."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from app.core.forms import Form
from app.events.queries.entries import Choices
from app.events.rules.reminding import OFFSETS

WORDS = {"usual": None, "neutral": True, "full": False}
AHEAD = {
    10_080: _l("A week before"),
    4_320: _l("Three days before"),
    1_440: _l("A day before"),
    180: _l("Three hours before"),
    60: _l("An hour before"),
    15: _l("A quarter of an hour before"),
}


class UsualForm(Form):
    """For all entries of a person."""

    is_discreet = BooleanField(_l("Neutral words in my calendar"))
    wants_summary = BooleanField(_l("One email each morning instead of single reminders"))


class EntryForm(Form):
    """For one entry of a person."""

    wording = RadioField(
        _l("In your calendar"),
        choices=[
            SelectChoice("usual", _l("As I usually want it")),
            SelectChoice("neutral", _l("Neutral words: only when it is")),
            SelectChoice("full", _l("The title and the place")),
        ],
    )
    is_silent = BooleanField(_l("No reminders for this event"))

    @classmethod
    def of(cls, chosen: Choices) -> EntryForm:
        """As it is now."""
        kept = {value: name for name, value in WORDS.items()}
        return cls(
            formdata=None, wording=kept[chosen.entry_is_discreet], is_silent=chosen.is_silent
        )


class RemindersForm(Form):
    """When those who go are reminded, as the organizers choose."""

    minutes = SelectMultipleField(
        _l("Remind everybody who goes"),
        coerce=int,
        choices=[SelectChoice(minutes, AHEAD[minutes]) for minutes in OFFSETS],
        render_kw={"class": "choices"},
    )
