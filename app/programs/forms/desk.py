"""What organizers enter at a program and at a cohort."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, TextAreaField
from wtforms.fields import DateField
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form
from app.programs.forms.limits import LONGEST_TEXT


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
