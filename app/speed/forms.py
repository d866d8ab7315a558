"""What people enter, and the words of the choices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.core.forms import Form
from app.core.locale import current_language
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.pairing import Odd, ReasonCode, Side
from app.speed.rules import (
    BREAK_MINUTES,
    ROUND_MINUTES,
    ROUNDS,
    TOPICS,
    OwnPrompts,
    PromptSet,
    SeatState,
    SessionState,
)
from app.speed.services import Settings

NEEDED = _l("This is needed.")
MOST_TOPICS = 3
SIDES = {
    Side.MENTOR: _l("As a mentor: I pass on what I have learned"),
    Side.MENTEE: _l("As a mentee: I would like to learn"),
    Side.BOTH: _l("Either way is fine with me"),
}
SIDE_NAMES = {
    Side.MENTOR: _l("Mentor"),
    Side.MENTEE: _l("Mentee"),
    Side.BOTH: _l("Either way"),
}
STATES = {
    SessionState.DRAFT: _l("Gathering people"),
    SessionState.DRAWN: _l("Tables are drawn"),
    SessionState.RUNNING: _l("Running"),
    SessionState.PAUSED: _l("Clock stopped"),
    SessionState.OVER: _l("Over"),
}
SEAT_STATES = {
    SeatState.HERE: _l("There"),
    SeatState.PAUSING: _l("Taking a break"),
    SeatState.ABSENT: _l("Missing"),
    SeatState.LEFT: _l("Has left"),
}
ODD = {
    Odd.BENCH: _l("They pause, each in turn"),
    Odd.TRIAD: _l("They join a table as a third"),
}
SETS = {
    PromptSet.FIRST_TALK: _l("First talks: getting to know each other"),
    PromptSet.GROWTH: _l("Growth: learning and changing"),
    PromptSet.LEADING: _l("Leading: people and decisions"),
}
REASONS = {
    ReasonCode.NO_COUNTERPART: _l("There is nobody on the other side yet."),
    ReasonCode.TANGLED: _l("Teams and reporting lines leave no way to fill all rounds."),
}


class SideForm(Form):
    """On which side somebody takes part."""

    side = RadioField(
        _l("How would you like to take part?"),
        choices=[(side.value, label) for side, label in SIDES.items()],
        validators=[InputRequired(_l("Choose one of them."))],
        coerce=str,
    )
    topics = SelectMultipleField(
        _l("What would you like to talk about?"),
        choices=list(TOPICS.items()),
        description=_l("Up to three. You meet people who chose the same where that is possible."),
    )

    def validate_topics(self, field: Any) -> None:
        """Few topics, or they say nothing."""
        if len(field.data or []) > MOST_TOPICS:
            raise ValidationError(_l("Choose at most three topics."))

    @classmethod
    def of(cls, seat: SpeedSeat | None) -> SideForm:
        """With what one chose before."""
        if seat is None:
            return cls()
        return cls(data={"side": seat.side.value, "topics": list(seat.topics)})


class BesideForm(Form):
    """One's side, asked beside the answer to the event; it can be left open."""

    side = RadioField(
        _l("How would you like to take part in the talks?"),
        choices=[(side.value, label) for side, label in SIDES.items()],
        validators=[Optional()],
        coerce=str,
    )

    @classmethod
    def of(cls, seat: SpeedSeat | None, *, fresh: bool) -> BesideForm:
        """With what one chose before."""
        data = {"side": seat.side.value if seat else None}
        return cls(formdata=None, data=data) if fresh else cls(data=data)


def _number(label: Any, bounds: tuple[int, int], **more: Any) -> IntegerField:
    low, high = bounds
    return IntegerField(
        label,
        validators=[
            InputRequired(NEEDED),
            NumberRange(low, high, _l("Between %(min)s and %(max)s.")),
        ],
        **more,
    )


