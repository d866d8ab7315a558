"""Groups without sides go out as groups: a seat for everybody who is still free, or none at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.errors import Refused
from app.matching.types import IdPair
from app.programs.models import Candidate, MatchRun
from app.programs.rules import CandidateState, OfferSource
from app.programs.services.moving import move
from app.programs.services.offers import Seat, make_seats


def publish_groups(
    db: Session, run: MatchRun, chosen: Iterable[Candidate], forbidden: Set[IdPair]
) -> set[UUID]:
    """Offer every group of a run; returns who has no seat after all."""
    groups: dict[int | None, list[Candidate]] = defaultdict(list)
    for candidate in chosen:
        groups[candidate.group_no].append(candidate)
    missed: set[UUID] = set()
    for _number, candidates in sorted(groups.items(), key=lambda group: group[0] or 0):
        seated = _offered(db, run, _without_forbidden(candidates, forbidden))
        for candidate in candidates:
            if candidate.mentee_id in seated:
                move(db, run.started_by, candidate, CandidateState.ACCEPTED_IN_RUN)
            else:
                missed.add(candidate.mentee_id)
    return missed


def _without_forbidden(candidates: list[Candidate], forbidden: Set[IdPair]) -> list[Candidate]:
    """Those who may still meet everybody before them in the group."""
    kept: list[Candidate] = []
    for one in sorted(candidates, key=lambda candidate: candidate.mentee_id):
        met = [(str(one.mentee_id), str(other.mentee_id)) for other in kept]
        if not any(pair in forbidden or pair[::-1] in forbidden for pair in met):
            kept.append(one)
    return kept


def _offered(db: Session, run: MatchRun, candidates: list[Candidate]) -> set[UUID]:
    """Make the seats of a group; empty when too few of its people are free."""
    seats = [Seat(one.mentee_id, one.mentor_id, one.score, one.reasons) for one in candidates]
    try:
        made = make_seats(
            db,
            run.started_by,
            cohort_id=run.cohort_id,
            seats=seats,
            source=OfferSource.RUN,
            run_id=run.id,
        )
    except Refused as refused:
        audit.record(db, None, "group_dropped", run, reason=refused.message[:500])
        return set()
    return {offer.mentee_id for offer in made}
