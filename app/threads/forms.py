"""What people enter in discussions."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.forms import Form
from app.ergs.models import Erg
from app.ergs.rules import Viewer
from app.threads import queries
from app.threads.rules import (
    MAX_BODY,
    MAX_MENTIONS,
    MAX_REASON,
    MAX_TITLE,
    AppealState,
    ReportState,
)

VERDICTS = {
    ReportState.UPHELD: _l("Remove the post"),
    ReportState.DISMISSED: _l("Keep the post"),
}


class _Spoken(Form):
    """Words, and whom they speak to."""

    body = TextAreaField(
        _l("Your words"),
        validators=[
            DataRequired(_l("Please write something.")),
            Length(max=MAX_BODY, message=_l("Please keep it under 10,000 characters.")),
        ],
    )
    mentions = StringField(_l("Mention members"))
    people: list[UUID]

    def resolve(self, db: Session, erg: Erg, viewer: Viewer) -> bool:
        """Find who is mentioned among those whom the author may see; names what is unclear."""
        words = [word.strip().lstrip("@") for word in (self.mentions.data or "").split(",")]
        wanted = [word for word in words if word]
        if len(wanted) > MAX_MENTIONS:
            self.mentions.errors = [_("Please mention at most ten members at once.")]
            return False
        self.people, unclear = queries.resolve(db, erg, viewer, wanted)
        if unclear:
            self.mentions.errors = [
                _(
                    "You see no one member by this name: %(names)s. Choose one of the proposals.",
                    names=", ".join(unclear),
                )
            ]
        return not unclear


class ReplyForm(_Spoken):
    """An answer."""


class StartForm(_Spoken):
    """A new discussion."""

    title = StringField(
        _l("What is it about?"),
        validators=[
            DataRequired(_l("Please give it a title.")),
            Length(max=MAX_TITLE, message=_l("Please keep the title under 160 characters.")),
        ],
    )
    is_pseudonymous = BooleanField(_l("Without names"))


class EditForm(Form):
    """Changed words."""

    body = TextAreaField(
        _l("Your words"),
        validators=[
            DataRequired(_l("Please write something.")),
            Length(max=MAX_BODY, message=_l("Please keep it under 10,000 characters.")),
        ],
    )


class ReportForm(Form):
    """What is wrong with a post."""

    reason = TextAreaField(
        _l("What is wrong?"),
        validators=[
            DataRequired(_l("Please say in a few words what is wrong.")),
            Length(max=MAX_REASON, message=_l("Please keep it under 500 characters.")),
        ],
    )


class VerdictForm(Form):
    """What becomes of a reported post."""

    verdict = RadioField(
        _l("Your decision"),
        coerce=ReportState,
        choices=list(VERDICTS.items()),
        validators=[DataRequired(_l("Choose one of the answers."))],
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[Length(max=MAX_REASON, message=_l("Please keep it under 500 characters."))],
    )

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever loses a post learns why."""
        if self.verdict.data is ReportState.UPHELD and not (field.data or "").strip():
            raise ValidationError(_("Please give a reason. The author will read it."))


class AppealForm(Form):
    """Why an author sees it differently."""

    plea = TextAreaField(
        _l("Why do you see it differently?"),
        validators=[
            DataRequired(_l("Please say in a few words why you see it differently.")),
            Length(max=MAX_REASON, message=_l("Please keep it under 500 characters.")),
        ],
    )


class AppealVerdictForm(Form):
    """What becomes of an appeal."""

    verdict = RadioField(
        _l("Your decision"),
        coerce=AppealState,
        choices=[
            (AppealState.GRANTED, _l("Show the post again")),
            (AppealState.REFUSED, _l("The removal stands")),
        ],
        validators=[DataRequired(_l("Choose one of the answers."))],
    )
    answer = TextAreaField(
        _l("Answer to the author"),
        validators=[Length(max=MAX_REASON, message=_l("Please keep it under 500 characters."))],
    )

    def validate_answer(self, field: TextAreaField) -> None:
        """Whoever is refused learns why."""
        if self.verdict.data is AppealState.REFUSED and not (field.data or "").strip():
            raise ValidationError(_("Please give a reason. The author will read it."))
