"""Input about guests, partners and one's own places, made clean; forms never write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.accounts.forms import language_choices
from app.core import clock
from app.core.forms import Form
from app.programs.models import Partner
from app.programs.rules.outside import ANSWER_DAYS, MOST_EVERYWHERE, USUAL_DAYS, InvitationState
from app.programs.services.outside import Guest, Terms

LONGEST_WORDS, MOST_SEATS = 1000, 1000
STATES = {
    InvitationState.INVITED: (_l("Waiting for an answer"), "wait"),
    InvitationState.ACCEPTED: (_l("Accepted"), "good"),
    InvitationState.DECLINED: (_l("Declined"), "off"),
    InvitationState.EXPIRED: (_l("Ran out"), "off"),
    InvitationState.WITHDRAWN: (_l("Taken back"), "off"),
}
_MAIL = Email(_l("That does not look like an email address; check it, e.g. name@company.com."))
_SEATS = NumberRange(0, MOST_SEATS, _l("Enter a number from 0 to 1,000."))


class InvitationForm(Form):
    """Somebody outside who might be a mentor."""

    email = StringField(
        _l("Email address"),
        [
            InputRequired(_l("Enter the address to which the invitation goes.")),
            Length(max=254),
            _MAIL,
        ],
        render_kw={"type": "email", "autocomplete": "off", "inputmode": "email"},
    )
    name = StringField(
        _l("Name"),
        [InputRequired(_l("Enter the name of the person.")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )
    partner = SelectField(_l("Comes from"))
    locale = SelectField(_l("Language of the mail"))
    own_words = TextAreaField(
        _l("Your own words"),
        [Length(max=LONGEST_WORDS, message=_l("Please shorten this to 1,000 characters."))],
        description=_l("Why you ask this person. It stands on the page of the invitation."),
    )
    answer_by = DateField(_l("Answer by"), [InputRequired(_l("Choose the last day to answer."))])

    def offer(self, partners: Iterable[Partner]) -> InvitationForm:
        """The form with the partners whose agreement holds, and the usual deadline."""
        self.partner.choices = [("", _("No partner: an alum, a peer, a neighbor"))]
        self.partner.choices += [(str(partner.id), partner.name) for partner in partners]
        self.locale.choices = language_choices()
        if not self.is_submitted():
            self.answer_by.data = clock.now().date() + timedelta(days=USUAL_DAYS)
        return self

    def validate_answer_by(self, field: Field) -> None:
        """A day within three months."""
        first, last = (clock.now().date() + timedelta(days=days) for days in ANSWER_DAYS)
        if field.data is not None and not first <= field.data <= last:
            raise ValidationError(_("Choose a day between tomorrow and three months from now."))

    @property
    def guest(self) -> Guest:
        """Whom to invite, as the service wants it."""
        return Guest(
            email=self.email.data,
            answer_by=self.answer_by.data,
            name=self.name.data or "",
            words=(self.own_words.data or "").strip(),
            locale=self.locale.data,
            partner_id=UUID(self.partner.data) if self.partner.data else None,
        )


class PartnerForm(Form):
    """What is agreed with a partner organization."""

    name = StringField(
        _l("Name of the organization"),
        [InputRequired(_l("Enter the name of the organization.")), Length(max=200)],
    )
    seats_lent = IntegerField(
        _l("Seats that we lend"),
        [InputRequired(_l("Enter a number; 0 if you lend none.")), _SEATS],
        default=0,
        description=_l("How many places our mentors may keep for their people."),
    )
    seats_borrowed = IntegerField(
        _l("Seats that we borrow"),
        [InputRequired(_l("Enter a number; 0 if you borrow none.")), _SEATS],
        default=0,
        description=_l("How many people their mentors may meet here at a time."),
    )
    agreement = TextAreaField(
        _l("What was agreed"), [Length(max=5000, message=_l("Please shorten this text."))]
    )
    agreed_on = DateField(_l("Agreed on"), [Optional()])
    ends_on = DateField(_l("Holds until"), [Optional()])
    contact_name = StringField(_l("Contact"), [Length(max=200)])
    contact_email = StringField(
        _l("Email of the contact"),
        [Optional(), Length(max=254), _MAIL],
        render_kw={"type": "email", "autocomplete": "off"},
    )

    def validate_ends_on(self, field: Field) -> None:
        """Not before it begins."""
        if field.data and self.agreed_on.data and field.data < self.agreed_on.data:
            raise ValidationError(_("The agreement ends before it begins. Change one of the days."))

    @classmethod
    def of(cls, partner: Partner) -> PartnerForm:
        """The form as things stand."""
        return cls(data={name: getattr(partner, name) for name in asdict(Terms(name=""))})

    @property
    def terms(self) -> Terms:
        """What the service takes."""
        values: dict[str, Any] = {name: self[name].data for name in asdict(Terms(name=""))}
        words = ("agreement", "contact_name", "contact_email")
        return Terms(**{**values, **{name: values[name] or "" for name in words}})


class PlacesForm(Form):
    """How many people one meets at a time over all programs."""

    at_most = IntegerField(
        _l("At most, over all programs"),
        [Optional(), NumberRange(0, MOST_EVERYWHERE, _l("Enter a number from 0 to 50."))],
        description=_l("Leave it empty if each program has its own number and nothing else."),
    )
