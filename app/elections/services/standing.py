"""Nominate, accept, decline, withdraw."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.elections import queries
from app.elections.models import Candidate, Election
from app.elections.rules import (
    CANDIDATE_TRANSITIONS,
    MAX_CANDIDATES,
    CandidateState,
    ElectionState,
)
from app.elections.services.holding import hold_election
from app.ergs import queries as ergs
from app.ergs.models import Membership
from app.ergs.rules import SEEN_BY, Visibility


def nominate(db: Session, actor_id: UUID, *, election_id: UUID, person_id: UUID) -> None:
    """Ask somebody whom one may see in the group whether they would stand.

    Whatever they answered before, the answer to the one who nominates is the same.
    """
    election = hold_election(db, election_id)
    _require_nominating(db, election, actor_id)
    if not _is_seen(db, election, actor_id, person_id):
        raise Refused(_("Choose somebody from the list of members you can see."), 422)
    if _own(db, election_id, person_id) is not None:
        return
    row = _new(db, election, person_id, CandidateState.PROPOSED)
    outbox.put(
        db, "election_nominated", subject=row.id, person=person_id, expires=election.voting_at
    )


def _is_seen(db: Session, election: Election, actor_id: UUID, person_id: UUID) -> bool:
    viewer = ergs.standing_of(db, actor_id).viewer(election.erg_id)
    row = ergs.open_membership(db, election.erg_id, person_id)
    shown = SEEN_BY[viewer]
    is_open = election.erg.roster in shown
    return is_open and row is not None and row.visibility in shown and row.began_at is not None


def stand(
    db: Session,
    actor_id: UUID,
    *,
    election_id: UUID,
    statement: str,
    shown_as: str = "",
    locale: str = "en",
) -> Candidate:
    """Stand, on one's own account or because one was nominated; the name is shown from now on."""
    election = hold_election(db, election_id)
    _require_nominating(db, election, actor_id)
    row = _own(db, election_id, actor_id)
    if row is None or row.state is not CandidateState.ACCEPTED:
        _require_room(election)
        row = row or _new(db, election, actor_id, None)
        _move(db, election, row, CandidateState.ACCEPTED)
    row.shown_as = _name_on_ballot(db, election, actor_id, shown_as)
    row.statement, row.locale = statement.strip(), locale
    db.flush()
    outbox.withdraw(db, "election_nominated", subject=row.id, reason="answered")
    return row


def _name_on_ballot(db: Session, election: Election, person_id: UUID, shown_as: str) -> str:
    """One's name; in a sensitive group the name that one chose to show."""
    person = db.get(Person, person_id)
    name = (person.name if person else None) or ""
    return (shown_as.strip() or name) if election.erg.is_sensitive else name


def _require_room(election: Election) -> None:
    if len(election.standing) >= MAX_CANDIDATES:
        raise Refused(
            _("There are as many candidates as a ballot can hold. Ask the leads of the group.")
        )


def decline(db: Session, actor_id: UUID, *, election_id: UUID) -> Candidate:
    """Say no to a nomination, or stop standing while nominations are open; nobody is told."""
    election = hold_election(db, election_id)
    row = _own(db, election_id, actor_id)
    if row is None:
        raise Refused(_("You were not nominated in this election."), 404)
    if election.state is not ElectionState.NOMINATING:
        raise Refused(_("The list of candidates is closed, because voting has begun."))
    is_new = row.state is CandidateState.PROPOSED
    to = CandidateState.DECLINED if is_new else CandidateState.WITHDRAWN
    if row.state not in (CandidateState.DECLINED, CandidateState.WITHDRAWN):
        _move(db, election, row, to)
    row.statement = ""
    db.flush()
    outbox.withdraw(db, "election_nominated", subject=row.id, reason="answered")
    return row


def leave_group(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Whoever leaves a group stands in none of its elections any more; runs under its lock."""
    open_rows = db.execute(
        select(Candidate.id, Election.id)
        .join(Election, Election.id == Candidate.election_id)
        .where(
            Election.erg_id == erg_id,
            Candidate.person_id == person_id,
            Candidate.state.in_((CandidateState.PROPOSED, CandidateState.ACCEPTED)),
            Election.state.in_((ElectionState.NOMINATING, ElectionState.VOTING)),
        )
        .order_by(Election.id)
    ).all()
    for candidate_id, election_id in open_rows:
        election = hold_election(db, election_id)
        row = db.get(Candidate, candidate_id)
        if row is not None and election.state is not ElectionState.COUNTED:
            _move(db, election, row, CandidateState.WITHDRAWN)


def _require_nominating(db: Session, election: Election, actor_id: UUID) -> None:
    is_open = election.nominating_at <= clock.now() < election.voting_at
    if election.state is not ElectionState.NOMINATING or not is_open:
        raise Refused(_("Nominations are not open."))
    if not ergs.belongs(db, actor_id, [election.erg_id]):
        raise Refused(_("Only members of the group take part in its elections."), 403)
    if not queries.is_eligible(db, election, actor_id):
        raise Refused(
            _("This election is for a chapter. Choose the chapter on the group's page first.")
        )


def _own(db: Session, election_id: UUID, person_id: UUID) -> Candidate | None:
    return db.scalar(
        select(Candidate).where(
            Candidate.election_id == election_id, Candidate.person_id == person_id
        )
    )


def _new(
    db: Session, election: Election, person_id: UUID, state: CandidateState | None
) -> Candidate:
    row = Candidate(
        id=ids.new_id("candidate", f"{election.id}|{person_id}"),
        election=election,
        person_id=person_id,
        state=state or CandidateState.PROPOSED,
    )
    db.add(row)
    db.flush()
    return row


def _move(db: Session, election: Election, row: Candidate, to: CandidateState) -> None:
    """A step of a candidacy; the log names the person only where every colleague may know."""
    if to not in CANDIDATE_TRANSITIONS[row.state]:
        raise Refused(_("Your candidacy cannot be changed like that."))
    before, row.state = row.state, to
    audit.record(db, _named(db, election, row.person_id), "stand", row, before=before, after=to)
    db.flush()


def _named(db: Session, election: Election, person_id: UUID) -> UUID | None:
    row: Membership | None = ergs.open_membership(db, election.erg_id, person_id)
    is_known = row is not None and row.visibility is Visibility.COMPANY
    return person_id if is_known and election.erg.roster is Visibility.COMPANY else None
