"""Who answered, as far as the organizers may know: a name, or four letters instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, null, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import Person
from app.core.policies import Actor
from app.ergs.queries import standing
from app.ergs.rules import Visibility, alias
from app.events.models import Event, Occurrence, Rsvp
from app.events.queries.answers import is_visible_member
from app.events.queries.visible import PAGE, WITH_HOSTS, WITH_WORDS, visible_to
from app.events.rules import Audience, RsvpState, questions_of

_S = RsvpState
# What organizers look for, in the order of what waits for them.
GROUPS: dict[str, tuple[RsvpState, ...]] = {
    "asking": (_S.PENDING_APPROVAL,),
    "coming": (_S.GOING, _S.CHECKED_IN, _S.ATTENDED, _S.OFFERED),
    "waiting": (_S.WAITLISTED,),
    "maybe": (_S.MAYBE,),
    "removed": (_S.REMOVED,),
}


@dataclass(frozen=True, slots=True)
class WantedPeople:
    """What an organizer looks for among the answers; nonsense filters nothing."""

    q: str = ""
    group: str = ""
    number: int = 1

    @classmethod
    def of(cls, args: Mapping[str, str]) -> WantedPeople:
        """As an address says it."""
        number, group = args.get("page", "1"), args.get("show", "")
        return cls(
            args.get("q", "").strip()[:100],
            group if group in GROUPS else "",
            max(1, int(number)) if number.isascii() and number.isdigit() else 1,
        )


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer as organizers see it; the name is None where it is not theirs to know."""

    rsvp: Rsvp
    name: str | None

    @property
    def alias(self) -> str:
        """Four letters that say nothing about the person."""
        return alias(self.rsvp.id)

    @property
    def guest_names(self) -> list[str]:
        """Whom a person brings would tell who they are, so it goes with the name."""
        return self.rsvp.guest_names if self.name is not None else []


@dataclass(frozen=True, slots=True)
class AnswerList:
    """One page of answers, with how many there are of each group."""

    rows: list[AnswerLine]
    total: int
    number: int
    counts: dict[str, int]

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def _is_named(db: Session, actor: Actor, event: Event) -> ColumnElement[bool]:
    """Whether organizers may know the name: the person lets them, and it tells no membership."""
    if event.is_hidden:
        return false()
    allowed = Rsvp.visibility.in_((Visibility.LEADS, Visibility.COMPANY))
    if event.audience is Audience.COMPANY:
        return allowed
    return and_(allowed, is_visible_member(standing(db, actor), event))


def people_of(
    db: Session, actor: Actor, occurrence: Occurrence, wanted: WantedPeople
) -> AnswerList:
    """Answers to a date for its organizers: names first, then aliases."""
    counted: Counter[str] = Counter()
    for state, number in db.execute(
        select(Rsvp.state, func.count())
        .where(Rsvp.occurrence_id == occurrence.id)
        .group_by(Rsvp.state)
    ):
        counted.update({name: number for name, states in GROUPS.items() if state in states})
    chosen = _named(db, actor, occurrence, wanted)
    rows = db.execute(chosen.limit(PAGE).offset((wanted.number - 1) * PAGE)).all()
    total = db.scalar(select(func.count()).select_from(chosen.order_by(None).subquery())) or 0
    return AnswerList(
        [AnswerLine(row, name) for row, name in rows],
        total,
        wanted.number,
        {name: counted[name] for name in GROUPS},
    )


def _named(db: Session, actor: Actor, occurrence: Occurrence, wanted: WantedPeople) -> Select[Any]:
    named = _is_named(db, actor, occurrence.event)
    name = case((named, Person.name), else_=null()).label("name")
    states = GROUPS.get(wanted.group) or tuple(s for group in GROUPS.values() for s in group)
    chosen = (
        select(Rsvp, name)
        .join(Person, Person.id == Rsvp.person_id)
        .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(states))
        .order_by(name.is_(None), name, Rsvp.id)
    )
    if wanted.q:
        chosen = chosen.where(named, Person.name.ilike(f"%{_literal(wanted.q)}%", escape="\\"))
    return chosen


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class Told:
    """What people answered to one question: how often each choice, and the words one by one."""

    text: str
    counts: dict[str, int]


def told_of(db: Session, occurrence: Occurrence) -> list[Told]:
    """Answers to the questions by those who come or may come, without any name."""
    questions = questions_of(occurrence.event.questions)
    if not questions:
        return []
    kept = (*GROUPS["coming"], *GROUPS["waiting"], *GROUPS["asking"])
    rows = db.scalars(
        select(Rsvp.told).where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(kept))
    ).all()
    return [
        Told(q.text, dict(Counter(row[q.id] for row in rows if q.id in row).most_common()))
        for q in questions
    ]


def line_of(db: Session, actor: Actor, rsvp: Rsvp) -> AnswerLine:
    """One answer as its organizers see it."""
    named = _is_named(db, actor, rsvp.occurrence.event)
    name = db.scalar(
        select(Person.name).join(Rsvp, Rsvp.person_id == Person.id).where(Rsvp.id == rsvp.id, named)
    )
    return AnswerLine(rsvp, name)


def answer_for(db: Session, actor: Actor, rsvp_id: UUID) -> Rsvp | None:
    """An answer at a date that the actor finds; who may act on it is for the policy."""
    rsvp = db.get(Rsvp, rsvp_id)
    if rsvp is None:
        return None
    chosen = visible_to(actor, standing(db, actor)).where(Occurrence.id == rsvp.occurrence_id)
    found = db.scalars(chosen.options(WITH_WORDS, WITH_HOSTS)).unique().one_or_none()
    if found is None:
        return None
    set_committed_value(rsvp, "occurrence", found)
    return rsvp
