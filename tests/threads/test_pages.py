"""The pages of discussions, pressed as a person presses them, with and without script."""

from __future__ import annotations

import re

import pytest

from app.ergs import services as ergs
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.threads import services
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_member
from tests.factories.threads import make_reply, make_report, make_thread, opening

BOTH = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


@pytest.fixture
def htmx() -> bool:
    return False


@pytest.fixture
def browse(app, htmx):
    """Signs somebody in, in a browser with or without script."""

    def sign_in(name: str) -> Browser:
        return Browser(app, htmx=htmx).sign_in(f"{name}@t.example")

    return sign_in


@BOTH
def test_a_member_starts_a_discussion_and_another_answers(browse, people, women) -> None:
    bo = browse("bo").get("/ergs/women/threads/")
    assert bo.has("Nobody has said anything yet")
    bo.click("Start a discussion").submit(
        "Start the discussion",
        title="Who mentors?",
        body="I would **like** to.\n\n<script>alert(1)</script>",
        mentions="Chen Test",
    )
    assert bo.has("Your discussion has begun") and bo.has("Mentioned: Chen Test")
    assert "<strong>like</strong>" in bo.html and "<script>alert" not in bo.html
    chen = browse("chen").get("/")
    chen.click("Who mentors?")
    assert chen.has("Bo Test") and chen.has("You hear of it when somebody mentions you")
    chen.submit("Answer", body="Me too")
    assert chen.has("Your answer stands in the discussion")
    assert chen.has("You follow this discussion")
    again = browse("bo").get("/")
    assert again.has("1 new answer")
    again.click("Who mentors?").submit("Mark as read", action=None)
    assert not browse("bo").get("/").has("1 new answer")


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browse, people, women, write) -> None:
    with write() as db:
        thread_id = make_thread(db, women, people["bo"]).id
    bo = browse("bo").get("/ergs/women/threads/new")
    bo.submit("Start the discussion", title="", body="Kept words")
    assert bo.status == 422 and bo.has("Please give it a title") and "Kept words" in bo.html
    bo.get(f"/ergs/women/threads/{thread_id}/")
    bo.submit("Answer", body="Kept words", mentions="Maria Test")
    hidden = re.sub("Maria", "X", bo.text)
    assert bo.status == 422 and "Kept words" in bo.html
    bo.get(f"/ergs/women/threads/{thread_id}/")
    bo.submit("Answer", body="Kept words", mentions="Nobody Test")
    assert re.sub("Nobody", "X", bo.text) == hidden, "hidden and absent answer alike"


def test_one_edits_deletes_and_brings_back_ones_own(browse, people, women, write) -> None:
    with write() as db:
        thread_id = make_thread(db, women, people["bo"], body="First words").id
    bo = browse("bo").get(f"/ergs/women/threads/{thread_id}/")
    bo.click("Change").submit("Save", body="Better words")
    assert bo.has("Better words") and bo.has("changed")
    bo.submit("Delete")
    assert bo.has("Your post is deleted") and bo.has("The author has deleted this post")
    bo.submit("Undo")
    assert bo.has("Better words")


@BOTH
def test_following_and_muting(browse, people, women, write) -> None:
    with write() as db:
        thread_id = make_thread(db, women, people["bo"]).id
    chen = browse("chen").get(f"/ergs/women/threads/{thread_id}/")
    chen.submit("Follow")
    assert chen.has("You follow this discussion")
    chen.get("/ergs/women/threads/?show=followed")
    assert chen.has("How do you say no?")
    chen.get(f"/ergs/women/threads/{thread_id}/").submit("Mute")
    assert chen.has("not even when mentioned")
    assert browse("dalia").get("/ergs/women/threads/?show=followed").has("No discussion found")


def test_search_stays_within_the_group_and_its_members(app, people, women, pride, write) -> None:
    with write() as db:
        thread = make_thread(db, women, people["bo"], "About lunch", "Where?")
        make_reply(db, thread.id, people["chen"], "The canteen has zucchini today.")
        make_thread(db, pride, people["bo"], "Zucchini elsewhere", "Here.")
    chen = Browser(app).sign_in("chen@t.example")
    found = chen.get("/ergs/women/threads/?q=zucchini")
    assert found.has("About lunch") and not found.has("Zucchini elsewhere")
    assert not chen.get("/search?q=zucchini").has("About lunch")


