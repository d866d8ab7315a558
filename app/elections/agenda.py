"""What elections add to home, to a group's pages, to the leads' desk, and to leaving."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.core import hints
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    agenda,
    agenda_hints,
    erasures,
)
from app.elections import queries, services
from app.elections.models import Election
from app.elections.rules import WITNESSES, CandidateState, ElectionState, has_mark
from app.ergs.models import Erg
from app.ergs.queries import groups_joined, standing
from app.ergs.registry import (
    DeskAct,
    DeskItem,
    DeskLink,
    Place,
    archivings,
    desk,
    leavings,
    places,
    successions,
)
from app.ergs.rules import pick_text


def waiting(db: Session, actor: Actor) -> list[AgendaItem]:
    """A vote to cast, a nomination to answer."""
    if actor.person_id is None:
        return []
    return [
        _item(election, is_vote=election.state is ElectionState.VOTING)
        for election, place, marks, candidacy in queries.waiting_for(db, actor)
        if _is_open(election, place, marks, candidacy)
    ]


def _is_open(
    election: Election, place: int | None, marks: bytes | None, candidacy: CandidateState | None
) -> bool:
    if election.state is ElectionState.VOTING:
        return place is not None and marks is not None and not has_mark(marks, place)
    return candidacy is CandidateState.PROPOSED


def _item(election: Election, *, is_vote: bool) -> AgendaItem:
    endpoint = "elections.ballot" if is_vote else "elections.candidacy"
    return AgendaItem(
        section="answer",
        when=election.closes_at if is_vote else election.voting_at,
        title=_name(election.erg),
        text=_("Your vote is wanted.")
        if is_vote
        else _("Somebody proposes you as a candidate. Will you stand?"),
        url=url_for(endpoint, slug=election.erg.slug, election_id=election.id),
        icon="vote" if is_vote else "hand-heart",
    )


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def to_finish(db: Session, actor: Actor) -> list[DeskItem]:
    """To leads: ballots to count, a count to certify."""
    found = queries.to_finish(db, standing(db, actor).led)
    return [_line(election, actor) for election in found]


def _line(election: Election, actor: Actor) -> DeskItem:
    is_counted = election.state is ElectionState.COUNTED
    return DeskItem(
        id=f"election-{election.id}",
        topic="elections",
        erg_id=election.erg_id,
        group=_name(election.erg),
        title=_("Certify an election") if is_counted else _("Count an election"),
        text=_(
            "%(number)s of %(all)s signatures are under the count.",
            number=len(election.signatures),
            all=WITNESSES,
        )
        if is_counted
        else _("Voting is over. The ballots are counted within minutes by themselves."),
        since=election.counted_at or election.closes_at,
        url=url_for("elections.show", slug=election.erg.slug, election_id=election.id),
        icon="vote",
        acts=_acts(election, actor),
    )


def _acts(election: Election, actor: Actor) -> tuple[DeskAct, ...]:
    has_signed = any(s.person_id == actor.person_id for s in election.signatures)
    if has_signed or queries.is_candidate(election, actor.person_id):
        return ()
    address = {"slug": election.erg.slug, "election_id": election.id}
    if election.state is ElectionState.COUNTED:
        return (DeskAct(_("Certify"), url_for("elections.sign", **address), "primary"),)
    return (DeskAct(_("Count now"), url_for("elections.count", **address)),)


def _let_members_choose(erg: Erg) -> DeskLink:
    return DeskLink(_("Plan an election"), url_for("elections.new", slug=erg.slug))


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Election.state.in_((ElectionState.NOMINATING, ElectionState.VOTING)),
        Election.closes_at > hints.now(),
        Election.erg_id.in_(groups_joined()),
    )


agenda_hints.add("elections", _may_speak)
agenda.add("elections", waiting)
desk.add("elections", to_finish)
successions.add("elections", _let_members_choose)
leavings.add("elections", services.leave_group)
erasures.add("elections", services.erase)
archivings.add("elections", services.archive)
places.add("elections", Place("elections.index", _l("Elections"), "vote", 60))
places.add(
    "handover", Place("elections.handover", _l("Handover"), "handshake", 60, is_for_leads=True)
)
