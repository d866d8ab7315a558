"""What people enter about money, and the words of the choices."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.budgets.models import BudgetCycle, BudgetLine, BudgetRequest
from app.budgets.rules import MAX_REASON, CycleState, EntryKind, Purpose, RequestState
from app.budgets.services import CycleTerms, Wish
from app.core import clock, money
from app.core.forms import Form
from app.core.locale import babel_locale, current_language
from app.ergs.models import Erg
from app.ergs.rules import pick_text
from app.events.models import Event

PURPOSES = {
    Purpose.RECRUITING: _l("Recruiting and brand"),
    Purpose.CUSTOMER: _l("Product and customer insight"),
    Purpose.POLICY: _l("Policy"),
    Purpose.LEADERSHIP: _l("Leadership development"),
    Purpose.COMMUNITY: _l("Community"),
}
STATES = {
    RequestState.DRAFT: _l("Draft"),
    RequestState.SUBMITTED: _l("Waiting for an answer"),
    RequestState.CHANGES: _l("Sent back for changes"),
    RequestState.APPROVED: _l("Waiting for a second person"),
    RequestState.REJECTED: _l("Rejected"),
    RequestState.COMMITTED: _l("Approved, money set aside"),
    RequestState.SPENT: _l("Spent, not reconciled yet"),
    RequestState.RECONCILED: _l("Reconciled"),
    RequestState.RELEASED: _l("Given back"),
}
TONES = {
    RequestState.SUBMITTED: "wait",
    RequestState.APPROVED: "wait",
    RequestState.CHANGES: "info",
    RequestState.REJECTED: "bad",
    RequestState.COMMITTED: "good",
    RequestState.SPENT: "wait",
    RequestState.RECONCILED: "good",
}
KINDS = {
    EntryKind.ALLOCATION: _l("Allocation"),
    EntryKind.COMMITMENT: _l("Set aside"),
    EntryKind.RELEASE: _l("Given back"),
    EntryKind.SPEND: _l("Spent"),
    EntryKind.CORRECTION: _l("Correction"),
}
NEEDED = _l("This is needed.")


def _uuid(value: str | UUID | None) -> UUID | None:
    if value in (None, ""):
        return None
    return value if isinstance(value, UUID) else UUID(value)


def chapter_name(erg: Erg, chapter_id: UUID | None) -> str:
    """A chapter in the reader's language, nothing for the whole group."""
    chapter = next((c for c in erg.chapters if c.id == chapter_id), None)
    if chapter is None:
        return ""
    return str(chapter.names.get(current_language().tag) or chapter.names["en"])


def line_name(erg: Erg, line: BudgetLine) -> str:
    """The purpose of a line, and its chapter if it has one."""
    chapter = chapter_name(erg, line.chapter_id)
    if not chapter:
        return str(PURPOSES[line.purpose])
    return _("%(purpose)s (%(chapter)s)", purpose=PURPOSES[line.purpose], chapter=chapter)


def read_amount(field: Any, currency: str) -> int:
    """The minor units of a typed amount, or a sentence that says what is wrong."""
    try:
        amount = money.parse(field.data or "", currency, babel_locale())
    except money.TooFine as fine:
        if not fine.digits:
            raise ValidationError(
                _("This currency has no decimals. Enter a whole number.")
            ) from fine
        text = _("This currency has %(digits)s decimals. Enter no more.", digits=fine.digits)
        raise ValidationError(text) from fine
    except money.NotAnAmount as fault:
        example = money.typed(123450, "USD", babel_locale())
        text = _("Enter an amount as a plain number, such as %(example)s.", example=example)
        raise ValidationError(text) from fault
    if amount <= 0:
        raise ValidationError(_("Enter an amount above zero."))
    return amount


class AmountForm(Form):
    """Forms with an amount: `minor` holds it once the form is valid."""

    minor = 0
    fixed_currency = ""

    @property
    def asked_currency(self) -> str:
        """In which currency the amount is meant."""
        return self.fixed_currency or str(self.currency.data)

    def validate_amount(self, field: Any) -> None:
        """An amount of that currency, to its last decimal."""
        self.minor = read_amount(field, self.asked_currency)


