"""Leads write an election down, announce it, take the announcement back, void."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.elections.models import Election
from app.elections.rules import (
    ELECTED_ROLES,
    MAX_SEATS,
    ElectionState,
    TieRule,
)
from app.elections.services.holding import (
    hold_election,
    hold_with_group,
    move,
    require_lead,
    require_no_candidate,
)
from app.elections.services.steps import advance_held
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import ErgState, RoleName


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a lead decides about an election; nothing of it changes once it is announced."""

    role: RoleName
    nominating_on: date
    voting_on: date
    ends_on: date
    term_starts_on: date
    term_ends_on: date
    tie_rule: TieRule = TieRule.EARLIER_ROUNDS
    seats: int = 1
    chapter_id: UUID | None = None
    about: str = ""
    locale: str = "en"


_DAYS = ("nominating_on", "voting_on", "ends_on")


def plan(db: Session, actor_id: UUID | None, *, erg_id: UUID, plan: Plan) -> Election:
    """Write down an election as a draft; the seed of a possible lot is drawn here."""
    erg = hold(db, Erg, erg_id)
    if erg is None or (actor_id is not None and not ergs.leads(db, actor_id, erg_id)):
        raise Refused(_("Only leads of the group run its elections."), 403)
    if erg.state is not ErgState.ACTIVE:
        raise Refused(_("This group is not active, so it cannot elect anybody."))
    _require_sense(erg, plan)
    key = f"{erg.slug}|{plan.role}|{plan.chapter_id}|{plan.voting_on}"
    election = Election(
        id=ids.new_id("election", key),
        erg_id=erg_id,
        zone=erg.zone,
        created_by=actor_id,
        lot_seed=ids.random_bytes(32, "lot", key).hex(),
    )
    _fill(election, plan)
    db.add(election)
    db.flush()
    audit.record(db, actor_id, "plan", election, after=ElectionState.DRAFT)
    return election


def _fill(election: Election, plan: Plan) -> None:
    values = asdict(plan)
    election.set_days(*(values.pop(name) for name in _DAYS))
    for name, value in values.items():
        setattr(election, name, value)


def _require_sense(erg: Erg, plan: Plan) -> None:
    if plan.role not in ELECTED_ROLES or not 1 <= plan.seats <= MAX_SEATS:
        raise Refused(_("This role is not given by an election."), 422)
    if not plan.nominating_on < plan.voting_on <= plan.ends_on:
        raise Refused(_("Nominations come before voting, and voting before its end."), 422)
    if not plan.term_starts_on < plan.term_ends_on:
        raise Refused(_("The term must end after it starts."), 422)
    if plan.chapter_id is not None and plan.chapter_id not in {c.id for c in erg.chapters}:
        raise Refused(_("This chapter does not belong to the group."), 422)


def revise(db: Session, actor_id: UUID, *, election_id: UUID, plan: Plan) -> Election:
    """Change a draft; what was announced stands, the tie rule above all."""
    election = hold_election(db, election_id)
    require_lead(db, actor_id, election)
    _require_unannounced(election)
    _require_sense(election.erg, plan)
    _fill(election, plan)
    db.flush()
    audit.record(db, actor_id, "revise", election)
    return election


def _require_unannounced(election: Election) -> None:
    if election.state is not ElectionState.DRAFT or election.announced_at is not None:
        raise Refused(
            _(
                "What was announced cannot be changed any more, so that everybody can rely on it. "
                "You can void the election and plan a new one."
            )
        )


def announce(db: Session, actor_id: UUID | None, *, election_id: UUID) -> Election:
    """Show the election to the members; from now on its rules are fixed."""
    election = hold_with_group(db, election_id)
    require_lead(db, actor_id, election)
    if election.announced_at is not None:
        return election
    if election.voting_at <= clock.now():
        raise Refused(_("Voting would begin in the past. Choose later days first."))
    election.announced_at = clock.now()
    audit.record(db, actor_id, "announce", election)
    db.flush()
    advance_held(db, election)
    return election


def recall(db: Session, actor_id: UUID, *, election_id: UUID) -> Election:
    """Take the announcement back while nominations have not begun."""
    election = hold_election(db, election_id)
    require_lead(db, actor_id, election)
    if election.state is not ElectionState.DRAFT:
        raise Refused(_("Nominations have begun. You can void the election with a reason."))
    election.announced_at = None
    audit.record(db, actor_id, "recall", election)
    db.flush()
    return election


def void(db: Session, actor_id: UUID, *, election_id: UUID, reason: str) -> Election:
    """End an election without a result; everybody who may see it reads why."""
    if not reason.strip():
        raise Refused(_("Please give a reason. Everybody who may vote will read it."), 422)
    election = hold_election(db, election_id)
    _require_overseer(db, actor_id, election)
    if election.state is ElectionState.VOID:
        return election
    election.void_reason = reason.strip()
    move(db, actor_id, election, ElectionState.VOID)
    return election


def _require_overseer(db: Session, actor_id: UUID, election: Election) -> None:
    if election.erg.is_discreet or not ergs.administers(db, actor_id):
        require_lead(db, actor_id, election)
    require_no_candidate(election, actor_id)


def archive(db: Session, actor_id: UUID | None, erg_id: UUID) -> None:
    """A group that is archived elects nobody any more; runs under its lock."""
    found = db.scalars(
        select(Election.id)
        .where(
            Election.erg_id == erg_id,
            Election.state.not_in((ElectionState.CERTIFIED, ElectionState.VOID)),
        )
        .order_by(Election.id)
    ).all()
    for election_id in found:
        election = hold_election(db, election_id)
        election.void_reason = _("The group was archived.")
        move(db, actor_id, election, ElectionState.VOID)
