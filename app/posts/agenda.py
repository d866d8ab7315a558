"""What posts add to home, groups, the leads' desk, search and approvals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import Session

from app.core import clock, hints
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    NavItem,
    SearchHit,
    agenda,
    agenda_hints,
    erasures,
    navigation,
    search_sources,
)
from app.core.richtext import snippet
from app.ergs.models import Erg
from app.ergs.queries import groups_joined, roles_held
from app.ergs.registry import (
    DeskAct,
    DeskItem,
    HandoverSection,
    Panel,
    Place,
    archivings,
    desk,
    handover_sections,
    panels,
    places,
)
from app.ergs.rules import pick_text
from app.health.registry import activities, efforts
from app.posts import approving, queries, services
from app.posts.forms import STATES
from app.posts.models import Post
from app.posts.rules import PostState

HITS = 10
MOVED_FOR = timedelta(days=7)
EVER = datetime(2000, 1, 1, tzinfo=UTC)


def new_posts(db: Session, actor: Actor) -> list[AgendaItem]:
    """What the reader's own groups said in the last week."""
    if actor.person_id is None or actor.is_external:
        return []
    return [
        AgendaItem(
            section="moved",
            when=post.leaves_at or post.changed_at,
            title=_title(post),
            text=_group(post),
            url=_url(post),
            icon="megaphone",
        )
        for post in queries.fresh(db, actor, since=clock.now() - MOVED_FOR)
    ]


def on_the_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """What is approved and waits to be sent; what was just sent and can still be recalled."""
    if actor.is_external:
        return []
    return [_line(post) for post in queries.to_handle(db, actor)]


def _line(post: Post) -> DeskItem:
    is_sent = post.state is PostState.SENT
    where = {"slug": post.erg.slug, "post_id": post.id}
    recall = DeskAct(_("Recall"), url_for("posts.recall", **where), "secondary", "undo-2")
    send = DeskAct(_("Send now"), url_for("posts.send", **where), "primary", "send")
    return DeskItem(
        id=f"post-{post.id}",
        topic=str(_l("Posts")),
        erg_id=post.erg_id,
        group=_group(post),
        title=_title(post),
        text=_("Sent. You can still recall it.") if is_sent else _("Approved, not sent yet"),
        since=post.changed_at,
        due=post.leaves_at if is_sent else None,
        url=_url(post),
        icon="megaphone",
        acts=(recall if is_sent else send,),
    )


def latest(db: Session, actor: Actor, erg: Erg) -> Panel:
    """The newest post on a group's page, for those who read its news."""
    found = queries.fresh(db, actor, since=EVER, erg=erg, limit=1)
    return Panel("posts/_latest.html", {"post": found[0] if found else None, "erg": erg})


def find_posts(db: Session, actor: Actor, q: str) -> list[SearchHit]:
    """Posts that the reader finds in the lists as well."""
    if actor.person_id is None or actor.is_external:
        return []
    return [
        SearchHit(_title(post), _beginning(post), _url(post), "megaphone")
        for post in queries.found_by(db, actor, q, HITS)
    ]


def keep_back(db: Session, _actor_id: UUID | None, erg_id: UUID) -> None:
    """A group is archived: what is on its way stays where it is."""
    services.keep_back(db, erg_id)


def to_hand_over(db: Session, _actor: Actor, erg: Erg) -> HandoverSection:
    """What whoever leads next should know about the group's news."""
    rows = queries.in_work(db, erg.id)
    lines = [
        _("%(title)s (%(state)s)", title=_title(post), state=STATES[post.state][0]) for post in rows
    ]
    return HandoverSection(
        _("News in the making"),
        lines or [_("Nothing is in the making.")],
        url_for("posts.index", slug=erg.slug, show="work"),
    )


def _title(post: Post) -> str:
    text = pick_text(post.texts, current_language().tag)
    return text.title if text else ""


def _beginning(post: Post) -> str:
    text = pick_text(post.texts, current_language().tag)
    return snippet(text.body, 120) if text else ""


def _group(post: Post) -> str:
    text = pick_text(post.erg.texts, current_language().tag)
    return text.name if text else post.erg.slug


def _url(post: Post) -> str:
    return url_for("posts.show", slug=post.erg.slug, post_id=post.id)


__all__ = ["approving"]


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Post.state == PostState.SENT,
        Post.leaves_at > hints.week_ago(),
        or_(Post.erg_id.in_(groups_joined()), Post.erg_id.in_(roles_held())),
    )


agenda_hints.add("posts", _may_speak)
agenda.add("posts", new_posts)
desk.add("posts", on_the_desk)
panels.add("posts", latest)
search_sources.add("posts", find_posts)
archivings.add("posts", keep_back)
erasures.add("posts", services.erase)
handover_sections.add("posts", to_hand_over)
navigation.add("posts", NavItem("posts.news", _l("News"), "megaphone", 25, False, "/news/"))
places.add("posts", Place("posts.index", _l("News"), "megaphone", 15))
activities.add("posts", queries.authors)
efforts.add("posts", queries.sent_in)
