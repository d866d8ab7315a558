"""Forms of goals and their steps."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields import DateField
from wtforms.validators import DataRequired, Length, Optional

from app.mentoring.forms.base import OneOfMany
from app.mentoring.labels import SHARINGS
from app.mentoring.rules import MOST_STEPS, Sharing
from app.mentoring.rules.goals import RATINGS
from app.programs.rules import SHAPES, Format

LONGEST_STEP = 200


class GoalWordsForm(OneOfMany):
    """What a goal is, how one will know, by when, and who sees it."""

    word = "goal"
    text = StringField(
        _l("What do you want to reach?"),
        [DataRequired(_l("Say what you want to reach.")), Length(max=300)],
    )
    measure = StringField(_l("How will you know?"), [Length(max=300)])
    target_on = DateField(_l("By when?"), [Optional()])
    sharing = RadioField(
        _l("Who sees this goal?"),
        choices=[(s.value, text) for s, text in SHARINGS.items()],
        default=Sharing.PAIR.value,
    )

    @property
    def words(self) -> dict[str, Any]:
        """What the services take."""
        return {
            "text": self.text.data,
            "measure": self.measure.data or "",
            "target_on": self.target_on.data,
            "sharing": Sharing(self.sharing.data),
        }


class GoalForm(GoalWordsForm):
    """A goal and its first steps; in a group it may be everybody's."""

    steps = TextAreaField(
        _l("Steps"),
        [DataRequired(_l("Write down at least the first step.")), Length(max=1500)],
        description=_l("One on each line, six at most."),
    )
    is_shared_by_all = BooleanField(_l("This is a goal of the whole group"))
    baseline = RadioField(
        _l("Where are you today, from 1 to 5?"),
        [Optional()],
        choices=[(str(number), str(number)) for number in RATINGS],
        description=_l("1 is at the very beginning, 5 is there. At the end you are asked again."),
    )

    @classmethod
    def of(cls, kind: Format, **kwargs: Any) -> GoalForm:
        """The form for a relationship of a format."""
        form = cls(**kwargs)
        if not SHAPES[kind].is_shared:
            del form.is_shared_by_all
        return form

    @property
    def lines(self) -> list[str]:
        """The steps, without blank lines."""
        return [line.strip() for line in (self.steps.data or "").splitlines() if line.strip()]

    @property
    def act(self) -> dict[str, Any]:
        """What the services take."""
        return {
            **self.words,
            "steps": self.lines,
            "baseline": int(self.baseline.data) if self.baseline.data else None,
            "is_shared_by_all": "is_shared_by_all" in self and self.is_shared_by_all.data,
        }

    def validate_steps(self, _field: Any) -> None:
        """Six at most, each a line."""
        if len(self.lines) > MOST_STEPS:
            raise ValidationError(_("Six steps at most. What remains is perhaps another goal."))
        if any(len(line) > LONGEST_STEP for line in self.lines):
            raise ValidationError(_("Keep each step within %(number)s letters.", number=200))


class StepForm(OneOfMany):
    """The words of a step."""

    word = "step"
    text = StringField(
        _l("Step"), [DataRequired(_l("Say what the step is.")), Length(max=LONGEST_STEP)]
    )
