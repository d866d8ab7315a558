"""Who may do what in an election."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, inside
from app.elections import queries
from app.elections.models import Candidate, Election
from app.ergs import policies as ergs
from app.ergs.models import Erg
from app.ergs.queries import standing


def may_see(actor: Actor, erg: Erg) -> bool:
    """Members and role holders; administrators where membership is no secret."""
    return inside(actor, None) and queries.is_insider(standing(session_of(erg), actor), actor, erg)


def may_plan(actor: Actor, erg: Erg) -> bool:
    """Leads of the whole group."""
    return ergs.may_lead(actor, erg)


def may_read(actor: Actor, election: Election) -> bool:
    """Whoever may see the group's elections."""
    return may_see(actor, election.erg)


def may_run(actor: Actor, election: Election) -> bool:
    """Leads of the whole group."""
    return may_plan(actor, election.erg)


def may_oversee(actor: Actor, election: Election) -> bool:
    """Leads who are no candidates; administrators where membership is no secret."""
    if queries.is_candidate(election, actor.person_id):
        return False
    is_admin = actor.has("org_admin") and not election.erg.is_discreet
    return inside(actor, None) and (is_admin or may_run(actor, election))


def may_take_part(actor: Actor, election: Election) -> bool:
    """Members; who may vote is said to each of them alone."""
    mine = standing(session_of(election), actor)
    return inside(actor, None) and election.erg_id in mine.member_of


def may_stand(actor: Actor, candidacy: Candidate) -> bool:
    """Whoever was nominated, about their own candidacy."""
    return candidacy.person_id == actor.person_id and may_take_part(actor, candidacy.election)


def may_witness(actor: Actor, election: Election) -> bool:
    """Role holders and administrators who are no candidates; in a sensitive group members too."""
    if not may_read(actor, election) or queries.is_candidate(election, actor.person_id):
        return False
    mine, erg = standing(session_of(election), actor), election.erg
    return erg.id in mine.roles or erg.is_discreet or actor.has("org_admin")


def may_hand_over(actor: Actor, erg: Erg) -> bool:
    """Those who lead the group and those who are about to."""
    db = session_of(erg)
    mine = standing(db, actor)
    if not inside(actor, None) or erg.id not in mine.member_of:
        return False
    if erg.id in mine.led:
        return True
    return erg.id in mine.asked and queries.is_incoming(db, erg.id, actor.person_id)
