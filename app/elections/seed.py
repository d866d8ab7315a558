"""The elections of the demo company: one under way in which Bo can vote, one of last year."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.outbox import Delivery, DeliveryState
from app.elections import queries, services
from app.elections.models import BallotBox, Candidate, Election, HandoverTick
from app.elections.rules import Check, TieRule, put_in, with_mark
from app.elections.services import Plan
from app.ergs import queries as ergs
from app.ergs.models import Membership
from app.ergs.rules import MembershipState, RoleName, Visibility


@dataclass(frozen=True, slots=True)
class Story:
    """An election; days from today to nominations, the vote, its last day."""

    slug: str
    role: RoleName
    days: tuple[int, int, int]
    tie_rule: TieRule
    about: str
    statements: tuple[tuple[str, str], ...]
    seats: int = 1
    turnout: float = 0.6
    keeps_out: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    stands: tuple[str, ...] = ()


WORDS = (
    (
        "en",
        "I came for the potluck and stayed for the people. I would like us to meet at hours that "
        "suit Nairobi and Osaka as well, and to write down what we decide.",
    ),
    (
        "es",
        "Cuido de mi padre y de dos niñas, y sé lo que cuesta pedir ayuda. Quiero un banco de "
        "horas entre nosotros y una persona de guardia en cada sede.",
    ),
    (
        "ar",
        "أريد أن تكون لقاءاتنا قصيرة ومفيدة، وأن يجد كل عضو جديد من يرافقه في شهره الأول.",
    ),
    (
        "en",
        "Two things only: a calm handbook for the first week back from leave, and a sponsor who "
        "opens doors when we knock. I have the patience for both.",
    ),
)
HUGO = (
    "fr",
    "Trois enfants, deux fuseaux horaires et un agenda partagé. Je m’occuperais des échanges de "
    "garde entre Paris, Berlin et Nairobi, et du café du premier lundi.",
)
STORIES = (
    Story(
        "parents",
        RoleName.CO_LEAD,
        (-20, -3, 9),
        TieRule.EARLIER_ROUNDS,
        "Our co-lead moves on in spring. We are looking for somebody with four hours a month and "
        "a good ear.",
        (HUGO, *WORDS),
        keeps_out=("bo",),
        stands=("hugo",),
    ),
    Story(
        "women",
        RoleName.CO_LEAD,
        (-395, -380, -370),
        TieRule.LOT,
        "A co-lead for a year, so that one of two can always be away.",
        WORDS,
        turnout=0.9,
        signs=("dalia", "farid"),
    ),
    Story(
        "early-career",
        RoleName.COMMS,
        (-4, 10, 20),
        TieRule.JOINT,
        "Somebody who writes the way we talk.",
        WORDS[:2],
    ),
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Run every story as far as its days have come; news of before today are not sent any more."""
    dice = ids.generator("elections", size)
    for story in STORIES:
        _tell(db, story, people, dice)
    _begin_handover(db, people)
    db.execute(
        update(Delivery)
        .where(
            Delivery.kind.startswith("election_"),
            Delivery.due_at <= clock.now(),
        )
        .values(state=DeliveryState.EXPIRED, outcome="before the demo", finished_at=clock.now())
    )


def _tell(db: Session, story: Story, people: Mapping[str, Any], dice: random.Random) -> None:
    erg = ergs.by_slug(db, story.slug)
    assert erg is not None
    today = clock.now().date()
    nominating, voting, ends = (today + timedelta(days=n) for n in story.days)
    plan = Plan(
        role=story.role,
        seats=story.seats,
        tie_rule=story.tie_rule,
        about=story.about,
        nominating_on=nominating,
        voting_on=voting,
        ends_on=ends,
        term_starts_on=ends + timedelta(days=10),
        term_ends_on=ends + timedelta(days=374),
    )
    with clock.frozen(_noon(nominating)):
        election = services.plan(db, None, erg_id=erg.id, plan=plan)
        services.announce(db, None, election_id=election.id)
        _stand(db, election, story, people)
    if voting < today:
        with clock.frozen(_noon(voting)):
            services.advance(db, election.id)
            _vote(db, election, story, people, dice)
    if ends < today:
        with clock.frozen(_noon(ends + timedelta(days=1))):
            services.advance(db, election.id)
    for key in story.signs:
        services.sign(db, people[key], election_id=election.id)
    if story.signs:
        _date_back(db, election, _noon(ends + timedelta(days=2)))


def _date_back(db: Session, election: Election, when: datetime) -> None:
    """It was certified then; those who sign hold their roles only since."""
    election.certified_at = when
    for number, signature in enumerate(election.signatures):
        signature.signed_at = when - timedelta(hours=5 * number)
    db.flush()


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.zone("UTC"))


def _stand(db: Session, election: Election, story: Story, people: Mapping[str, Any]) -> None:
    """The named ones first, then members who show themselves and are no sign-in of the demo."""
    stars = {person for key, person in people.items() if key != "all"}
    open_ones = db.scalars(
        select(Membership.person_id)
        .where(
            Membership.erg_id == election.erg_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.visibility.in_((Visibility.MEMBERS, Visibility.COMPANY)),
        )
        .order_by(Membership.id)
    ).all()
    others = [person for person in open_ones if person not in stars]
    standing = [*(people[key] for key in story.stands), *others]
    for person_id, (locale, words) in zip(standing, story.statements, strict=False):
        services.stand(db, person_id, election_id=election.id, statement=words, locale=locale)


def _vote(
    db: Session,
    election: Election,
    story: Story,
    people: Mapping[str, Any],
    dice: random.Random,
) -> None:
    """The share of the roll that has voted, at once: the box looks as if they came one by one."""
    box = db.get(BallotBox, election.id)
    assert box is not None
    kept_out = {people[key] for key in story.keeps_out}
    numbers = _numbers(db, election)
    marks, ballots = box.voted, box.ballots
    for place, person_id in enumerate(queries.on_roll(db, election.id)[:400]):
        if person_id not in kept_out and dice.random() < story.turnout:
            ranking = dice.sample(numbers, dice.randint(1, len(numbers)))
            marks, ballots = with_mark(marks, place), put_in(ballots, ranking)
    box.voted, box.ballots = marks, ballots
    db.flush()


def _numbers(db: Session, election: Election) -> list[int]:
    rows = db.scalars(
        select(Candidate.number)
        .where(Candidate.election_id == election.id, Candidate.number.is_not(None))
        .order_by(Candidate.number)
    )
    return [number for number in rows if number is not None]


def _begin_handover(db: Session, people: Mapping[str, Any]) -> None:
    """Dalia has begun to pass things on."""
    erg = ergs.by_slug(db, "women")
    assert erg is not None
    dalia: UUID = people["dalia"]
    for step in (Check.TALK, Check.CHARTER, Check.SPONSOR):
        services.tick(db, dalia, erg_id=erg.id, step=step, is_done=True)
    db.execute(
        update(HandoverTick)
        .where(HandoverTick.erg_id == erg.id)
        .values(done_at=clock.now() - timedelta(days=2))
    )