class RequestForm(AmountForm):
    """What money is asked for."""

    title = StringField(_l("What is it for?"), validators=[DataRequired(NEEDED), Length(max=160)])
    line_id = SelectField(
        _l("Line of the budget"), coerce=_uuid, validators=[InputRequired(NEEDED)]
    )
    currency = SelectField(_l("Currency"), choices=[(c, c) for c in money.CURRENCIES])
    amount = StringField(_l("Amount"), validators=[DataRequired(NEEDED), Length(max=40)])
    why = TextAreaField(_l("Why, and for whom?"), validators=[Length(max=4000)])
    event_id = SelectField(_l("Event it pays for"), coerce=_uuid, validators=[Optional()])
    receipt = StringField(_l("Offer, note or receipt number"), validators=[Length(max=300)])

    @classmethod
    def of(
        cls,
        erg: Erg,
        cycles: Iterable[BudgetCycle],
        events: Iterable[Event],
        request: BudgetRequest | None = None,
    ) -> RequestForm:
        """The form of one group, filled with a request or with the usual."""
        open_ones = [c for c in cycles if c.state is CycleState.OPEN]
        usual = open_ones[0].currency if open_ones else "USD"
        form = cls(data=_filled(request) if request else {"currency": usual})
        form.line_id.choices = [
            (line.id, f"{line_name(erg, line)} · {cycle.name} · {cycle.currency}")
            for cycle in open_ones
            for line in cycle.lines
        ]
        titles = [(event.id, _title(event)) for event in events]
        form.event_id.choices = [("", _("No event")), *titles]
        return form

    def wish(self) -> Wish:
        """What was entered, as the services take it."""
        return Wish(
            line_id=self.line_id.data,
            title=self.title.data,
            amount=self.minor,
            currency=self.currency.data,
            why=self.why.data.replace("\r\n", "\n"),
            receipt=self.receipt.data,
            event_id=self.event_id.data,
        )


def _title(event: Event) -> str:
    text = pick_text(event.texts, current_language().tag)
    return text.title if text else ""


def _filled(request: BudgetRequest) -> dict[str, Any]:
    return {
        "title": request.title,
        "line_id": request.line_id,
        "currency": request.currency,
        "amount": money.typed(request.amount, request.currency, babel_locale()),
        "why": request.why,
        "event_id": request.pays_for.event_id if request.pays_for else None,
        "receipt": request.receipt,
    }


class ReasonForm(Form):
    """Why a request is rejected, or what should change."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Please give a reason. The person who asked will read it.")),
            Length(max=MAX_REASON, message=_l("Please keep the reason under 500 characters.")),
        ],
    )


class SpendForm(AmountForm):
    """What was really paid."""

    amount = StringField(_l("Amount paid"), validators=[DataRequired(NEEDED), Length(max=40)])
    receipt = StringField(_l("Where is the receipt?"), validators=[Length(max=300)])
    note = StringField(_l("Note"), validators=[Length(max=300)])

    @classmethod
    def of(cls, request: BudgetRequest, *, posted: bool = True) -> SpendForm:
        """Filled with what was asked, or with what was posted."""
        amount = money.typed(request.amount, request.currency, babel_locale())
        data = {"amount": amount, "receipt": request.receipt}
        form = cls(data=data) if posted else cls(formdata=None, data=data)
        form.fixed_currency = request.currency
        return form


class ReceiptForm(Form):
    """Where the receipt is kept."""

    receipt = StringField(
        _l("Where is the receipt?"),
        validators=[DataRequired(_l("Say where the receipt is.")), Length(max=300)],
    )


class CycleForm(Form):
    """What an administrator decides about a cycle."""

    name = StringField(_l("Name"), validators=[DataRequired(NEEDED), Length(max=80)])
    starts_on = DateField(_l("First day"), validators=[InputRequired(NEEDED)])
    ends_on = DateField(_l("Last day"), validators=[InputRequired(NEEDED)])
    currency = SelectField(_l("Currency"), choices=[(c, c) for c in money.CURRENCIES])
    limit = StringField(
        _l("Two people agree above"), validators=[DataRequired(NEEDED), Length(max=40)]
    )
    chapters = SelectMultipleField(_l("Chapters with a line of their own"), coerce=_uuid)

    minor = 0

    @classmethod
    def of(cls, erg: Erg, cycle: BudgetCycle | None = None) -> CycleForm:
        """A new one for this year, or what holds; the currency of a cycle stays."""
        form = cls(data=_terms(cycle) if cycle else _this_year())
        form.chapters.choices = [(c.id, chapter_name(erg, c.id)) for c in erg.chapters]
        if cycle is not None:
            form.currency.choices = [(cycle.currency, cycle.currency)]
        return form

    def validate_ends_on(self, field: DateField) -> None:
        """Not before it begins."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day lies before the first."))

    def validate_limit(self, field: StringField) -> None:
        """An amount in the currency of the cycle."""
        self.minor = read_amount(field, self.currency.data)

    def terms(self) -> CycleTerms:
        """What was entered, as the services take it."""
        return CycleTerms(self.name.data, self.starts_on.data, self.ends_on.data, self.minor)


