"""What people enter about approvals, and the words of the choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from app.approvals.registry import Fact, kinds
from app.approvals.rules import (
    AUTHOR_ROLE,
    MAX_DAYS,
    MAX_REASON,
    ApprovalState,
    Decider,
    Stage,
    StepKind,
    Verdict,
)
from app.core import clock
from app.core.forms import Form

DECIDERS = {
    Decider.LEAD: _l("A lead of the group"),
    Decider.COMMS: _l("Communications of the group"),
    Decider.TREASURER: _l("The treasurer"),
    Decider.ACCESS_LEAD: _l("The access lead"),
    Decider.MODERATOR: _l("A moderator"),
    Decider.SPONSOR: _l("The executive sponsor"),
    Decider.ORG_ADMIN: _l("An administrator of the organization"),
}
STATES = {
    ApprovalState.WAITING: (_l("Waiting"), "wait"),
    ApprovalState.APPROVED: (_l("Approved"), "good"),
    ApprovalState.CHANGES: (_l("Changes requested"), "info"),
    ApprovalState.REJECTED: (_l("Rejected"), "bad"),
    ApprovalState.WITHDRAWN: (_l("Taken back"), "off"),
}
STEPS = {
    StepKind.ASKED: _l("Approval was asked for"),
    StepKind.APPROVED: _l("Approved"),
    StepKind.CHANGES: _l("Changes requested"),
    StepKind.REJECTED: _l("Rejected"),
    StepKind.AUTOMATIC: _l("Approved without a person: a rule of the group says so"),
    StepKind.LATE: _l("Those who stand behind were asked as well"),
    StepKind.UNDONE: _l("The decision was taken back"),
    StepKind.WITHDRAWN: _l("The author took it back"),
}
VERDICTS = {
    Verdict.APPROVE: _l("Approve"),
    Verdict.CHANGES: _l("Ask for changes"),
    Verdict.REJECT: _l("Reject"),
}
AUTHOR_ROLES = Fact(
    AUTHOR_ROLE,
    _l("Written by"),
    {
        "comms": _l("somebody of communications"),
        "lead": _l("a lead"),
        "moderator": _l("a moderator"),
        "treasurer": _l("the treasurer"),
    },
)
NEEDED = _l("This is needed.")
NOBODY = ""


class DecisionForm(Form):
    """What a decider says, and why."""

    verdict = RadioField(
        _l("Your decision"),
        coerce=Verdict,
        choices=list(VERDICTS.items()),
        validators=[DataRequired(_l("Choose one of the answers."))],
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[
            Length(max=MAX_REASON, message=_l("Please keep the reason under 1,000 characters."))
        ],
    )

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever does not simply agree says why."""
        wants_reason = self.verdict.data in (Verdict.CHANGES, Verdict.REJECT)
        if wants_reason and not (field.data or "").strip():
            raise ValidationError(_("Please give a reason. The author will read it."))


def _decider(value: str | Decider) -> Decider | None:
    return Decider(value) if value else None


def _stage(number: int) -> tuple[SelectField, IntegerField]:
    who = SelectField(
        (_l("First stage"), _l("Second stage"), _l("Third stage"))[number],
        coerce=_decider,
        choices=[(NOBODY, _l("Nobody")), *DECIDERS.items()],
        default=NOBODY,
    )
    days = IntegerField(
        _l("Working days to decide"),
        default=2,
        validators=[
            InputRequired(NEEDED),
            NumberRange(1, MAX_DAYS, _l("Enter a number from 1 to 30.")),
        ],
    )
    return who, days


class ChainForm(Form):
    """Up to three stages; an empty one is passed over."""

    who_1, days_1 = _stage(0)
    who_2, days_2 = _stage(1)
    who_3, days_3 = _stage(2)

    @classmethod
    def of(cls, chain: list[Stage]) -> ChainForm:
        """The form filled with a chain."""
        values: dict[str, object] = {}
        for number, stage in enumerate(chain, 1):
            values |= {f"who_{number}": stage.decider, f"days_{number}": stage.days}
        return cls(data=values)

    @property
    def pairs(self) -> list[tuple[SelectField, IntegerField]]:
        """The fields, a line for each stage."""
        return [(self[f"who_{n}"], self[f"days_{n}"]) for n in (1, 2, 3)]

    @property
    def stages(self) -> list[Stage]:
        """What was entered."""
        return [Stage(who.data, days.data) for who, days in self.pairs if who.data]


def _person(value: str | UUID) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


class DeputyForm(Form):
    """Who stands in, from when to when."""

    deputy = SelectField(_l("Your deputy"), coerce=_person)
    starts_on = DateField(_l("First day"), validators=[InputRequired(NEEDED)])
    ends_on = DateField(_l("Last day"), validators=[InputRequired(NEEDED)])

    @classmethod
    def of(cls, candidates: Iterable[tuple[UUID, str]]) -> DeputyForm:
        """The form of one group."""
        form = cls(data={"starts_on": clock.now().date()})
        form.deputy.choices = list(candidates)
        return form

    def validate_ends_on(self, field: DateField) -> None:
        """A term ends after it has begun, and not in the past."""
        begins = self.starts_on.data or field.data
        if field.data and field.data < max(begins, clock.now().date()):
            raise ValidationError(_("The last day lies before the first, or in the past."))


def facts_of(kind: str) -> list[Fact]:
    """What a rule may ask about a kind of item."""
    return [*kinds[kind].facts, AUTHOR_ROLES]


def conditions_from(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """The conditions named in an address or a form; what makes no sense is left out."""
    return {
        fact.name: values[f"fact_{fact.name}"]
        for fact in facts_of(kind)
        if values.get(f"fact_{fact.name}") in fact.values
    }


def spelled(kind: str, conditions: Mapping[str, str]) -> list[str]:
    """A rule in words, a line for each condition."""
    return [
        _("%(fact)s: %(value)s", fact=fact.label, value=fact.values[conditions[fact.name]])
        for fact in facts_of(kind)
        if conditions.get(fact.name) in fact.values
    ]
