"""Elections as far as a reader may see them; what only one person may know is asked for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import Person
from app.core import clock
from app.core.policies import Actor
from app.elections.models import BallotBox, Candidate, Election, HandoverTick, Signature, Voter
from app.elections.rules import (
    CandidateState,
    Check,
    ElectionState,
    Result,
    from_record,
    has_mark,
    size,
)
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership, MembershipChapter, RoleGrant
from app.ergs.queries import Standing, standing
from app.ergs.rules import (
    LEADING,
    SEEN_BY,
    MembershipState,
    RoleName,
    RoleState,
    Viewer,
)

PAGE = 20


def is_insider(mine: Standing, actor: Actor, erg: Erg) -> bool:
    """Whether elections of a group are somebody's business: members, role holders, and
    administrators where membership is no secret."""
    if erg.id in mine.member_of or erg.id in mine.roles:
        return True
    return actor.has("org_admin") and not erg.is_discreet


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a group's elections."""

    rows: list[Election]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def of_group(
    db: Session, erg: Erg, *, is_lead: bool, state: ElectionState | None = None, number: int = 1
) -> Listing:
    """The elections of a group, newest first; drafts are for leads until they are announced."""
    chosen = select(Election, func.count().over()).where(Election.erg_id == erg.id)
    if not is_lead:
        chosen = chosen.where(Election.announced_at.is_not(None))
    if state:
        chosen = chosen.where(Election.state == state)
    rows = db.execute(
        chosen.order_by(Election.ends_on.desc(), Election.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(joinedload(Election.chapter))
    ).all()
    return Listing([row[0] for row in rows], rows[0][1] if rows else 0, number)


def election_for(db: Session, actor: Actor, slug: str, election_id: UUID) -> Election | None:
    """An election with its candidates; drafts are found by leads alone."""
    erg = ergs.erg_for(db, actor, slug)
    if erg is None:
        return None
    mine = standing(db, actor)
    if erg.is_discreet and not is_insider(mine, actor, erg):
        return None
    found = (
        db.scalars(
            select(Election)
            .where(Election.id == election_id, Election.erg_id == erg.id)
            .options(joinedload(Election.candidates), joinedload(Election.chapter))
        )
        .unique()
        .one_or_none()
    )
    if found is None or (found.announced_at is None and erg.id not in mine.led):
        return None
    set_committed_value(found, "erg", erg)
    return found


def election_by_id(db: Session, actor: Actor, election_id: UUID) -> Election | None:
    """The same by id alone: the address that stands in messages names no group."""
    slug = db.scalar(
        select(Erg.slug).join(Election, Election.erg_id == Erg.id).where(Election.id == election_id)
    )
    return election_for(db, actor, slug, election_id) if slug else None


def candidacy_for(db: Session, actor: Actor, slug: str, election_id: UUID) -> Candidate | None:
    """The reader's own candidacy."""
    election = election_for(db, actor, slug, election_id)
    if election is None:
        return None
    return own_candidacy(election, actor.person_id)


def own_candidacy(election: Election, person_id: UUID | None) -> Candidate | None:
    """A person's candidacy, whatever became of it."""
    return next((c for c in election.candidates if c.person_id == person_id), None)


def is_candidate(election: Election, person_id: UUID | None) -> bool:
    """Whether a person stands."""
    return any(c.person_id == person_id for c in election.standing)


def eligible(db: Session, erg_id: UUID, chapter_id: UUID | None) -> list[UUID]:
    """Every active member, confidential ones too, by id; for the roll and for sending only."""
    chosen = select(Membership.person_id).where(
        Membership.erg_id == erg_id, Membership.state == MembershipState.ACTIVE
    )
    if chapter_id is not None:
        chosen = chosen.join(
            MembershipChapter, MembershipChapter.membership_id == Membership.id
        ).where(MembershipChapter.chapter_id == chapter_id)
    return list(db.scalars(chosen.order_by(Membership.person_id)))


def on_roll(db: Session, election_id: UUID) -> list[UUID]:
    """Who could vote; for sending only."""
    return list(
        db.scalars(
            select(Voter.person_id).where(Voter.election_id == election_id).order_by(Voter.place)
        )
    )


def is_eligible(db: Session, election: Election, person_id: UUID) -> bool:
    """Whether a person belongs to those who elect, today."""
    row = ergs.open_membership(db, election.erg_id, person_id)
    if row is None or row.state is not MembershipState.ACTIVE:
        return False
    if election.chapter_id is None:
        return True
    return election.chapter_id in ergs.chosen_chapters(db, row.id)


def has_voted(db: Session, election_id: UUID, person_id: UUID | None) -> bool | None:
    """Whether a person on the roll has voted; None when they are not on it. For that person."""
    row = db.execute(
        select(Voter.place, BallotBox.voted)
        .join(BallotBox, BallotBox.election_id == Voter.election_id)
        .where(Voter.election_id == election_id, Voter.person_id == person_id)
    ).first()
    return has_mark(row.voted, row.place) if row else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The count of an election: the result, the number of ballots, the fingerprint of the box."""

    result: Result
    ballots: int
    digest: str


def outcome(db: Session, election: Election) -> Outcome | None:
    """What was counted; None before."""
    box = db.get(BallotBox, election.id)
    if box is None or not box.result:
        return None
    return Outcome(from_record(box.result), size(box.ballots), box.digest or "")


@dataclass(frozen=True, slots=True)
class Witness:
    """Who certified; `name` is None for somebody whom the reader may not see."""

    person_id: UUID
    membership_id: UUID | None
    name: str | None
    signed_at: datetime


def witnesses(db: Session, election: Election, viewer: Viewer) -> list[Witness]:
    """Who certified, in order; confidential members are not named."""
    open_row = and_(
        Membership.erg_id == election.erg_id,
        Membership.ended_at.is_(None),
        Membership.person_id == Signature.person_id,
    )
    rows = db.execute(
        select(Signature, Person.name, Membership)
        .join(Person, Person.id == Signature.person_id)
        .outerjoin(Membership, open_row)
        .where(Signature.election_id == election.id)
        .order_by(Signature.signed_at, Signature.person_id)
    )
    return [
        Witness(
            signature.person_id,
            row.id if row else None,
            name if row is None or row.visibility in SEEN_BY[viewer] else None,
            signature.signed_at,
        )
        for signature, name, row in rows
    ]


def waiting_for(db: Session, actor: Actor) -> list[Row[Any]]:
    """(election, place on the roll, marks of the box, own candidacy) where the reader may act."""
    mine = standing(db, actor).member_of
    if not mine:
        return []
    asked = {"person": actor.person_id, "groups": list(mine), "now": clock.now()}
    return [*db.execute(_waiting(), asked).unique()]


@cache
def _waiting() -> Select[Any]:
    """Home asks this; building the statement costs more than running it."""
    me = bindparam("person", type_=Uuid())
    groups = bindparam("groups", expanding=True, type_=Uuid())
    return (
        select(Election, Voter.place, BallotBox.voted, Candidate.state)
        .select_from(Election)
        .outerjoin(Voter, and_(Voter.election_id == Election.id, Voter.person_id == me))
        .outerjoin(BallotBox, BallotBox.election_id == Election.id)
        .outerjoin(Candidate, and_(Candidate.election_id == Election.id, Candidate.person_id == me))
        .where(
            Election.erg_id.in_(groups),
            Election.state.in_((ElectionState.NOMINATING, ElectionState.VOTING)),
            Election.closes_at > bindparam("now"),
            or_(Voter.place.is_not(None), Candidate.state == CandidateState.PROPOSED),
        )
        .order_by(Election.closes_at, Election.id)
        .options(joinedload(Election.erg).joinedload(Erg.texts))
    )


def to_finish(db: Session, erg_ids: Iterable[UUID]) -> list[Election]:
    """Elections of some groups that wait for the count or for signatures, oldest first."""
    wanted = set(erg_ids)
    if not wanted:
        return []
    return list(
        db.scalars(
            select(Election)
            .where(
                Election.erg_id.in_(wanted),
                or_(
                    Election.state == ElectionState.COUNTED,
                    and_(Election.state == ElectionState.VOTING, Election.closes_at <= clock.now()),
                ),
            )
            .order_by(Election.closes_at, Election.id)
            .options(
                joinedload(Election.erg).joinedload(Erg.texts),
                selectinload(Election.candidates),
                selectinload(Election.signatures),
            )
        ).unique()
    )


def due(db: Session) -> list[UUID]:
    """The elections for which the calendar demands a step."""
    now = clock.now()
    return list(
        db.scalars(
            select(Election.id)
            .where(
                or_(
                    and_(
                        Election.state == ElectionState.DRAFT,
                        Election.announced_at.is_not(None),
                        Election.nominating_at <= now,
                    ),
                    and_(Election.state == ElectionState.NOMINATING, Election.voting_at <= now),
                    and_(Election.state == ElectionState.VOTING, Election.closes_at <= now),
                )
            )
            .order_by(Election.id)
        )
    )


def is_incoming(db: Session, erg_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody is about to lead a group: the term lies ahead, or is still to be taken."""
    today = clock.now().date()
    return (
        db.scalar(
            select(RoleGrant.id)
            .where(
                RoleGrant.erg_id == erg_id,
                RoleGrant.person_id == person_id,
                RoleGrant.role.in_(LEADING),
                RoleGrant.state.in_((RoleState.PROPOSED, RoleState.SHADOW, RoleState.ACTIVE)),
                or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            )
            .limit(1)
        )
        is not None
    )


def terms(db: Session, erg: Erg, viewer: Viewer) -> list[Row[Any]]:
    """(grant, name) of all who do or will do something for a group, as a reader may see them."""
    today = clock.now().date()
    open_row = and_(
        Membership.erg_id == RoleGrant.erg_id,
        Membership.ended_at.is_(None),
        Membership.person_id == RoleGrant.person_id,
    )
    return list(
        db.execute(
            select(RoleGrant, Person.name)
            .join(Person, Person.id == RoleGrant.person_id)
            .outerjoin(Membership, open_row)
            .where(
                RoleGrant.erg_id == erg.id,
                RoleGrant.state.in_((RoleState.PROPOSED, RoleState.SHADOW, RoleState.ACTIVE)),
                or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
                or_(Membership.visibility.in_(SEEN_BY[viewer]), RoleGrant.role == RoleName.SPONSOR),
            )
            .order_by(RoleGrant.starts_on, Person.name, RoleGrant.id)
        )
    )


def handover_began(db: Session, erg_id: UUID) -> date:
    """The day that tells this handover from the last: that of the newest certified election."""
    return _day_of(db.scalar(_newest_certified(erg_id)))


def _newest_certified(erg_id: UUID) -> Select[Any]:
    return select(func.max(Election.certified_at)).where(
        Election.erg_id == erg_id,
        Election.role.in_(LEADING),
        Election.state == ElectionState.CERTIFIED,
    )


def _day_of(newest: datetime | None) -> date:
    return newest.date() if newest else date(1970, 1, 1)


def ticks(db: Session, erg_id: UUID) -> dict[Check, tuple[str, datetime]]:
    """(who, when) by step of the present handover; leads are known to each other by name."""
    newest = _newest_certified(erg_id).scalar_subquery()
    rows = db.execute(
        select(HandoverTick, Person.name, newest)
        .join(Person, Person.id == HandoverTick.done_by)
        .where(HandoverTick.erg_id == erg_id)
    )
    return {
        tick.step: (name or "", tick.done_at)
        for tick, name, since in rows
        if tick.began_on == _day_of(since)
    }
