"""Posts for tests, through the services that pages use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.ergs.models import Erg
from app.posts import links, services
from app.posts.models import Post
from app.posts.rules import RECALL_WITHIN, PostState
from app.posts.services import Words

BODY = "We meet on **Thursday**. Bring a friend."


def make_post(
    db: Session,
    erg: Erg,
    author: UUID | None,
    title: str = "News of the week",
    body: str = BODY,
    **traits: Any,
) -> Post:
    """A draft by an author, whatever role they hold."""
    return services.write(
        db, None, erg_id=erg.id, words=Words(title, body), author_id=author, **traits
    )


def approve(post: Post) -> Post:
    """As if everybody whose word counts had said yes."""
    post.state = PostState.APPROVED
    return post


def make_sent(
    db: Session,
    erg: Erg,
    author: UUID | None,
    title: str = "News of the week",
    *,
    ago: timedelta = timedelta(hours=1),
    **traits: Any,
) -> Post:
    """A post that reached its readers some time ago."""
    post = approve(make_post(db, erg, author, title, **traits))
    db.flush()
    with clock.frozen(clock.now() - ago - RECALL_WITHIN):
        services.send_now(db, None, post_id=post.id)
        services.send(db, post.id)
    return post


def scenes(db: Session, star: Mapping[str, Person]) -> dict[str, dict[str, Any]]:
    """Posts in every state in an open group and in a hidden one, both led by dalia."""
    found: dict[str, dict[str, Any]] = {}
    token = links.token(star["bo"].id)
    for name, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        author = star["dalia"].id
        draft = make_post(db, erg, author, f"Draft of {slug}")
        approved = approve(make_post(db, erg, author, f"Approved of {slug}"))
        planned = approve(make_post(db, erg, author, f"Planned of {slug}"))
        put_away = make_post(db, erg, author, f"Put away of {slug}")
        just = approve(make_post(db, erg, author, f"Just sent of {slug}"))
        db.flush()
        services.archive(db, None, post_id=put_away.id)
        services.send_now(db, None, post_id=planned.id)
        services.send_now(db, None, post_id=just.id)
        services.send(db, just.id)
        posts = {
            "": make_sent(db, erg, author, f"Sent of {slug}"),
            "_draft": draft,
            "_approved": approved,
            "_planned": planned,
            "_archived": put_away,
            "_just": just,
        }
        for state, post in posts.items():
            if name == "hidden" and state not in ("", "_draft"):
                continue  # hidden is hidden in every state
            found[f"{name}{state}"] = {"slug": slug, "post_id": post.id, "token": token}
    found["crossed"] = {**found["open"], "slug": "quiet-circle"}
    found["absent"] = {"slug": "no-such-thing", "post_id": ids.new_id(), "token": "no-such-token"}
    return found


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Posts of the lead in some states; every address of them."""
    make_sent(db, erg, lead_id, "Quiet news before the last digest", ago=timedelta(days=2))
    sent = make_sent(db, erg, lead_id, "Quiet news")
    draft = make_post(db, erg, lead_id, "Quiet draft")
    ready = approve(make_post(db, erg, lead_id, "Quiet plan"))
    base = f"/ergs/{erg.slug}/posts/"
    return [
        base,
        f"{base}?q=quiet",
        f"{base}?show=work",
        f"{base}?show=archive",
        f"{base}new",
        f"{base}{sent.id}/",
        f"{base}{sent.id}/preview",
        f"{base}{draft.id}/",
        f"{base}{draft.id}/edit",
        f"{base}{draft.id}/edit?text=es",
        f"{base}{ready.id}/schedule",
        f"/unsubscribe/{links.token(member_id)}",
        "/news/",
        "/news/?q=quiet",
        "/news/digest",
        "/search?q=quiet",
    ]
