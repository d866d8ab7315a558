"""What stands on the page of an event: the ways to arrive, needs, feedback, what was missed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.attendance import policies, queries
from app.attendance.queries import ASKING, CAN_ENTER
from app.attendance.rules import is_open
from app.core import clock
from app.core.policies import Actor
from app.ergs.models import RoleGrant
from app.ergs.queries import standing
from app.ergs.rules import LEADING, RoleName, RoleState
from app.events.models import Occurrence, Rsvp
from app.events.registry import Section, sections
from app.events.rules import RsvpState

Link = tuple[str, str, str]


def about(db: Session, actor: Actor, occurrence: Occurrence) -> Section | None:
    """Links for this reader; one statement before the end, none after it."""
    if not policies.takes_place(occurrence):
        return None
    is_over = clock.now() >= occurrence.ends_at
    facts = None if is_over else _facts(db, actor, occurrence)
    own = _before(actor, occurrence, facts) if facts else [_left(occurrence)]
    run = _running(db, actor, occurrence, facts)
    if not own and not run:
        return None
    is_on = is_open(clock.now(), occurrence.starts_at, occurrence.ends_at)
    data = {"own": own, "run": run, "runs_now": bool(run) and is_on}
    return Section("attendance/_links.html", data, on_top=data["runs_now"])


def _left(occurrence: Occurrence) -> Link:
    return (_("What you missed, and how it was"), _url("materials", occurrence), "notebook-pen")


@dataclass(frozen=True, slots=True)
class Facts:
    """The reader's own answer, and whether somebody looks after access."""

    state: RsvpState | None
    has_access_lead: bool


def _facts(db: Session, actor: Actor, occurrence: Occurrence) -> Facts:
    today = clock.now().date()
    own = (
        select(Rsvp.state)
        .where(Rsvp.occurrence_id == occurrence.id, Rsvp.person_id == actor.person_id)
        .scalar_subquery()
    )
    access_lead = exists().where(
        RoleGrant.erg_id.in_([erg.id for erg in occurrence.event.accepted_hosts]),
        RoleGrant.chapter_id.is_(None),
        RoleGrant.role == RoleName.ACCESS_LEAD,
        RoleGrant.state == RoleState.ACTIVE,
        RoleGrant.starts_on <= today,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    row = db.execute(select(own, access_lead)).one()
    return Facts(row[0], bool(row[1]))


def _before(actor: Actor, occurrence: Occurrence, facts: Facts) -> list[Link]:
    links: list[Link] = []
    if policies.may_arrive(actor, occurrence):
        links.append((_("I am here: check in"), _url("here", occurrence), "hash"))
    if facts.state in CAN_ENTER:
        links.append((_("My code for the door"), _url("code", occurrence), "qr-code"))
    if facts.state in ASKING:
        links.append((_("Say what I need"), _url("needs", occurrence), "accessibility"))
    return links


def _running(db: Session, actor: Actor, occurrence: Occurrence, facts: Facts | None) -> list[Link]:
    """What people need is linked after the end for access leads alone."""
    mine, hosts = standing(db, actor), occurrence.event.accepted_hosts
    leads = any(mine.holds(erg.id, *LEADING) for erg in hosts)
    links: list[Link] = []
    if queries.at_door_of(mine, occurrence.event):
        links.append((_("Check-in"), _url("door", occurrence), "user-check"))
    if any(mine.holds(erg.id, RoleName.ACCESS_LEAD) for erg in hosts) or (
        leads and facts is not None and not facts.has_access_lead
    ):
        links.append((_("What people need"), _url("access", occurrence), "accessibility"))
    if leads and facts is None:
        links.append((_("Feedback"), _url("read_feedback", occurrence), "message-circle"))
    return links


def _url(endpoint: str, occurrence: Occurrence) -> str:
    return url_for(f"attendance.{endpoint}", occurrence_id=occurrence.id)


sections.add("attendance", about)
