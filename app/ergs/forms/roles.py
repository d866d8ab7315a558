"""What leads enter about roles, invitations and removals."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.core import clock
from app.core.forms import Form
from app.ergs.forms.membership import chapter_names
from app.ergs.forms.words import REFUSED_CHOICE, ROLES
from app.ergs.models import Erg, RoleGrant
from app.ergs.rules import MAX_REASON, RoleName
from app.ergs.rules.invitations import INVITATION_DAYS, INVITE_FOR
from app.ergs.rules.terms import TERM, RemovalState, RoleEnd, next_term

STATES = {
    "proposed": _l("Waiting for an answer"),
    "shadow": _l("Accepted, learning until it begins"),
    "active": _l("In office"),
    "ended": _l("Ended"),
    "revoked": _l("Ended"),
}

ENDS = {
    RoleEnd.DECLINED: _l("The person said no"),
    RoleEnd.WITHDRAWN: _l("The proposal was taken back"),
    RoleEnd.UNANSWERED: _l("There was no answer in time"),
    RoleEnd.TERM: _l("The term was over"),
    RoleEnd.RESIGNED: _l("The person laid it down"),
    RoleEnd.REMOVED: _l("It was taken away"),
    RoleEnd.LEFT: _l("The person stopped belonging"),
}

REMOVALS = {
    RemovalState.OPEN: _l("Waiting for a second person"),
    RemovalState.CONFIRMED: _l("Confirmed"),
    RemovalState.WITHDRAWN: _l("Taken back"),
    RemovalState.EXPIRED: _l("Lapsed"),
}


def uuid_of(value: str | UUID | None) -> UUID | None:
    """An id as typed into an address or form; nonsense is none."""
    try:
        return value if isinstance(value, UUID) else UUID(value or "")
    except ValueError:
        return None


class RoleForm(Form):
    """Which role, where, and from when to when."""

    person_id = HiddenField()
    role = SelectField(
        _l("Role"),
        coerce=RoleName,
        choices=list(ROLES.items()),
        validators=[InputRequired(REFUSED_CHOICE)],
    )
    chapter = SelectField(_l("For"), coerce=lambda value: uuid_of(value))
    starts_on = DateField(_l("First day"), validators=[InputRequired(_l("Choose a day."))])
    ends_on = DateField(_l("Last day"), validators=[InputRequired(_l("Choose a day."))])

    @classmethod
    def of(
        cls,
        erg: Erg,
        tag: str,
        person_id: UUID | None = None,
        after: RoleGrant | None = None,
    ) -> RoleForm:
        """The form of one group; a term is a year unless somebody says otherwise.

        `after` is a role that ends, and that this person is to hold next.
        """
        today = clock.now().date()
        first = next_term(after.ends_on, today) if after and after.ends_on else today
        form = cls(
            data={
                "person_id": str(person_id or ""),
                "role": after.role if after else RoleName.CO_LEAD,
                "chapter": after.chapter_id if after else None,
                "starts_on": first,
                "ends_on": first + TERM,
            }
        )
        names = chapter_names(erg, tag).items()
        form.chapter.choices = [("", _l("The whole group")), *((str(k), v) for k, v in names)]
        return form

    def validate_starts_on(self, field: DateField) -> None:
        """Terms do not begin in the past."""
        if field.data and field.data < clock.now().date():
            raise ValidationError(_l("Choose today or a later day."))

    def validate_ends_on(self, field: DateField) -> None:
        """A term has at least a day."""
        first: date | None = self.starts_on.data
        if first is not None and field.data and field.data <= first:
            raise ValidationError(_l("The last day comes after the first one."))


class RemovalForm(Form):
    """Why somebody should not have a role any longer."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Please give a reason. The second person will read it.")),
            Length(max=MAX_REASON, message=_l("Please keep the reason under 500 characters.")),
        ],
    )


class InvitationForm(Form):
    """Whom to invite, and for how long."""

    person_id = HiddenField()
    days = SelectField(
        _l("Time to answer"),
        coerce=int,
        default=INVITE_FOR,
        choices=[
            (INVITATION_DAYS[0], _l("One week")),
            (INVITATION_DAYS[1], _l("Two weeks")),
            (INVITATION_DAYS[2], _l("30 days")),
        ],
    )
