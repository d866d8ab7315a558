"""Forms of a ledger."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, ValidationError
from wtforms.fields import DateField
from wtforms.validators import InputRequired, Length

from app.core import clock
from app.mentoring.forms.base import OneOfMany
from app.mentoring.rules.sponsorship import (
    LONGEST_RESULT,
    LONGEST_WHOM,
    RETURNS_WITHIN,
    SponsorAct,
)

ACTS = {
    SponsorAct.INTRODUCED: _l("Introduced to somebody"),
    SponsorAct.NOMINATED: _l("Nominated for something"),
    SponsorAct.SPOKE_FOR: _l("Spoke for the person when it counted"),
    SponsorAct.STRETCH_WORK: _l("Gave or found work that stretches"),
}


class ActionForm(OneOfMany):
    """What was done, when, to whom, and what came of it."""

    word = "action"
    act = RadioField(
        _l("What was done?"),
        [InputRequired(_l("Choose what was done."))],
        choices=[(act.value, words) for act, words in ACTS.items()],
    )
    acted_on = DateField(_l("When?"), [InputRequired(_l("Choose the day."))])
    whom = StringField(_l("To whom, or for what?"), [Length(max=LONGEST_WHOM)])
    result = StringField(_l("What came of it?"), [Length(max=LONGEST_RESULT)])

    def validate_acted_on(self, field: Any) -> None:
        """A day that has come, somewhere on earth."""
        if field.data and field.data > clock.now().date() + RETURNS_WITHIN:
            raise ValidationError(_("Choose a day that has come."))


class ResultForm(OneOfMany):
    """What came of one action, in place of the words that stood `before`."""

    word = "result"
    before = HiddenField()
    result = StringField(_l("What came of it?"), [Length(max=LONGEST_RESULT)])

    @property
    def words(self) -> dict[str, str]:
        """What the services take."""
        return {"result": self.result.data or "", "before": self.before.data or ""}
