"""What the calendar does: open nominations, open the vote, close and count."""

from __future__ import annotations

import hashlib
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.elections import queries
from app.elections.models import BallotBox, Candidate, Election, Voter
from app.elections.rules import (
    ElectionState,
    blank,
    count,
    digest,
    due_state,
    lot_order,
    multiset,
    remind_at,
    to_record,
)
from app.elections.services.holding import (
    hold_with_group,
    move,
    require_lead,
    require_no_candidate,
)


def advance(db: Session, election_id: UUID) -> Election:
    """Take every step that is due; a second run changes nothing."""
    election = hold_with_group(db, election_id)
    advance_held(db, election)
    return election


def advance_held(db: Session, election: Election) -> None:
    """The same for an election that is locked already."""
    steps = {
        ElectionState.NOMINATING: _open_nominations,
        ElectionState.VOTING: _open_voting,
        ElectionState.COUNTED: _count,
    }
    while (step := _next(election)) is not None:
        steps[step](db, election)


def _next(election: Election) -> ElectionState | None:
    return due_state(
        election.state,
        clock.now(),
        is_announced=election.announced_at is not None,
        nominating_at=election.nominating_at,
        voting_at=election.voting_at,
        closes_at=election.closes_at,
    )


def _open_nominations(db: Session, election: Election) -> None:
    move(db, None, election, ElectionState.NOMINATING)
    outbox.put_all(
        db,
        "election_nominating",
        subject=election.id,
        people=queries.eligible(db, election.erg_id, election.chapter_id),
        expires=election.voting_at,
    )


def _open_voting(db: Session, election: Election) -> None:
    """Freeze the candidates and the roll; without candidates there is nothing to vote on."""
    db.refresh(election, ["candidates"])
    standing = sorted(election.standing, key=_drawn)
    if not standing:
        election.void_reason = ""
        move(db, None, election, ElectionState.VOID, "no candidates")
        return
    for number, candidate in enumerate(standing, 1):
        candidate.number = number
    roll = queries.eligible(db, election.erg_id, election.chapter_id)
    _write_roll(db, election, roll)
    move(db, None, election, ElectionState.VOTING)
    _tell_voters(db, election, roll)


def _drawn(candidate: Candidate) -> bytes:
    """The order on the ballot is drawn by lot, from the seed that is committed to."""
    seed = candidate.election.lot_seed
    return hashlib.sha256(f"{seed}:{candidate.id}".encode()).digest()


def _write_roll(db: Session, election: Election, roll: list[UUID]) -> None:
    rows = [
        {"election_id": election.id, "person_id": person_id, "place": place}
        for place, person_id in enumerate(roll)
    ]
    if rows:
        db.execute(insert(Voter), rows)
    salt = ids.random_bytes(32, "ballots", election.id).hex()
    db.add(BallotBox(election_id=election.id, salt=salt, voted=blank(len(roll)), ballots=[]))
    db.flush()


def _tell_voters(db: Session, election: Election, roll: list[UUID]) -> None:
    ends = election.closes_at
    dues = {"election_voting": None, "election_reminder": remind_at(election.voting_at, ends)}
    for kind, due in dues.items():
        outbox.put_all(db, kind, subject=election.id, people=roll, due=due, expires=ends)


def close(db: Session, actor_id: UUID, *, election_id: UUID) -> Election:
    """Count by hand once voting is over, when nobody wants to wait for the sweep."""
    election = hold_with_group(db, election_id)
    require_lead(db, actor_id, election)
    require_no_candidate(election, actor_id)
    if election.state is ElectionState.VOTING and election.closes_at > clock.now():
        raise Refused(_("Voting is still open. The ballots are counted when it ends."))
    advance_held(db, election)
    return election


def _count(db: Session, election: Election) -> None:
    box = db.get(BallotBox, election.id, populate_existing=True)
    assert box is not None
    numbers = [c.number for c in election.standing if c.number is not None]
    result = count(
        multiset(box.ballots),
        numbers,
        election.seats,
        election.tie_rule,
        lot_order(election.lot_seed, numbers),
    )
    box.result = to_record(result)
    box.digest = digest(box.salt, box.ballots)
    election.counted_at = clock.now()
    move(db, None, election, ElectionState.COUNTED)
