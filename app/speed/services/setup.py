"""Organizers set a session up and draw its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import ids
from app.core.database import hold, insert_rows
from app.core.errors import Refused
from app.core.policies import Actor
from app.events.models import Occurrence
from app.events.rules import EventKind
from app.speed import queries
from app.speed.models import SpeedSeat, SpeedSession, SpeedTable
from app.speed.pairing import Odd, Plan, Talk, draw, redraw
from app.speed.registry import destinations
from app.speed.rules import (
    BREAK_MINUTES,
    ROUND_MINUTES,
    ROUNDS,
    PromptSet,
    SessionState,
)
from app.speed.services.base import changed, move, require_lead, run_by


@dataclass(frozen=True, slots=True)
class Settings:
    """What organizers decide before the draw."""

    rounds: int = 6
    round_minutes: int = 8
    break_minutes: int = 2
    tables: int | None = None
    odd: Odd = Odd.BENCH
    prompt_set: PromptSet = PromptSet.FIRST_TALK
    own_prompts: tuple[str, ...] = ()
    # In which language they are written; counts only when they change.
    prompt_locale: str = "en"

    @property
    def is_possible(self) -> bool:
        """Whether all numbers are within their bounds."""
        bounds = (
            (self.rounds, ROUNDS),
            (self.round_minutes, ROUND_MINUTES),
            (self.break_minutes, BREAK_MINUTES),
        )
        return all(low <= number <= high for number, (low, high) in bounds)


def set_up(db: Session, actor_id: UUID, *, occurrence_id: UUID, settings: Settings) -> SpeedSession:
    """Begin a session at a date, or change one that has not started; that undoes its draw."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None or occurrence.event.kind is not EventKind.SPEED_MENTORING:
        raise Refused(_("Choose speed mentoring as the kind of the event first."))
    if not settings.is_possible:
        raise Refused(_("Rounds and minutes are out of their bounds."), 422)
    session = queries.session_of_date(db, occurrence_id) or SpeedSession(
        id=ids.new_id("speed", occurrence_id),
        occurrence=occurrence,
        occurrence_id=occurrence_id,
        state=SessionState.DRAFT,
        revision=0,
        created_by=actor_id,
    )
    require_lead(db, actor_id, occurrence)
    if session.state not in (SessionState.DRAFT, SessionState.DRAWN):
        raise Refused(_("The talks have begun. Use the controls of the running session."))
    _take(session, settings)
    db.add(session)
    db.flush()
    if session.state is SessionState.DRAWN:
        _clear(db, session, 0)
        session.report = None
        move(db, actor_id, session, SessionState.DRAFT, "speed_undraw")
    changed(db, actor_id, session, "speed_set_up")
    db.flush()
    return session


def _take(session: SpeedSession, settings: Settings) -> None:
    lines = list(settings.own_prompts)
    if lines != (session.own_prompts or []):
        session.own_prompts, session.prompt_locale = lines, settings.prompt_locale
        texts = session.prompt_texts or {}
        kept = {tag: {line: to[line] for line in lines if line in to} for tag, to in texts.items()}
        session.prompt_texts = {tag: to for tag, to in kept.items() if to}
    for name in settings.__dataclass_fields__.keys() - {"own_prompts", "prompt_locale"}:
        setattr(session, name, getattr(settings, name))


def translate_prompts(
    db: Session, actor_id: UUID, *, session_id: UUID, locale: str, lines: Mapping[str, str]
) -> None:
    """Say what the organizers' own prompts mean in a language; an empty one has no translation."""
    session = run_by(db, actor_id, session_id)
    if locale == session.prompt_locale:
        raise Refused(_("This is the original, not a translation."), 422)
    told = {line: lines[line] for line in session.own_prompts if lines.get(line)}
    texts = {tag: to for tag, to in session.prompt_texts.items() if tag != locale}
    session.prompt_texts = {**texts, locale: told} if told else texts
    changed(db, actor_id, session, "speed_prompts", after=locale)
    db.flush()


