"""Who may do what in a workspace: its members, and nobody by rank."""

from __future__ import annotations

from app.core.policies import Actor, public
from app.mentoring.models import Goal, GoalStep, Meeting, Note, Relationship
from app.mentoring.queries import Question
from app.mentoring.rules import LIVE
from app.programs.models import Cohort
from app.programs.queries.scope import is_manager


def may_open_workspace(actor: Actor, pair: Relationship) -> bool:
    """Members only; no role of the organization opens a workspace."""
    return pair.has(actor.person_id)


def may_work(actor: Actor, pair: Relationship) -> bool:
    """Members, while the relationship lives."""
    return pair.has(actor.person_id) and pair.state in LIVE


def may_write_notes(actor: Actor, pair: Relationship) -> bool:
    """Members, also after the end: notes stay theirs."""
    return pair.has(actor.person_id)


def may_change_session(actor: Actor, meeting: Meeting) -> bool:
    """Members, while the relationship lives."""
    return may_work(actor, meeting.pair)


def may_change_goal(actor: Actor, goal: Goal) -> bool:
    """The person whose goal it is."""
    return goal.owner_id == actor.person_id


def may_tick_step(actor: Actor, step: GoalStep) -> bool:
    """The person whose goal it is."""
    return step.goal.owner_id == actor.person_id


def may_delete_note(actor: Actor, note: Note) -> bool:
    """The person who wrote it."""
    return note.author_id == actor.person_id


@public
def may_answer_by_link(_actor: Actor, question: Question) -> bool:
    """Whoever holds the signed link; it opens this one question only."""
    return question is not None


def may_see_status(actor: Actor, cohort: Cohort) -> bool:
    """Organizers see who is a pair and how it stands, never what they write."""
    return is_manager(actor, cohort)
