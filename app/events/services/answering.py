"""Answers of people: coming, perhaps, not; with guests, by this way or the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.errors import Refused
from app.ergs.rules import Visibility
from app.events.models import Occurrence, Rsvp
from app.events.rules import (
    GIVEN_UP,
    RSVP_TRANSITIONS,
    EventState,
    Mode,
    OccurrenceState,
    Reply,
    RsvpState,
    questions_of,
)
from app.events.rules import answers as told_rules
from app.events.services import admission
from app.events.services.claiming import CLAIMING, Wish, claim, new_answer, release
from app.events.services.entries import note
from app.events.services.holding import held_date, own

_S = RsvpState
# What "no" and "maybe" make of each state; a state that is missing stays as it is.
ON_NO: dict[RsvpState | None, RsvpState] = {
    None: _S.NO,
    _S.MAYBE: _S.NO,
    _S.GOING: _S.WITHDRAWN,
    _S.WAITLISTED: _S.WITHDRAWN,
    _S.PENDING_APPROVAL: _S.WITHDRAWN,
    _S.OFFERED: _S.DECLINED,
}
ON_MAYBE: dict[RsvpState | None, RsvpState] = {
    before: _S.MAYBE for before, after in RSVP_TRANSITIONS.items() if _S.MAYBE in after
}


def answer(
    db: Session,
    actor_id: UUID,
    *,
    occurrence_id: UUID,
    reply: Reply,
    mode: Mode | None = None,
    guests: int | None = None,
    visibility: Visibility | None = None,
    names: Sequence[str] | None = None,
    told: Mapping[str, str] | None = None,
    key: str = "",
    seen: int | None = None,
) -> Rsvp:
    """Say whether one comes. The same answer twice changes nothing.

    `key` is the client's: the same act under it is carried out once, however late it is sent again.
    `seen` is how often the person had answered when the act was chosen on a device without a
    connection: an answer given since then is newer and stays.
    """
    occurrence = held_date(db, occurrence_id)
    rsvp = own(db, occurrence_id, actor_id)
    mark = told_rules.pressed_as(key, reply, mode, guests, names, told) if key else ""
    if rsvp is not None and mark and told_rules.was_pressed(rsvp.presses, mark):
        return rsvp
    if seen is not None and seen != (rsvp.answered if rsvp else 0):
        raise Refused(_("You have answered again since then. Your newer answer stays."))
    _require_open(db, occurrence, actor_id, rsvp, reply)
    admission.expire_offers(db, occurrence)
    if reply is Reply.GOING:
        wish = _wish(occurrence, rsvp, mode, guests, visibility, names, told)
        rsvp = claim(db, occurrence, actor_id, rsvp, wish)
        _note_words(occurrence, rsvp, wish)
    else:
        rsvp = _step_back(db, occurrence, actor_id, rsvp, reply, visibility)
    admission.settle(db, occurrence, present=rsvp.id)
    rsvp.answered += 1
    if mark:
        rsvp.presses = told_rules.remember(rsvp.presses, mark, rsvp.state.value)
    db.flush()
    return rsvp


def _wish(
    occurrence: Occurrence,
    rsvp: Rsvp | None,
    mode: Mode | None,
    guests: int | None,
    visibility: Visibility | None,
    names: Sequence[str] | None,
    told: Mapping[str, str] | None,
) -> Wish:
    keeps = rsvp is not None and rsvp.state in CLAIMING
    if guests is None:
        guests = rsvp.guests if rsvp is not None and keeps else 0
    shown = _shown(occurrence, rsvp, visibility)
    return Wish(_mode(occurrence, mode, rsvp), guests, shown, names, told)


def _shown(occurrence: Occurrence, rsvp: Rsvp | None, visibility: Visibility | None) -> Visibility:
    if occurrence.event.is_hidden:
        return Visibility.NOBODY
    return visibility or (rsvp.visibility if rsvp is not None else Visibility.NOBODY)


def _note_words(occurrence: Occurrence, rsvp: Rsvp, wish: Wish) -> None:
    """Names of guests (never at a hidden event) and answers to questions."""
    names = rsvp.guest_names if wish.names is None else wish.names
    most = 0 if occurrence.event.is_hidden else rsvp.guests
    rsvp.guest_names = told_rules.tidy_names(names, most)
    if wish.told is None:
        return
    questions = questions_of(occurrence.event.questions)
    told = told_rules.tidy_answers(questions, wish.told)
    if told_rules.missing(questions, told):
        raise Refused(_("Please answer the questions on the event's page first."), 422)
    rsvp.told = told


def _step_back(
    db: Session,
    occurrence: Occurrence,
    person_id: UUID,
    rsvp: Rsvp | None,
    reply: Reply,
    visibility: Visibility | None,
) -> Rsvp:
    shown = _shown(occurrence, rsvp, visibility)
    to = (ON_NO if reply is Reply.NO else ON_MAYBE).get(rsvp.state if rsvp else None)
    if rsvp is None:
        assert to is not None
        modes = occurrence.modes or [Mode.IN_PERSON]
        rsvp = new_answer(occurrence, person_id, to, modes[0], shown)
        db.add(rsvp)
        note(db, rsvp, None)
    elif to is not None:
        rsvp.visibility = shown
        release(db, rsvp, to, keeps_words=reply is Reply.NO)
    return rsvp


def come_after_all(db: Session, actor_id: UUID, *, occurrence_id: UUID) -> Rsvp:
    """Ask again, with the same party and words, for what was given up just now.

    The seat was free at once, so this is a new claim: by the ladder of now, behind who waits.
    """
    held_date(db, occurrence_id)
    rsvp = own(db, occurrence_id, actor_id)
    if rsvp is not None and rsvp.state in CLAIMING:
        return rsvp
    if rsvp is None or rsvp.state not in GIVEN_UP:
        raise Refused(_("There is nothing to take back any more."))
    return answer(
        db,
        actor_id,
        occurrence_id=occurrence_id,
        reply=Reply.GOING,
        mode=rsvp.mode,
        guests=rsvp.guests,
        names=list(rsvp.guest_names),
        told=dict(rsvp.told),
    )


def _require_open(
    db: Session, occurrence: Occurrence, person_id: UUID, rsvp: Rsvp | None, reply: Reply
) -> None:
    if occurrence.state is OccurrenceState.CANCELED:
        raise Refused(_("This event was canceled."))
    steps_back = reply is not Reply.GOING and rsvp is not None
    is_paused = occurrence.event.state is EventState.POSTPONED
    if is_paused and not steps_back:
        raise Refused(_("It takes answers again as soon as the new time is known."))
    if not is_paused and not admission.takes_claims(occurrence):
        raise Refused(_("This event does not take answers any more."))
    if rsvp is not None and rsvp.state is _S.REMOVED:
        raise Refused(
            _("The organizers took you off the list. Please ask them if this is a mistake.")
        )
    if not steps_back and not admission.entitled_among(db, occurrence.event, [person_id]):
        raise Refused(_("This event is for members of the group. Join the group first."), 403)


def _mode(occurrence: Occurrence, mode: Mode | None, rsvp: Rsvp | None) -> Mode:
    if mode is not None:
        return mode
    if rsvp is not None and rsvp.state in CLAIMING:
        return rsvp.mode
    if not occurrence.modes:
        raise Refused(_("This event has no open seats."))
    return occurrence.modes[0]
