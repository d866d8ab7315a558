"""Input about programs, made clean; forms never write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import DateField
from wtforms.validators import InputRequired, Length, Optional

from app.core import clock
from app.core.forms import Form
from app.programs.feed import DAYS, PARTS
from app.programs.labels import DECLINE_REASONS
from app.programs.rules import DeclineReason, Field, Role, fields_for
from app.programs.services.enrollment import Reply
from app.programs.texts import LANGUAGES, language_name, told

MOST_CHOICES, LONGEST_TEXT = 8, 2000
BASELINE = {
    "belonging": _l("I feel that I belong here."),
    "safety": _l("I can say what I think without fear."),
    "growth": _l("I can grow in my career here."),
    "goals": _l("I know my career goals and how to reach them."),
}
WINDOWS = {
    "mon": _l("Monday"),
    "tue": _l("Tuesday"),
    "wed": _l("Wednesday"),
    "thu": _l("Thursday"),
    "fri": _l("Friday"),
}
TIMES = {
    "morning": _l("morning"),
    "midday": _l("midday"),
    "afternoon": _l("afternoon"),
    "evening": _l("evening"),
}
ZONES = (
    "Africa/Cairo",
    "Africa/Lagos",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Amman",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Stockholm",
    "Europe/Warsaw",
    "UTC",
)


class ProgramForm(Form):
    """A new program from a template."""

    title = StringField(
        _l("Title"), [InputRequired(_l("Give the program a title.")), Length(max=200)]
    )
    explicit_title = StringField(
        _l("Explicit title"),
        [Length(max=200)],
        description=_l("Used where your organization names the people a program is for."),
    )
    summary = TextAreaField(_l("What it is, in a few sentences"), [Length(max=LONGEST_TEXT)])
    cohort_title = StringField(
        _l("Name of the first cohort"), [Length(max=200)], description=_l("For example Spring.")
    )


class CohortMoveForm(Form):
    """The next state of a cohort."""

    to = StringField(validators=[InputRequired()])
    reason = StringField(_l("Reason"), [Length(max=500)])
    closes_on = DateField(_l("Enrollment closes on"), [Optional()])


class DeclineForm(Form):
    """Why not, for the organizers alone."""

    reason = RadioField(
        _l("What is the reason?"),
        [InputRequired(_l("Choose a reason."))],
        choices=[(reason.value, text) for reason, text in DECLINE_REASONS.items()],
    )
    note = TextAreaField(_l("Anything the organizers should know"), [Length(max=LONGEST_TEXT)])
    no_more = BooleanField(_l("Do not offer me anybody else for now"))

    @property
    def why(self) -> DeclineReason:
        """The reason as the rules know it."""
        return DeclineReason(self.reason.data)


class ReasonForm(Form):
    """A reason for an act of an organizer."""

    reason = StringField(_l("Reason"), [Length(max=500)])


class DecisionForm(Form):
    """A decision about a pair."""

    mentee = StringField(validators=[InputRequired()])
    mentor = StringField(validators=[InputRequired()])
    kind = StringField(validators=[InputRequired()])
    reason = StringField(_l("Reason"), [Length(max=500)])


class SheetForm(Form):
    """A sign-up sheet."""

    file = FileField(
        _l("Sign-up sheet"),
        [FileRequired(_l("Choose a file, .xlsx or .csv."))],
        description=_l("A spreadsheet (.xlsx) or a .csv file, one row for each person."),
    )


def enroll_form(questions: list[Field], role: Role, zone: str, **values: Any) -> Form:
    """The form of one side: the cohort's questions, then what everybody is asked."""
    names: dict[str, Any] = {}
    for question in fields_for(questions, role):
        names[f"q_{question.key}"] = _input(question)
    if role is Role.MENTOR:
        names["capacity"] = SelectField(
            _l("How many people can you take?"),
            choices=[(str(n), str(n)) for n in range(1, 9)],
            default="1",
        )
    names |= _common(zone)
    return type("EnrollForm", (Form,), names)(**values)  # type: ignore[no-any-return]


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
            choices=[(name, name.replace("_", " ")) for name in zones],
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


def window_choices() -> list[tuple[str, str]]:
    """The parts of the working week."""
    return [
        (f"{day}-{part}", _("%(day)s, %(part)s", day=WINDOWS[day], part=TIMES[part]))
        for day in DAYS
        if day in WINDOWS
        for part in PARTS
    ]


def excluded_emails(form: Any) -> list[str]:
    """The addresses somebody does not want to be matched with."""
    return [line.strip().lower() for line in (form.exclusions.data or "").split() if "@" in line]


def reply_of(form: Any, questions: list[Field], role: Role, exclusions: tuple[UUID, ...]) -> Reply:
    """The filled-in form as the service wants it."""
    answers = {
        question.key: form[f"q_{question.key}"].data for question in fields_for(questions, role)
    }
    return Reply(
        role=role,
        answers={key: value for key, value in answers.items() if value},
        languages=tuple(form.languages.data),
        zone=form.zone.data,
        windows=tuple(form.windows.data or ()),
        exclusions=exclusions,
        capacity=int(form.capacity.data) if role is Role.MENTOR else 1,
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
