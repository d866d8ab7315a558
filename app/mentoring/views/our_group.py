"""How a group runs itself: who comes, how many must, whose turn it is, and whether it is open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import flask
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.messages import shown_name
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.pages import done, invalid, page
from app.core.policies import current_actor, guarded_by
from app.core.walls import wall_of
from app.mentoring import queries
from app.mentoring.forms.circles import ClosedForm, QuorumForm, SwapForm
from app.mentoring.models import FacilitatorTurn, Meeting, Relationship
from app.mentoring.policies import may_change_session, may_open_workspace, may_work
from app.mentoring.queries import circles
from app.mentoring.queries.reshaping import open_for
from app.mentoring.rules import LIVE
from app.mentoring.rules.circles import closed_until, quorum_bounds, turn
from app.mentoring.services import quorums, reshaping, sessions, turns
from app.mentoring.views.acting import me
from app.mentoring.views.base import bp
from app.programs.rules import SHAPES, Role

PAGE = "mentoring/our_group.html"
SHOWN_TURNS = 4


@bp.get("/<uuid:relationship_id>/group/")
@guarded_by(may_open_workspace, find=circles.group_for)
def our_group(group: Relationship) -> flask.Response:
    """Who comes next, whose turn it is, and what the group has agreed."""
    return page(PAGE, **_about(group))


def _about(group: Relationship, **forms: Any) -> dict[str, Any]:
    db, person_id, here = reading(), me(), circles.in_turn(group)
    meeting, needed = circles.next_meeting(db, group.id), circles.quorum_of(group)
    wishes = circles.closed_wishes(db, group.id)
    now_in = [day for person, day in wishes.items() if group.has(person)]
    is_circle = circles.is_circle(group)
    number, agreed = circles.turns_of(db, group) if is_circle else (0, [])
    ahead = _turns(group, number, agreed) if is_circle else []
    hosts = _hosts(group, ahead)
    others = [(str(m.person_id), shown_name(m.person)) for m in here if m.person_id != person_id]
    swap = SwapForm(formdata=None)
    swap.person.choices = others
    return {
        "pair": group,
        "others": group.others(person_id),
        "is_live": group.state in LIVE,
        "is_circle": is_circle,
        "meeting": meeting,
        "come": circles.coming(meeting, group) if meeting else 0,
        "said": any(reply.person_id == person_id for reply in meeting.replies) if meeting else 0,
        "people": len(here),
        "quorum": needed,
        "bounds": quorum_bounds(len(here)),
        "is_host": person_id in hosts,
        "turns": ahead,
        "asks": next((row for row in agreed if row.number == number and row.asked_id), None),
        "names": {member.person_id: member.person for member in group.members},
        "wishes": len(now_in),
        "closed_until": closed_until(len(here), now_in),
        "my_wish": wishes.get(person_id),
        "waiting": circles.waiting_in(db, group.id) if is_circle else 0,
        "reshaping": open_for(db, group.id) if is_circle and group.state in LIVE else None,
        "quorum_form": QuorumForm(formdata=None, number=needed),
        "closed_form": ClosedForm(formdata=None, until=wishes.get(person_id)),
        "swap_form": swap,
        **forms,
    }


def _turns(group: Relationship, number: int, agreed: list[FacilitatorTurn]) -> list[Any]:
    """The people of the next turns, in order."""
    here = {member.person_id: member for member in circles.in_turn(group)}
    taken = {row.number: row.person_id for row in agreed}
    order = [turn(list(here), number + n, taken) for n in range(min(SHOWN_TURNS, len(here)))]
    return [here[one] for one in order if one is not None]


def _hosts(group: Relationship, ahead: list[Any]) -> set[UUID]:
    here = ahead[:1] if circles.is_circle(group) else circles.in_turn(group)
    if SHAPES[group.format].kind == "groups":
        here = [member for member in here if member.role is Role.MENTOR]
    return {member.person_id for member in here}


def _back(message: str, group_id: UUID, undo: str | None = None) -> Response:
    return done(message, to=url_for(".our_group", relationship_id=group_id), undo=undo)


@bp.post("/<uuid:relationship_id>/quorum")
@guarded_by(may_work, find=circles.group_for)
def set_quorum(group: Relationship) -> Response:
    """Choose how many must come."""
    form, group_id = QuorumForm(), group.id
    if form.validate_on_submit():
        try:
            with writing() as db:
                quorums.set_quorum(db, me(), relationship_id=group_id, number=form.number.data or 0)
            return _back(_("Saved. It holds from the next session on."), group_id)
        except Refused as refused:
            if refused.status != 422:
                raise
            form.number.errors = [str(refused)]
            group = queries.relationship_for(reading(), current_actor(), group_id) or group
    return invalid(PAGE, **_about(group, quorum_form=form))


@bp.post("/<uuid:relationship_id>/turn/request")
@guarded_by(may_work, find=circles.circle_for)
def ask_to_swap(group: Relationship) -> Response:
    """Ask somebody to take one's turn."""
    try:
        asked_id, group_id = UUID(request.form.get("person", "")), group.id
    except ValueError:
        raise Refused(_("Choose somebody else of your circle."), 422) from None
    with writing() as db:
        turns.ask(db, me(), relationship_id=group_id, asked_id=asked_id)
    return _back(_("Asked. It stays your turn until they say yes."), group_id)


