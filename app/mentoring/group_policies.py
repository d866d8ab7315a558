"""Who may do what on the board and with the topics of a group: its members, nobody by rank."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor
from app.mentoring.models import BoardPost, Relationship, Reshaping, Topic, TopicRound
from app.mentoring.queries.circles import hosts_of
from app.mentoring.rules import LIVE
from app.programs.models import Cohort, Enrollment
from app.programs.queries.scope import is_manager


def may_change_post(actor: Actor, post: BoardPost) -> bool:
    """The person who wrote it, while the group lives and the post is there."""
    return post.deleted_at is None and may_restore_post(actor, post)


def may_restore_post(actor: Actor, post: BoardPost) -> bool:
    """The person who wrote it, while the group lives."""
    return post.author_id == actor.person_id and _group_of(post).state in LIVE


def may_answer_post(_actor: Actor, post: BoardPost) -> bool:
    """Members, as the finder found them, while the group lives."""
    return post.deleted_at is None and _group_of(post).state in LIVE


def may_pin(actor: Actor, post: BoardPost) -> bool:
    """Whoever looks after the group now, while it lives."""
    group = _group_of(post)
    return group.state in LIVE and actor.person_id in hosts_of(session_of(post), group)


def _group_of(post: BoardPost) -> Relationship:
    return session_of(post).get_one(Relationship, post.relationship_id)


def may_take_part(_actor: Actor, row: TopicRound) -> bool:
    """Members, as the finder found them, while the group lives."""
    group = session_of(row).get_one(Relationship, row.relationship_id)
    return group.state in LIVE


def may_withdraw_topic(actor: Actor, topic: Topic) -> bool:
    """The person who proposed it, while the group lives."""
    row = session_of(topic).get_one(TopicRound, topic.round_id)
    return topic.proposer_id == actor.person_id and may_take_part(actor, row)


def may_stand_in_line(actor: Actor, enrollment: Enrollment) -> bool:
    """The person whose enrollment it is, as the finder found it."""
    return enrollment.person_id == actor.person_id


def may_reshape(actor: Actor, row: Reshaping) -> bool:
    """Organizers of its program, as the finder found them; never of a circle of their own."""
    return is_manager(actor, session_of(row).get_one(Cohort, row.cohort_id))