def test_a_report_is_decided_appears_to_the_author_and_is_taken_back(
    browse, people, women, write
) -> None:
    with write() as db:
        thread_id = make_thread(db, women, people["bo"]).id
        make_reply(db, thread_id, people["chen"], "You are all wrong.")
    bo = browse("bo").get(f"/ergs/women/threads/{thread_id}/")
    bo.click("Report").submit("Send the report", reason="It insults us.")
    assert bo.has("Nobody learns it was you") and bo.has("You reported this post")
    mod = browse("mod").get("/ergs/women/threads/reports/")
    mod.click("You are all wrong.")
    assert mod.has("It insults us.") and not mod.has("Bo Test")
    mod.submit("Decide", verdict="upheld", reason="")
    assert mod.status == 422 and mod.has("The author will read it")
    mod.submit("Decide", verdict="upheld", reason="Please be kind.")
    assert mod.has("Removed. The author reads your reason.")
    chen = browse("chen").get(f"/ergs/women/threads/{thread_id}/")
    assert chen.has("A moderator has removed this post") and chen.has("Please be kind.")
    assert chen.has("If you see it differently") and not chen.has("It insults us.")
    mod.submit("Undo")
    assert mod.has("the report is open again")
    assert chen.get(f"/ergs/women/threads/{thread_id}/").has("You are all wrong.")


def test_the_desk_shows_a_report_and_its_button_works_there(browse, people, women, write) -> None:
    with write() as db:
        make_report(
            db,
            make_reply(db, make_thread(db, women, people["bo"]).id, people["chen"]).id,
            people["bo"],
        )
    assert not browse("dalia").get("/ergs/desk/").has("A post was reported"), "a moderator is there"
    mod = browse("mod").get("/ergs/women/threads/reports/")
    assert mod.has("Waits for you")


class TestWhoSeesWhat:
    def test_nobody_but_members_finds_discussions(self, app, people, women, pride, write) -> None:
        with write() as db:
            threads = {
                slug: make_thread(db, erg, people["bo"]).id
                for slug, erg in (("women", women), ("pride", pride))
            }
        for name in ("outsider", "admin"):
            seen = Browser(app).sign_in(f"{name}@t.example")
            for slug, thread_id in threads.items():
                assert seen.get(f"/ergs/{slug}/threads/{thread_id}/").status == 404
                assert seen.get(f"/ergs/{slug}/threads/").status == 403
        bo = Browser(app).sign_in("bo@t.example")
        wrong = bo.get(f"/ergs/women/threads/{threads['pride']}/").status
        assert wrong == 404, "an address of one group opens nothing of another"

    def test_a_confidential_member_stands_under_a_code_for_everybody_else(
        self, app, people, women, write
    ) -> None:
        with write() as db:
            thread_id = make_thread(db, women, people["bo"]).id
            make_reply(db, thread_id, people["maria"], "I am here too.")
        for name in ("bo", "dalia", "mod"):
            seen = Browser(app).sign_in(f"{name}@t.example")
            seen.get(f"/ergs/women/threads/{thread_id}/")
            assert seen.has("I am here too.") and "Maria" not in seen.html
            assert re.search(r"Person [A-Z0-9]{4}", seen.text)

    def test_without_names_there_is_neither_a_name_nor_a_time_nor_an_id(
        self, app, people, pride, write
    ) -> None:
        with write() as db:
            thread_id = make_thread(db, pride, people["bo"], is_pseudonymous=True).id
            make_reply(db, thread_id, people["dalia"], "Me too.")
        chen = Browser(app).sign_in("chen@t.example").get(f"/ergs/pride/threads/{thread_id}/")
        assert "Bo Test" not in chen.html and "Dalia Test" not in chen.html
        assert not [key for key in ("bo", "dalia") if str(people[key]) in chen.html]
        stamps = re.findall(r'<time datetime="([^"]+)"', chen.html)
        assert stamps and not [stamp for stamp in stamps if "T" in stamp], "days, no times"
        listed = chen.get("/ergs/pride/threads/")
        assert "Bo Test" not in listed.html

    def test_who_leaves_becomes_a_former_member_and_takes_words_back_later(
        self, app, people, women, write
    ) -> None:
        with write() as db:
            thread_id = make_thread(db, women, people["bo"]).id
            make_reply(db, thread_id, people["chen"], "My words.")
            ergs.leave(db, people["chen"], erg_id=women)
        bo = Browser(app).sign_in("bo@t.example").get(f"/ergs/women/threads/{thread_id}/")
        assert bo.has("Former member") and not bo.has("Chen Test")
        chen = Browser(app).sign_in("chen@t.example").get("/ergs/my-posts/")
        chen.submit("Delete all your posts there")
        assert chen.has("1 post is deleted")
        assert not bo.get(f"/ergs/women/threads/{thread_id}/").has("My words.")
        chen.submit("Undo")
        assert bo.get(f"/ergs/women/threads/{thread_id}/").has("My words.")

    def test_hiding_ones_membership_looks_like_leaving(self, app, people, women, write) -> None:
        with write() as db:
            thread_id = make_thread(db, women, people["bo"]).id
            make_reply(db, thread_id, people["chen"], "My words.")
        path = f"/ergs/women/threads/{thread_id}/"

        def seen() -> str:
            bo = Browser(app).sign_in("bo@t.example").get(path)
            return bo.text

        with write() as db:
            ergs.show_to(db, people["chen"], erg_id=women, visibility=Visibility.NOBODY)
        hidden = seen()
        with write() as db:
            ergs.leave(db, people["chen"], erg_id=women)
        assert seen() == hidden and "Former member" in hidden


