"""What stands on the page of an event: the ways to arrive, needs, feedback, what was missed."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.attendance import policies, queries
from app.attendance.queries import ASKING, CAN_ENTER
from app.attendance.rules import is_open
from app.core import clock
from app.core.policies import Actor
from app.ergs.queries import Standing, standing
from app.ergs.rules import LEADING, RoleName
from app.events.models import Event, Occurrence
from app.events.queries import rsvp_of
from app.events.registry import Section, sections

Link = tuple[str, str, str]


def about(db: Session, actor: Actor, occurrence: Occurrence) -> Section | None:
    """Links for this reader; whoever takes part is known by the answer the page has read."""
    if not policies.takes_place(occurrence):
        return None
    is_over = clock.now() >= occurrence.ends_at
    own = [_left(occurrence)] if is_over else _before(db, actor, occurrence)
    run = _running(db, actor, occurrence, is_over=is_over)
    if not own and not run:
        return None
    is_on = is_open(clock.now(), occurrence.starts_at, occurrence.ends_at)
    data = {"own": own, "run": run, "runs_now": bool(run) and is_on}
    return Section("attendance/_links.html", data, on_top=data["runs_now"])


def _left(occurrence: Occurrence) -> Link:
    return (_("What you missed, and how it was"), _url("materials", occurrence), "notebook-pen")


def _before(db: Session, actor: Actor, occurrence: Occurrence) -> list[Link]:
    rsvp = rsvp_of(db, occurrence.id, actor.person_id)
    state = rsvp.state if rsvp else None
    links: list[Link] = []
    if policies.may_arrive(actor, occurrence):
        links.append((_("I am here: check in"), _url("here", occurrence), "hash"))
    if state in CAN_ENTER:
        links.append((_("My code for the door"), _url("code", occurrence), "qr-code"))
    if state in ASKING:
        links.append((_("Say what I need"), _url("needs", occurrence), "accessibility"))
    return links


def _running(db: Session, actor: Actor, occurrence: Occurrence, *, is_over: bool) -> list[Link]:
    """What people need is linked after the end for access leads alone."""
    mine, event = standing(db, actor), occurrence.event
    links: list[Link] = []
    if queries.at_door_of(mine, event):
        links.append((_("Check-in"), _url("door", occurrence), "user-check"))
    if _of_host(mine, event, RoleName.ACCESS_LEAD) or (
        not is_over and queries.reads_needs(db, mine, event)
    ):
        links.append((_("What people need"), _url("access", occurrence), "accessibility"))
    if is_over and _of_host(mine, event, *LEADING):
        links.append((_("Feedback"), _url("read_feedback", occurrence), "message-circle"))
    return links


def _of_host(mine: Standing, event: Event, *roles: RoleName) -> bool:
    return any(mine.holds(erg.id, *roles) for erg in event.accepted_hosts)


def _url(endpoint: str, occurrence: Occurrence) -> str:
    return url_for(f"attendance.{endpoint}", occurrence_id=occurrence.id)


sections.add("attendance", about)
