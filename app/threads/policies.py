"""Who may do what in discussions; who is no member has not found them."""

from __future__ import annotations

from app.core import clock
from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.threads import queries
from app.threads.queries import Appealed, Case, Own, Removed, Said, Talk
from app.threads.queries.threads import WRITABLE
from app.threads.rules import PostState, can_edit


def may_read(actor: Actor, erg: Erg) -> bool:
    """Members only, whatever the group shows otherwise."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).member_of


def may_start(actor: Actor, erg: Erg) -> bool:
    """Members, while the group lives."""
    return may_read(actor, erg) and erg.state in WRITABLE


def may_open(actor: Actor, talk: Talk) -> bool:
    """Members of the group."""
    return may_read(actor, talk.erg)


def may_reply(actor: Actor, talk: Talk) -> bool:
    """Members, while the discussion is open."""
    return may_open(actor, talk)


def may_see_post(actor: Actor, said: Said) -> bool:
    """Members of the group."""
    return may_open(actor, said.talk)


def is_author(actor: Actor, said: Said) -> bool:
    """Whoever wrote the post."""
    return may_open(actor, said.talk) and said.post.author_id == actor.person_id


def may_edit(actor: Actor, said: Said) -> bool:
    """The author, for a day, while the discussion is open."""
    thread, post = said.talk.thread, said.post
    return is_author(actor, said) and can_edit(
        post.state, post.created_at, is_locked=thread.is_locked, now=clock.now()
    )


def may_report(actor: Actor, said: Said) -> bool:
    """Members, about what somebody else wrote and is still shown."""
    is_there = said.post.state is PostState.SHOWN
    return may_open(actor, said.talk) and said.post.author_id != actor.person_id and is_there


def may_lock(actor: Actor, talk: Talk) -> bool:
    """Moderators and leads who belong."""
    mine = standing(session_of(talk.erg), actor)
    return may_open(actor, talk) and mine.holds(talk.erg.id, *queries.JUDGING)


def may_judge(actor: Actor, erg: Erg) -> bool:
    """Moderators, leads, and administrators where nobody in the group is impartial."""
    return inside(actor, None) and queries.may_judge_somewhere(session_of(erg), actor, erg.id)


def may_decide(actor: Actor, case: Case) -> bool:
    """Whoever is outside the reporting line of everybody concerned."""
    return may_judge(actor, case.erg) and not case.is_mine


def wrote_there(actor: Actor, own: Own | None) -> bool:
    """Whoever wrote in the group, also after leaving it."""
    return inside(actor, own)


def may_appeal(actor: Actor, removed: Removed) -> bool:
    """The author, also after leaving the group."""
    return inside(actor, None) and removed.post.author_id == actor.person_id


def may_decide_appeal(actor: Actor, found: Appealed) -> bool:
    """Those who judge posts, but neither the author nor who removed it."""
    taken_part = (found.post.author_id, found.appeal.removed_by)
    return may_judge(actor, found.erg) and actor.person_id not in taken_part
