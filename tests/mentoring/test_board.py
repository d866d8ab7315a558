"""The board of a group: who reads it, what can be undone, and how seldom it makes a noise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock, search
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.mentoring.jobs import look_after_groups
from app.mentoring.models import BoardPost, Topic
from app.mentoring.queries.board import COLLECTION
from app.mentoring.rules.circles import PostKind
from app.mentoring.services import board, continuity, topics
from app.programs.rules import Role
from tests.client import Browser
from tests.factories.circles import make_circle, make_group
from tests.factories.mentoring import make_pair


@pytest.fixture
def circle(app):
    with app.app_context(), writing() as db:
        return make_circle(db)


def write(db, circle, who=0, body="Who has run a retrospective?", **more):
    member = next(m for m in circle.members if m.person.name.startswith("ABCD"[who]))
    kind = more.pop("kind", PostKind.QUESTION)
    return board.write(
        db, member.person_id, relationship_id=circle.id, kind=kind, body=body, **more
    )


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_members_ask_answer_change_take_back_and_bring_back(app, circle, htmx):
    here = f"/mentoring/{circle.id}/board/"
    ada = Browser(app, htmx=htmx).sign_in("ada@t.example").get(here)
    ada.submit("Put it on the board", kind="resource", body="Read this", url="notes")
    assert ada.status == 422 and ada.has("Write the whole address") and ada.has("Read this")
    ada.get(here).submit("Put it on the board", kind="resource", body="Read", url="")
    assert ada.status == 422 and ada.has("Add the address of what you recommend.")
    words = {"kind": "resource", "body": "Read this", "url": "https://read.example/it"}
    ada.get(here).submit("Put it on the board", **words)
    assert ada.has("It stands on the board.") and ada.has("https://read.example/it")
    ben = Browser(app, htmx=htmx).sign_in("ben@t.example").get(here)
    assert "badge-info" in ben.html and not ben.has("Take it back") and not ben.has("Pin")
    ben.submit("Answer this", body="   ")
    assert ben.status == 422 and ben.has("Write something first.")
    ben.get(here).submit("Answer this", body="A good one")
    ada.get(here).submit("Take it back")
    assert ada.has("This post was taken back.") and not ada.has("https://read.example/it")
    assert ada.has("A good one"), "replies keep their place"
    assert "Answer this" not in ada.html
    ada.submit("Undo")
    assert ada.get(here).has("Read this")
    ada.click("Change").submit("Save", body="Read that")
    assert ada.has("Read that") and ada.get(here).has("changed")
    with app.app_context(), writing() as db:
        post = db.scalars(select(BoardPost).where(BoardPost.parent_id.is_(None))).one()
        board.change_back(db, post.author_id, post_id=post.id)
    assert ada.get(here).has("Read this") and not ada.has("Read that")
    assert ada.get(f"{here}?q=good").has("Read this"), "a reply finds its post"
    assert ada.get(f"{here}?q=nothing").has("Nothing found on the board")


def test_whoever_looks_after_the_group_pins(app, circle):
    here = f"/mentoring/{circle.id}/board/"
    with app.app_context(), writing() as db:
        write(db, circle, 1, "The older one")
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            newer = write(db, circle, 1, "The newer one")
    ada = Browser(app).sign_in("ada@t.example").get(here)
    assert ada.text.index("The newer one") < ada.text.index("The older one")
    with app.app_context():
        older = reading().scalars(select(BoardPost).where(BoardPost.id != newer.id)).one().id
        end_reading()
    ada.submit(action=f"/mentoring/posts/{older}/pin")
    assert ada.has("Pinned") and ada.text.index("The older one") < ada.text.index("The newer one")
    ada.submit("Undo")
    assert ada.get(here).text.index("The newer one") < ada.text.index("The older one")
    ben = Browser(app).sign_in("ben@t.example").get(here)
    assert "/pin" not in ben.html
    with app.app_context(), writing() as db:
        ben_id = newer.author_id
        with pytest.raises(Refused):
            board.pin(db, ben_id, post_id=newer.id, is_pinned=True)
        group = make_group(db)
        mentor = next(m.person_id for m in group.members if m.role is Role.MENTOR)
        mentee = next(m.person_id for m in group.members if m.role is Role.MENTEE)
        asked = board.write(
            db, mentee, relationship_id=group.id, kind=PostKind.QUESTION, body="May we record?"
        )
        board.pin(db, mentor, post_id=asked.id, is_pinned=True)
        with pytest.raises(Refused):
            board.pin(db, mentee, post_id=asked.id, is_pinned=False)


def test_one_notice_is_pending_until_the_board_is_read(app, circle):
    def told():
        with app.app_context():
            rows = reading().scalars(
                select(Delivery).where(Delivery.kind == "board_news", Delivery.channel == "in_app")
            )
            found = [(row.person_id, row.state) for row in rows]
            end_reading()
            return found

    with app.app_context(), writing() as db:
        write(db, circle)
        write(db, circle, 0, "And another one")
        write(db, circle, 1, "Me too")
    by_ada = {m.person.name[0]: m.person_id for m in circle.members}
    open_ones = [person for person, state in told() if state is DeliveryState.PENDING]
    assert sorted(map(str, open_ones)) == sorted(str(by_ada[n]) for n in "ABCD")
    ben = Browser(app).sign_in("ben@t.example").get(f"/mentoring/{circle.id}/board/")
    ben.submit("Mark as read")
    assert ben.has("You have read what stands here.") and "badge-info" not in ben.html
    assert (by_ada["B"], DeliveryState.SKIPPED) in told()
    with app.app_context(), writing() as db:
        write(db, circle, 2, "Later")
        write(db, circle, 2, "Later still")
    of_ben = [state for person, state in told() if person == by_ada["B"]]
    assert sorted(of_ben) == [DeliveryState.PENDING, DeliveryState.SKIPPED]


def test_only_members_read_a_board_and_pairs_have_none(app, circle, queries):
    with app.app_context(), writing() as db:
        post = write(db, circle)
        pair = make_pair(db)
    otto = Browser(app).sign_in(pair.members[0].person.email)
    assert otto.get(f"/mentoring/{circle.id}/board/").status == 404
    assert otto.get(f"/mentoring/posts/{post.id}/words").status == 404
    assert otto.get(f"/mentoring/{pair.id}/board/").status == 404
    assert not otto.get(f"/mentoring/{pair.id}/going-on").has("Board")
    ada = Browser(app).sign_in("ada@t.example").get("/")
    here, counted = f"/mentoring/{circle.id}/board/", []
    for more in (0, 24):
        with app.app_context(), writing() as db:
            for n in range(more):
                board.reply(db, post.author_id, post_id=post.id, body=f"{n}")
                write(db, circle, n % 4, f"Post {n}")
        with queries() as seen:
            assert ada.get(here).status == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 8, (counted, seen)
    assert ada.click("Next page").has("Page 2 of 2")


def test_words_that_were_taken_back_are_gone_after_a_day(app, circle):
    with app.app_context():
        with writing() as db:
            post = write(db, circle)
            board.delete(db, post.author_id, post_id=post.id)
        look_after_groups()
        end_reading()
        assert reading().get_one(BoardPost, post.id).body
        for _twice in range(2):
            with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
                look_after_groups()
        end_reading()
        assert reading().get_one(BoardPost, post.id).body == ""
        end_reading()
        later = clock.frozen(clock.now() + timedelta(days=2))
        with later, writing() as db, pytest.raises(Refused):
            board.restore(db, post.author_id, post_id=post.id)


def test_words_from_before_a_change_are_gone_after_a_day_and_all_with_their_author(app, circle):
    with app.app_context():
        with writing() as db:
            post = write(db, circle, body="Unwise words", url="https://read.example/it")
            author = post.author_id
            board.change(db, author, post_id=post.id, body="Wiser words")
            ben = next(m.person_id for m in circle.members if m.person.name == "Ben Boyd")
            answer = board.reply(db, ben, post_id=post.id, body="Indeed")
            closes_at = clock.now() + timedelta(days=2)
            args = {"relationship_id": circle.id, "closes_at": closes_at}
            vote = topics.open_round(db, author, **args)
            topics.propose(db, author, round_id=vote.id, text="Saying no")
        look_after_groups()
        end_reading()
        assert reading().get_one(BoardPost, post.id).former["body"] == "Unwise words"
        with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
            look_after_groups()
        end_reading()
        assert reading().get_one(BoardPost, post.id).former is None
        assert reading().get_one(BoardPost, post.id).body == "Wiser words"
        end_reading()
        with writing() as db:
            board.change(db, author, post_id=post.id, body="Best words")
        with writing() as db:
            continuity.erase(db, author)
        db = reading()
        gone = db.get_one(BoardPost, post.id)
        assert (gone.body, gone.url, gone.former) == ("", "", None) and gone.deleted_at
        assert db.get_one(BoardPost, answer.id).body == "Indeed", "the words of others stay theirs"
        assert not db.scalars(search.ids(COLLECTION, "words")).all()
        topic = db.scalars(select(Topic)).one()
        assert topic.text == "" and topic.withdrawn_at is not None
        end_reading()
    ben = Browser(app).sign_in("ben@t.example").get(f"/mentoring/{circle.id}/board/")
    assert ben.has("This post was taken back.") and ben.has("Indeed")