@bp.post("/<uuid:relationship_id>/turn/answer")
@guarded_by(may_work, find=circles.circle_for)
def answer_swap(group: Relationship) -> Response:
    """Take somebody's turn, or leave it."""
    said, group_id = request.form.get("said", ""), group.id
    if said not in ("yes", "no"):
        raise Refused(_("Choose one of the two answers."), 422)
    with writing() as db:
        turns.answer(db, me(), relationship_id=group_id, takes=said == "yes")
    words = _("You facilitate the next session; your own turn is theirs.")
    return _back(words if said == "yes" else _("It stays as it was; they are told."), group_id)


@bp.post("/<uuid:relationship_id>/turn/skip")
@guarded_by(may_work, find=circles.circle_for)
def skip_turn(group: Relationship) -> Response:
    """Let the next one begin."""
    group_id = group.id
    with writing() as db:
        turns.skip(db, me(), relationship_id=group_id)
    undo = url_for(".take_turn_back", relationship_id=group_id)
    return _back(_("The next one facilitates; your turn comes right after."), group_id, undo)


@bp.post("/<uuid:relationship_id>/turn/return")
@guarded_by(may_work, find=circles.circle_for)
def take_turn_back(group: Relationship) -> Response:
    """Undo."""
    group_id = group.id
    with writing() as db:
        turns.take_back_skip(db, me(), relationship_id=group_id)
    return _back(_("It is your turn again."), group_id)


@bp.post("/<uuid:relationship_id>/closed")
@guarded_by(may_work, find=circles.circle_for)
def wish_closed(group: Relationship) -> Response:
    """Say until when one wants nobody new."""
    form, group_id = ClosedForm(), group.id
    if not form.validate_on_submit():
        return invalid(PAGE, **_about(group, closed_form=form))
    until: date = form.until.data
    with writing() as db:
        quorums.wish_closed(db, me(), relationship_id=group_id, until=until)
    undo = url_for(".wish_open", relationship_id=group_id)
    said = _("Noted. It holds while more than half of you want it.")
    return _back(said, group_id, undo)


@bp.post("/<uuid:relationship_id>/open")
@guarded_by(may_work, find=circles.circle_for)
def wish_open(group: Relationship) -> Response:
    """Say that somebody new is welcome."""
    group_id = group.id
    with writing() as db:
        quorums.wish_closed(db, me(), relationship_id=group_id, until=None)
    return _back(_("Noted: somebody new is welcome to you."), group_id)


@bp.post("/<uuid:relationship_id>/reshaping")
@guarded_by(may_work, find=circles.circle_for)
def answer_reshaping(group: Relationship) -> Response:
    """Say privately whether one wants the new shape."""
    said, group_id = request.form.get("said", ""), group.id
    if said not in ("yes", "no"):
        raise Refused(_("Choose one of the two answers."), 422)
    with writing() as db:
        reshaping.answer(db, me(), relationship_id=group_id, says_yes=said == "yes")
    return _back(
        _("Your answer is kept for you alone. You can change it until it is decided."), group_id
    )


@bp.post("/sessions/<uuid:session_id>/better-time")
@guarded_by(may_change_session, find=queries.session_for)
def move_to(meeting: Meeting) -> Response:
    """Move a session to one of the times at which most can."""
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        raise Refused(_("Choose one of the times."), 422) from None
    if at.tzinfo is None:
        raise Refused(_("Choose one of the times."), 422)
    session_id, zone = meeting.id, current_actor().zone
    kept: dict[str, Any] = {"minutes": meeting.minutes, "place": meeting.place}
    kept["fold"] = at.astimezone(ZoneInfo(zone)).fold
    wall_time = wall_of(at, zone)
    with writing() as db:
        sessions.reschedule(db, me(), session_id=session_id, wall_time=wall_time, zone=zone, **kept)
    return done(
        _("The session is moved. Calendars and reminders follow."),
        to=url_for(".session", session_id=session_id),
        undo=url_for(".put_back", session_id=session_id),
    )
