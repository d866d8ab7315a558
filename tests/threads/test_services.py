"""Discussions: what members may rely on, whoever presses what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.ergs import services as ergs
from app.ergs.models import Erg
from app.ergs.rules import ErgState, Viewer, Visibility
from app.health.queries import active_share
from app.health.registry import Window
from app.threads import messages, queries, services
from app.threads.models import Following, Mention, Post, Report, ThreadCode
from app.threads.rules import PostState, ReportState, Stance
from tests.factories.ergs import make_member
from tests.factories.threads import make_reply, make_report, make_thread, opening

pytestmark = pytest.mark.usefixtures("context")


def later(**delta):
    return clock.frozen(clock.now() + timedelta(**delta))


def codes(thread_id) -> dict:
    rows = reading().execute(
        select(ThreadCode.person_id, ThreadCode.code).where(ThreadCode.thread_id == thread_id)
    )
    return dict(rows.tuples().all())


def refused(message: str):
    return pytest.raises(Refused, match=message)


class TestTakingPart:
    def test_only_members_of_a_living_group_write(self, people, women):
        with writing() as db:
            thread_id = make_thread(db, women, people["bo"]).id
        with refused("Only members"), writing() as db:
            make_reply(db, thread_id, people["outsider"])
        with refused("Only members"), writing() as db:
            make_reply(db, thread_id, people["admin"])
        with writing() as db:
            db.get(Erg, women).state = ErgState.ARCHIVED
        with refused("closed"), writing() as db:
            make_reply(db, thread_id, people["bo"])

    def test_a_closed_discussion_takes_nothing_more_until_it_is_opened(self, people, women):
        with writing() as db:
            thread_id = make_thread(db, women, people["bo"]).id
            services.lock(db, people["mod"], thread_id=thread_id, is_locked=True)
        with refused("closed"), writing() as db:
            make_reply(db, thread_id, people["chen"])
        with refused("Only moderators"), writing() as db:
            services.lock(db, people["chen"], thread_id=thread_id, is_locked=False)
        with writing() as db:
            services.lock(db, people["dalia"], thread_id=thread_id, is_locked=False)
            assert make_reply(db, thread_id, people["chen"]).number == 2

    def test_words_change_for_a_day_by_their_author_and_say_so(self, people, women):
        with writing() as db:
            post_id = make_reply(db, make_thread(db, women, people["bo"]).id, people["chen"]).id
        with refused("Only the author"), writing() as db:
            services.edit(db, people["dalia"], post_id=post_id, body="Mine now")
        with writing() as db:
            assert services.edit(db, people["chen"], post_id=post_id, body="Better").edited_at
        with later(days=1, minutes=1), refused("for a day"), writing() as db:
            services.edit(db, people["chen"], post_id=post_id, body="Too late")


class TestNamesAndCodes:
    def test_a_confidential_member_writes_under_a_code_that_differs_in_each_discussion(
        self, people, women
    ):
        with writing() as db:
            one, two = (make_thread(db, women, people["bo"], f"Talk {n}").id for n in (1, 2))
            for thread_id in (one, two):
                first = make_reply(db, thread_id, people["maria"])
                second = make_reply(db, thread_id, people["maria"])
                assert first.is_veiled and second.is_veiled
                make_reply(db, thread_id, people["chen"])
        assert set(codes(one)) == {people["maria"]}, "who shows a name needs no code"
        assert codes(one)[people["maria"]] != codes(two)[people["maria"]]

    def test_in_a_discussion_without_names_everybody_has_one_code(self, people, pride):
        with writing() as db:
            thread_id = make_thread(db, pride, people["bo"], is_pseudonymous=True).id
            for name in ("dalia", "bo", "chen", "dalia"):
                assert make_reply(db, thread_id, people[name]).is_veiled
        found = codes(thread_id)
        assert len(found) == len(set(found.values())) == 3

    def test_only_confidential_groups_have_discussions_without_names(self, people, women):
        with refused("confidential groups"), writing() as db:
            make_thread(db, women, people["bo"], is_pseudonymous=True)

    def test_what_was_written_under_a_code_never_gets_a_name(self, people, women):
        with writing() as db:
            thread_id = make_thread(db, women, people["bo"]).id
            post_id = make_reply(db, thread_id, people["maria"]).id
            ergs.show_to(db, people["maria"], erg_id=women, visibility=Visibility.COMPANY)
            new = make_reply(db, thread_id, people["maria"])
            assert db.get(Post, post_id).is_veiled and not new.is_veiled

    def test_the_log_names_nobody_who_is_confidential(self, people, women, pride):
        with writing() as db:
            make_reply(db, make_thread(db, women, people["bo"]).id, people["maria"])
            make_thread(db, pride, people["bo"])
        actors = set(reading().scalars(select(AuditEvent.actor_id)))
        assert people["maria"] not in actors and people["bo"] in actors
        named = reading().scalars(
            select(AuditEvent).where(AuditEvent.verb == "start", AuditEvent.actor_id.is_not(None))
        )
        assert len(named.all()) == 1, "in the confidential group nobody is named"


class TestMentions:
    def test_only_members_whom_the_author_may_see_can_be_mentioned(self, people, women):
        everybody = [people[name] for name in ("chen", "maria", "outsider", "bo")]
        with writing() as db:
            thread_id = make_thread(db, women, people["bo"], mentions=everybody).id
            post_id = opening(db, thread_id).id
        found = set(reading().scalars(select(Mention.person_id)))
        assert found == {people["chen"]}
        told = reading().execute(
            select(Delivery.person_id, Delivery.channel).where(Delivery.subject_id == post_id)
        )
        assert set(told.tuples()) == {(people["chen"], "mail"), (people["chen"], "in_app")}

    def test_a_name_that_nobody_may_know_is_answered_like_one_that_nobody_has(self, people, women):
        db = reading()
        erg = db.get(Erg, women)
        hidden = queries.resolve(db, erg, Viewer.MEMBER, ["Maria Test"])
        absent = queries.resolve(db, erg, Viewer.MEMBER, ["Nobody Test"])
        assert hidden == ([], ["Maria Test"]) and absent == ([], ["Nobody Test"])
        assert queries.resolve(db, erg, Viewer.MEMBER, ["Chen Test"]) == ([people["chen"]], [])
        proposed = queries.mentionable(db, erg, Viewer.MEMBER, people["bo"])
        assert "Maria Test" not in proposed and "Chen Test" in proposed

    def test_namesakes_are_told_apart_by_their_jobs(self, people, women):
        with writing() as db:
            erg = db.get(Erg, women)
            for job in ("Baker", "Smith"):
                person = Person(name="Alex Kim", job_title=job)
                db.add(person)
                db.flush()
                make_member(db, erg, person.id)
        db = reading()
        erg = db.get(Erg, women)
        assert queries.resolve(db, erg, Viewer.MEMBER, ["Alex Kim"])[1] == ["Alex Kim"]
        found, unclear = queries.resolve(db, erg, Viewer.MEMBER, ["Alex Kim (Smith)"])
        assert len(found) == 1 and not unclear
        assert {"Alex Kim (Baker)", "Alex Kim (Smith)"} <= set(
            queries.mentionable(db, erg, Viewer.MEMBER, people["bo"])
        )

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("mute", "muted"),
            ("read", "read"),
            ("delete", "gone"),
            ("leave", "not a member"),
            ("nothing", None),
        ],
    )
    def test_a_message_is_sent_only_while_it_is_of_use(self, people, women, change, reason):
        with writing() as db:
            thread_id = make_thread(db, women, people["bo"], mentions=[people["chen"]]).id
            post_id = opening(db, thread_id).id
        chen = people["chen"]
        with writing() as db:
            if change == "mute":
                services.take_stance(db, chen, thread_id=thread_id, stance=Stance.MUTE)
            if change == "read":
                services.mark_seen(db, chen, thread_id=thread_id, number=1)
            if change == "delete":
                services.delete_post(db, people["bo"], post_id=post_id)
            if change == "leave":
                ergs.leave(db, chen, erg_id=women)
        row = reading().scalars(select(Delivery).where(Delivery.channel == "mail")).one()
        assert messages.Mentioned().wanted(reading(), row) == reason
        if change in ("delete", "leave"):
            assert row.state is DeliveryState.SKIPPED

    def test_the_message_names_neither_group_nor_person_nor_title(self, people, women):
        with writing() as db:
            make_thread(db, women, people["bo"], "Pay", mentions=[people["chen"]])
        row = reading().scalars(select(Delivery)).first()
        said = str(messages.Mentioned().message(reading(), row, None))
        assert not [word for word in ("women", "Women", "Bo", "Pay", "Chen") if word in said]


class TestTakingBack:
    def test_a_deleted_post_leaves_a_tombstone_and_comes_back_within_a_day(self, people, women):
        with writing() as db:
            post_id = make_reply(db, make_thread(db, women, people["bo"]).id, people["chen"]).id
            services.delete_post(db, people["chen"], post_id=post_id)
            services.delete_post(db, people["chen"], post_id=post_id)
            assert services.restore_post(db, people["chen"], post_id=post_id).body
            services.delete_post(db, people["chen"], post_id=post_id)
        with refused("Only the author"), writing() as db:
            services.restore_post(db, people["dalia"], post_id=post_id)
        with later(days=1, minutes=1):
            with refused("any more"), writing() as db:
                services.restore_post(db, people["chen"], post_id=post_id)
            with writing() as db:
                assert services.wipe_deleted(db) == 1
                assert services.wipe_deleted(db) == 0
        assert reading().get(Post, post_id).body == ""

    def test_who_has_left_takes_everything_back_at_once_and_can_undo_it(self, people, women):
        with writing() as db:
            thread_id = make_thread(db, women, people["bo"]).id
            single = make_reply(db, thread_id, people["chen"]).id
            for n in range(3):
                make_reply(db, thread_id, people["chen"], f"Answer {n}")
            services.delete_post(db, people["chen"], post_id=single)
            ergs.leave(db, people["chen"], erg_id=women)
        with later(minutes=5), writing() as db:
            assert services.remove_all(db, people["chen"], erg_id=women) == 3
            assert services.remove_all(db, people["chen"], erg_id=women) == 0
            assert services.restore_all(db, people["chen"], erg_id=women) == 3
        post = reading().get(Post, single)
        assert post.state is PostState.DELETED, "what was deleted before stays deleted"

    def test_leaving_ends_what_calls_a_person_back(self, people, women):
        with writing() as db:
            make_reply(db, make_thread(db, women, people["bo"]).id, people["chen"])
            ergs.leave(db, people["chen"], erg_id=women)
        rows = reading().scalars(select(Following.person_id)).all()
        assert rows == [people["bo"]]


@pytest.fixture
def reported(people, women):
    """Chen's answer, reported by Bo."""
    with writing() as db:
        post_id = make_reply(db, make_thread(db, women, people["bo"]).id, people["chen"]).id
        make_report(db, post_id, people["bo"])
    return post_id


