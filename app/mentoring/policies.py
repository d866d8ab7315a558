"""Who may do what in a workspace: its members, and nobody by rank."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, public
from app.mentoring.models import (
    Goal,
    GoalStep,
    Meeting,
    Note,
    NoteVersion,
    PairMessage,
    Relationship,
    Rematch,
    RiskFlag,
    SponsorAction,
)
from app.mentoring.queries import Question
from app.mentoring.queries.sponsorship import has_ledger, is_reverse
from app.mentoring.queries.surveys import Survey
from app.mentoring.rules import LIVE, ClosingReason
from app.programs.models import Cohort
from app.programs.queries.scope import is_manager


def may_open_workspace(actor: Actor, pair: Relationship) -> bool:
    """Members only; no role of the organization opens a workspace."""
    return pair.has(actor.person_id)


def may_keep_own(actor: Actor, pair: Relationship) -> bool:
    """Members, and whoever was one: their goals and notes stay theirs."""
    return pair.has_had(actor.person_id)


def may_work(actor: Actor, pair: Relationship) -> bool:
    """Members, while the relationship lives."""
    return pair.has(actor.person_id) and pair.state in LIVE


def may_write_notes(actor: Actor, pair: Relationship) -> bool:
    """Members, also after the end or when they have left: notes stay theirs."""
    return may_keep_own(actor, pair)


def may_open_session(actor: Actor, meeting: Meeting) -> bool:
    """Members, also after the end."""
    return may_open_workspace(actor, meeting.pair)


def may_change_session(actor: Actor, meeting: Meeting) -> bool:
    """Members, while the relationship lives."""
    return may_work(actor, meeting.pair)


def may_see_goal(_actor: Actor, _goal: Goal) -> bool:
    """Members, as far as its sharing lets the finder find it."""
    return True


def may_change_goal(actor: Actor, goal: Goal) -> bool:
    """The person whose goal it is; of everybody's goal every member, as the finder found them."""
    return goal.is_of(actor.person_id)


def may_tick_step(actor: Actor, step: GoalStep) -> bool:
    """The person whose goal it is; of everybody's goal every member."""
    return step.goal.is_of(actor.person_id)


def may_read_note(actor: Actor, note: Note) -> bool:
    """Its writer; a shared one every member, who may change it too. The finder knows members."""
    return note.is_read_by(actor.person_id)


def may_own_note(actor: Actor, note: Note) -> bool:
    """The person who began it: they alone share it, delete it and bring it back."""
    return note.author_id == actor.person_id


def may_read_version(actor: Actor, version: NoteVersion) -> bool:
    """Whoever reads the note, but for what somebody wrote for themselves."""
    return version.is_read_by(actor.person_id)


def may_decide_aside(actor: Actor, version: NoteVersion) -> bool:
    """The person whose text stands beside the note."""
    return version.author_id == actor.person_id


def may_change_message(actor: Actor, message: PairMessage) -> bool:
    """The person who wrote it."""
    return message.author_id == actor.person_id


@public
def may_answer_by_link(_actor: Actor, question: Question) -> bool:
    """Whoever holds the signed link; it opens this one question only."""
    return question is not None


def may_see_ledger(actor: Actor, pair: Relationship) -> bool:
    """Members of a sponsorship, also after the end."""
    return pair.has(actor.person_id) and has_ledger(pair)


def may_keep_ledger(actor: Actor, pair: Relationship) -> bool:
    """Members of a sponsorship, while it lives."""
    return may_see_ledger(actor, pair) and pair.state in LIVE


def may_change_action(actor: Actor, row: SponsorAction) -> bool:
    """Either of the two says what came of it."""
    return may_see_ledger(actor, row.pair)


def may_remove_action(actor: Actor, row: SponsorAction) -> bool:
    """The person who wrote it."""
    return row.author_id == actor.person_id


def may_see_commitments(actor: Actor, pair: Relationship) -> bool:
    """The two of a reverse pair."""
    return pair.has(actor.person_id) and is_reverse(pair)


def may_see_certificate(actor: Actor, pair: Relationship) -> bool:
    """Members of a relationship that was completed."""
    return pair.has(actor.person_id) and pair.closing_reason is ClosingReason.COMPLETED


def may_see_survey(actor: Actor, survey: Survey) -> bool:
    """The person who is asked, and nobody else."""
    return survey.enrollment.person_id == actor.person_id


def may_answer_survey(actor: Actor, survey: Survey) -> bool:
    """The person who is asked, until it counts."""
    return may_see_survey(actor, survey) and survey.is_open


def may_look_after(actor: Actor, pair: Relationship) -> bool:
    """Organizers of its program, but never of a pair of their own."""
    return is_manager(actor, pair.cohort) and not pair.has(actor.person_id)


def may_see_rematch(actor: Actor, row: Rematch) -> bool:
    """Organizers of its program, but for the person themselves."""
    cohort = session_of(row).get_one(Cohort, row.cohort_id)
    return is_manager(actor, cohort) and row.enrollment.person_id != actor.person_id


def may_see_status(actor: Actor, cohort: Cohort) -> bool:
    """Organizers see who is a pair and how it stands, never what they write."""
    return is_manager(actor, cohort)


def may_see_desk(actor: Actor, desk: object) -> bool:
    """Whoever runs a program; their finder says which."""
    return actor.is_signed_in and desk is not None


def may_handle_flag(actor: Actor, flag: RiskFlag) -> bool:
    """Organizers of its program who never belonged to it."""
    is_own = any(member.person_id == actor.person_id for member in flag.pair.members)
    return is_manager(actor, flag.pair.cohort) and not is_own
