"""What people enter about plans and recommendations, and the words of the choices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from babel import numbers
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.budgets.forms import PURPOSES
from app.budgets.models import BudgetRequest
from app.budgets.rules import Purpose
from app.core import clock, money
from app.core.forms import Form
from app.core.locale import babel_locale, current_language
from app.ergs.rules import pick_text
from app.events.models import Event
from app.plans.models import Initiative, KeyResult, Recommendation
from app.plans.rules import ANSWERS, InitiativeState, PlanState, RecommendationState
from app.plans.services import Aim, Measure

PLAN_STATES = {
    PlanState.DRAFT: _l("Draft, only leads see it"),
    PlanState.AGREED: _l("Agreed"),
    PlanState.CLOSED: _l("Closed"),
}
INITIATIVE_STATES = {
    InitiativeState.OPEN: _l("Under way"),
    InitiativeState.DONE: _l("Done"),
    InitiativeState.DROPPED: _l("Dropped"),
}
ANSWER_STATES = {
    RecommendationState.OPEN: _l("Waiting for an answer"),
    RecommendationState.ACCEPTED: _l("Accepted"),
    RecommendationState.DECLINED: _l("Declined"),
    RecommendationState.DONE: _l("Done"),
    RecommendationState.WITHDRAWN: _l("Withdrawn"),
}
TONES = {
    InitiativeState.OPEN.value: "wait",
    RecommendationState.ACCEPTED.value: "info",
    RecommendationState.DECLINED.value: "bad",
    RecommendationState.DONE.value: "good",
    PlanState.AGREED.value: "good",
}
ANSWER_HINTS = {
    "accepted": _l("It will be done. Say what and by when."),
    "done": _l("It is done. Say what changed."),
    "declined": _l("It will not be done. Say why, and what is possible instead."),
}
NEEDED = _l("This is needed.")
KEEP = "keep"


def _uuid(value: str | UUID) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


class PlanForm(Form):
    """The plan of a year."""

    year = IntegerField(
        _l("Year"),
        validators=[
            InputRequired(NEEDED),
            NumberRange(2000, 2100, _l("Enter a year such as 2027.")),
        ],
    )
    summary = TextAreaField(_l("What this year is about"), validators=[Length(max=2000)])


class InitiativeForm(Form):
    """What a group sets out to do."""

    title = StringField(_l("Title"), validators=[DataRequired(NEEDED), Length(max=160)])
    about = TextAreaField(_l("What will be different afterwards?"), validators=[Length(max=4000)])
    purpose = SelectField(_l("Purpose"), coerce=Purpose, choices=list(PURPOSES.items()))
    owner = SelectField(_l("Owner"), validators=[Optional()])
    due_on = DateField(_l("Due"), validators=[Optional()])
    events = SelectMultipleField(_l("Events that serve it"), coerce=_uuid)
    requests = SelectMultipleField(_l("Money that serves it"), coerce=_uuid)

    kept: UUID | None = None

    @classmethod
    def of(
        cls,
        me: UUID,
        people: Iterable[tuple[UUID, str]],
        events: Iterable[Event],
        requests: Iterable[BudgetRequest],
        row: Initiative | None = None,
    ) -> InitiativeForm:
        """The form of one group; a hidden owner can be kept without being named."""
        named = {str(person): name for person, name in people}
        owner = str(row.owner_id) if row and row.owner_id else ""
        is_hidden = owner not in ("", str(me), *named)
        form = cls(data=_filled(row, KEEP if is_hidden else owner) if row else {})
        form.kept = row.owner_id if row and is_hidden else None
        form.owner.choices = [
            ("", _("Nobody yet")),
            *([(KEEP, _("Whoever owns it now"))] if is_hidden else []),
            *([(str(me), _("Me"))] if str(me) not in named else []),
            *named.items(),
        ]
        form.events.choices = [(event.id, _title(event)) for event in events]
        form.requests.choices = [(request.id, request.title) for request in requests]
        return form

    def aim(self) -> Aim:
        """What was entered, as the services take it."""
        owner = self.owner.data
        return Aim(
            title=self.title.data,
            purpose=self.purpose.data,
            about=self.about.data.replace("\r\n", "\n"),
            owner_id=self.kept if owner == KEEP else UUID(owner) if owner else None,
            due_on=self.due_on.data,
            event_ids=tuple(self.events.data),
            request_ids=tuple(self.requests.data),
        )


def _title(event: Event) -> str:
    text = pick_text(event.texts, current_language().tag)
    return text.title if text else ""


def _filled(row: Initiative, owner: str) -> dict[str, Any]:
    return {
        "title": row.title,
        "about": row.about,
        "purpose": row.purpose,
        "owner": owner,
        "due_on": row.due_on,
        "events": [link.event_id for link in row.event_links],
        "requests": [link.request_id for link in row.request_links],
    }


def _number(field: StringField) -> float:
    try:
        return float(money.parse_number(field.data or "", babel_locale()))
    except money.NotAnAmount as fault:
        raise ValidationError(_("Enter a plain number.")) from fault


def _typed(value: float) -> str:
    return numbers.format_decimal(value, locale=babel_locale(), group_separator=False)


class ResultForm(Form):
    """What a key result counts."""

    text = StringField(
        _l("What tells that it succeeded?"), validators=[DataRequired(NEEDED), Length(max=200)]
    )
    start = StringField(_l("Start"), validators=[DataRequired(NEEDED), Length(max=20)])
    target = StringField(_l("Target"), validators=[DataRequired(NEEDED), Length(max=20)])
    unit = StringField(_l("Unit"), validators=[Length(max=40)])

    @classmethod
    def of(cls, result: KeyResult | None = None) -> ResultForm:
        """Empty, or filled with what is counted."""
        data = {"start": "0"}
        if result is not None:
            data = {"text": result.text, "unit": result.unit}
            data |= {"start": _typed(result.start), "target": _typed(result.target)}
        return cls(data=data)

    def validate_start(self, field: StringField) -> None:
        """A number in the reader's way of writing."""
        _number(field)

    def validate_target(self, field: StringField) -> None:
        """Another number than the start."""
        if _number(field) == _number(self.start):
            raise ValidationError(_("Start and target are the same. Change one of them."))

    def measure(self) -> Measure:
        """What was entered, as the services take it."""
        return Measure(self.text.data, _number(self.target), _number(self.start), self.unit.data)


