"""Whom a matching leaves without anybody: an honest sentence and one neutral message."""

from __future__ import annotations

import contextvars
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock, outbox
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery
from app.programs.jobs import publish_runs
from app.programs.messages import StillWaiting
from app.programs.models import Cohort, Enrollment, Exclusion, Offer
from app.programs.rules import OFFER_DAYS, DeclineReason, OfferSource, Role
from app.programs.services import offers, runs
from app.programs.services.runs.telling import tell_waiting
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.formats import publish_now, run_once, start_with
from tests.factories.programs import make_enrollment, make_offer

NAMES = ("Ana", "Bea", "Cleo")


@pytest.fixture
def amara(app):
    with app.app_context(), writing() as db:
        return make_person(db, "Amara Okafor", roles=("program_manager",))


def make_world(amara, places=1, languages=("en", "en", "en"), **columns):
    """A cohort of three mentees who may sign in, and one mentor, Rosa."""
    cohort = start_with("career_growth", amara)
    with writing() as db:
        row = db.get_one(Cohort, cohort.id)
        for name, value in columns.items():
            setattr(row.program, name, value)
        rosa = make_person(db, "Rosa", "rosa@t.example", PASSWORD)
        rosa = make_enrollment(db, cohort, Role.MENTOR, rosa, capacity=places)
        people = [make_person(db, name, f"{name.lower()}@t.example", PASSWORD) for name in NAMES]
        mentees = [
            make_enrollment(db, cohort, Role.MENTEE, person, languages=[tag])
            for person, tag in zip(people, languages, strict=True)
        ]
    return cohort, mentees, rosa


def told():
    """Who is told by mail, as far as it is due now."""
    end_reading()
    rows = reading().scalars(
        select(Delivery).where(
            Delivery.kind == "still_waiting",
            Delivery.channel == "mail",
            Delivery.due_at <= clock.now(),
        )
    )
    return {row.person_id for row in rows if StillWaiting().wanted(reading(), row) is None}


def page_of(app, name):
    """What somebody reads of the own enrollment, outside of the test's own context."""

    def read():
        browser = Browser(app).sign_in(f"{name.lower()}@t.example")
        text = browser.get("/programs/career-growth/").text
        return text.split("Your enrollment")[1].split("Your availability")[0]

    end_reading()
    return contextvars.Context().run(read)


def matched(db, cohort):
    return set(db.scalars(select(Offer.mentee_id).where(Offer.cohort_id == cohort.id)))


def test_whoever_is_left_is_told_once_the_publication_stands_and_nobody_else(app, amara):
    with app.app_context():
        cohort, mentees, _rosa = make_world(amara)
        run = run_once(cohort, amara)
        assert "You are in the pool" in page_of(app, "Ana")
        with writing() as db:
            runs.publish(db, amara.id, run_id=run.id)
        assert told() == set(), "it can still be recalled"
        with writing() as db:
            runs.recall(db, amara.id, run_id=run.id)
        with clock.frozen(clock.now() + timedelta(minutes=31)):
            publish_runs()
            assert told() == set()
        publish_now(run.id, amara)
        with clock.frozen(clock.now() + timedelta(minutes=32)):
            lucky = matched(reading(), cohort)
            assert told() == {one.person_id for one in mentees if one.id not in lucky}
            publish_runs()
            assert len(told()) == 2
        pages = {name: page_of(app, name) for name in NAMES}
        waits = [name for name, one in zip(NAMES, mentees, strict=True) if one.id not in lucky]
        for name, text in pages.items():
            assert ("You are still waiting for a match" in text) is (name in waits)
        assert "there were more people than free places" in pages[waits[0]]
        assert not any(name in pages[waits[0]] for name in ("Rosa", *NAMES))
        assert "ask the organizers" in pages[waits[0]]


def test_the_reason_is_never_in_the_words(app, amara):
    """One is left because of a rule, one because the mentor said no in private: the same words."""
    with app.app_context():
        cohort, mentees, rosa = make_world(amara, places=3, languages=("en", "tr", "en"))
        with writing() as db:
            db.add(Exclusion(enrollment_id=rosa.id, person_id=mentees[2].person_id))
        publish_now(run_once(cohort, amara).id, amara)
        assert matched(reading(), cohort) == {mentees[0].id}
        by_rule, by_wish = page_of(app, "Bea"), page_of(app, "Cleo")
        assert by_rule == by_wish and "You are still waiting" in by_rule
        assert "more people than" not in by_rule and "language in common" not in by_rule
        with clock.frozen(clock.now() + timedelta(minutes=32)):
            assert told() == {mentees[1].person_id, mentees[2].person_id}


