"""An author can ask for a second look at a removal; somebody who had no part in it decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core import clock, outbox, search
from app.core.errors import Refused
from app.ergs import services as ergs
from app.ergs.rules import RoleName
from app.threads import queries, services
from app.threads.models import Post, ThreadAppeal
from app.threads.rules import APPEAL_WITHIN, AppealState, PostState, ReportState
from tests.client import Browser
from tests.factories.ergs import make_role
from tests.factories.threads import make_reply, make_report, make_thread

WORDS = "It was a joke about my own team."


@pytest.fixture
def removed(write, people, women):
    """Bo's answer, reported by Chen and removed by Mod."""
    with write() as db:
        thread = make_thread(db, women, people["dalia"])
        post = make_reply(db, thread.id, people["bo"], "Never say zanzibar.")
        make_report(db, post.id, people["chen"])
        services.decide(
            db, people["mod"], post_id=post.id, verdict=ReportState.UPHELD, reason="Too sharp."
        )
        return post.id


def ask(write, people, post_id, by="bo", words=WORDS):
    with write() as db:
        return services.appeal(db, people[by], post_id=post_id, words=words).id


def decide(write, people, appeal_id, by, verdict, answer="It breaks the charter."):
    with write() as db:
        return services.decide_appeal(
            db, people[by], appeal_id=appeal_id, verdict=verdict, answer=answer
        ).state


def test_the_author_asks_once_and_in_time(write, people, removed) -> None:
    for by in ("chen", "mod"):
        with pytest.raises(Refused, match="Only the author"):
            ask(write, people, removed, by)
    with pytest.raises(Refused, match="few words"):
        ask(write, people, removed, words=" ")
    assert ask(write, people, removed) == ask(write, people, removed, words="Again!")
    with write() as db:
        assert [a.words for a in db.scalars(select(ThreadAppeal))] == [WORDS]
        db.delete(db.scalars(select(ThreadAppeal)).one())
        db.get_one(Post, removed).removed_at -= APPEAL_WITHIN + timedelta(seconds=1)
    with pytest.raises(Refused, match="14 days"):
        ask(write, people, removed)


def test_who_removed_it_and_whoever_is_in_a_line_with_them_does_not_decide(
    write, people, women, removed
) -> None:
    appeal_id = ask(write, people, removed)

    def deciders():
        with write() as db:
            return {n for n, p in people.items() if p in queries.deciders_of(db, appeal_id)}

    assert deciders() == {"dalia"}, "the second moderator is missing, so the lead decides"
    with write() as db:
        make_role(db, ergs_of(db, women), people["maria"], RoleName.MODERATOR)
    assert deciders() == {"maria"}
    with write() as db:
        db.get_one(Person, people["mod"]).manager_id = people["maria"]
    assert deciders() == {"dalia"}, "Maria is the manager of who removed it"
    with write() as db:
        db.get_one(Person, people["bo"]).manager_id = people["dalia"]
    assert deciders() == {"admin"}, "Dalia is the manager of the author"
    for by in ("mod", "dalia", "bo", "chen"):
        with pytest.raises(Refused, match="did not remove it"):
            decide(write, people, appeal_id, by, AppealState.GRANTED)


def ergs_of(db, erg_id):
    from app.ergs.models import Erg

    return db.get_one(Erg, erg_id)


def test_success_brings_the_words_back_in_their_place(write, people, removed) -> None:
    appeal_id = ask(write, people, removed)
    decide(write, people, appeal_id, "dalia", AppealState.GRANTED, answer="")
    with write() as db:
        post = db.get_one(Post, removed)
        assert (post.state, post.body, post.number) == (PostState.SHOWN, "Never say zanzibar.", 2)
        assert post.reason is None and post.removed_by is None
        assert removed in set(db.scalars(search.ids("threads", "zanzibar")))
        told = outbox.pending(db, "thread_appeal_decided", appeal_id)
        assert {d.person_id for d in told} == {people["bo"]}
        assert all(d.due_at > clock.now() for d in told), "it can be taken back until then"
        verbs = set(db.scalars(select(AuditEvent.verb)))
        assert {"appeal", "decide_appeal", "show_again"} <= verbs
    with pytest.raises(Refused, match="second look"), write() as db:
        services.reconsider(db, people["mod"], post_id=removed)


