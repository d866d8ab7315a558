"""A mentee asks a mentor of their list: a yes makes the pair, a no leads to the next."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock, outbox
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.models import Relationship
from app.programs import feed
from app.programs.jobs import expire_requests, run_match
from app.programs.models import (
    Cohort,
    Enrollment,
    Exclusion,
    MatchRequest,
    MatchRun,
    Offer,
    ShortlistEntry,
)
from app.programs.rules import (
    CohortState,
    DeclineReason,
    OfferSource,
    OfferState,
    RequestState,
    Role,
)
from app.programs.services import choosing, enrollment, offers, requests, runs
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


@pytest.fixture
def world(app):
    """Mina may ask: four mentors with a place each, and a run whose lists are open."""
    with app.app_context():
        with writing() as db:
            amara = make_person(
                db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",)
            )
            cohort = make_cohort(db, CohortState.MATCHING, amara)
            db.get_one(Cohort, cohort.id).rules = {**cohort.rules, "choice": "requests"}
            mina = make_enrollment(
                db, cohort, Role.MENTEE, make_person(db, "Mina", "mina@t.example", PASSWORD)
            )
            other = make_enrollment(db, cohort, Role.MENTEE, make_person(db, "Noor"))
            mentors = {}
            for at in range(4):
                person = make_person(db, f"Mentor {at}", f"m{at}@t.example", PASSWORD)
                mentors[make_enrollment(db, cohort, Role.MENTOR, person).id] = person
            run_id = runs.start_run(db, amara.id, cohort_id=cohort.id).id
        run_match(str(run_id))
        end_reading()
        with writing() as db:
            choosing.open_choice(db, amara.id, run_id=run_id, days=14)
        end_reading()
    return World(amara, cohort, run_id, mina, other, mentors)


class World:
    def __init__(self, amara, cohort, run_id, mina, other, mentors):
        self.amara, self.cohort, self.run_id = amara, cohort, run_id
        self.mina, self.other, self.mentors = mina, other, mentors

    def list_of(self, mentee):
        rows = reading().scalars(
            select(ShortlistEntry.mentor_id)
            .where(ShortlistEntry.run_id == self.run_id, ShortlistEntry.mentee_id == mentee.id)
            .order_by(ShortlistEntry.place)
        )
        found = list(rows)
        end_reading()
        return found

    def ask(self, mentor_id, mentee=None, note=""):
        mentee = mentee or self.mina
        with writing() as db:
            row = requests.ask(
                db,
                mentee.person_id,
                run_id=self.run_id,
                mentee_id=mentee.id,
                mentor_id=mentor_id,
                note=note,
            )
        return row.id

    def person(self, mentor_id):
        return self.mentors[mentor_id].id


def state_of(request_id):
    end_reading()
    return reading().get_one(MatchRequest, request_id).state


def sent(kind, subject_id):
    end_reading()
    return [row for row in outbox.pending(reading(), kind, subject_id) if row.channel == "mail"]


def test_a_yes_makes_the_pair_at_once_and_ends_the_other_request(context, world):
    first, second, *_rest = world.list_of(world.mina)
    asked, also = world.ask(first, note="You went my way."), world.ask(second)
    with writing() as db:
        path = requests.accept(db, world.person(first), request_id=asked)
    pair = reading().scalars(select(Relationship)).one()
    assert path == f"/mentoring/{pair.id}/"
    assert {one.person_id for one in pair.members} == {world.mina.person_id, world.person(first)}
    offer = reading().get_one(Offer, reading().get_one(MatchRequest, asked).offer_id)
    assert (offer.source, offer.state) == (OfferSource.SELF, OfferState.ACCEPTED)
    assert (state_of(asked), state_of(also)) == (RequestState.ACCEPTED, RequestState.SUPERSEDED)
    assert sent("request_answered", asked) and not sent("request_waiting", also)
    assert not sent("offer_waiting", offer.id), "she has said yes already"


def test_where_the_mentor_is_asked_first_one_yes_is_enough_too(context, world):
    first = world.list_of(world.mina)[0]
    asked = world.ask(first)
    with writing() as db:
        db.get_one(Cohort, world.cohort.id).program.asks_mentor = True
    with writing() as db:
        assert requests.accept(db, world.person(first), request_id=asked)
    assert reading().scalar(select(func.count()).select_from(Relationship)) == 1


def test_a_request_holds_no_place_and_a_taken_place_is_not_promised_twice(context, world):
    first = world.list_of(world.mina)[0]
    asked = world.ask(first)
    assert offers.places_taken(reading(), [first]) == {}
    with writing() as db:
        kept = make_offer(db, db.get_one(Enrollment, world.other.id), db.get_one(Enrollment, first))
    with writing() as db, pytest.raises(Refused, match="no free place"):
        requests.accept(db, world.person(first), request_id=asked)
    assert state_of(asked) is RequestState.ASKED
    with writing() as db:
        offers.accept(db, world.other.person_id, offer_id=kept.id)
    assert state_of(asked) is RequestState.SUPERSEDED and sent("request_answered", asked)


def test_two_at_a_time_from_the_own_list_each_mentor_once(context, world):
    first, second, third, *_rest = world.list_of(world.mina)
    asked = world.ask(first)
    with pytest.raises(Refused, match="already"):
        world.ask(first)
    world.ask(second)
    with pytest.raises(Refused, match="two mentors"):
        world.ask(third)
    with writing() as db:
        requests.withdraw(db, world.mina.person_id, request_id=asked)
    assert state_of(asked) is RequestState.WITHDRAWN and not sent("request_waiting", asked)
    assert state_of(world.ask(first)) is RequestState.ASKED, "what was taken back may come again"
    with writing() as db, pytest.raises(Refused, match="Only you"):
        requests.ask(
            db,
            world.amara.id,
            run_id=world.run_id,
            mentee_id=world.mina.id,
            mentor_id=third,
        )


def test_a_fresh_no_can_be_taken_back_and_nobody_heard_of_it(context, world):
    first, second, third, *_rest = world.list_of(world.mina)
    asked, _also = world.ask(first), world.ask(second)
    mentor = world.person(first)
    with writing() as db:
        requests.decline(
            db, mentor, request_id=asked, reason=DeclineReason.TIME, note="Later", no_more=True
        )
    (told,) = sent("request_answered", asked)
    assert told.due_at >= clock.now() + timedelta(minutes=9)
    with pytest.raises(Refused, match="two mentors"):
        world.ask(third)  # the limit tells nothing of the no either
    with writing() as db:
        requests.undo_decline(db, mentor, request_id=asked)
    assert state_of(asked) is RequestState.ASKED and not sent("request_answered", asked)
    row = reading().get_one(MatchRequest, asked)
    assert row.decline_reason is None and not reading().get_one(Enrollment, first).takes_no_more
    assert len(sent("request_waiting", asked)) == 2, "its reminders are there again"
    with writing() as db:
        requests.decline(db, mentor, request_id=asked, reason=DeclineReason.TIME)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        with writing() as db, pytest.raises(Refused, match="heard"):
            requests.undo_decline(db, mentor, request_id=asked)
        assert world.ask(third)
    pair = (str(world.mina.id), str(first))
    assert pair in feed.forbidden_pairs(feed.load_pool(reading(), world.cohort.id))


def test_an_unanswered_request_ends_once_after_two_reminders(context, world):
    asked = world.ask(world.list_of(world.mina)[0])
    row = reading().get_one(MatchRequest, asked)
    days = [
        round((one.due_at - row.asked_at) / timedelta(days=1))
        for one in sent("request_waiting", asked)
    ]
    assert days == [0, 3, 6]
    expire_requests()
    assert state_of(asked) is RequestState.ASKED
    with clock.frozen(clock.now() + timedelta(days=8)):
        expire_requests()
        expire_requests()
    assert state_of(asked) is RequestState.EXPIRED
    assert len(sent("request_answered", asked)) == 1


def test_nobody_more_a_pause_and_leaving_end_requests_and_refuse_new_ones(context, world):
    first, second, third, *_rest = world.list_of(world.mina)
    asked, also = world.ask(first), world.ask(second)
    with writing() as db:
        enrollment.set_availability(
            db, world.person(first), enrollment_id=first, capacity=1, takes_no_more=True
        )
        enrollment.withdraw(db, world.person(second), enrollment_id=second)
    assert {state_of(asked), state_of(also)} == {RequestState.SUPERSEDED}
    with writing() as db:
        db.get_one(Enrollment, third).takes_no_more = True
    with pytest.raises(Refused, match="cannot take anybody"):
        world.ask(third)


def test_whoever_was_ruled_out_asks_in_vain_and_the_mentor_hears_nothing(app, world):
    with app.app_context():
        first = world.list_of(world.mina)[0]
        with writing() as db:
            db.add(Exclusion(enrollment_id=first, person_id=world.mina.person_id))
        asked = world.ask(first)
        assert not sent("request_waiting", asked)
        with writing() as db, pytest.raises(Refused, match="Only the mentor"):
            requests.accept(db, world.person(first), request_id=asked)
        email = world.mentors[first].email
        end_reading()
    mentor = Browser(app).sign_in(email)
    assert mentor.get(f"/programs/requests/{asked}/").status == 404
    assert not mentor.get("/programs/requests/").has("Mina") and not mentor.get("/").has("Mina")
    mina = Browser(app).sign_in("mina@t.example")
    assert mina.get(f"/programs/requests/{asked}/").has("to answer")


def test_of_two_who_are_accepted_for_the_last_place_exactly_one_wins(app, world):
    with app.app_context():
        shared = next(one for one in world.list_of(world.mina) if one in world.list_of(world.other))
        asked = [world.ask(shared), world.ask(shared, world.other)]
        mentor = world.person(shared)
        end_reading()
    start, won = threading.Barrier(2), []

    def press(request_id):
        with app.app_context():
            start.wait()
            try:
                with writing() as db:
                    requests.accept(db, mentor, request_id=request_id)
                won.append(request_id)
            except Refused:
                pass

    threads = [threading.Thread(target=press, args=(one,)) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(won) == 1
        assert offers.places_taken(reading(), [shared]) == {shared: 1}
        assert reading().scalar(select(func.count()).select_from(Relationship)) == 1
        assert sorted(state_of(one) for one in asked) == ["accepted", "superseded"]
        end_reading()


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_asked_answered_and_each_side_told_what_comes_next(app, world, queries, htmx):
    with app.app_context():
        first, second, *_rest = world.list_of(world.mina)
        emails = [world.mentors[one].email for one in (first, second)]
        names = [world.mentors[one].name for one in (first, second)]
        end_reading()
    mina = Browser(app, htmx=htmx).sign_in("mina@t.example")
    assert mina.get("/").has("Your list of mentors waits for your own order")
    mina.get(f"/programs/enrollments/{world.mina.id}/shortlist").click(f"Ask {names[0]}")
    mina.submit("Ask now", note="x" * 501)
    assert mina.status == 422 and mina.has("500 characters") and "x" * 501 in mina.html
    mina.submit("Ask now", note="You went my way.")
    assert mina.has("has a week to answer") and mina.has("has until"), mina.text
    url = mina.url
    assert mina.get("/").has(f"Your request to {names[0]}")
    mentor = Browser(app, htmx=htmx).sign_in(emails[0])
    assert mentor.get("/").has("Mina would like to meet you")
    with queries() as seen:
        mentor.get("/programs/requests/")
    assert len(seen) <= 8 and mentor.has("Mina")
    with queries() as seen:
        mentor.click("Mina")
    assert len(seen) <= 8 and mentor.has("You went my way.")
    mentor.submit("Decline")
    assert mentor.status == 422 and mentor.has("Choose a reason")
    mentor.submit("Decline", reason="time", note="Secret")
    assert mentor.has("Somebody else is asked"), mentor.text
    assert mina.get(url).has("has until"), "a fresh no is no news yet"
    amara = Browser(app).sign_in("amara@t.example")
    assert amara.get(url).status == 403
    later = clock.now() + timedelta(minutes=11)
    with clock.frozen(later):
        with queries() as seen:
            mina.get(url)
        assert len(seen) <= 8
        assert mina.has(f"Ask {names[1]}, the next on your list") and not mina.has("Secret")
        mina.get(f"/programs/enrollments/{world.mina.id}/shortlist").click(f"Ask {names[1]}")
        mina.submit("Ask now")
        second_url = mina.url
    with clock.frozen(later):
        other = Browser(app, htmx=htmx).sign_in(emails[1])
        other.get(second_url).submit("Yes, I would like to")
        assert other.has("Your pair") or other.url.startswith("/mentoring/"), other.url
        assert mina.get(second_url).has("You are a pair now")


def test_everything_overdue_is_one_list_with_the_act_beside_it(app, world, queries):
    with app.app_context():
        first, second, *_rest = world.list_of(world.mina)
        world.ask(first)
        with writing() as db:
            lone = make_enrollment(db, world.cohort, Role.MENTEE, make_person(db, "Oskar"))
            make_offer(db, lone, db.get_one(Enrollment, second))
            ran_out = make_enrollment(db, world.cohort, Role.MENTEE, make_person(db, "Paula"))
            spare = make_enrollment(db, world.cohort, Role.MENTOR, make_person(db, "Spare"))
            old = make_offer(db, ran_out, spare)
            old.expires_at = clock.now() - timedelta(minutes=1)
        with writing() as db:
            offers.expire_due(db)
        with writing() as db:
            run = db.get_one(MatchRun, world.run_id)
            run.choice_until = clock.now() + timedelta(days=5)
        end_reading()
    url = f"/programs/cohorts/{world.cohort.id}/overdue"
    amara = Browser(app).sign_in("amara@t.example")
    assert amara.get(url).has("Paula") and not amara.has("Oskar"), "asked today"
    with clock.frozen(clock.now() + timedelta(days=4)):
        with queries() as seen:
            amara.get(url)
        assert len(seen) <= 8, seen
        assert all(amara.has(name) for name in ("Mina", "Oskar", "Paula", "Noor"))
        assert amara.get(f"{url}?kind=request").has("Mina") and not amara.has("Oskar")
        amara.get(f"{url}?kind=list").submit("Remind")
        assert amara.has("Reminded")
        amara.get(f"{url}?q=Oskar")
        amara.get(f"{url}?kind=request").submit("End it")
        assert amara.has("told whom to ask next")
        assert not amara.get(f"{url}?kind=request").has("Mina")
    with app.app_context(), writing() as db:
        make_person(db, "Otto", "otto@t.example", PASSWORD)
    assert Browser(app).sign_in("otto@t.example").get(url).status == 404