def _terms(cycle: BudgetCycle) -> dict[str, Any]:
    return {
        "name": cycle.name,
        "starts_on": cycle.starts_on,
        "ends_on": cycle.ends_on,
        "currency": cycle.currency,
        "limit": money.typed(cycle.two_people_above, cycle.currency, babel_locale()),
    }


def _this_year() -> dict[str, Any]:
    today = clock.now().date()
    return {
        "name": str(today.year),
        "starts_on": today.replace(month=1, day=1),
        "ends_on": today.replace(month=12, day=31),
        "currency": "USD",
    }


class AllocationForm(AmountForm):
    """Money for a line."""

    line_id = SelectField(
        _l("Line of the budget"), coerce=_uuid, validators=[InputRequired(NEEDED)]
    )
    amount = StringField(_l("Amount"), validators=[DataRequired(NEEDED), Length(max=40)])
    note = StringField(_l("Note"), validators=[Length(max=300)])

    @classmethod
    def of(cls, erg: Erg, cycle: BudgetCycle) -> AllocationForm:
        """The form of one cycle."""
        form = cls()
        form.line_id.choices = [(line.id, line_name(erg, line)) for line in cycle.lines]
        form.fixed_currency = cycle.currency
        return form


class RateForm(Form):
    """What a currency was worth on a day."""

    currency = SelectField(_l("One unit of"), choices=[(c, c) for c in money.CURRENCIES])
    rate = StringField(_l("is worth"), validators=[DataRequired(NEEDED), Length(max=40)])
    into = SelectField(_l("in"), choices=[(c, c) for c in money.CURRENCIES], default="USD")
    day = DateField(_l("Day"), validators=[InputRequired(NEEDED)])
    source = StringField(_l("Source"), validators=[DataRequired(NEEDED), Length(max=120)])

    value = Decimal(0)

    def validate_into(self, field: SelectField) -> None:
        """Two different currencies."""
        if field.data == self.currency.data:
            raise ValidationError(_("Choose two different currencies."))

    def validate_rate(self, field: StringField) -> None:
        """A number above zero, in the reader's way of writing."""
        try:
            self.value = money.parse_number(field.data or "", babel_locale())
        except money.NotAnAmount as fault:
            raise ValidationError(_("Enter the rate as a plain number.")) from fault
        if not 0 < self.value < 10**9:
            raise ValidationError(_("Enter a rate above zero."))

    def validate_day(self, field: DateField) -> None:
        """Nobody knows the rate of tomorrow."""
        if field.data and field.data > clock.now().date():
            raise ValidationError(_("Choose a day that is not in the future."))