@pytest.mark.parametrize("path", ["", "{thread}/", "new", "reports/", "reports/{post}/", "mine"])
def test_a_page_costs_at_most_eight_statements_however_many_rows(
    app, people, women, queries, path, write
) -> None:
    with write() as db:
        thread_id = make_thread(db, women, people["dalia"], mentions=[people["bo"]]).id
        post_id = make_reply(db, thread_id, people["chen"], mentions=[people["bo"]]).id
        make_report(db, post_id, people["bo"])
    part = path.format(thread=thread_id, post=post_id)
    url = "/ergs/my-posts/" if path == "mine" else f"/ergs/women/threads/{part}"
    reader = Browser(app).sign_in("mod@t.example")
    assert reader.get(url).status == 200
    with queries() as few:
        reader.get(url)
    with write() as db:
        erg = db.get(Erg, women)
        for n in range(30):
            person = make_person(db, f"Person {n:03}")
            make_member(db, erg, person.id)
            other = make_thread(db, women, person.id, f"Talk {n}")
            make_reply(db, thread_id, person.id, mentions=[people["chen"]])
            make_report(db, opening(db, other.id).id, people["bo"])
            services.take_stance(db, people["mod"], thread_id=other.id, stance="follow")
    with queries() as many:
        reader.get(url)
    assert len(few) == len(many) <= 8, "\n".join(many)


def test_lists_are_paged_and_a_link_leads_to_the_right_page(app, people, women, write) -> None:
    with write() as db:
        thread_id = make_thread(db, women, people["bo"]).id
        for n in range(25):
            post = make_reply(db, thread_id, people["chen"], f"Answer {n}")
            make_thread(db, women, people["bo"], f"Talk {n}")
        last = post.id
    bo = Browser(app).sign_in("bo@t.example").get(f"/ergs/said/{last}")
    assert bo.has("Page 2 of 2") and bo.has("Answer 24")
    assert bo.get("/ergs/women/threads/").has("Page 1 of 2")
    assert bo.click("Next page").has("Talk 0")
    assert bo.get(f"/ergs/women/threads/{thread_id}/?page=99").has("nothing on this page")
