"""Messages: sent once, changed for a while, taken back; noticed once; read by members alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock, delivery, outbox
from app.core.database import reading
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.mentoring import registry
from app.mentoring.models import MessageRead, PairMessage, Relationship
from app.mentoring.services import closing, continuity, messages, reopening
from app.notifications.models import Notification
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import add_member, make_pair
from tests.factories.programs import make_cohort

SECRET = "I am thinking of leaving"


@pytest.fixture
def pair(write):
    with write() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        make_person(db, "Farid Haddadin", "farid@t.example", PASSWORD, ("org_admin",))
        make_person(db, "Aud Auditor", "aud@t.example", PASSWORD, ("auditor",))
        make_person(db, "Otto Other", "otto@t.example", PASSWORD)
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, locale="ar")
        return make_pair(db, mentee, mentor, make_cohort(db, "active", amara))


def url(pair, rest: str = "messages") -> str:
    return f"/mentoring/{pair.id}/{rest}"


def who(pair, name: str):
    return next(m.person_id for m in pair.members if name in m.person.name)


def write_line(db, pair, name: str, text: str, key: str = "") -> PairMessage:
    return messages.send(
        db, who(pair, name), relationship_id=pair.id, text=text, key=key or f"k {text}"
    )


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_two_people_write_change_delete_undo_and_read(app, pair, htmx):
    mina = Browser(app, htmx=htmx, lang="en").sign_in("mina@t.example").get(url(pair))
    assert mina.has("Nothing is written here yet")
    mina.submit("Send", text="")
    assert mina.status == 422 and mina.has("Write something first.")
    mina.get(url(pair)).submit("Send", text="Shall we meet on Monday?\n\nI bring the plan.")
    assert mina.status == 200 and mina.has("Sent.") and mina.has("I bring the plan.")
    mina.click("Change").submit("Save", text="Shall we meet on Tuesday?")
    assert mina.has("Shall we meet on Tuesday?") and mina.has("changed")
    mina.submit("Delete")
    assert mina.has("You have deleted this message.") and not mina.has("Tuesday")
    mina.submit("Undo") if not htmx else mina.submit("Bring it back")
    assert mina.has("Shall we meet on Tuesday?")
    omar = Browser(app, htmx=htmx).sign_in("omar@t.example").get("/?lang=en")
    assert omar.has("1 message for you") and omar.get("/mentoring/").has("1 new message")
    omar.get(url(pair)).submit("Mark 1 message as read")
    assert not omar.get("/mentoring/").has("new message")
    assert not omar.get("/").has("message for you")


def test_looking_changes_nothing_and_answering_reads(app, pair, write):
    with write() as db:
        write_line(db, pair, "Mina", "Hello")
    omar = Browser(app, lang="en").sign_in("omar@t.example").get(url(pair) + "?lang=en")
    assert omar.get(url(pair)).has("New")
    with app.app_context():
        assert reading().scalars(select(MessageRead)).all() == []
    omar.submit("Send", text="Hello to you")
    assert not omar.get("/mentoring/").has("new message")


def test_a_double_tap_is_one_message(app, pair):
    mina = Browser(app, lang="en").sign_in("mina@t.example").get(url(pair))
    form = {e.get("name"): e.get("value") for e in mina.form("Send").iter("input")}
    for _tap in range(2):
        answer = mina.client.post(url(pair), data={**form, "text": "Once"})
        assert answer.status_code == 303
    with app.app_context():
        assert [m.text for m in reading().scalars(select(PairMessage))] == ["Once"]


def test_words_can_be_changed_and_brought_back_for_a_quarter_of_an_hour(pair, write):
    now = clock.now()
    with write() as db:
        first = write_line(db, pair, "Mina", "First").id
        second = write_line(db, pair, "Mina", "Second").id
        messages.delete(db, who(pair, "Mina"), message_id=second)
    late = now + timedelta(minutes=16)
    with clock.frozen(late):
        for act, fields in ((messages.edit, {"text": "No"}), (messages.restore, {})):
            wanted = second if act is messages.restore else first
            with write() as db, pytest.raises(Refused):
                act(db, who(pair, "Mina"), message_id=wanted, **fields)
        with write() as db:
            assert messages.wipe_deleted(db) == 1
        with write() as db:
            assert messages.wipe_deleted(db) == 0
            kept = {m.id: m.text for m in db.scalars(select(PairMessage))}
    assert kept == {first: "First", second: ""}


def test_only_the_author_changes_a_message(pair, write):
    with write() as db:
        one = write_line(db, pair, "Mina", "Mine").id
    for act, fields in (
        (messages.edit, {"text": "Yours"}),
        (messages.delete, {}),
        (messages.restore, {}),
    ):
        with write() as db, pytest.raises(Refused):
            act(db, who(pair, "Omar"), message_id=one, **fields)


def states(db) -> list[tuple[str, str]]:
    rows = db.scalars(select(Delivery).where(Delivery.kind == "pair_message"))
    return sorted((row.channel, row.state.value) for row in rows)


def deliver(app) -> None:
    with app.app_context():
        for channel in ("in_app", "mail"):
            while not delivery.deliver(channel):
                pass


def test_one_notice_until_it_is_read_and_none_when_taken_back(app, pair, write):
    both = [("in_app", "pending"), ("mail", "pending")]
    with write() as db:
        only = write_line(db, pair, "Mina", "Never mind")
        assert states(db) == both
        messages.delete(db, who(pair, "Mina"), message_id=only.id)
        assert {state for _c, state in states(db)} == {"skipped"}
    with write() as db:
        for n in range(3):
            write_line(db, pair, "Mina", f"Line {n}")
        open_ones = [one for one in states(db) if one[1] == "pending"]
        assert open_ones == both, "three messages, one notice"
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        deliver(app)
        with write() as db:
            assert sorted(s for _c, s in states(db)) == ["sent", "sent", "skipped", "skipped"]
            [told] = db.scalars(
                select(Notification)
                .where(Notification.person_id == who(pair, "Omar"))
                .where(Notification.link == url(pair))
            )
            assert told.person_id == who(pair, "Omar") and told.read_at is None
            assert "Line" not in " ".join([told.subject, *told.lines])
            write_line(db, pair, "Mina", "Line 4")
            assert len(states(db)) == 4
            until = db.scalars(select(PairMessage.sent_at).order_by(PairMessage.sent_at.desc()))
            messages.mark_read(db, who(pair, "Omar"), relationship_id=pair.id, until=until.first())
            db.refresh(told)
            assert told.read_at is not None, "what was read is no news in the inbox"
            write_line(db, pair, "Mina", "Line 5")
            assert [one for one in states(db) if one[1] == "pending"] == both


def test_who_reads_in_time_is_not_called(app, pair, write):
    with write() as db:
        sent = write_line(db, pair, "Mina", "Quick")
        messages.mark_read(db, who(pair, "Omar"), relationship_id=pair.id, until=sent.sent_at)
        assert {state for _c, state in states(db)} == {"skipped"}


def test_nothing_is_written_after_the_end_and_again_when_it_goes_on(app, pair, write):
    with write() as db:
        write_line(db, pair, "Mina", "Before")
        mina = who(pair, "Mina")
        db.get_one(Relationship, pair.id).state = "active"
        closing.end(db, mina, relationship_id=pair.id)
    with write() as db, pytest.raises(Refused):
        write_line(db, pair, "Mina", "After")
    late = Browser(app, htmx=True, lang="en").sign_in("mina@t.example").get("/settings/")
    token = late.tree.find(".//input[@name='csrf_token']").get("value")
    sent = {"csrf_token": token, "text": "Half a page of thoughts", "key": "late"}
    answer = late.client.post(url(pair), data=sent)
    assert answer.status_code == 422 and "Half a page of thoughts" in answer.text
    browser = Browser(app, lang="en").sign_in("mina@t.example").get(url(pair))
    assert browser.has("Before") and browser.has("Nothing can be written here any more")
    assert 'id="send"' not in browser.html
    with write() as db:
        reopening.reopen(db, mina, relationship_id=pair.id)
        write_line(db, pair, "Mina", "Again")
    assert browser.get(url(pair)).has("Again")


def test_a_stop_of_contact_refuses_in_neutral_words_and_keeps_what_was_typed(
    app, pair, monkeypatch
):
    stops = registry.Registry("stop of contact")
    stops.add("test", lambda _db, pair_id, person_id: person_id == who(pair, "Mina"))
    monkeypatch.setattr(messages, "contact_stops", stops)
    mina = Browser(app, lang="en").sign_in("mina@t.example").get(url(pair))
    mina.submit("Send", text="Why do you not answer?")
    assert mina.status == 422 and mina.has("Messages cannot be sent here at the moment.")
    assert "Why do you not answer?" in mina.html
    with app.app_context():
        assert reading().scalars(select(PairMessage)).all() == []


def test_nobody_but_members_has_any_way_to_a_message(app, pair, write):
    with write() as db:
        one = write_line(db, pair, "Mina", SECRET)
    paths = [
        ("GET", url(pair)),
        ("GET", url(pair, "messages/newer")),
        ("GET", url(pair, "timeline")),
        ("GET", url(pair, "resources")),
        ("POST", url(pair)),
        ("POST", url(pair, "messages/read")),
        ("GET", f"/mentoring/messages/{one.id}/change"),
        ("POST", f"/mentoring/messages/{one.id}/change"),
        ("POST", f"/mentoring/messages/{one.id}/deletion"),
        ("POST", f"/mentoring/messages/{one.id}/return"),
    ]
    for email in ("amara@t.example", "farid@t.example", "aud@t.example", "otto@t.example"):
        browser = Browser(app).sign_in(email).get("/settings/")
        token = browser.tree.find(".//input[@name='csrf_token']").get("value")
        for method, path in paths:
            answer = browser.client.open(path, method=method, data={"csrf_token": token})
            assert answer.status_code == 404, (email, method, path)
        assert SECRET not in browser.get("/search?q=thinking").html.replace("q=thinking", "")


def test_people_without_sign_in_are_named_and_nothing_is_written_into_the_void(app, pair, write):
    with write() as db:
        guest = make_person(db, "Ona Outside", None)
        alone = make_pair(db, db.get(type(guest), who(pair, "Mina")), guest)
        assert not guest.can_sign_in
    mina = Browser(app, lang="en").sign_in("mina@t.example").get(url(alone))
    assert mina.has("Ona Outside has no sign-in and does not read this.")
    assert 'id="send"' not in mina.html


def test_a_newcomer_reads_everything_and_only_later_lines_are_new(app, pair, write):
    with write() as db:
        write_line(db, pair, "Mina", "Before Nia")
        nia = make_person(db, "Nia New", "nia@t.example", PASSWORD)
        add_member(db, db.get_one(Relationship, pair.id), nia)
    with write() as db:
        write_line(db, pair, "Mina", "Welcome, Nia")
        assert [d.person_id for d in outbox.pending(db, "pair_message", pair.id)].count(nia.id) == 2
    browser = Browser(app, lang="en").sign_in("nia@t.example").get("/mentoring/")
    assert browser.has("1 new message")
    assert browser.get(url(pair)).has("Before Nia") and browser.has("also who joins later")


def test_words_are_found_and_older_ones_stand_on_earlier_pages(app, pair, write):
    with write() as db:
        for n in range(35):
            write_line(db, pair, "Mina", f"Line {n} about Grüße" if n == 3 else f"Line {n}")
    omar = Browser(app, lang="en").sign_in("omar@t.example").get(url(pair) + "?lang=en")
    assert omar.has("Line 34") and not omar.has("Line 3 about")
    assert omar.text.index("Line 33") < omar.text.index("Line 34"), "the newest at the bottom"
    assert omar.click("Earlier messages").has("Line 3 about") and not omar.has("Line 34")
    found = omar.get(url(pair) + "?q=grusse")
    assert found.has("1 message has these words.") and found.has("Line 3 about")


@pytest.mark.parametrize("number", ["50", "9" * 20, "-3"])
def test_a_page_that_does_not_exist_is_the_nearest_that_does(app, pair, write, number):
    with write() as db:
        for n in range(35):
            write_line(db, pair, "Mina", f"Line {n}.")
    mina = Browser(app, lang="en").sign_in("mina@t.example").get(url(pair) + f"?page={number}")
    assert mina.status == 200 and mina.has("Line 34." if number == "-3" else "Line 0.")


def test_what_is_new_comes_by_itself_and_only_then(app, pair, write):
    omar = Browser(app, lang="en").sign_in("omar@t.example").get(url(pair) + "?lang=en")
    with write() as db:
        first = write_line(db, pair, "Mina", "Hello")
    fresh = omar.fragment(url(pair, "messages/newer"))
    assert "Hello" in fresh and 'id="read"' in fresh
    after = first.sent_at.isoformat().replace("+", "%2B")
    quiet = omar.fragment(url(pair, f"messages/newer?after={after}"))
    assert "Hello" not in quiet and len(quiet) < 500


def test_erasure_takes_the_words_and_leaves_the_conversation(app, pair, write):
    with write() as db:
        write_line(db, pair, "Omar", SECRET)
        write_line(db, pair, "Mina", "I hear you")
        continuity.erase(db, who(pair, "Omar"))
    mina = Browser(app, lang="en").sign_in("mina@t.example").get(url(pair))
    assert mina.has("This message was deleted.") and mina.has("I hear you")
    assert SECRET not in mina.html
    with app.app_context():
        assert SECRET not in {m.text for m in reading().scalars(select(PairMessage))}


def test_the_page_in_arabic_is_right_to_left_with_each_line_in_its_own_direction(app, pair, write):
    with write() as db:
        write_line(db, pair, "Mina", "See you on Monday")
    page = Browser(app).sign_in("omar@t.example").get(url(pair))
    assert 'dir="rtl"' in page.html and '<div dir="auto" data-ugc>' in page.html


@pytest.mark.parametrize("many", [1, 29], ids=["one", "many"])
def test_pages_with_messages_cost_the_same_with_one_and_many(app, pair, write, queries, many):
    with write() as db:
        for n in range(many):
            write_line(db, pair, "Mina", f"Line {n}")
    omar = Browser(app).sign_in("omar@t.example").get(url(pair))
    costs = {}
    for path in (url(pair), url(pair) + "?q=line", "/mentoring/", "/"):
        with queries() as seen:
            assert omar.get(path).status == 200
        costs[path.split(str(pair.id))[-1]] = len(seen)
    with queries() as seen:
        omar.fragment(url(pair, "messages/newer"))
    assert max(costs.values()) <= 8, costs
    assert len(seen) <= 4, seen
