"""Claims to a place: asking for one, changing it, giving it up. Admission gives the seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.errors import Refused
from app.core.locale import datetime_text
from app.ergs.rules import Visibility
from app.events.models import Occurrence, Rsvp
from app.events.rules import Mode, RsvpState, questions_of
from app.events.rules import answers as told_rules
from app.events.services import admission
from app.events.services.entries import forget_words, move, note, put_entry, take_entry

_S = RsvpState
SITTING = (_S.GOING, _S.CHECKED_IN)
CLAIMING = (*SITTING, _S.OFFERED, _S.WAITLISTED, _S.PENDING_APPROVAL)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for when they come; None leaves it as it is."""

    mode: Mode
    guests: int
    shown: Visibility
    names: Sequence[str] | None = None
    told: Mapping[str, str] | None = None


def claim(
    db: Session, occurrence: Occurrence, person_id: UUID, rsvp: Rsvp | None, wish: Wish
) -> Rsvp:
    """Ask for what is wished, or change what one has; a seat is for `settle` to give."""
    if not 0 <= wish.guests <= occurrence.event.guest_limit:
        raise Refused(_("You cannot bring that many guests to this event."), 422)
    if wish.names is not None and len(list(filter(None, wish.names))) > wish.guests:
        raise Refused(_("You named more guests than you bring."), 422)
    _require_registration(occurrence, rsvp, wish)
    if rsvp is not None:
        rsvp.visibility = wish.shown
    if rsvp is not None and rsvp.state in SITTING:
        _change_seat(db, occurrence, rsvp, wish.mode, wish.guests)
    elif rsvp is not None and rsvp.state is _S.OFFERED:
        _take_offer(db, occurrence, rsvp, wish.mode, wish.guests)
    elif rsvp is not None and rsvp.state in (_S.WAITLISTED, _S.PENDING_APPROVAL):
        _change_wish(occurrence, rsvp, wish.mode, wish.guests)
    else:
        rsvp = _ask_for_seat(db, occurrence, person_id, rsvp, wish)
    return rsvp


def _require_registration(occurrence: Occurrence, rsvp: Rsvp | None, wish: Wish) -> None:
    """Once registration is closed nobody asks for more; who waits is served all the same."""
    if clock.now() < occurrence.answers_until:
        return
    if rsvp is not None and rsvp.state in CLAIMING:
        if wish.mode is rsvp.mode and wish.guests <= rsvp.guests:
            return
        raise Refused(
            _("Registration is closed, so you cannot ask for more. You keep what you have.")
        )
    raise Refused(
        _("Registration closed on %(time)s.", time=datetime_text(occurrence.answers_until))
    )


def _ask_for_seat(
    db: Session, occurrence: Occurrence, person_id: UUID, rsvp: Rsvp | None, wish: Wish
) -> Rsvp:
    questions = questions_of(occurrence.event.questions)
    if told_rules.missing(questions, told_rules.tidy_answers(questions, wish.told or {})):
        raise Refused(_("Please answer the questions on the event's page first."), 422)
    return queue_up(db, occurrence, person_id, rsvp, wish)


def queue_up(
    db: Session,
    occurrence: Occurrence,
    person_id: UUID,
    rsvp: Rsvp | None,
    wish: Wish,
    *,
    is_approved: bool = False,
) -> Rsvp:
    """Put a claim into the queue, or before the organizers; a seat is for `settle` to give."""
    if occurrence.capacity(wish.mode) == 0:
        raise Refused(_("This way of taking part is closed."))
    needs_yes = occurrence.event.needs_approval and not is_approved
    to = _S.WAITLISTED
    if needs_yes and (rsvp is None or rsvp.approved_at is None):
        to = _S.PENDING_APPROVAL
    if rsvp is None:
        rsvp = new_answer(occurrence, person_id, to, wish.mode, wish.shown)
        db.add(rsvp)
        note(db, rsvp, None)
    else:
        move(db, rsvp, to)
    if occurrence.event.needs_approval and is_approved:
        rsvp.approved_at = clock.now()
    rsvp.mode, rsvp.guests, rsvp.reason = wish.mode, wish.guests, ""
    rsvp.queued_at, rsvp.called_at = clock.now(), None
    rsvp.guest_names = rsvp.guest_names[: wish.guests]
    return rsvp


def _change_wish(occurrence: Occurrence, rsvp: Rsvp, mode: Mode, guests: int) -> None:
    """A larger or smaller party keeps its place; another mode is another queue."""
    if rsvp.mode is not mode:
        if occurrence.capacity(mode) == 0:
            raise Refused(_("This way of taking part is closed."))
        rsvp.mode, rsvp.queued_at, rsvp.called_at = mode, clock.now(), None
    rsvp.guests = guests


def _change_seat(db: Session, occurrence: Occurrence, rsvp: Rsvp, mode: Mode, guests: int) -> None:
    """Switch mode or party in one step, or keep the seat as it is."""
    extra = guests - rsvp.guests if mode is rsvp.mode else 1 + guests
    if mode is rsvp.mode and extra == 0:
        return
    if extra > 0 and not admission.has_room(db, occurrence, mode, rsvp.id, extra):
        raise Refused(_("There are not enough free seats for this change. You keep your seat."))
    rsvp.mode, rsvp.guests = mode, guests
    note(db, rsvp, rsvp.state)
    put_entry(db, occurrence, rsvp)


def _take_offer(db: Session, occurrence: Occurrence, rsvp: Rsvp, mode: Mode, guests: int) -> None:
    if mode is not rsvp.mode or guests > rsvp.guests:
        raise Refused(_("Accept the seat as it is offered first; then you can change it."))
    rsvp.guests = guests
    admission.accept(db, occurrence, rsvp)


def release(
    db: Session,
    rsvp: Rsvp,
    to: RsvpState,
    reason: str | None = None,
    *,
    keeps_words: bool = False,
) -> None:
    """Give up a claim of any kind; what was said about guests is forgotten, at once or soon."""
    had_place = rsvp.state is _S.GOING
    rsvp.offer_until = rsvp.called_at = None
    if not keeps_words:
        forget_words(rsvp)
    move(db, rsvp, to, reason)
    if had_place:
        take_entry(db, rsvp)


def new_answer(
    occurrence: Occurrence, person_id: UUID, state: RsvpState, mode: Mode, shown: Visibility
) -> Rsvp:
    """A first answer, which holds nothing yet."""
    key = f"{occurrence.id}|{person_id}"
    return Rsvp(
        id=ids.new_id("rsvp", key),
        entry_id=ids.new_id("entry", key),
        person_id=person_id,
        occurrence_id=occurrence.id,
        state=state,
        mode=mode,
        guests=0,
        visibility=shown,
        queued_at=clock.now(),
        changed_at=clock.now(),
        sequence=0,
        priority=0,
        guest_names=[],
        told={},
        answered=0,
        presses=[],
        reason="",
    )
