"""Who writes, reads and sends posts."""

from __future__ import annotations

from app.core import clock
from app.core.database import session_of
from app.core.policies import Actor, inside, public
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import ErgState
from app.posts.models import Post
from app.posts.queries import Entry, Wish, led_chapters, runs_news
from app.posts.rules import ON_ITS_WAY, PostState, may_be_recalled


def may_read(actor: Actor, erg: Erg) -> bool:
    """Members, and whoever does something for the group; news is not for outsiders."""
    mine = standing(session_of(erg), actor)
    return inside(actor, None) and (erg.id in mine.member_of or erg.id in mine.roles)


def may_write(actor: Actor, erg: Erg) -> bool:
    """Leads and communications; leads of a chapter for their chapter; not in an archived group."""
    mine = standing(session_of(erg), actor)
    writes = runs_news(mine, erg.id) or bool(led_chapters(mine, erg))
    return inside(actor, None) and writes and erg.state is not ErgState.ARCHIVED


def may_open(actor: Actor, entry: Entry) -> bool:
    """Whom the post is for; what is not for them was not found in the first place."""
    return may_read(actor, entry.erg)


def _handles(actor: Actor, entry: Entry) -> bool:
    if not may_write(actor, entry.erg):
        return False
    return writes_for(actor, entry.erg, entry.post)


def writes_for(actor: Actor, erg: Erg, post: Post) -> bool:
    """Whether the actor writes for the audience of this post."""
    mine = standing(session_of(erg), actor)
    return runs_news(mine, erg.id) or post.chapter_id in led_chapters(mine, erg)


def may_edit(actor: Actor, entry: Entry) -> bool:
    """Writers, while it is a draft; what is on its way is taken back first."""
    return _handles(actor, entry) and entry.post.state is PostState.DRAFT


def may_preview(actor: Actor, entry: Entry) -> bool:
    """Writers, at any time."""
    return _handles(actor, entry)


def may_take_back(actor: Actor, entry: Entry) -> bool:
    """Writers, before it was sent; also what was rejected can be written anew."""
    states = ON_ITS_WAY | {PostState.REJECTED}
    return _handles(actor, entry) and entry.post.state in states


def may_send(actor: Actor, entry: Entry) -> bool:
    """Writers, once it is approved."""
    return _handles(actor, entry) and entry.post.state in (
        PostState.APPROVED,
        PostState.SCHEDULED,
    )


def may_unschedule(actor: Actor, entry: Entry) -> bool:
    """Writers, until its time has come."""
    return _handles(actor, entry) and entry.post.state is PostState.SCHEDULED


def may_recall(actor: Actor, entry: Entry) -> bool:
    """Writers, while it has reached nobody."""
    post = entry.post
    return _handles(actor, entry) and may_be_recalled(post.state, post.leaves_at, clock.now())


def may_archive(actor: Actor, entry: Entry) -> bool:
    """Writers: what was sent, was rejected, or never left the desk."""
    states = (PostState.SENT, PostState.REJECTED, PostState.DRAFT)
    return _handles(actor, entry) and entry.post.state in states


def may_restore(actor: Actor, entry: Entry) -> bool:
    """Writers: what was put away."""
    return _handles(actor, entry) and entry.post.state is PostState.ARCHIVED


@public
def may_unsubscribe(_actor: Actor, wish: Wish) -> bool:
    """Whoever holds the signed address; it opens this one wish only."""
    return wish is not None
