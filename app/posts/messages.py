"""The digest: all groups of a person in one mail, which names no group that must stay unsaid."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.locale import LANGUAGES, current_language
from app.core.outbox import Delivery, Message, Recipient
from app.core.richtext import snippet
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import Visibility, narrower, pick_text
from app.posts import links, queries
from app.posts.models import Digest, Post
from app.posts.registry import riders
from app.posts.rules import Rhythm

SHOWN = 12


class DigestMail:
    """What is new in somebody's groups."""

    name = "digest"
    topic = "groups"
    channels = ("mail",)
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Not after unsubscribing, and only while there is something to tell."""
        choice = queries.choice_of(db, delivery.person_id)
        if choice is not None and choice.rhythm is Rhythm.NONE:
            return "unsubscribed"
        digest = db.get(Digest, delivery.subject_id)
        return None if digest is not None and queries.news_in(db, digest) else "nothing new"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The posts of groups that may be named; of the others only that there is something."""
        digest = db.get(Digest, delivery.subject_id)
        posts = queries.news_in(db, digest) if digest else []
        if not posts:
            return None
        voice = _voice(db, posts, to)
        return Message(
            subject=_("What is new for you"),
            lines=(*_lines(posts), *_besides(db, to)),
            link="/news/",
            link_text=_("Read the news"),
            unsubscribe=f"/unsubscribe/{links.token(to.person_id)}",
            sender=_("%(name)s via Trellis", name=voice.sender_name)
            if voice and voice.sender_name
            else None,
            reply_to=voice.reply_to or None if voice else None,
        )


def _besides(db: Session, to: Recipient) -> Iterator[str]:
    """What rides along, so that it needs no mail of its own."""
    for _name, lines in riders:
        yield from lines(db, to.person_id)


def _voice(db: Session, posts: list[Post], to: Recipient) -> Erg | None:
    """The one group of these posts, where every colleague may know that the reader belongs."""
    erg = posts[0].erg
    if erg.is_discreet or any(post.erg_id != erg.id for post in posts):
        return None
    row = ergs.open_membership(db, erg.id, to.person_id)
    shown = narrower(erg.roster, row.visibility) if row else Visibility.NOBODY
    return erg if shown is Visibility.COMPANY else None


def _lines(posts: list[Post]) -> Iterator[str]:
    open_ones = [post for post in posts if not post.erg.is_discreet]
    for post in open_ones[:SHOWN]:
        yield _line(post)
    more = len(open_ones) - SHOWN
    if more > 0:
        yield ngettext("And %(num)s more post.", "And %(num)s more posts.", more)
    if len(open_ones) < len(posts):
        yield _("There is something new in a group of yours. Sign in to read it.")


def _line(post: Post) -> str:
    text = pick_text(post.texts, current_language().tag)
    group = pick_text(post.erg.texts, current_language().tag)
    if text is None or group is None:
        return ""
    said = _(
        "%(group)s: %(title)s – %(beginning)s",
        group=group.name,
        title=text.title,
        beginning=snippet(text.body, 160),
    )
    if text.locale.split("-")[0] == current_language().tag.split("-")[0]:
        return said
    language = LANGUAGES.get(text.locale)
    return f"{said} ({language.name if language else text.locale})"


outbox.kinds.add(DigestMail.name, DigestMail())
