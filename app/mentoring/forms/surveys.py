"""The closing questions: those of the enrollment once more, and what became of the goals."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import Optional

from app.core.forms import Form
from app.mentoring.rules.surveys import MEASURES, Reached
from app.programs.forms import BASELINE

SKIPPED = ("", _l("Not said"))
REACHED = {
    Reached.ALL: _l("Yes, all of them"),
    Reached.SOME: _l("Some of them"),
    Reached.NONE: _l("No"),
    Reached.NO_GOALS: _l("I had none"),
}


def _scale(text: Any) -> RadioField:
    choices = [*((str(n), str(n)) for n in range(1, 6)), SKIPPED]
    return RadioField(text, [Optional()], choices=choices, default="")


class SurveyForm(Form):
    """Nothing is required, and what was said can be taken back."""

    belonging = _scale(BASELINE["belonging"])
    safety = _scale(BASELINE["safety"])
    growth = _scale(BASELINE["growth"])
    goals = _scale(BASELINE["goals"])
    reached = RadioField(
        _l("Did you reach the goals that you set at the start?"),
        [Optional()],
        choices=[*((code.value, text) for code, text in REACHED.items()), SKIPPED],
        default="",
    )

    @classmethod
    def of(cls, said: Any, *, with_goals: bool, **given: Any) -> SurveyForm:
        """The form as somebody left it; only mentees are asked for their goals."""
        names = (*MEASURES, "reached")
        values = {name: getattr(said, name) or "" for name in names} if said else {}
        form = cls(data={name: str(value) for name, value in values.items()}, **given)
        if not with_goals:
            del form.reached
        return form

    @property
    def words(self) -> dict[str, Any]:
        """What was chosen, as the service wants it."""
        reached = self.reached.data if "reached" in self else ""
        return {
            "measures": {key: int(self[key].data) if self[key].data else None for key in MEASURES},
            "reached": Reached(reached) if reached else None,
        }
