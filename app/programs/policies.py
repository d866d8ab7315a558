"""Who may do what with programs, cohorts, enrollments, runs and offers."""

from __future__ import annotations

from typing import Any

from app.core import clock
from app.core.policies import Actor
from app.programs.models import Enrollment, MatchRequest, Offer, Program
from app.programs.queries.choosing import Shortlist
from app.programs.queries.joint import Together
from app.programs.queries.requests import Asking, has_heard, side_of_request
from app.programs.queries.scope import Managed, is_manager, side_of
from app.programs.rules import (
    OPEN_OFFERS,
    EnrollmentState,
    RequestState,
    Role,
    may_come_back,
)


def may_see_program(actor: Actor, _program: Program) -> bool:
    """Whoever found the program through `program_for`."""
    return actor.is_signed_in


def may_create(actor: Actor, _subject: Any) -> bool:
    """Program managers start programs."""
    return actor.has("program_manager")


def may_manage(actor: Actor, subject: Managed) -> bool:
    """The program's organizers, and program managers of the organization."""
    return is_manager(actor, subject)


def may_manage_jointly(actor: Actor, subject: Together) -> bool:
    """Whoever runs all of the programs."""
    return all(is_manager(actor, run) for run in subject.runs)


def may_enroll(actor: Actor, subject: Program) -> bool:
    """Every person of the company; guests enroll by invitation only. Identity is never asked."""
    return actor.is_signed_in and not actor.is_external


def may_withdraw(actor: Actor, enrollment: Enrollment) -> bool:
    """One's own enrollment."""
    return enrollment.person_id == actor.person_id


def may_remove(actor: Actor, enrollment: Enrollment) -> bool:
    """Organizers, but never of themselves: whoever organizes leaves like everybody else."""
    return may_manage(actor, enrollment.cohort) and enrollment.person_id != actor.person_id


def may_see_offer(actor: Actor, offer: Offer) -> bool:
    """The people of the offer, once they are asked; organizers answer elsewhere."""
    return side_of(actor, offer) is not None


def may_answer(actor: Actor, offer: Offer) -> bool:
    """The person whose turn it is."""
    side = side_of(actor, offer)
    return side is not None and offer.state in OPEN_OFFERS and side is _side_due(offer)


def _side_due(offer: Offer) -> Role:
    return offer.side_due(offer.cohort.program)


def may_answer_for(actor: Actor, offer: Offer) -> bool:
    """Organizers, for people without sign-in."""
    due = offer.mentor if _side_due(offer) is Role.MENTOR else offer.mentee
    is_reachable = due.person.can_sign_in
    return may_manage(actor, offer.cohort) and not is_reachable and offer.state in OPEN_OFFERS


def may_extend(actor: Actor, offer: Offer) -> bool:
    """Whoever is asked, and organizers, once, while the offer is open."""
    is_open = offer.state in OPEN_OFFERS and offer.extended_at is None
    return is_open and (may_answer(actor, offer) or may_manage(actor, offer.cohort))


def may_revive(actor: Actor, offer: Offer) -> bool:
    """Those of the offer who knew of it, and organizers, for two weeks after it ran out."""
    knows = side_of(actor, offer) is not None or may_manage(actor, offer.cohort)
    return knows and may_come_back(offer.state, offer.answered_at, clock.now())


def may_set_availability(actor: Actor, enrollment: Enrollment) -> bool:
    """One's own enrollment, while one is in the pool or pauses."""
    in_pool = enrollment.state in (EnrollmentState.READY, EnrollmentState.PAUSED)
    return enrollment.person_id == actor.person_id and in_pool


def may_listen(actor: Actor, enrollment: Enrollment) -> bool:
    """One's own enrollment, while the module on listening is due."""
    is_due = enrollment.state is EnrollmentState.TRAINING_DUE
    return enrollment.person_id == actor.person_id and is_due


def may_withdraw_offer(actor: Actor, offer: Offer) -> bool:
    """Organizers, while the offer is open."""
    return may_manage(actor, offer.cohort) and offer.state in OPEN_OFFERS


def may_choose(actor: Actor, subject: Shortlist) -> bool:
    """The mentee whose list it is."""
    return subject.enrollment.person_id == actor.person_id


def may_ask_mentor(actor: Actor, subject: Asking) -> bool:
    """The mentee whose list it is."""
    return subject.enrollment.person_id == actor.person_id


def may_see_request(actor: Actor, row: MatchRequest) -> bool:
    """Who asks and who is asked; organizers see the list, not what was written."""
    return side_of_request(actor, row) is not None


def may_answer_request(actor: Actor, row: MatchRequest) -> bool:
    """The mentor, until the deadline."""
    is_open = row.state is RequestState.ASKED and row.expires_at > clock.now()
    return is_open and side_of_request(actor, row) is Role.MENTOR


def may_undo_decline(actor: Actor, row: MatchRequest) -> bool:
    """The mentor, as long as the mentee has not heard of the no."""
    return side_of_request(actor, row) is Role.MENTOR and not has_heard(row)


def may_take_request_back(actor: Actor, row: MatchRequest) -> bool:
    """The mentee, while nobody has answered."""
    is_open = row.state is RequestState.ASKED
    return is_open and side_of_request(actor, row) is Role.MENTEE


def may_end_request(actor: Actor, row: MatchRequest) -> bool:
    """Organizers, while it is open; never one in which they take part."""
    is_open = row.state is RequestState.ASKED and side_of_request(actor, row) is None
    return is_open and may_manage(actor, row.cohort)
