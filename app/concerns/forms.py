"""Input of concerns, made clean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.messages import shown_name
from app.accounts.models import Person
from app.concerns.labels import CHOICES, MONTHS
from app.concerns.rules import LONGEST_TEXT, OF_PAIR, Outcome
from app.concerns.services.contact import Stop, WayChanged
from app.core.forms import Form
from app.mentoring.forms import OneOfMany
from app.mentoring.labels import KIND_WORDS
from app.mentoring.models import Relationship
from app.mentoring.rules import RelationshipState


def _text(label: Any) -> TextAreaField:
    asked = _l("Write something first.")
    return TextAreaField(label, [InputRequired(asked), Length(max=LONGEST_TEXT)])


def _choices(people: Iterable[Person]) -> list[tuple[str, str]]:
    return [(str(person.id), shown_name(person)) for person in people]


class RaiseForm(Form):
    """What is wrong, who may read it, and whether contact stops."""

    text = _text(_l("What happened, or what worries you?"))
    readers = SelectMultipleField(_l("Who reads this"))
    stops = BooleanField()
    way = HiddenField()

    def __init__(self, people: list[Person], way_now: Stop | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.way_now = way_now
        self.readers.choices = _choices(people)
        if not self.is_submitted():
            self.readers.data = [value for value, _name in self.readers.choices]

    def validate_stops(self, field: Any) -> None:
        """Contact stops in the way that was shown, or not before the person read the other."""
        if field.data and self.way_now and self.way.data != self.way_now:
            raise ValidationError(WayChanged().message)

    def validate_readers(self, field: Any) -> None:
        """One at least."""
        if not field.data:
            raise ValidationError(_("Choose at least one person."))


class WordsForm(Form):
    """Something to add."""

    text = _text(_l("What do you want to add?"))


class NoteForm(OneOfMany):
    """A handler's note for the readers."""

    word = "note"
    text = _text(_l("Note"))


class AnswerForm(OneOfMany):
    """A handler's answer to the person."""

    word = "answer"
    text = _text(_l("Your words"))


class PersonForm(Form):
    """One of a few people."""

    person = RadioField(_l("Who?"), [InputRequired(_l("Choose a person."))])

    def __init__(self, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person.choices = _choices(people)


class DecisionForm(OneOfMany):
    """What was decided, in words for the person; for an ending what both read."""

    word = "decision"
    outcome = RadioField(_l("What do you decide?"), [InputRequired(_l("Choose a decision."))])
    code = RadioField(_l("If you end the relationship: the words that both read"), [Optional()])
    text = _text(_l("What do you say to the person who raised this?"))

    def __init__(
        self, pair: Relationship | None, way_to_stop: Stop | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        missing = set() if pair is not None else set(OF_PAIR)
        if pair is not None and pair.state is RelationshipState.TRIAL:
            missing.add(Outcome.CONTACT_LIFTED)
        if way_to_stop is not Stop.REST:
            missing.add(Outcome.CONTACT_RESTS)
        self.outcome.choices = [
            (one.value, words) for one, words in CHOICES.items() if one not in missing
        ]
        self.code.choices = [(code.value, words) for code, words in KIND_WORDS.items()]
        if pair is None:
            del self.code

    def validate_outcome(self, field: Any) -> None:
        """An ending needs the words that both read."""
        if field.data == Outcome.PAIR_ENDED and not self.code.data:
            raise ValidationError(_("Choose also the words that both read."))


class AppointForm(Form):
    """Who is to become a handler."""

    person_id = HiddenField()


class SettingForm(Form):
    """What people see when no handler can read, and how long closed concerns are kept."""

    outside = TextAreaField(
        _l("Whom can people turn to outside?"),
        [Length(max=500)],
        description=_l(
            "A telephone number or address, as people see it when nobody here can read."
        ),
    )
    kept_months = SelectField(
        _l("How long is a closed concern kept?"),
        choices=[(str(months), words) for months, words in MONTHS.items()],
    )
