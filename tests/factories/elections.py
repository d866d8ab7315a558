"""Elections for tests, brought to a state through the services that pages use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.elections import services
from app.elections.models import Candidate, Election
from app.elections.rules import CandidateState, ElectionState, TieRule
from app.elections.services import Plan
from app.ergs.models import Erg
from app.ergs.rules import RoleName
from tests.factories.accounts import make_person
from tests.factories.ergs import make_member, make_role

# Days from today to nominations, to the vote, to its last day.
DAYS = {
    ElectionState.DRAFT: (7, 14, 21),
    ElectionState.NOMINATING: (-2, 6, 13),
    ElectionState.VOTING: (-14, -2, 6),
    ElectionState.COUNTED: (-30, -15, -5),
}
DAYS[ElectionState.CERTIFIED] = DAYS[ElectionState.COUNTED]


def make_plan(state: ElectionState = ElectionState.DRAFT, **traits: Any) -> Plan:
    """What a lead enters, with days that fit a state."""
    today = clock.now().date()
    nominating, voting, ends = (today + timedelta(days=n) for n in DAYS[state])
    usual: dict[str, Any] = {
        "role": RoleName.CO_LEAD,
        "nominating_on": nominating,
        "voting_on": voting,
        "ends_on": ends,
        "term_starts_on": ends + timedelta(days=3),
        "term_ends_on": ends + timedelta(days=368),
        "tie_rule": TieRule.EARLIER_ROUNDS,
    }
    return Plan(**(usual | traits))


def make_election(
    db: Session,
    erg: Erg,
    state: ElectionState = ElectionState.VOTING,
    *,
    candidates: Iterable[UUID] = (),
    votes: dict[UUID, tuple[int, ...]] | None = None,
    signers: Iterable[UUID] = (),
    is_announced: bool = True,
    **traits: Any,
) -> Election:
    """An election in a state; `votes` by voter rank positions in `candidates`, from 1."""
    plan = make_plan(state, **traits)
    standing = list(candidates)
    is_draft = state is ElectionState.DRAFT
    with clock.frozen(clock.now() if is_draft else _noon(plan.nominating_on)):
        election = services.plan(db, None, erg_id=erg.id, plan=plan)
        if is_announced:
            services.announce(db, None, election_id=election.id)
        for person_id in standing:
            services.stand(
                db, person_id, election_id=election.id, statement=f"I stand in {erg.slug}."
            )
    if state in (ElectionState.DRAFT, ElectionState.NOMINATING):
        return election
    with clock.frozen(_noon(plan.voting_on)):
        services.advance(db, election.id)
        number_of = numbers(db, election)
        for voter, ranking in (votes or {}).items():
            chosen = [number_of[standing[place - 1]] for place in ranking]
            services.cast(db, voter, election_id=election.id, ranking=chosen)
    services.advance(db, election.id)
    for person_id in signers:
        services.sign(db, person_id, election_id=election.id)
    db.flush()
    return election


def _noon(day: Any) -> datetime:
    return datetime.combine(day, time(12), clock.zone("UTC"))


def numbers(db: Session, election: Election) -> dict[UUID, int]:
    """The number on the ballot of each candidate."""
    rows = db.execute(
        select(Candidate.person_id, Candidate.number).where(
            Candidate.election_id == election.id, Candidate.number.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def make_candidacy(db: Session, election: Election, person_id: UUID) -> Candidate:
    """Somebody who was proposed and has not answered."""
    row = Candidate(
        id=ids.new_id("candidate", f"{election.id}|{person_id}"),
        election=election,
        person_id=person_id,
        state=CandidateState.PROPOSED,
    )
    db.add(row)
    db.flush()
    return row


def scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene for the access matrix, in an open and in a hidden group."""
    dalia, found = star["dalia"].id, {}
    for name, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        draft = make_election(db, erg, ElectionState.DRAFT, is_announced=False)
        asked = make_election(db, erg, ElectionState.NOMINATING, role=RoleName.TREASURER)
        make_candidacy(db, asked, dalia)
        voting = make_election(db, erg, candidates=[_other(db, erg, dalia)], role=RoleName.COMMS)
        over = make_election(
            db,
            erg,
            ElectionState.COUNTED,
            candidates=[_other(db, erg, dalia)],
            role=RoleName.MODERATOR,
        )
        found |= {
            name: {"slug": slug, "election_id": asked.id},
            f"{name} draft": {"slug": slug, "election_id": draft.id},
            f"{name} vote": {"slug": slug, "election_id": voting.id},
            f"{name} count": {"slug": slug, "election_id": over.id},
        }
    found["absent"] = {"slug": "no-such-thing", "election_id": ids.new_id()}
    return found


def _other(db: Session, erg: Erg, lead: UUID) -> UUID:
    """A member who is not the lead, made if there is none."""
    from app.accounts.models import Person
    from app.elections import queries

    others = [p for p in queries.eligible(db, erg.id, None) if p != lead]
    if others:
        return others[0]
    person: Person = make_person(db, "Ines Standing", f"ines.{erg.slug}@t.example")
    make_member(db, erg, person.id)
    return person.id


# What can be opened in each state; the rest would be the same refusal four times.
PAGES = {
    ElectionState.DRAFT: ("", "edit"),
    ElectionState.NOMINATING: ("", "nominations", "nominations?q=maria", "candidacy"),
    ElectionState.VOTING: ("", "vote", "void"),
    ElectionState.COUNTED: ("", "certificate"),
    ElectionState.CERTIFIED: ("", "certificate"),
}


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Elections in every state, made in the group; every address of this domain."""
    base = f"/ergs/{erg.slug}"
    found = [f"{base}/elections/", f"{base}/elections/?state=voting", f"{base}/elections/new"]
    found += [f"{base}/handover/", f"{base}/handover/checklist.csv"]
    lead, co_lead, comms = RoleName.LEAD, RoleName.CO_LEAD, RoleName.COMMS
    roles = (lead, co_lead, comms, RoleName.TREASURER, RoleName.MODERATOR)
    elected, second = (make_person(db, f"{name} Counted").id for name in ("Ines", "Sia"))
    for person_id in (elected, second):
        make_member(db, erg, person_id)
    make_role(db, erg, second, RoleName.CHECK_IN)
    stands = {ElectionState.DRAFT: [], ElectionState.CERTIFIED: [elected]}
    witnesses = {
        ElectionState.COUNTED: [lead_id],
        ElectionState.CERTIFIED: [lead_id, second],
    }
    for state, role in zip(PAGES, roles, strict=True):
        signers = witnesses.get(state, [])
        election = make_election(
            db,
            erg,
            ElectionState.COUNTED if signers else state,
            candidates=stands.get(state, [member_id]),
            votes={lead_id: (1,)} if signers else None,
            signers=signers,
            is_announced=state is not ElectionState.DRAFT,
            role=role,
        )
        found += [f"{base}/elections/{election.id}/{page}" for page in PAGES[state]]
        found.append(f"/ergs/elections/{election.id}/")
    return found
