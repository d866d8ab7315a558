"""Whether one comes, how, with whom, and what the organizers ask."""

from __future__ import annotations

from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.core import ids
from app.core.forms import Form
from app.ergs.rules import Visibility
from app.events.forms.words import CHOOSE, MODES, NEEDED, SHOWN_TO
from app.events.models import Occurrence, Rsvp
from app.events.rules import Mode, Question, QuestionKind, Reply, questions_of
from app.events.rules.answers import LONGEST_ANSWER, LONGEST_KEY, NO, YES

FEW = 4  # so many choices are shown at once; more become a list to choose from


class QuestionsForm(Form):
    """What the organizers ask, each question as a field."""

    questions: tuple[Question, ...] = ()

    @classmethod
    def asking(cls, questions: tuple[Question, ...]) -> type[Self]:
        """The form with a field for each of these."""
        fields = {_name(question): _field(question) for question in questions}
        return type(f"{cls.__name__}OfEvent", (cls,), {**fields, "questions": questions})

    @property
    def told(self) -> dict[str, str]:
        """What was answered, by the id of the question."""
        return {q.id: self[_name(q)].data or "" for q in self.questions}

    @property
    def asked(self) -> list[tuple[Question, Field]]:
        """Each question with its field."""
        return [(q, self[_name(q)]) for q in self.questions]


class AnswerForm(QuestionsForm):
    """Whether one comes, how, with how many guests, and who may see it.

    `key` names this act, so that it is carried out once; `seen` is how often the person had
    answered when the form was drawn; `queued` says that it waited on a device without connection.
    """

    key = HiddenField(validators=[Length(max=LONGEST_KEY)])
    seen = HiddenField()
    queued = HiddenField()
    mode = RadioField(
        _l("How will you take part?"),
        coerce=Mode,
        choices=list(MODES.items()),
        validators=[Optional()],
    )
    guests = IntegerField(
        _l("Guests you bring"),
        default=0,
        validators=[Optional(), NumberRange(0, 99, _l("Enter a number from 0 on."))],
    )
    guest_names = TextAreaField(_l("Names of your guests"), validators=[Length(max=1000)])
    visibility = SelectField(
        _l("Who may see that you are coming?"),
        coerce=Visibility,
        choices=list(SHOWN_TO.items()),
        default=Visibility.LEADS,
        validators=[Optional()],
    )
    reply = RadioField(
        _l("Are you coming?"),
        coerce=Reply,
        choices=[(r, r) for r in Reply],
        validators=[DataRequired(CHOOSE)],
    )

    @classmethod
    def of(cls, occurrence: Occurrence, rsvp: Rsvp | None, *, fresh: bool = False) -> AnswerForm:
        """The form of one event, filled with the answer that holds; `fresh` after it was sent."""
        asked = tuple(questions_of(occurrence.event.questions))
        kind = cls.asking(asked)
        given = rsvp.told if rsvp else {}
        values: dict[str, Any] = {
            "key": ids.token("press", occurrence.id, size=12),
            "seen": str(rsvp.answered if rsvp else 0),
            "mode": rsvp.mode if rsvp else next(iter(occurrence.modes), None),
            "guests": rsvp.guests if rsvp else 0,
            "guest_names": "\n".join(rsvp.guest_names) if rsvp else "",
            "visibility": rsvp.visibility if rsvp else Visibility.LEADS,
            **{_name(q): given.get(q.id) for q in asked},
        }
        form: AnswerForm = kind(formdata=None, data=values) if fresh else kind(data=values)
        form.mode.choices = [(mode, MODES[mode]) for mode in occurrence.modes]
        form.guests.validators[1].max = occurrence.event.guest_limit
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Who does not come need not answer anything else."""
        is_valid: bool = super().validate(extra_validators)
        if is_valid or self.reply.errors or self.reply.data is Reply.GOING:
            return is_valid
        kept = {name: self[name].errors for name in ("csrf_token", "reply") if name in self}
        for field in self:
            if field.name not in kept:
                field.errors = ()
        return not any(kept.values())

    def validate_guest_names(self, field: TextAreaField) -> None:
        """Not more names than guests."""
        if len(self.names) > (self.guests.data or 0):
            raise ValidationError(_("You named more guests than you bring."))

    @property
    def names(self) -> list[str]:
        """The names of guests, one a line."""
        return [line.strip() for line in (self.guest_names.data or "").splitlines() if line.strip()]

    @property
    def seen_count(self) -> int | None:
        """How often the person had answered when an act was kept on a device; else none."""
        if not self.queued.data:
            return None
        return int(self.seen.data) if (self.seen.data or "").isdigit() else 0


def _name(question: Question) -> str:
    return f"q_{question.id}"


def _field(question: Question) -> Field:
    needed = [DataRequired(NEEDED)] if question.is_required else [Optional()]
    if question.kind is QuestionKind.TEXT:
        longest = _l("Use %(number)s characters at most.", number=LONGEST_ANSWER)
        return StringField(
            question.text, validators=[*needed, Length(max=LONGEST_ANSWER, message=longest)]
        )
    if question.kind is QuestionKind.YES_NO:
        return RadioField(
            question.text, choices=[(YES, _l("Yes")), (NO, _l("No"))], validators=needed
        )
    choices = [(option, option) for option in question.options]
    if len(choices) <= FEW:
        return RadioField(question.text, choices=choices, validators=needed)
    return SelectField(question.text, choices=[("", ""), *choices], validators=needed)
