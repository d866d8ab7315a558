"""Organizers choose whom offers ask and whether people are matched again; what is sent stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditEvent
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.programs.models import Cohort, Offer, Program
from app.programs.rules import CohortState, DeclineReason, OfferState, Role
from app.programs.services import offers
from app.programs.services.programs import set_offers
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer


@pytest.fixture
def world(app):
    """Two mentees and two mentors of a program in which the mentee alone is asked."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.ACTIVE, amara)
        people = {
            name: make_person(db, name.title(), f"{name}@t.example", PASSWORD)
            for name in ("mina", "mo", "omar", "olga")
        }
        mentees = [make_enrollment(db, cohort, Role.MENTEE, people[n]) for n in ("mina", "mo")]
        mentors = [make_enrollment(db, cohort, Role.MENTOR, people[n]) for n in ("omar", "olga")]
    return cohort, mentees, mentors


PATH = "/programs/career-growth/settings"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_the_order_counts_for_new_offers_and_those_sent_keep_theirs(app, world, htmx):
    _cohort, (mina, mo), (omar, olga) = world
    with app.app_context(), writing() as db:
        sent = make_offer(db, mina, omar)
        db.execute(update(Offer).values(asks_both=None))  # made before offers kept their order
    amara = Browser(app, htmx=htmx).sign_in("amara@t.example")
    amara.get("/programs/career-growth/manage/").click("Settings")
    assert amara.has("The mentee alone") and amara.has("The mentor first, then the mentee")
    amara.submit("Save", order="both")
    assert amara.has("offers that go out from now on"), amara.text
    with app.app_context(), writing() as db:
        later = make_offer(db, mo, olga)
    sees = {
        name: [
            Browser(app).sign_in(f"{name}@t.example").get(f"/programs/offers/{one.id}/").status
            for one in (sent, later)
        ]
        for name in ("mina", "omar", "mo", "olga")
    }
    assert sees == {"mina": [200, 404], "omar": [404, 404], "mo": [404, 404], "olga": [404, 200]}
    with app.app_context():
        with writing() as db:
            offers.accept(db, mina.person_id, offer_id=sent.id)
            offers.accept(db, olga.person_id, offer_id=later.id)
        db = reading()
        states = [db.get_one(Offer, one.id).state for one in (sent, later)]
        assert states == [OfferState.ACCEPTED, OfferState.PARTLY_ACCEPTED]
        end_reading()


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_matching_again_is_switched_off_and_undo_switches_it_on(app, world, htmx):
    amara = Browser(app, htmx=htmx).sign_in("amara@t.example").get(PATH)
    data = {"order": "both", "csrf_token": token(amara)}  # an unticked box sends nothing
    amara._see(amara.client.post(PATH, data=data))
    assert chosen(app, world) == (True, False)
    amara.submit("Undo")
    assert chosen(app, world) == (False, True)
    with app.app_context():
        rows = reading().scalars(
            select(AuditEvent).where(AuditEvent.verb == "program_offers_changed")
        )
        assert [row.after for row in rows] == ["both, by hand", "one, again"]
        end_reading()


def token(browser):
    return next(e.get("value") for e in browser.tree.iter("input") if e.get("name") == "csrf_token")


def chosen(app, world):
    with app.app_context():
        program = reading().get_one(Program, world[0].program_id)
        found = program.asks_mentor, program.follows_up
        end_reading()
    return found


def test_an_unknown_order_is_refused_and_others_find_no_settings(app, world):
    amara = Browser(app).sign_in("amara@t.example").get(PATH)
    amara.submit("Save", order="all at once")
    assert amara.status == 422 and chosen(app, world) == (False, True)
    assert Browser(app).sign_in("mina@t.example").get(PATH).status == 404


def test_a_circle_has_no_order_and_reverse_mentoring_asks_the_leader_first(app, world):
    with app.app_context(), writing() as db:
        circle = make_cohort(db, CohortState.ACTIVE, template="circle", title="Circles").program
        make_cohort(db, CohortState.ACTIVE, template="reverse", title="Reverse")
    amara = Browser(app).sign_in("amara@t.example")
    assert not amara.get("/programs/circles/settings").has("Whom does an offer ask")
    assert amara.submit("Save").status == 200
    assert amara.get("/programs/reverse/settings").has("The leader first, then the junior mentor")
    with app.app_context(), writing() as db, pytest.raises(Refused, match="for themselves"):
        set_offers(db, None, program_id=circle.id, asks_mentor=True, follows_up=True)


def test_a_new_program_begins_with_what_its_maker_chose(app, world):
    amara = Browser(app).sign_in("amara@t.example")
    amara.get("/programs/new?template=leadership")
    amara.submit("Create the program", order="both")
    with app.app_context():
        made = reading().scalars(select(Program).where(Program.template == "leadership")).one()
        assert (made.asks_mentor, made.follows_up) == (True, True)
        assert reading().scalars(select(Cohort).where(Cohort.program_id == made.id)).one()
        end_reading()


@pytest.mark.parametrize("ended", ["declined", "another accepted", "taken back"])
def test_the_other_side_reads_that_an_offer_ended_and_not_why(app, world, ended):
    _cohort, (mina, _mo), (omar, olga) = world
    with app.app_context(), writing() as db:
        db.execute(update(Program).values(asks_mentor=True))
        sent = make_offer(db, mina, omar)
        offers.accept(db, omar.person_id, offer_id=sent.id)
        if ended == "declined":
            offers.decline(db, mina.person_id, offer_id=sent.id, reason=DeclineReason.TIME)
        elif ended == "taken back":
            offers.withdraw_offer(db, None, offer_id=sent.id, reason="recalled")
        else:
            other = make_offer(db, mina, olga)
            offers.accept(db, olga.person_id, offer_id=other.id)
            offers.accept(db, mina.person_id, offer_id=other.id)
    page = Browser(app).sign_in("omar@t.example").get(f"/programs/offers/{sent.id}/")
    assert page.has("This offer has ended")
    for why in ("Declined", "Another offer", "Withdrawn", "Recalled"):
        assert not page.has(why)
