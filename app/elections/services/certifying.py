"""Two people who are no candidates certify a count; the elected get their roles."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.errors import Refused
from app.elections import queries
from app.elections.models import Election, Signature
from app.elections.rules import WITNESSES, ElectionState
from app.elections.services.holding import (
    hold_with_group,
    move,
    require_no_candidate,
)
from app.ergs import queries as ergs
from app.ergs import services as groups


def sign(db: Session, actor_id: UUID, *, election_id: UUID) -> Election:
    """Certify the count; with the second signature the result holds."""
    election = _counted(db, actor_id, election_id)
    if any(s.person_id == actor_id for s in election.signatures):
        return election
    if election.state is not ElectionState.COUNTED:
        raise Refused(_("There is no count to certify."))
    row = Signature(election_id=election_id, person_id=actor_id)
    db.add(row)
    db.flush()
    db.refresh(election, ["signatures"])
    audit.record(db, _named(election, actor_id), "sign", election)
    if len(election.signatures) >= WITNESSES:
        _certify(db, election)
    return election


def take_back(db: Session, actor_id: UUID, *, election_id: UUID) -> Election:
    """Take back one's signature while it is the only one."""
    election = _counted(db, actor_id, election_id)
    if election.state is not ElectionState.COUNTED:
        raise Refused(_("The result is certified already."))
    row = db.get(Signature, (election_id, actor_id))
    if row is not None:
        db.delete(row)
        db.flush()
        db.refresh(election, ["signatures"])
        audit.record(db, _named(election, actor_id), "unsign", election)
    return election


def _named(election: Election, person_id: UUID) -> UUID | None:
    """In a sensitive group the log says that somebody signed, not who."""
    return None if election.erg.is_discreet else person_id


def _counted(db: Session, actor_id: UUID, election_id: UUID) -> Election:
    election = hold_with_group(db, election_id)
    require_no_candidate(election, actor_id)
    mine, erg = ergs.standing_of(db, actor_id), election.erg
    is_member = erg.is_discreet and erg.id in mine.member_of
    is_admin = not erg.is_discreet and ergs.administers(db, actor_id)
    if not (erg.id in mine.roles or is_member or is_admin):
        raise Refused(_("Only role holders of the group and administrators certify a count."), 403)
    return election


def _certify(db: Session, election: Election) -> None:
    election.certified_at = clock.now()
    move(db, None, election, ElectionState.CERTIFIED)
    _give_roles(db, election)
    roll = queries.on_roll(db, election.id)
    outbox.put_all(db, "election_result", subject=election.id, people=roll)


def _give_roles(db: Session, election: Election) -> None:
    """The elected get the role for the term; whoever has left the group meanwhile does not."""
    outcome = queries.outcome(db, election)
    elected = outcome.result.elected if outcome else ()
    by_number = {c.number: c.person_id for c in election.candidates}
    for number in elected:
        if ergs.belongs(db, by_number[number], [election.erg_id]):
            groups.grant(
                db,
                None,
                erg_id=election.erg_id,
                person_id=by_number[number],
                role=election.role,
                starts_on=election.term_starts_on,
                ends_on=election.term_ends_on,
                chapter_id=election.chapter_id,
            )