class ProgressForm(Form):
    """How a key result stands on a day."""

    value = StringField(_l("Where it stands"), validators=[DataRequired(NEEDED), Length(max=20)])
    day = DateField(_l("Day"), validators=[InputRequired(NEEDED)])
    note = StringField(_l("Note"), validators=[Length(max=300)])

    def validate_value(self, field: StringField) -> None:
        """A number in the reader's way of writing."""
        _number(field)

    def validate_day(self, field: DateField) -> None:
        """What will be is not known."""
        if field.data and field.data > clock.now().date():
            raise ValidationError(_("Choose a day that is not in the future."))

    @property
    def number(self) -> float:
        """The value as a number."""
        return _number(self.value)


class RecommendationForm(Form):
    """What a group asks of the company."""

    title = StringField(
        _l("What do you recommend?"), validators=[DataRequired(NEEDED), Length(max=160)]
    )
    why = TextAreaField(_l("Why?"), validators=[DataRequired(NEEDED), Length(max=4000)])
    email = StringField(
        _l("Work address of the person you ask"),
        validators=[DataRequired(NEEDED), Length(max=254)],
    )
    due_on = DateField(_l("Answer wanted by"), validators=[InputRequired(NEEDED)])

    @classmethod
    def of(cls, row: Recommendation | None = None, email: str = "") -> RecommendationForm:
        """Empty, or filled with what was asked."""
        if row is None:
            return cls()
        data = {"title": row.title, "why": row.why, "email": email, "due_on": row.due_on}
        return cls(data=data)

    def validate_due_on(self, field: DateField) -> None:
        """Time to answer."""
        if field.data and field.data <= clock.now().date():
            raise ValidationError(_("Choose a day that leaves time to answer."))


class AnswerForm(Form):
    """A public answer."""

    state = RadioField(
        _l("What becomes of it?"),
        choices=[(state.value, ANSWER_STATES[state]) for state in ANSWERS],
        validators=[DataRequired(_l("Choose one of the answers."))],
    )
    text = TextAreaField(
        _l("Your answer"),
        validators=[DataRequired(_l("Please say why, or what happens next.")), Length(max=4000)],
    )
