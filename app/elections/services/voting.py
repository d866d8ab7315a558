"""Cast a ballot. Nothing here writes a time, an audit row, a log line or a row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Refused
from app.elections.models import BallotBox, Election, Voter
from app.elections.rules import ElectionState, has_mark, is_valid, put_in, with_mark
from app.elections.services.holding import hold_election
from app.ergs import queries as ergs


def cast(db: Session, actor_id: UUID, *, election_id: UUID, ranking: Sequence[int]) -> None:
    """Put one ballot into the box and mark the voter, for good.

    Both are rewritten whole in the one row of the box: the set of those who have voted and the
    multiset of rankings. The row's transaction is the last voter's, whoever that was, and says
    nothing about which ranking is theirs. For the same reason there is no audit row, and the
    reminder is not withdrawn but asks when it is due.
    """
    election = hold_election(db, election_id)
    if election.state is not ElectionState.VOTING or election.closes_at <= clock.now():
        raise Refused(_("Voting is not open."))
    voter, box = _voter_and_box(db, election, actor_id)
    if has_mark(box.voted, voter.place):
        raise Refused(
            _("You have voted already. No ballot can be traced, so none can be changed either.")
        )
    if not is_valid(ranking, [c.number for c in election.standing if c.number is not None]):
        raise Refused(_("Rank at least one candidate, each with a rank of their own."), 422)
    box.voted = with_mark(box.voted, voter.place)
    box.ballots = put_in(box.ballots, ranking)
    db.flush()


def _voter_and_box(db: Session, election: Election, person_id: UUID) -> tuple[Voter, BallotBox]:
    voter = db.get(Voter, (election.id, person_id))
    box = db.get(BallotBox, election.id, populate_existing=True)
    if voter is None or box is None or not ergs.belongs(db, person_id, [election.erg_id]):
        raise Refused(
            _("Those who belonged to the group when voting began can vote in this election."), 403
        )
    return voter, box
