"""My relationships, one workspace, its guide; for organizers the state of pairs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask

from app.core import clock
from app.core.database import reading
from app.core.pages import page
from app.core.policies import current_actor, guarded_by, signed_in
from app.mentoring import queries
from app.mentoring.forms import AgreementForm, PlanForm
from app.mentoring.models import Meeting, Relationship
from app.mentoring.policies import may_open_workspace, may_see_status
from app.mentoring.queries.groups import awaited
from app.mentoring.queries.guides import newer_guide
from app.mentoring.queries.messages import unread_counts
from app.mentoring.queries.surveys import enrollment_asked
from app.mentoring.rules import HELD, LIVE, SessionState
from app.mentoring.views.base import bp
from app.programs.models import Cohort
from app.programs.rules import form_from

FURTHER = 3


@bp.get("/")
@guarded_by(signed_in)
def index() -> flask.Response:
    """The people I meet, and when next."""
    db, actor = reading(), current_actor()
    pairs = queries.mine(db, actor)
    ahead = queries.next_meetings(db, [pair.id for pair in pairs])
    unread = unread_counts(db, actor.person_id)
    left = queries.left_behind(db, actor)
    return page("mentoring/index.html", pairs=pairs, ahead=ahead, unread_messages=unread, left=left)


@bp.get("/<uuid:relationship_id>/")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def workspace(pair: Relationship) -> flask.Response:
    """Everything of one relationship, the next step on top."""
    return page("mentoring/workspace.html", **context(pair))


def context(pair: Relationship, **forms: Any) -> dict[str, Any]:
    """What the workspace and its partials show; `forms` replaces the empty ones."""
    db, actor = reading(), current_actor()
    meetings = queries.meetings_of(db, pair.id, actor.person_id)
    guide = queries.guide_sessions(db, pair.guide_id)
    agreement = queries.agreement_of(db, pair.id)
    zones = [actor.zone, *(member.person.zone for member in pair.members), "UTC"]
    return {
        "pair": pair,
        "others": pair.others(actor.person_id),
        "role": pair.role_of(actor.person_id),
        "is_live": pair.state in LIVE,
        "surveyed": enrollment_asked(pair, actor.person_id),
        "agreement": agreement,
        "untold": queries.untold(meetings, actor.person_id),
        "goals": queries.goals_of(db, actor, pair.id),
        "last_note": queries.last_note(db, actor, pair.id),
        "plan_form": PlanForm(zones, formdata=None, zone=actor.zone),
        "agreement_form": AgreementForm(formdata=None, obj=agreement),
        **sessions_context(pair, meetings, guide),
        **_group_context(pair),
        **forms,
    }


def _group_context(pair: Relationship) -> dict[str, Any]:
    """Whom a group waits for."""
    form = form_from(pair.cohort.rules)
    return {
        "awaited": awaited(reading(), pair) if pair.is_gathering else [],
        "needed": form.least + (form.kind == "groups"),
    }


def sessions_context(
    pair: Relationship, meetings: list[Meeting], guide: list[Any]
) -> dict[str, Any]:
    """The next session, what waits for an answer, and how far the guide is."""
    now, me = clock.now(), current_actor().person_id
    ahead = [m for m in meetings if m.state is SessionState.SCHEDULED and _ends(m) > now]
    asked = [
        m for m in meetings if queries.is_unanswered(m, me) and queries.is_asked_of(m, pair, me)
    ]
    proposals = [m for m in meetings if m.state is SessionState.PROPOSED]
    held = {m.guide_session_id for m in meetings if m.state in HELD}
    booked = ahead[0].guide_session_id if ahead else None
    open_ones = [part for part in guide if part.id not in held]
    current = next((part for part in guide if part.id == booked), None)
    return {
        "meetings": meetings,
        "next_meeting": ahead[0] if ahead else None,
        "further": ahead[1 : 1 + FURTHER],
        "asked": asked[-1] if asked else None,
        "proposal": proposals[0] if proposals else None,
        "open_slots": [s for s in proposals[0].slots if s.starts_at > now] if proposals else [],
        "guide": guide,
        "held": held,
        "current": current or (open_ones[0] if open_ones else None),
        "claimed_count": sum(m.state is SessionState.CLAIMED for m in meetings),
        "confirmed_count": sum(m.state is SessionState.CONFIRMED for m in meetings),
    }


def _ends(meeting: Meeting) -> Any:
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


@bp.get("/<uuid:relationship_id>/guide")
@guarded_by(may_open_workspace, find=queries.relationship_for)
def guide(pair: Relationship) -> flask.Response:
    """The whole guide, for preparation."""
    db, actor = reading(), current_actor()
    return page(
        "mentoring/guide.html",
        pair=pair,
        newer=newer_guide(db, pair) if pair.state in LIVE else None,
        others=pair.others(actor.person_id),
        **sessions_context(
            pair,
            queries.meetings_of(db, pair.id, actor.person_id),
            queries.guide_sessions(db, pair.guide_id),
        ),
    )


@bp.get("/cohorts/<uuid:cohort_id>/")
@guarded_by(may_see_status, find=queries.managed_cohort)
def pairs(cohort: Cohort) -> flask.Response:
    """Who is a pair and how it stands; nothing of what they write."""
    db = reading()
    number = flask.request.args.get("page", 1, type=int)
    found = queries.pairs_page(db, current_actor(), cohort.id, number)
    counts = queries.held_counts(db, [pair.id for pair in found.rows])
    return page("mentoring/pairs.html", cohort=cohort, found=found, counts=counts)
