"""How people answer an event: who decides, until when, what they are asked; and reasons."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core import ids
from app.core.forms import Form
from app.events.forms.words import NEEDED
from app.events.models import Event
from app.events.rules import Question, QuestionKind, questions_of
from app.events.rules.answers import MOST_QUESTIONS

CLOSING = {
    "": _l("When the event ends"),
    "0": _l("When the event starts"),
    "60": _l("1 hour before the start"),
    "180": _l("3 hours before the start"),
    "720": _l("12 hours before the start"),
    "1440": _l("1 day before the start"),
    "2880": _l("2 days before the start"),
    "10080": _l("1 week before the start"),
}
QUESTION_KINDS = {
    QuestionKind.TEXT: _l("A few words"),
    QuestionKind.YES_NO: _l("Yes or no"),
    QuestionKind.CHOICE: _l("One of several choices"),
}
MOST_OPTIONS, LONGEST_OPTION = 12, 80
FIELDS = ("text", "kind", "options", "purpose", "readers", "required")


class AnsweringForm(Form):
    """Who decides, until when, and up to six questions."""

    needs_approval = BooleanField(_l("The organizers decide who comes"))
    closes = SelectField(_l("Registration is open until"), choices=list(CLOSING.items()))

    @classmethod
    def of(cls, event: Event) -> AnsweringForm:
        """Filled with what holds; the empty questions at the end wait for new ones."""
        numbers = range(1, MOST_QUESTIONS + 1)
        fields = {f"q{n}_{name}": field for n in numbers for name, field in _parts().items()}
        kind = type("AnsweringFormOfEvent", (cls,), fields)
        closes = event.closes_minutes
        values: dict[str, Any] = {
            "needs_approval": event.needs_approval,
            "closes": "" if closes is None else str(closes),
        }
        for n, question in enumerate(questions_of(event.questions), 1):
            values |= {f"q{n}_{name}": value for name, value in _values(question).items()}
        form: AnsweringForm = kind(data=values)
        form.former = questions_of(event.questions)
        return form

    former: list[Question] = []

    def validate(self, extra_validators: Any = None) -> bool:
        """A question says what it is for; a choice has at least two options."""
        is_valid: bool = super().validate(extra_validators)
        for n in self.used:
            purpose, options = self[f"q{n}_purpose"], self._options(n)
            if not purpose.data:
                purpose.errors = [*purpose.errors, _("Say what you need the answer for.")]
                is_valid = False
            if self[f"q{n}_kind"].data is QuestionKind.CHOICE and not len(options) >= 2:
                field = self[f"q{n}_options"]
                field.errors = [*field.errors, _("Write at least two choices, one a line.")]
                is_valid = False
        return is_valid

    @property
    def used(self) -> list[int]:
        """The numbers of the questions that have words."""
        return [n for n in range(1, MOST_QUESTIONS + 1) if self[f"q{n}_text"].data]

    @property
    def closes_minutes(self) -> int | None:
        """Minutes before the start, none: until the end."""
        return int(self.closes.data) if self.closes.data else None

    @property
    def questions(self) -> list[Question]:
        """The questions as they are kept; one whose kind changed is a new one."""
        return [self._question(n) for n in self.used]

    def slot(self, n: int) -> dict[str, Any]:
        """The fields of one question."""
        return {name: self[f"q{n}_{name}"] for name in FIELDS}

    def _question(self, n: int) -> Question:
        kind = self[f"q{n}_kind"].data
        options = tuple(self._options(n)) if kind is QuestionKind.CHOICE else ()
        before = self.former[n - 1] if n <= len(self.former) else None
        stays = before is not None and (before.kind, before.options) == (kind, options)
        return Question(
            id=before.id if before and stays else ids.new_id("question", n).hex[:12],
            kind=kind,
            text=self[f"q{n}_text"].data,
            purpose=self[f"q{n}_purpose"].data,
            readers=self[f"q{n}_readers"].data or "",
            options=options,
            is_required=self[f"q{n}_required"].data,
        )

    def _options(self, n: int) -> list[str]:
        lines = (self[f"q{n}_options"].data or "").splitlines()
        tidy = [" ".join(line.split())[:LONGEST_OPTION] for line in lines]
        return list(dict.fromkeys(line for line in tidy if line))[:MOST_OPTIONS]


def _parts() -> dict[str, Any]:
    return {
        "text": StringField(_l("Question"), validators=[Length(max=200)]),
        "kind": SelectField(
            _l("Kind of answer"), coerce=QuestionKind, choices=list(QUESTION_KINDS.items())
        ),
        "options": TextAreaField(_l("Choices, one a line"), validators=[Length(max=1200)]),
        "purpose": StringField(_l("What you need the answer for"), validators=[Length(max=200)]),
        "readers": StringField(_l("Who else reads the answers"), validators=[Length(max=200)]),
        "required": BooleanField(_l("Needed from everybody who comes")),
    }


def _values(question: Question) -> dict[str, Any]:
    return {
        "text": question.text,
        "kind": question.kind,
        "options": "\n".join(question.options),
        "purpose": question.purpose,
        "readers": question.readers,
        "required": question.is_required,
    }


class ReasonForm(Form):
    """Why somebody does not get a place; they read it."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(NEEDED), Length(max=500)])