class SetupForm(Form):
    """Rounds, minutes, tables and prompts."""

    rounds = _number(_l("Rounds"), ROUNDS)
    round_minutes = _number(_l("Minutes a talk"), ROUND_MINUTES)
    break_minutes = _number(_l("Minutes to change tables"), BREAK_MINUTES)
    tables = IntegerField(
        _l("Tables in the room"),
        validators=[Optional(), NumberRange(1, 500, _l("Between %(min)s and %(max)s."))],
        description=_l("Leave it empty if there are enough."),
    )
    odd = RadioField(
        _l("Those who are left over in a round"),
        choices=[(odd.value, label) for odd, label in ODD.items()],
        coerce=str,
    )
    prompt_set = SelectField(
        _l("Prompts"), choices=[(one.value, label) for one, label in SETS.items()]
    )
    own_prompts = TextAreaField(
        _l("Prompts of your own"),
        validators=[Optional(), Length(max=2000)],
        description=_l(
            "One a line, for the first rounds. They can be translated once they are saved."
        ),
    )

    @classmethod
    def of(cls, session: SpeedSession | None) -> SetupForm:
        """With what holds now."""
        now = session or Settings()
        return cls(
            data={
                "rounds": now.rounds,
                "round_minutes": now.round_minutes,
                "break_minutes": now.break_minutes,
                "tables": now.tables,
                "odd": now.odd.value,
                "prompt_set": now.prompt_set.value,
                "own_prompts": "\n".join(now.own_prompts),
            }
        )

    @property
    def settings(self) -> Settings:
        """What was entered."""
        lines = (self.own_prompts.data or "").splitlines()
        return Settings(
            rounds=self.rounds.data,
            round_minutes=self.round_minutes.data,
            break_minutes=self.break_minutes.data,
            tables=self.tables.data,
            odd=Odd(self.odd.data),
            prompt_set=PromptSet(self.prompt_set.data),
            own_prompts=tuple(line.strip()[:200] for line in lines if line.strip())[: ROUNDS[1]],
            prompt_locale=current_language().tag,
        )


class PromptsForm(Form):
    """What each of the organizers' own prompts means in another language."""

    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, prompts: OwnPrompts, locale: str) -> PromptsForm:
        """A field a line, filled with the translation that holds."""
        fields = {
            _field(n): StringField(line, validators=[Length(max=200)])
            for n, line in enumerate(prompts.lines)
        }
        known = prompts.texts.get(locale, {})
        values = {_field(n): known.get(line, "") for n, line in enumerate(prompts.lines)}
        form: PromptsForm = type("PromptsFormOfSession", (cls,), fields)(data=values)
        form.lines = prompts.lines
        return form

    @property
    def asked(self) -> list[Any]:
        """The fields in the order of the lines."""
        return [self[_field(n)] for n in range(len(self.lines))]

    @property
    def told(self) -> dict[str, str]:
        """What was entered, by the line it translates."""
        return {line: field.data or "" for line, field in zip(self.lines, self.asked, strict=True)}


def _field(number: int) -> str:
    return f"line_{number}"


class SeatForm(Form):
    """Organizers seat somebody who has no phone at hand."""

    person = SelectField(_l("Who"), coerce=str)
    as_side = SelectField(
        _l("Side"), choices=[(side.value, label) for side, label in SIDE_NAMES.items()]
    )

    @classmethod
    def among(cls, people: Iterable[tuple[UUID, str]]) -> SeatForm:
        """Those who come and let organizers know."""
        form = cls()
        form.person.choices = [(str(person), name) for person, name in people]
        return form


class WishForm(Form):
    """With whom somebody wants to go on."""

    partners = SelectMultipleField(_l("With whom would you like to go on talking?"))

    @classmethod
    def among(cls, met: Iterable[tuple[UUID, str, int]], chosen: Iterable[UUID] = ()) -> WishForm:
        """Those one sat with."""
        form = cls(data={"partners": [str(one) for one in chosen]})
        form.partners.choices = [(str(seat), name) for seat, name, _round in met]
        return form


class LengthForm(Form):
    """How many minutes to add."""

    minutes = IntegerField(validators=[InputRequired(NEEDED), NumberRange(1, 15)])
