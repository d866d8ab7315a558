"""What people enter in elections, and the words of the choices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.core import clock
from app.core.forms import Form
from app.elections.models import Candidate, Election
from app.elections.rules import (
    ELECTED_ROLES,
    MAX_SEATS,
    MAX_STATEMENT,
    Check,
    ElectionState,
    TieRule,
    doubled,
    ranking_of,
)
from app.elections.services import Plan
from app.ergs.forms import ROLES, chapter_names
from app.ergs.models import Erg
from app.ergs.rules import RoleName

NEEDED = _l("This is needed.")
STATES = {
    ElectionState.DRAFT: _l("Being prepared"),
    ElectionState.NOMINATING: _l("Nominations are open"),
    ElectionState.VOTING: _l("Voting is open"),
    ElectionState.COUNTED: _l("Counted, waiting to be certified"),
    ElectionState.CERTIFIED: _l("Certified"),
    ElectionState.VOID: _l("Void"),
}
TONES = {
    ElectionState.DRAFT: "off",
    ElectionState.NOMINATING: "info",
    ElectionState.VOTING: "wait",
    ElectionState.COUNTED: "info",
    ElectionState.CERTIFIED: "good",
    ElectionState.VOID: "bad",
}
TIE_RULES = {
    TieRule.EARLIER_ROUNDS: _l("By earlier rounds"),
    TieRule.LOT: _l("By public lot"),
    TieRule.JOINT: _l("Joint term"),
}
TIE_RULE_HINTS = {
    TieRule.EARLIER_ROUNDS: _l(
        "Of those who are level, whoever had fewer votes in the latest earlier round that tells "
        "them apart drops out. If they were level in every round, the public lot decides."
    ),
    TieRule.LOT: _l(
        "Of those who are level, the public lot decides who drops out. Its seed is drawn now and "
        "locked by the code on the election's page; after the count everybody can check it."
    ),
    TieRule.JOINT: _l(
        "If all who are left are level and there are not enough seats for them, all of them are "
        "elected and share the term. Other ties are decided by earlier rounds, then by lot."
    ),
}
CHECKS = {
    Check.TALK: _l("We talked for an hour: what works, what is open, what we would do again"),
    Check.CHARTER: _l("We read the charter together"),
    Check.REQUESTS: _l("Open requests are answered or handed on by name"),
    Check.EVENTS: _l("Every event ahead has somebody who runs it"),
    Check.MONEY: _l("Budget and open bills are explained"),
    Check.SPONSOR: _l("The new leads have met the executive sponsor"),
    Check.CHAPTERS: _l("The new leads have met the leads of the chapters"),
    Check.FILES: _l("Files and resources have new owners"),
    Check.CONFIDENTIAL: _l("We spoke about confidentiality: who must never be named, and why"),
    Check.ANNOUNCE: _l("The members know who leads from when on, and who stepped back"),
    Check.REVIEW: _l("We will talk again after a month"),
}
WEEK = timedelta(days=7)


def _uuid(value: str | UUID | None) -> UUID | None:
    return value if isinstance(value, UUID) else UUID(value) if value else None


class ElectionForm(Form):
    """All that a lead decides about an election."""

    role = SelectField(
        _l("Role"), coerce=RoleName, choices=[(role, ROLES[role]) for role in ELECTED_ROLES]
    )
    chapter = SelectField(_l("Of"), coerce=_uuid, validators=[Optional()])
    seats = IntegerField(
        _l("Number of seats"),
        default=1,
        validators=[
            InputRequired(NEEDED),
            NumberRange(1, MAX_SEATS, _l("Enter a number from 1 to 9.")),
        ],
    )
    about = TextAreaField(_l("What members should know"), validators=[Length(max=4000)])
    nominating_on = DateField(_l("Nominations from"), validators=[InputRequired(NEEDED)])
    voting_on = DateField(_l("Voting from"), validators=[InputRequired(NEEDED)])
    ends_on = DateField(_l("Last day of voting"), validators=[InputRequired(NEEDED)])
    term_starts_on = DateField(_l("The term starts"), validators=[InputRequired(NEEDED)])
    term_ends_on = DateField(_l("The term ends"), validators=[InputRequired(NEEDED)])
    tie_rule = RadioField(
        _l("If candidates are level"),
        coerce=TieRule,
        choices=list(TIE_RULES.items()),
        validators=[DataRequired(_l("Choose one of the answers."))],
    )

    @classmethod
    def of(cls, erg: Erg, tag: str, election: Election | None = None) -> ElectionForm:
        """The form filled with a draft, or with the usual days for a new one."""
        form = cls(data=_filled(election) if election else _usual())
        names = chapter_names(erg, tag)
        form.chapter.choices = [("", _("The whole group")), *names.items()]
        return form

    def validate_voting_on(self, field: DateField) -> None:
        """Nominations need at least a day."""
        if self.nominating_on.data and field.data and field.data <= self.nominating_on.data:
            raise ValidationError(_("Voting starts after nominations, a day later at least."))

    def validate_ends_on(self, field: DateField) -> None:
        """Voting takes a day at least."""
        if self.voting_on.data and field.data and field.data < self.voting_on.data:
            raise ValidationError(_("Voting cannot end before it starts."))

    def validate_term_ends_on(self, field: DateField) -> None:
        """A term has a length."""
        start = self.term_starts_on.data
        if start and field.data and field.data <= start:
            raise ValidationError(_("The term must end after it starts."))

    @property
    def hints(self) -> dict[str, object]:
        """A line under each tie rule."""
        return {rule.value: hint for rule, hint in TIE_RULE_HINTS.items()}

    def plan(self, locale: str) -> Plan:
        """What was entered, as the services take it."""
        same = ("role", "seats", "nominating_on", "voting_on", "ends_on", "tie_rule")
        terms = ("term_starts_on", "term_ends_on")
        values = {name: getattr(self, name).data for name in (*same, *terms)}
        return Plan(
            chapter_id=self.chapter.data,
            about=self.about.data.replace("\r\n", "\n").strip(),
            locale=locale,
            **values,
        )


def _filled(election: Election) -> dict[str, Any]:
    names = ("role", "seats", "about", "nominating_on", "voting_on", "ends_on", "tie_rule")
    terms = ("term_starts_on", "term_ends_on")
    values = {name: getattr(election, name) for name in (*names, *terms)}
    return {**values, "chapter": election.chapter_id}


def _usual() -> dict[str, date | object]:
    today = clock.now().date()
    return {
        "nominating_on": today + WEEK,
        "voting_on": today + 3 * WEEK,
        "ends_on": today + 4 * WEEK,
        "term_starts_on": today + 6 * WEEK,
        "term_ends_on": today + 6 * WEEK + timedelta(days=364),
        "tie_rule": TieRule.EARLIER_ROUNDS,
    }


class StandForm(Form):
    """A candidate's words, and in a sensitive group the name they show."""

    shown_as = StringField(_l("Name on the ballot"), validators=[Length(max=120)])
    statement = TextAreaField(
        _l("Why you stand"),
        validators=[Length(max=MAX_STATEMENT, message=_l("Please keep it under 2000 characters."))],
    )

    @classmethod
    def of(cls, candidacy: Candidate | None, name: str) -> StandForm:
        """Filled with what was said before."""
        said = candidacy.statement if candidacy else ""
        return cls(data={"shown_as": (candidacy and candidacy.shown_as) or name, "statement": said})


