"""Whoever leaves a group can take their words along, and for a day bring them back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.ergs.models import Erg, Membership
from app.ergs.rules import Discovery, MembershipState
from app.threads.models import Post
from app.threads.rules import PostState
from tests.client import Browser
from tests.factories.threads import make_reply, make_thread


@pytest.fixture
def said(write, people, women):
    """Bo and Chen have written in the group."""
    with write() as db:
        thread = make_thread(db, women, people["bo"])
        make_reply(db, thread.id, people["chen"])
        make_reply(db, thread.id, people["bo"], "And once more.")
    return women


def states(write, people, name) -> list[PostState]:
    with write() as db:
        rows = select(Post.state).where(Post.author_id == people[name]).order_by(Post.number)
        return list(db.scalars(rows))


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("discovery", [Discovery.LISTED, Discovery.HIDDEN])
def test_leaving_with_ones_words_and_bringing_them_back(
    app, write, people, said, htmx, discovery
) -> None:
    with write() as db:
        db.get_one(Erg, said).discovery = discovery
    bo = Browser(app, htmx=htmx).sign_in("bo@t.example").get("/ergs/women/")
    assert bo.has("then your words are gone for good")
    bo.submit("Leave this group", takes_words="y")
    assert bo.has("You have left, and your posts are taken away.")
    assert states(write, people, "bo") == [PostState.DELETED] * 2
    assert states(write, people, "chen") == [PostState.SHOWN], "nobody else's words go"
    chen = Browser(app).sign_in("chen@t.example").get("/ergs/my-posts/")
    with write() as db:
        first = db.scalars(select(Post.id).where(Post.author_id == people["bo"])).first()
    assert chen.get(f"/ergs/said/{first}").has("The author has deleted this post.")
    bo.submit("Undo")
    assert states(write, people, "bo") == [PostState.SHOWN] * 2
    with write() as db:
        row = db.scalars(select(Membership).where(Membership.person_id == people["bo"])).one()
        assert row.state is MembershipState.LEFT, "the words are back, the person is not"


def test_leaving_without_saying_so_leaves_the_words(app, write, people, said) -> None:
    bo = Browser(app).sign_in("bo@t.example").get("/ergs/women/")
    bo.submit("Leave this group")
    assert bo.has("You have left. Nobody was told") and not bo.has("Undo")
    assert states(write, people, "bo") == [PostState.SHOWN] * 2


def test_whoever_wrote_nothing_has_nothing_to_bring_back(app, people, said) -> None:
    mod = Browser(app).sign_in("maria@t.example").get("/ergs/women/")
    mod.submit("Leave this group", takes_words="y")
    assert mod.has("You have left. Nobody was told") and not mod.has("Undo")
