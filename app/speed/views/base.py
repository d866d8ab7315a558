"""What the pages share: the state of a session as a phone, the desk and the wall show it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import flask
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core import clock
from app.core.locale import current_language
from app.core.policies import current_actor
from app.speed import forms, queries
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.pairing import ReasonCode
from app.speed.rules import Clock, Phase, Prompt, PromptSet, SessionState, poll_after, prompt_of

bp = flask.Blueprint("speed", __name__, url_prefix="/events/<uuid:occurrence_id>/speed")


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a session stands at this instant, for every page alike."""

    session: SpeedSession
    clock: Clock
    seconds: int | None
    wait: int | None

    @property
    def version(self) -> str:
        """Changes when an organizer's page must look different."""
        return f"{self.session.revision}-{self.clock.round}-{self.clock.phase.value}"

    @property
    def prompt(self) -> Prompt:
        """What to talk about in this round, in the language of the page where there is one."""
        chosen, tag = PromptSet(self.session.prompt_set), current_language().tag
        return prompt_of(chosen, self.session.prompts, max(1, self.clock.round), tag)

    @property
    def is_over(self) -> bool:
        """Whether the last talk has ended, written down or not."""
        return self.clock.phase is Phase.OVER

    @property
    def is_paused(self) -> bool:
        """Whether the clock is stopped."""
        return self.session.state is SessionState.PAUSED


def moment_of(session: SpeedSession) -> Moment:
    """The session now, and when to ask again."""
    now = session.clock_now
    left = (now.until - clock.now()).total_seconds() if now.until else None
    is_soon = session.state in (SessionState.DRAWN, SessionState.PAUSED)
    seconds = session.seconds_left if left is None else int(left)
    return Moment(session, now, seconds, poll_after(now.phase, left, is_soon))


def now_of(db: Session, seat: SpeedSeat) -> dict[str, Any]:
    """What one's phone shows: this table, the next one, the prompt, the clock."""
    moment = moment_of(seat.session)
    number = max(1, moment.clock.round)
    tables = queries.my_tables(db, seat, (number, number + 1)) if _is_drawn(seat.session) else {}
    return {
        "moment": moment,
        "seat": seat,
        "occurrence": seat.session.occurrence,
        "table": tables.get(number),
        "following": tables.get(number + 1),
        "sides": forms.SIDE_NAMES,
        "version": _version(moment, seat, tables),
    }


def _version(moment: Moment, seat: SpeedSeat, tables: dict[int, queries.MyTable]) -> str:
    """Changes with what this phone shows and with nothing else, so that it tells of nobody else."""
    shown = (
        moment.session.state,
        moment.clock,
        moment.session.seconds_left,
        moment.prompt,
        seat.state,
        sorted(tables.items()),
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:12]


def _is_drawn(session: SpeedSession) -> bool:
    return session.state is not SessionState.DRAFT


def reasons_of(session: SpeedSession) -> list[str]:
    """Why the draw could not do more, as sentences; people are a number."""
    report = session.report or {"reasons": []}
    return [_sentence(reason) for reason in report["reasons"]]


def _sentence(reason: dict[str, Any]) -> str:
    code, number = ReasonCode(reason["code"]), reason["number"]
    text = str(forms.REASONS.get(code, ""))
    if code is ReasonCode.UNEVEN:
        text = ngettext(
            "The sides are uneven: in each round %(num)s person is left over.",
            "The sides are uneven: in each round %(num)s people are left over.",
            number,
        )
    if code is ReasonCode.FEW_TABLES:
        text = ngettext(
            "There are too few tables: %(num)s pair has none.",
            "There are too few tables: %(num)s pairs have none.",
            number,
        )
    if code is ReasonCode.TOO_MANY_ROUNDS:
        text = ngettext(
            "Without meeting somebody twice there can be %(num)s full round at most.",
            "Without meeting somebody twice there can be %(num)s full rounds at most.",
            number,
        )
    if code is ReasonCode.FEW_PARTNERS:
        text = ngettext(
            "%(num)s person has fewer possible partners than there are rounds, because of teams "
            "and reporting lines.",
            "%(num)s people have fewer possible partners than there are rounds, because of teams "
            "and reporting lines.",
            reason["people"],
        )
    return text


def home_of(occurrence_id: UUID) -> str:
    """The participants' page."""
    return flask.url_for("speed.show", occurrence_id=occurrence_id)


def desk_of(occurrence_id: UUID) -> str:
    """The organizers' page."""
    return flask.url_for("speed.desk", occurrence_id=occurrence_id)


def me() -> UUID:
    """Who asks; guards let nobody in who is not signed in."""
    person_id = current_actor().person_id
    assert person_id is not None
    return person_id