class VoidForm(Form):
    """Why an election ends without a result."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Please give a reason. Everybody who may vote will read it.")),
            Length(max=500, message=_l("Please keep the reason under 500 characters.")),
        ],
    )


class Ballot(Form):
    """A rank for each candidate; made for one election by `ballot_of`."""

    candidates: tuple[Candidate, ...] = ()

    def field_of(self, number: int) -> SelectField:
        """The choice of one candidate's rank."""
        return self[f"rank_{number}"]

    @property
    def ranks(self) -> dict[int, int]:
        """The ranks that were given, by candidate."""
        found = {c.number: self.field_of(c.number).data for c in self.candidates}
        return {number: rank for number, rank in found.items() if rank}

    @property
    def ranking(self) -> tuple[int, ...]:
        """The candidates in the order of their ranks."""
        return ranking_of(self.ranks)

    def validate(self, extra_validators: Any = None) -> bool:
        """At least one rank, and each of them once; what was chosen stays."""
        is_fine = super().validate(extra_validators)
        for number in sorted(doubled(self.ranks)):
            message = _("Another candidate has this rank as well. Give each a rank of their own.")
            self.field_of(number).errors = [message]
            is_fine = False
        if is_fine and not self.ranks:
            first = self.field_of(self.candidates[0].number)
            first.errors = [_("Give at least one candidate the rank 1.")]
            is_fine = False
        return is_fine


def ballot_of(candidates: Iterable[Candidate]) -> Ballot:
    """The ballot of one election."""
    standing = tuple(candidates)
    ranks = [("", _("No rank")), *((n, str(n)) for n in range(1, len(standing) + 1))]
    fields = {
        f"rank_{c.number}": SelectField(
            Markup("<bdi>{}</bdi>").format(c.shown_as or _("Somebody who has left")),
            coerce=lambda value: int(value) if value else None,
            choices=ranks,
            validators=[Optional()],
        )
        for c in standing
    }
    return type("BallotOfElection", (Ballot,), {**fields, "candidates": standing})()
