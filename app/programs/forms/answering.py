"""What people say to an offer, and what they write when they ask for somebody."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.forms import Form
from app.programs.forms.limits import LONGEST_TEXT
from app.programs.labels import DECLINE_REASONS
from app.programs.rules import DeclineReason
from app.programs.services.requests import LONGEST_NOTE


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


class AskForm(Form):
    """What a mentee writes to a mentor whom they ask."""

    note = TextAreaField(
        _l("Why would you like to meet?"),
        [Length(max=LONGEST_NOTE, message=_l("Please shorten this to 500 characters."))],
        description=_l("Two or three sentences are enough."),
    )