def test_a_decision_can_be_taken_back_until_the_author_is_told(write, people, removed) -> None:
    appeal_id = ask(write, people, removed)
    for verdict in (AppealState.GRANTED, AppealState.REFUSED):
        decide(write, people, appeal_id, "dalia", verdict)
        with pytest.raises(Refused, match="decided"):
            decide(write, people, appeal_id, "dalia", AppealState.REFUSED)
        with write() as db:
            row = services.undo_appeal(db, people["dalia"], appeal_id=appeal_id)
            post = db.get_one(Post, removed)
            assert row.state is AppealState.WAITING and post.state is PostState.REMOVED
            assert (post.reason, post.removed_by) == ("Too sharp.", people["mod"])
            assert list(db.scalars(search.ids("threads", "zanzibar"))) == []
    decide(write, people, appeal_id, "dalia", AppealState.REFUSED)
    with write() as db:
        db.get_one(ThreadAppeal, appeal_id).decided_at -= timedelta(minutes=11)
    with pytest.raises(Refused, match="too late"), write() as db:
        services.undo_appeal(db, people["dalia"], appeal_id=appeal_id)


def test_a_removal_that_stands_needs_an_answer(write, people, removed) -> None:
    appeal_id = ask(write, people, removed)
    with pytest.raises(Refused, match="reason"):
        decide(write, people, appeal_id, "dalia", AppealState.REFUSED, answer=" ")
    decide(write, people, appeal_id, "dalia", AppealState.REFUSED)
    assert ask(write, people, removed) == appeal_id, "there is no second appeal"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_the_way_from_the_tombstone_to_the_answer(
    app, write, people, women, removed, queries, htmx
) -> None:
    def browser(name):
        return Browser(app, htmx=htmx).sign_in(f"{name}@t.example")

    with write() as db:
        ergs.leave(db, people["bo"], erg_id=women)
    bo = browser("bo").get(f"/ergs/removed/{removed}/")
    assert bo.has("Never say zanzibar.") and bo.has("Too sharp."), "also after leaving"
    bo.submit("Ask for a second look", plea="")
    assert bo.status == 422
    bo.submit("Ask for a second look", plea=WORDS)
    assert bo.has("Waits for a second look") and not bo.has("You can ask once")
    for name in ("chen", "outsider", "mod"):
        assert browser(name).get(f"/ergs/removed/{removed}/").status == 404
    with write() as db:
        appeal_id = db.scalars(select(ThreadAppeal.id)).one()
    place = f"/ergs/women/threads/appeals/{appeal_id}/"
    for name in ("bo", "chen", "outsider", "mod", "admin"):
        assert browser(name).get(place).status in (403, 404)
    dalia = browser("dalia")
    assert dalia.get("/ergs/desk/").has("An author asks for a second look")
    with queries() as asked:
        dalia.get("/ergs/women/threads/reports/")
    assert dalia.has(WORDS) and len(asked) <= 10
    assert dalia.get(f"/ergs/appeals/{appeal_id}/").has("Too sharp.")
    dalia.submit("Decide", verdict="refused")
    assert dalia.status == 422 and dalia.has("Please give a reason.")
    dalia.submit("Decide", verdict="granted", answer="You are right.")
    dalia.submit("Undo")
    assert dalia.has("Taken back. The appeal waits again.")
    dalia.submit("Decide", verdict="granted", answer="You are right.")
    bo.get(f"/ergs/removed/{removed}/")
    assert bo.has("shown again, as you wrote it") and bo.has("You are right.")
    assert browser("chen").get(f"/ergs/said/{removed}").has("Never say zanzibar.")
