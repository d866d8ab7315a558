"""The pages of posts and their approval as people use them, as a plain browser and with htmx."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.approvals.rules import Decider
from app.core import clock
from app.ergs import services as ergs
from app.ergs.models import Erg, MembershipChapter
from app.ergs.rules import Discovery, ErgState, RoleName, Visibility
from app.posts import services
from app.posts.jobs import send_posts
from app.posts.models import Post
from app.posts.services import Words
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.approvals import make_chain
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role
from tests.factories.posts import approve, make_post, make_sent


@pytest.fixture
def browser(app):
    """A plain browser for a person by first name; the forms are the same for htmx."""
    return lambda name, htmx=False: Browser(app, htmx=htmx).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    """Dalia leads, Wren does communications, Bo is a member, Kai sponsors, Juno is outside."""
    with write() as db:
        ids = {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("bo", "dalia", "wren", "kai", "juno")
        }
        erg = make_erg(db, "women", lead=ids["dalia"], roster=Visibility.COMPANY)
        make_member(db, erg, ids["bo"], visibility=Visibility.COMPANY)
        make_member(db, erg, ids["wren"], visibility=Visibility.NOBODY)
        make_role(db, erg, ids["wren"], RoleName.COMMS)
        make_role(db, erg, ids["kai"], RoleName.SPONSOR)
        return {**ids, "women": erg.id}


def women(db, people) -> Erg:
    return db.get(Erg, people["women"])


@pytest.fixture
def sent(people, write):
    with write() as db:
        post = make_sent(db, women(db, people), people["wren"], "Breakfast talk")
        return f"/ergs/women/posts/{post.id}/"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_from_an_empty_page_to_the_readers_with_every_stage_between(
    app, browser, people, write, htmx
) -> None:
    with write() as db:
        make_chain(db, women(db, people), Decider.LEAD, Decider.SPONSOR)
    wren = browser("wren", htmx).get("/ergs/women/posts/")
    assert wren.has("No news yet")
    wren.click("Write a post")
    wren.submit("Save as a draft", title="Night of stories", body="Come **all**.")
    assert wren.has("Saved as a draft")
    wren.submit("Save and preview", title="Night of stories", body="Come **everybody**.")
    assert "<strong>everybody</strong>" in wren.html and wren.has("In the digest mail")
    wren.submit("Send for approval")
    assert wren.has("Sent for approval") and wren.has("Waiting for approval")
    dalia = browser("dalia").get("/")
    dalia.click("Night of stories")
    assert dalia.has("Waiting") and "<strong>everybody</strong>" in dalia.html
    dalia.submit("Save the decision", verdict="approve")
    assert dalia.has("Your decision is noted")
    kai = browser("kai").get("/").click("Night of stories")
    kai.submit("Save the decision", verdict="changes")
    assert kai.status == 422 and kai.has("Please give a reason")
    kai.submit("Save the decision", verdict="approve")
    wren.get("/ergs/women/posts/?show=work").click("Night of stories")
    wren.submit("Send now")
    with app.app_context():
        send_posts()
    bo = browser("bo").get("/ergs/women/posts/")
    assert not bo.has("Night of stories"), "nobody reads it before it can no more be recalled"
    assert wren.get(wren.url).has("Until then you can recall it")
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        bo = browser("bo").get("/ergs/women/posts/")
        assert bo.click("Night of stories").has("Come everybody.")
        assert bo.get("/").has("Night of stories")


def test_an_author_who_hides_belonging_appears_under_an_alias(browser, sent, people) -> None:
    for name in ("bo", "dalia"):
        page = browser(name).get(sent)
        assert page.has("by Person ") and not page.has("Wren Test"), name
    assert browser("wren").get(sent).has("by Wren Test")


def test_outsiders_read_nothing(browser, sent, people) -> None:
    juno = browser("juno")
    assert juno.get("/ergs/women/posts/").status == 403
    assert juno.get(sent).status == 404
    assert not juno.get("/ergs/women/").has("Breakfast talk")
    assert not juno.get("/search?q=breakfast").has("Breakfast talk")
    assert juno.get("/news/").has("No news yet")


def test_members_find_news_on_home_on_the_group_in_search_and_in_one_list(browser, sent) -> None:
    bo = browser("bo")
    for path in ("/", "/ergs/women/", "/search?q=breakfast", "/news/", "/news/?q=thursday"):
        assert bo.get(path).has("Breakfast talk"), path
    assert bo.get("/news/?q=nonsense").has("Nothing found")
    assert not bo.get("/ergs/women/posts/?kind=newsletter").has("Breakfast talk")
    assert bo.get("/ergs/women/posts/?kind=announcement").has("Breakfast talk")


def test_drafts_are_for_those_who_write(browser, people, write) -> None:
    with write() as db:
        post = make_post(db, women(db, people), people["wren"], "Secret plan")
        address = f"/ergs/women/posts/{post.id}/"
    bo = browser("bo")
    assert bo.get(address).status == 404
    assert not bo.get("/ergs/women/posts/?show=work&q=secret").has("Secret plan")
    assert browser("dalia").get("/ergs/women/posts/?show=work").has("Secret plan")


def test_what_is_meant_for_a_chapter_is_read_by_the_chapter(browser, people, write) -> None:
    with write() as db:
        erg = women(db, people)
        chapter = make_chapter(db, erg, "lagos")
        near = make_member(db, erg, people["juno"])
        db.execute(insert(MembershipChapter).values(membership_id=near.id, chapter_id=chapter.id))
        make_sent(db, erg, people["wren"], "Only Lagos", chapter_id=chapter.id)
    assert browser("juno").get("/ergs/women/posts/").has("Only Lagos")
    assert not browser("bo").get("/ergs/women/posts/").has("Only Lagos")
    assert not browser("bo").get("/news/?q=lagos").has("Only Lagos")


def test_a_post_is_read_in_ones_language_or_visibly_in_another(browser, people, write) -> None:
    with write() as db:
        post = make_post(db, women(db, people), people["wren"], "Breakfast")
        services.translate(
            db, None, post_id=post.id, locale="es", words=Words("Desayuno", "Con café.")
        )
        approve(post)
        db.flush()
        with clock.frozen(clock.now() - timedelta(hours=1)):
            services.send_now(db, None, post_id=post.id)
            services.send(db, post.id)
        address = f"/ergs/women/posts/{post.id}/"
    bo = browser("bo")
    assert bo.get(f"{address}?lang=es").has("Con café.")
    bo.get(f"{address}?lang=ar")
    assert bo.has("Thursday") and 'lang="en"' in bo.html and bo.has("English")


def test_nothing_typed_is_lost_on_an_error(browser, people, write) -> None:
    with write() as db:
        post = make_post(db, women(db, people), people["wren"], "Draft")
        address = f"/ergs/women/posts/{post.id}/edit"
    wren = browser("wren").get(address)
    wren.submit("Save", title="", body="Many words that took an hour.")
    assert wren.status == 422 and wren.has("Give it a title")
    assert "Many words that took an hour." in wren.html
    new = browser("wren").get("/ergs/women/posts/new")
    new.submit("Save as a draft", title="", body="Other words.")
    assert new.status == 422 and "Other words." in new.html


def test_what_is_typed_is_saved_by_itself(app, people, write) -> None:
    with write() as db:
        post_id = make_post(db, women(db, people), people["wren"], "Draft").id
    wren = Browser(app, htmx=True).sign_in("wren@t.example")
    wren.get(f"/ergs/women/posts/{post_id}/edit")
    assert 'hx-trigger="submit, input delay:2s"' in wren.html
    wren.submit("Save", title="Typed", body="More.")
    assert wren.has("It is saved again while you type")
    with write() as db:
        assert [text.title for text in db.get(Post, post_id).texts] == ["Typed"]


def test_sending_can_be_recalled_and_putting_away_be_undone(app, browser, people, write) -> None:
    with write() as db:
        post_id = approve(make_post(db, women(db, people), people["wren"], "Oops")).id
    wren = browser("wren").get(f"/ergs/women/posts/{post_id}/")
    wren.submit("Send now")
    with app.app_context():
        send_posts()
    assert wren.get(wren.url).submit("Recall").has("Recalled")
    wren.submit("Take it back to change it")
    assert wren.submit("Put away").has("Put away. Only those who write find it now.")
    assert wren.submit("Undo").has("It is back.") and wren.has("Draft")


def test_a_time_is_chosen_by_the_clocks_of_a_zone(browser, people, write) -> None:
    with write() as db:
        post_id = approve(make_post(db, women(db, people), people["wren"], "Later")).id
    wren = browser("wren").get(f"/ergs/women/posts/{post_id}/").click("Choose a time")
    wren.submit("Schedule", day="2020-01-01", at="09:00", zone="Europe/Madrid")
    assert wren.status == 422 and wren.has("This time has passed already")
    wren.submit("Schedule", day="2099-03-29", at="02:30", zone="Europe/Madrid")
    assert wren.status == 422 and wren.has("The clocks skip this time")
    wren.submit("Schedule", day="2099-05-05", at="09:00", zone="Europe/Madrid")
    assert wren.has("Scheduled. Until then you can change your mind.")
    assert wren.submit("Undo").has("It stays approved")


def test_hidden_groups_and_archived_ones(browser, people, write) -> None:
    with write() as db:
        erg = make_erg(
            db,
            "quiet",
            lead=people["dalia"],
            discovery=Discovery.HIDDEN,
            roster=Visibility.NOBODY,
        )
        post = make_sent(db, erg, people["dalia"], "Whispers")
        address = f"/ergs/quiet/posts/{post.id}/"
    bo, dalia = browser("bo"), browser("dalia")
    assert [bo.get(path).status for path in (address, "/ergs/quiet/posts/")] == [404, 404]
    assert dalia.get(address).has("Whispers")
    with write() as db:
        ergs.change_state(db, None, erg_id=post.erg_id, to=ErgState.ARCHIVED)
    assert dalia.get("/ergs/quiet/posts/new").status == 403


def test_when_the_digest_comes_is_ones_own_choice(browser, people) -> None:
    bo = browser("bo").get("/news/").click("When the digest comes")
    assert bo.submit("Save", rhythm="weekly", hour="7", weekday="2").has("Saved.")
    assert 'value="weekly" checked' in bo.get("/news/digest").html


@pytest.mark.parametrize("path", ["/ergs/women/posts/", "/news/", "sent", "/ergs/women/"])
def test_a_page_costs_at_most_eight_statements_however_many_posts(
    app, people, sent, queries, path, write
) -> None:
    path = sent if path == "sent" else path
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get(path)
    with queries() as few:
        dalia.get(path)
    with write() as db:
        for n in range(30):
            make_sent(db, women(db, people), people["wren"], f"Post {n}")
    with queries() as many:
        dalia.get(path)
    assert len(few) == len(many) <= 8, "\n".join(many)


def test_lists_are_paged(app, people, write) -> None:
    with write() as db:
        for n in range(25):
            ago = timedelta(days=n + 1)
            make_sent(db, women(db, people), people["wren"], f"Number {n:02}", ago=ago)
    bo = Browser(app).sign_in("bo@t.example").get("/ergs/women/posts/")
    assert bo.has("Page 1 of 2") and not bo.has("Number 24")
    assert bo.click("Next page").has("Number 24")