def draw_tables(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSession:
    """Draw all rounds for those who are there; before the start it can be drawn again."""
    session = run_by(db, actor_id, session_id)
    known = queries.players(db, session)
    plan = draw(
        [player for _, player in known.values()],
        session.rounds,
        seed=f"{session.id}|{session.revision}",
        tables=session.tables,
        odd=session.odd,
    )
    if not plan.talks:
        raise Refused(
            _(
                "No two people can sit together yet: it takes mentors and mentees of "
                "different teams."
            )
        )
    _write(db, session, plan, 0, {person: seat for person, (seat, _) in known.items()})
    if session.state is SessionState.DRAFT:
        move(db, actor_id, session, SessionState.DRAWN, "speed_draw")
    elif session.state is SessionState.DRAWN:
        changed(db, actor_id, session, "speed_draw")
    else:
        raise Refused(_("The talks have begun. The rest is drawn again when somebody is missing."))
    db.flush()
    return session


def redraw_rest(db: Session, session: SpeedSession) -> None:
    """Draw what is still to come for those who are there now; played rounds stay as they were.

    The caller holds the session. Before the draw and after the end there is nothing to do.
    """
    if session.state in (SessionState.DRAFT, SessionState.OVER):
        return
    db.flush()
    known = queries.players(db, session)
    rounds = _stored(db, session)
    plan = redraw(
        [player for _, player in known.values()],
        rounds[: session.round],
        rounds[session.round :],
        seed=str(session.id),
        tables=session.tables,
        odd=session.odd,
    )
    _write(db, session, plan, session.round, {p: seat for p, (seat, _) in known.items()})


def _stored(db: Session, session: SpeedSession) -> list[tuple[Talk, ...]]:
    own = select(SpeedSeat.id, SpeedSeat.person_id).where(SpeedSeat.session_id == session.id)
    person_of: dict[UUID, UUID] = dict(db.execute(own).all())  # type: ignore[arg-type]
    found: list[list[Talk]] = [[] for _ in range(session.rounds)]
    rows = db.scalars(
        select(SpeedTable)
        .where(SpeedTable.session_id == session.id)
        .order_by(SpeedTable.round, SpeedTable.number)
    )
    for row in rows:
        third = person_of[row.third_id] if row.third_id else None
        talk = Talk(row.number, person_of[row.mentor_id], person_of[row.mentee_id], third)
        found[row.round - 1].append(talk)
    return [tuple(one) for one in found]


def _write(
    db: Session, session: SpeedSession, plan: Plan, after: int, seats: dict[UUID, SpeedSeat]
) -> None:
    _clear(db, session, after)
    insert_rows(db, SpeedTable, [*_rows(session, plan, after, seats)])
    session.report = _report(plan, seats)
    session.revision += 1


def _rows(
    session: SpeedSession, plan: Plan, after: int, seats: dict[UUID, SpeedSeat]
) -> Sequence[dict[str, Any]]:
    return [
        {
            "id": ids.new_id("speed-table", f"{session.id}|{number}|{talk.table}"),
            "session_id": session.id,
            "round": number,
            "number": talk.table,
            "mentor_id": seats[talk.mentor].id,
            "mentee_id": seats[talk.mentee].id,
            "third_id": seats[talk.third].id if talk.third else None,
        }
        for number, one in enumerate(plan.rounds, after + 1)
        for talk in one
    ]


def _clear(db: Session, session: SpeedSession, after: int) -> None:
    db.execute(
        delete(SpeedTable).where(SpeedTable.session_id == session.id, SpeedTable.round > after)
    )


def _report(plan: Plan, seats: dict[UUID, SpeedSeat]) -> dict[str, Any]:
    """What the organizers' page says about the draw; people as seats."""
    return {
        "rounds": len(plan.rounds),
        "full": plan.full,
        "talks": plan.talks,
        "reasons": [
            {
                "code": reason.code.value,
                "number": reason.number,
                "seats": [str(seats[person].id) for person in reason.people[:20]],
                "people": len(reason.people),
            }
            for reason in plan.reasons
        ],
    }


def send_to(db: Session, actor: Actor, *, session_id: UUID, name: str, chosen: str | None) -> None:
    """Choose where mutual wishes of a session lead, or with None that both take it from there."""
    assert actor.person_id is not None
    session = run_by(db, actor.person_id, session_id)
    if session.closed_at:
        raise Refused(_("The answers were counted already."))
    destinations[name].choose(db, actor, session_id, chosen)
    changed(db, actor.person_id, session, "speed_destination")
    db.flush()