def test_where_the_mentor_is_asked_first_a_no_is_not_to_be_told_from_no_offer(app, amara):
    with app.app_context():
        cohort, mentees, rosa = make_world(amara, asks_mentor=True)
        publish_now(run_once(cohort, amara).id, amara)
        soon, later = (clock.now() + timedelta(days=days) for days in (1, OFFER_DAYS + 2))
        before = [page_of(app, name) for name in NAMES]
        assert len(set(before)) == 1 and "You are still waiting" in before[0]
        with clock.frozen(soon):
            assert told() == set(), "who is told at once would say who is not"
            with writing() as db:
                offer = db.scalars(select(Offer)).one()
                offers.decline(db, rosa.person_id, offer_id=offer.id, reason=DeclineReason.TIME)
        assert [page_of(app, name) for name in NAMES] == before
        with clock.frozen(later):
            assert told() == {one.person_id for one in mentees}


def test_whoever_has_heard_of_somebody_meanwhile_or_left_is_not_told(app, amara):
    with app.app_context():
        cohort, mentees, rosa = make_world(amara, places=1)
        publish_now(run_once(cohort, amara).id, amara)
        with clock.frozen(clock.now() + timedelta(minutes=32)):
            waiting = told()
            first, second = (one for one in mentees if one.person_id in waiting)
            with writing() as db:
                db.get_one(Enrollment, first.id).takes_no_more = True
            assert told() == {second.person_id}
            with writing() as db:
                db.get_one(Enrollment, rosa.id).capacity = 2
                offers.make_offer(
                    db,
                    amara.id,
                    cohort_id=cohort.id,
                    mentee_id=second.id,
                    mentor_id=rosa.id,
                    source=OfferSource.ORGANIZER,
                )
            assert told() == set()
        name = NAMES[mentees.index(first)]
        assert "no offers for now, as you chose" in page_of(app, name)


def test_whoever_enrolls_after_the_matching_is_in_the_pool_and_a_mentor_reads_of_places(app, amara):
    with app.app_context():
        cohort, mentees, _rosa = make_world(amara, languages=("tr", "tr", "en"))
        publish_now(run_once(cohort, amara).id, amara)
        with clock.frozen(clock.now() + timedelta(hours=1)), writing() as db:
            late = make_person(db, "Dora", "dora@t.example", PASSWORD)
            make_enrollment(db, cohort, Role.MENTEE, late)
            idle = make_person(db, "Ines", "ines@t.example", PASSWORD)
            row = make_enrollment(db, cohort, Role.MENTOR, idle)
            row.waiting_since = None
            row.created_at = clock.now() - timedelta(days=2)
        assert "You are in the pool" in page_of(app, "Dora")
        idle_page = page_of(app, "Ines")
        assert "Nobody has been placed with you so far" in idle_page
        assert page_of(app, "Rosa") == idle_page, "her mentee has been asked, and she has not"
        with writing() as db:
            offer = db.scalars(select(Offer)).one()
            offers.accept(db, mentees[2].person_id, offer_id=offer.id)
        assert "Nobody has been placed" not in page_of(app, "Rosa")


def test_several_waves_tell_it_once(app, amara):
    with app.app_context():
        cohort, mentees, _rosa = make_world(amara)
        run = run_once(cohort, amara)
        for _wave in range(2):
            with writing() as db:
                kept = db.get_one(type(run), run.id)
                kept.is_wave = True
                tell_waiting(db, kept, {mentees[0].id})
        assert len(outbox.pending(reading(), "still_waiting", mentees[0].id)) == 2  # mail and inbox


def test_whoever_found_somebody_is_not_said_to_be_in_the_pool(app, amara):
    with app.app_context():
        _cohort, mentees, rosa = make_world(amara)
        with writing() as db:
            made = make_offer(db, mentees[0], rosa)
        assert "You are in the pool" in page_of(app, "Ana"), "nothing is decided yet"
        with writing() as db:
            offers.accept(db, mentees[0].person_id, offer_id=made.id)
        assert "You are in the pool" not in page_of(app, "Ana")
        assert "You are in the pool" in page_of(app, "Bea")
