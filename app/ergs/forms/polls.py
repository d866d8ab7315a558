"""What leads ask in a poll about confidentiality, and what members answer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import DataRequired

from app.core.forms import Form
from app.ergs.forms.words import REFUSED_CHOICE, ROSTERS
from app.ergs.rules import Visibility

WIDER = (Visibility.MEMBERS, Visibility.COMPANY)


class PollForm(Form):
    """How open the group would be."""

    roster = RadioField(
        _l("Who may see who belongs, at most?"),
        coerce=Visibility,
        choices=[(value, ROSTERS[value]) for value in WIDER],
        validators=[DataRequired(REFUSED_CHOICE)],
        default=Visibility.MEMBERS,
    )


class PollAnswerForm(Form):
    """A yes, or none; none and no answer are the same."""

    reply = RadioField(
        _l("May this group stop being confidential?"),
        choices=[
            ("yes", _l("Yes, I agree")),
            ("no", _l("No, it should stay confidential")),
        ],
        validators=[DataRequired(REFUSED_CHOICE)],
    )
