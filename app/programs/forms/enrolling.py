"""The enrollment form of one side, and what it was filled in with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from app.core import clock
from app.core.forms import Form
from app.core.locale import zone_name
from app.programs import identity
from app.programs.forms.limits import LONGEST_TEXT
from app.programs.forms.times import ZONES, window_choices
from app.programs.rules import SHAPES, Field, Format, Role, fields_for
from app.programs.services.enrollment import Reply
from app.programs.texts import LANGUAGES, language_name, told

MOST_CHOICES = 8

BASELINE = {
    "belonging": _l("I feel that I belong here."),
    "safety": _l("I can say what I think without fear."),
    "growth": _l("I can grow in my career here."),
    "goals": _l("I know my career goals and how to reach them."),
}


def enroll_form(
    questions: list[Field],
    role: Role,
    zone: str,
    format_: Format = Format.ONE_TO_ONE,
    **values: Any,
) -> Form:
    """The form of one side: the cohort's questions, then what everybody is asked."""
    names: dict[str, Any] = {}
    for question in fields_for(questions, role):
        if question.kind == identity.KIND:
            names |= identity.inputs(question)
        else:
            names[f"q_{question.key}"] = _input(question)
    shape = SHAPES[format_]
    if role is Role.MENTOR:
        most = shape.most if shape.is_shared else 1
        names["capacity"] = _number(_l("How many people can you take?"), 8, most)
    elif shape.kind == "circles":
        names["capacity"] = _number(_l("How many circles do you want to be in at a time?"), 2, 1)
    names |= _common(zone)
    return type("EnrollForm", (Form,), names)(**values)  # type: ignore[no-any-return]


def _number(label: Any, most: int, default: int) -> SelectField:
    choices = [(str(n), str(n)) for n in range(1, most + 1)]
    return SelectField(label, choices=choices, default=str(default))


def _input(question: Field) -> Any:
    label, hint = told(question.label), told(question.hint)
    choices = [(value, told(text)) for value, text in question.options]
    wanted = InputRequired(_("This question needs an answer."))
    needed = [wanted] if question.required else [Optional()]
    if question.kind == "choices":
        return SelectMultipleField(label, [*needed, _at_most], choices=choices, description=hint)
    if question.kind == "choice":
        return RadioField(label, needed, choices=choices, description=hint)
    return TextAreaField(label, [*needed, Length(max=LONGEST_TEXT)], description=hint)


def _at_most(_form: Form, field: Any) -> None:
    if len(field.data or []) > MOST_CHOICES:
        raise ValidationError(_("Choose at most %(number)s.", number=MOST_CHOICES))


def _common(zone: str) -> dict[str, Any]:
    zones = sorted({*ZONES, zone}.intersection(clock.zone_names()))
    return {
        "languages": SelectMultipleField(
            _l("Which languages can you talk in?"),
            [InputRequired(_l("Choose at least one language."))],
            choices=[(tag, language_name(tag)) for tag in LANGUAGES],
        ),
        "zone": SelectField(
            _l("Your time zone"),
            choices=[(name, zone_name(name)) for name in zones],
            default=zone,
        ),
        "windows": SelectMultipleField(
            _l("When do you usually have time?"),
            [Optional()],
            choices=window_choices(),
        ),
        "exclusions": TextAreaField(
            _l("Whom should you not be matched with?"),
            [Length(max=LONGEST_TEXT)],
            description=_l("Work email addresses, one on each line. Unknown ones are ignored."),
        ),
        **{f"b_{key}": _scale(text) for key, text in BASELINE.items()},
    }


def _scale(text: Any) -> RadioField:
    return RadioField(text, [Optional()], choices=[(str(n), str(n)) for n in range(1, 6)])


def excluded_emails(form: Any) -> list[str]:
    """The addresses somebody does not want to be matched with."""
    return [line.strip().lower() for line in (form.exclusions.data or "").split() if "@" in line]


def reply_of(form: Any, questions: list[Field], role: Role, exclusions: tuple[UUID, ...]) -> Reply:
    """The filled-in form as the service wants it."""
    answers = {
        question.key: form[f"q_{question.key}"].data
        for question in fields_for(questions, role)
        if question.kind != identity.KIND
    }
    return Reply(
        role=role,
        answers={key: value for key, value in answers.items() if value},
        languages=tuple(form.languages.data),
        zone=form.zone.data,
        windows=tuple(form.windows.data or ()),
        exclusions=exclusions,
        capacity=int(form.capacity.data) if "capacity" in form else 1,
        baseline={key: _level(form[f"b_{key}"].data) for key in BASELINE},
    )


def _level(value: str | None) -> int | None:
    return int(value) if value else None


def values_of(enrollment: Any) -> dict[str, Any]:
    """An enrollment's answers as the form shows them again; aggregate answers stay away."""
    values = {f"q_{key}": answer for key, answer in enrollment.answers.items()}
    return values | {
        "languages": enrollment.languages,
        "zone": enrollment.zone,
        "windows": enrollment.weekly_windows,
        "capacity": str(enrollment.capacity),
    }
