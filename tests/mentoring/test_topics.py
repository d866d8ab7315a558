"""A group votes on its next topic: secretly, fairly, once each, and the calendar follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.mentoring.calendar import entry_of
from app.mentoring.jobs import look_after_groups
from app.mentoring.models import Meeting, Topic, TopicBallot, TopicRound
from app.mentoring.queries.sessions import PAIR_WITH_MEMBERS
from app.mentoring.rules.circles import RoundState, winner
from app.mentoring.services import sessions, topics
from tests.client import Browser
from tests.factories.circles import make_circle
from tests.factories.mentoring import make_pair, plan_session


@pytest.fixture
def circle(app):
    with app.app_context(), writing() as db:
        return make_circle(db)


def who(circle, letter):
    return next(m.person_id for m in circle.members if m.person.name.startswith(letter))


def begin(circle, *texts, days=3):
    """A vote with these topics, proposed by Ada, Ben, Cleo and Dora in turn."""
    with writing() as db:
        row = topics.open_round(
            db,
            who(circle, "A"),
            relationship_id=circle.id,
            closes_at=clock.now() + timedelta(days=days),
        )
        made = []
        for n, text in enumerate(texts):
            with clock.frozen(clock.now() + timedelta(seconds=n)):
                made.append(
                    topics.propose(db, who(circle, "ABCD"[n % 4]), round_id=row.id, text=text).id
                )
        return row.id, made


def cast(circle, round_id, **ticks):
    for letter, ticked in ticks.items():
        with writing() as db:
            topics.vote(db, who(circle, letter), round_id=round_id, topics=ticked)


def test_ties_go_to_the_older_proposal_and_nobody_decides_nothing():
    assert winner(["a", "b", "c"], [["b"], ["c"], ["c", "b"]]) == "b"
    assert winner(["a", "b"], [[], []]) is None and winner([], [["gone"]]) is None


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_vote_from_the_first_proposal_to_the_session(app, circle, htmx):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, circle, clock.now() + timedelta(days=9))
    here = f"/mentoring/{circle.id}/topics/"
    ada = Browser(app, htmx=htmx).sign_in("ada@t.example").get(here)
    ada.submit("Open the vote", day="2020-01-01")
    assert ada.status == 422 and ada.has("Choose a time to come, thirty days away at most.")
    ada.get(here).submit("Open the vote")
    assert ada.has("The vote is open")
    for text in ("Saying no", "Hiring", "Rest"):
        ada.get(here).submit("Propose the topic", text=text)
    assert ada.get(here).has("Three topics are yours already.")
    ben = Browser(app, htmx=htmx).sign_in("ben@t.example").get(here)
    ben.submit("Propose the topic", text="saying NO")
    assert ben.status == 422 and ben.has("This topic is on the list already.")
    assert 'value="saying NO"' in ben.html, "what was typed is kept"
    ben.get(here).submit("Propose the topic", text="Feedback")
    ada.get(here).submit("Take it off the list")
    assert not ada.get(here).has("Saying no")
    with app.app_context():
        ids = {topic.text: str(topic.id) for topic in reading().scalars(select(Topic))}
        end_reading()
    for n, name in enumerate(("ada", "ben", "cleo", "dora")):
        voter = Browser(app, htmx=htmx).sign_in(f"{name}@t.example").get(here)
        assert voter.has(f"{n} of 4")
        assert " checked" not in voter.html, "what others ticked is not to be seen"
        voter.submit("Vote", topic=[ids["Hiring"], ids["Feedback"]] if n else [ids["Rest"]])
    assert voter.has("It is decided") and voter.get(here).has("Hiring")
    assert not voter.has("Tick everything"), "the last voice closes the vote"
    assert voter.get(f"/mentoring/sessions/{meeting.id}/").has("Hiring")
    with app.app_context():
        db = reading()
        assert db.scalar(select(func.count()).select_from(TopicBallot)) == 0
        found = db.scalars(
            select(Meeting).where(Meeting.id == meeting.id).options(PAIR_WITH_MEMBERS)
        ).unique()
        row = found.one()
        with app.test_request_context():
            entry = entry_of(row, who(circle, "B"), is_discreet=False)
            hidden = entry_of(row, who(circle, "B"), is_discreet=True)
        assert "Hiring" in entry.description and "Hiring" not in hidden.description
        resent = select(func.count()).where(
            Delivery.kind == "session_entry", Delivery.subject_id == meeting.id
        )
        assert db.scalar(resent) == 4
        end_reading()


def test_a_vote_closes_at_its_time_and_the_topic_waits_for_a_session(app, circle):
    with app.app_context():
        round_id, (first, second) = begin(circle, "Older", "Younger")
        cast(circle, round_id, A=[second], B=[first])
        look_after_groups()
        assert reading().get_one(TopicRound, round_id).state is RoundState.OPEN
        end_reading()
        with clock.frozen(clock.now() + timedelta(days=3, minutes=1)):
            look_after_groups()
            look_after_groups()
            with writing() as db:
                with pytest.raises(Refused):
                    topics.vote(db, who(circle, "C"), round_id=round_id, topics=[second])
                meeting = plan_session(db, circle, clock.now() + timedelta(days=4))
                assert meeting.topic == "Older", "of equal ones the older proposal"
                later = plan_session(db, circle, clock.now() + timedelta(days=30))
                assert later.topic == ""
                sessions.cancel(db, None or who(circle, "A"), session_id=meeting.id)
                instead = plan_session(db, circle, clock.now() + timedelta(days=5))
                assert instead.topic == "Older" and meeting.topic == ""


def test_a_new_round_takes_along_what_was_not_talked_about(app, circle):
    with app.app_context():
        round_id, (first, _second) = begin(circle, "One", "Two")
        with writing() as db:
            meeting = plan_session(db, circle, clock.now() + timedelta(days=5))
        cast(circle, round_id, A=[first], B=[first], C=[first], D=[])
        end_reading()
        assert reading().get_one(Meeting, meeting.id).topic == "One"
        end_reading()
        again, _none = begin(circle)
        end_reading()
        texts = select(Topic.text).where(Topic.round_id == again).order_by(Topic.proposed_at)
        assert reading().scalars(texts).all() == ["One", "Two"]
        assert reading().get_one(Meeting, meeting.id).topic == "", "it is open again"
        end_reading()
        with writing() as db, pytest.raises(Refused):
            topics.open_round(
                db,
                who(circle, "B"),
                relationship_id=circle.id,
                closes_at=clock.now() + timedelta(days=1),
            )


def test_topics_are_for_members_and_cost_the_same_with_many(app, circle, queries):
    with app.app_context():
        round_id, made = begin(circle, "One")
        with writing() as db:
            pair = make_pair(db)
    otto = Browser(app).sign_in(pair.members[0].person.email)
    assert otto.get(f"/mentoring/{circle.id}/topics/").status == 404
    token = otto.get("/").tree.find(".//input[@name='csrf_token']").get("value")
    sent = {"csrf_token": token, "topic": str(made[0])}
    assert otto.client.post(f"/mentoring/rounds/{round_id}/ballot", data=sent).status_code == 404
    ada, counted = Browser(app).sign_in("ada@t.example").get("/"), []
    for n in range(2):
        if n:
            with app.app_context(), writing() as db:
                for text in "abcdefgh":
                    topics.propose(
                        db, who(circle, "BCD"[ord(text) % 3]), round_id=round_id, text=text
                    )
        with queries() as seen:
            assert ada.get(f"/mentoring/{circle.id}/topics/").status == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 8, (counted, seen)


def test_a_topic_comes_back_only_while_three_are_ones_own(app, circle):
    with app.app_context():
        round_id, _made = begin(circle)
        who_asks = who(circle, "A")
        with writing() as db:
            mine = [topics.propose(db, who_asks, round_id=round_id, text=text).id for text in "abc"]
            topics.set_withdrawn(db, who_asks, topic_id=mine[0], is_withdrawn=True)
            topics.set_withdrawn(db, who_asks, topic_id=mine[0], is_withdrawn=False)
            topics.set_withdrawn(db, who_asks, topic_id=mine[0], is_withdrawn=True)
            topics.propose(db, who_asks, round_id=round_id, text="d")
            with pytest.raises(Refused, match="Three topics are yours already"):
                topics.set_withdrawn(db, who_asks, topic_id=mine[0], is_withdrawn=False)