def reports_to(below, above) -> None:
    with writing() as db:
        db.get(Person, below).manager_id = above


def judges_now(post_id):
    return queries.judges_of(reading(), post_id)


class TestReports:
    def test_a_moderator_outside_the_line_decides(self, people, reported):
        assert judges_now(reported) == {people["mod"]}

    @pytest.mark.parametrize("one", ["bo", "chen"])
    @pytest.mark.parametrize("is_above", [True, False])
    def test_a_moderator_in_the_line_of_either_passes_it_to_a_lead(
        self, people, reported, one, is_above
    ):
        """Two steps away counts as well as one."""
        pair = (people[one], people["mod"]) if is_above else (people["mod"], people[one])
        reports_to(pair[0], people["outsider"])
        reports_to(people["outsider"], pair[1])
        assert judges_now(reported) == {people["dalia"]}
        with refused("outside your reporting line"), writing() as db:
            services.decide(db, people["mod"], post_id=reported, verdict=ReportState.DISMISSED)

    def test_when_nobody_in_the_group_is_impartial_an_administrator_decides(self, people, reported):
        reports_to(people["bo"], people["mod"])
        reports_to(people["mod"], people["dalia"])
        assert judges_now(reported) == {people["admin"]}
        reports_to(people["dalia"], people["admin"])
        assert judges_now(reported) == {people["admin"]}, "somebody must be able to"

    def test_a_circle_of_managers_does_not_hang(self, people, reported):
        reports_to(people["bo"], people["chen"])
        reports_to(people["chen"], people["bo"])
        assert judges_now(reported) == {people["mod"]}

    def test_those_who_may_decide_are_told_and_nobody_else(self, people, reported):
        row = reading().scalars(select(Report)).one()
        told = set(
            reading().scalars(select(Delivery.person_id).where(Delivery.subject_id == row.id))
        )
        assert told == {people["mod"]}

    def test_an_upheld_report_removes_the_post_and_the_author_is_told_why(self, people, reported):
        with refused("reason"), writing() as db:
            services.decide(db, people["mod"], post_id=reported, verdict=ReportState.UPHELD)
        with writing() as db:
            services.decide(
                db,
                people["mod"],
                post_id=reported,
                verdict=ReportState.UPHELD,
                reason="It attacks a person.",
            )
        post = reading().get(Post, reported)
        assert post.state is PostState.REMOVED and post.reason == "It attacks a person."
        told = reading().scalars(
            select(Delivery.person_id).where(Delivery.kind == "thread_removed").distinct()
        )
        assert told.all() == [people["chen"]]

    def test_a_decision_answers_all_reports_and_can_be_taken_back(self, people, reported):
        with writing() as db:
            make_report(db, reported, people["dalia"])
            services.decide(
                db, people["mod"], post_id=reported, verdict=ReportState.UPHELD, reason="No."
            )
        states = reading().scalars(select(Report.state)).all()
        assert states == [ReportState.UPHELD] * 2
        with refused("decided about this post already"), writing() as db:
            services.decide(db, people["mod"], post_id=reported, verdict=ReportState.DISMISSED)
        with refused("Only who decided"), writing() as db:
            services.reconsider(db, people["dalia"], post_id=reported)
        with writing() as db:
            services.reconsider(db, people["mod"], post_id=reported)
        db = reading()
        assert db.get(Post, reported).state is PostState.SHOWN
        assert db.scalars(select(Report.state)).all() == [ReportState.OPEN] * 2
        left = db.scalars(
            select(Delivery).where(
                Delivery.kind == "thread_removed", Delivery.state == DeliveryState.PENDING
            )
        )
        assert not left.all(), "the author is not told of a removal that is none"

    def test_reporting_twice_is_one_report_and_never_ones_own(self, people, reported):
        with writing() as db:
            make_report(db, reported, people["bo"], "Again")
        assert len(reading().scalars(select(Report)).all()) == 1
        with refused("your own"), writing() as db:
            make_report(db, reported, people["chen"])

    def test_nobody_stands_in_the_log_as_the_reporter(self, reported):
        rows = reading().scalars(select(AuditEvent).where(AuditEvent.verb == "report")).all()
        assert [row.actor_id for row in rows] == [None]


def test_who_writes_is_active_in_the_groups_health_until_it_is_taken_back(people, women):
    window = Window([women], clock.now() - timedelta(days=90), clock.now() + timedelta(days=1))

    def active() -> int:
        return active_share(reading(), window)[women].numerator

    with writing() as db:
        thread_id = make_thread(db, women, people["dalia"]).id
    before = active()
    with writing() as db:
        reply_id = make_reply(db, thread_id, people["bo"]).id
    assert active() == before + 1
    with writing() as db:
        services.delete_post(db, people["bo"], post_id=reply_id)
    assert active() == before
