"""Writing, sending, recalling: who may, what is frozen when, and what stays as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from app.core import clock
from app.core.errors import Refused
from app.ergs import services as ergs
from app.ergs.models import Erg, MembershipChapter
from app.ergs.rules import ErgState, News, RoleName, TextStatus
from app.posts import services
from app.posts.models import Post, PostRecipient
from app.posts.rules import PostKind, PostState
from app.posts.services import Words
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role
from tests.factories.posts import BODY, approve, make_post


@pytest.fixture
def world(in_context):
    """A group with a lead, a member, one without news, and a member of its chapter."""
    with in_context() as db:
        ids = {
            name: make_person(db, f"{name.title()} T").id for name in ("lia", "bo", "noel", "cy")
        }
        erg = make_erg(db, "women", lead=ids["lia"])
        make_member(db, erg, ids["bo"])
        make_member(db, erg, ids["noel"]).news = News.NONE
        in_chapter = make_member(db, erg, ids["cy"])
        chapter = make_chapter(db, erg, "lagos")
        db.execute(
            insert(MembershipChapter).values(membership_id=in_chapter.id, chapter_id=chapter.id)
        )
        ids |= {"erg": erg.id, "chapter": chapter.id}
    return ids


def audience(db, post: Post) -> set:
    return set(db.scalars(select(PostRecipient.person_id).where(PostRecipient.post_id == post.id)))


def sent(db, world, **traits) -> Post:
    post = approve(make_post(db, db.get(Erg, world["erg"]), world["lia"], **traits))
    db.flush()
    services.send_now(db, world["lia"], post_id=post.id)
    services.send(db, post.id)
    return post


def test_the_audience_is_whoever_wants_news_when_it_is_sent_and_stays_so(in_context, world) -> None:
    with in_context() as db:
        post = sent(db, world)
        assert audience(db, post) == {world["lia"], world["bo"], world["cy"]}
        ergs.leave(db, world["bo"], erg_id=world["erg"])
        services.send(db, post.id)
        assert world["bo"] in audience(db, post), "sending twice changes nothing"


def test_a_chapters_post_goes_to_the_chapter(in_context, world) -> None:
    with in_context() as db:
        assert audience(db, sent(db, world, chapter_id=world["chapter"])) == {world["cy"]}


def test_a_post_is_recalled_within_ten_minutes_and_not_later(in_context, world) -> None:
    with in_context() as db:
        post = sent(db, world)
        services.recall(db, world["lia"], post_id=post.id)
        assert post.state is PostState.APPROVED and audience(db, post) == set()
        services.send_now(db, world["lia"], post_id=post.id)
        services.send(db, post.id)
        late = clock.now() + timedelta(minutes=11)
        with clock.frozen(late), pytest.raises(Refused, match="reached its readers"):
            services.recall(db, world["lia"], post_id=post.id)


def test_what_is_scheduled_waits_for_its_wall_time(in_context, world) -> None:
    with in_context() as db:
        post = approve(make_post(db, db.get(Erg, world["erg"]), world["lia"]))
        wall = (clock.now() + timedelta(days=3)).replace(tzinfo=None, second=0, microsecond=0)
        services.schedule(db, world["lia"], post_id=post.id, wall=wall, zone="Asia/Tokyo")
        assert post.send_at.replace(tzinfo=None) == wall - timedelta(hours=9)
        services.send(db, post.id)
        assert post.state is PostState.SCHEDULED
        with clock.frozen(post.send_at):
            services.send(db, post.id)
        assert post.state is PostState.SENT
        with pytest.raises(Refused, match="passed"):
            past = wall - timedelta(days=9)
            services.schedule(db, world["lia"], post_id=post.id, wall=past, zone="UTC")


def test_an_archived_group_says_nothing_any_more(in_context, world) -> None:
    with in_context() as db:
        post = approve(make_post(db, db.get(Erg, world["erg"]), world["lia"]))
        services.send_now(db, world["lia"], post_id=post.id)
        ergs.change_state(db, None, erg_id=world["erg"], to=ErgState.ARCHIVED)
        services.send(db, post.id)
        assert post.state is PostState.APPROVED and audience(db, post) == set()
        with pytest.raises(Refused, match="archived"):
            services.send_now(db, world["lia"], post_id=post.id)


def test_only_who_writes_for_an_audience_writes_to_it(in_context, world) -> None:
    with in_context() as db:
        text = {"erg_id": world["erg"], "words": Words("Hello", BODY)}
        with pytest.raises(Refused, match="Only leads and communications"):
            services.write(db, world["bo"], **text)
        make_role(
            db,
            db.get(Erg, world["erg"]),
            world["cy"],
            RoleName.LEAD,
            chapter=db.get(Erg, world["erg"]).chapters[0],
        )
        with pytest.raises(Refused, match="Only leads and communications"):
            services.write(db, world["cy"], **text)
        assert services.write(db, world["cy"], chapter_id=world["chapter"], **text)


def test_a_changed_original_makes_its_translations_older(in_context, world) -> None:
    with in_context() as db:
        post = make_post(db, db.get(Erg, world["erg"]), world["lia"])
        services.translate(
            db, world["lia"], post_id=post.id, locale="es", words=Words("Hola", "Nos vemos.")
        )
        same = {"post_id": post.id, "kind": PostKind.ANNOUNCEMENT, "chapter_id": None}
        assert not services.revise(db, world["lia"], words=Words("News of the week", BODY), **same)
        assert {t.status for t in post.texts} == {TextStatus.SOURCE, TextStatus.TRANSLATED}
        assert services.revise(db, world["lia"], words=Words("News", BODY), **same)
        assert {t.status for t in post.texts} == {TextStatus.SOURCE, TextStatus.STALE}
        services.translate(db, world["lia"], post_id=post.id, locale="es", words=Words("", ""))
        assert [t.locale for t in post.texts] == ["en"]


def test_what_is_on_its_way_is_taken_back_before_it_is_changed(in_context, world) -> None:
    with in_context() as db:
        post = make_post(db, db.get(Erg, world["erg"]), world["lia"])
        services.submit(db, world["lia"], post_id=post.id)
        assert post.state is PostState.APPROVED, "without a chain nobody has to say yes"
        change = {"words": Words("New"), "kind": PostKind.NEWSLETTER, "chapter_id": None}
        with pytest.raises(Refused, match="Take it back"):
            services.revise(db, world["lia"], post_id=post.id, **change)
        services.take_back(db, world["lia"], post_id=post.id)
        assert services.revise(db, world["lia"], post_id=post.id, **change)
        with pytest.raises(Refused, match="some words"):
            services.submit(db, world["lia"], post_id=post.id)
