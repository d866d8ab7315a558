"""The work of groups and of mentoring with the keyboard alone: the focus is never lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Person
from app.budgets.models import BudgetRequest
from app.core import clock
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events.models import Series
from app.mentoring.models import Note, SessionClaim
from app.plans.models import KeyResult
from app.resources.models import Resource
from app.speed import services as speed
from app.speed.pairing import Side
from app.threads.models import Thread
from tests.factories.budgets import make_cycle
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event
from tests.factories.mentoring import make_pair, plan_session
from tests.factories.plans import make_initiative, make_plan, make_result
from tests.factories.speed import make_speed, make_speed_event

pytestmark = pytest.mark.browser


def women(db, people: dict) -> Erg:
    """A group that Dalia leads and Bo belongs to."""
    erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
    make_member(db, erg, people["bo"], visibility=Visibility.COMPANY)
    return erg


@pytest.fixture
def pair(people, write):
    """Bo and Chen, who were to meet yesterday."""
    with write() as db, clock.frozen(clock.now() - timedelta(days=3)):
        made = make_pair(db, db.get_one(Person, people["bo"]), db.get_one(Person, people["chen"]))
        return made.id, plan_session(db, made).id


def test_a_pair_says_that_it_met(hands, pair, write) -> None:
    bo = hands("bo", f"/mentoring/{pair[0]}/")
    bo.to("main form[action$='/claim'] button")
    bo.press("Enter")
    expect(bo.page).to_have_url(re.compile(f"/mentoring/sessions/{pair[1]}/"))
    bo.to("main [name=rating]")
    with write() as db:
        assert db.scalars(select(SessionClaim.session_id)).all() == [pair[1]]


def test_a_note_is_written(hands, pair, write) -> None:
    bo = hands("bo", f"/mentoring/{pair[0]}/notes")
    bo.to("#note-form [name=text]")
    bo.write("Ask about the talk")
    bo.to("#save-note")
    bo.press("Enter")
    expect(bo.page.locator("#notes")).to_contain_text("Ask about the talk")
    bo.to("#notes a[href*='/mentoring/notes/']")
    with write() as db:
        assert db.scalars(select(Note.text)).all() == ["Ask about the talk"]


def test_money_is_asked_for(hands, people, write) -> None:
    with write() as db:
        make_cycle(db, women(db, people))
    dalia = hands("dalia", "/ergs/women/budget/requests/new")
    dalia.to("main [name=title]")
    dalia.write("Room and snacks")
    dalia.to("main [name=line_id]")
    dalia.press("ArrowDown")
    dalia.to("main [name=amount]")
    dalia.write("120")
    dalia.to("#request-save")
    dalia.press("Enter")
    dalia.arrived("**/budgets/requests/**")
    dalia.to("main form[action$='/submission'] button")
    dalia.press("Enter")
    dalia.landed_in("main, #status")
    with write() as db:
        assert db.scalars(select(BudgetRequest.title)).all() == ["Room and snacks"]


def test_a_discussion_is_started(hands, people, write) -> None:
    with write() as db:
        women(db, people)
    bo = hands("bo", "/ergs/women/threads/new")
    bo.to("main [name=title]")
    bo.write("How do you say no?")
    bo.to("main [name=body]")
    bo.write("Kindly, I hope.")
    bo.to("main form[action$='/threads/new'] button[type=submit]")
    bo.press("Enter")
    bo.arrived(lambda url: not url.endswith("/new"))
    with write() as db:
        assert db.scalars(select(Thread.title)).all() == ["How do you say no?"]


def test_a_resource_is_added(hands, people, write) -> None:
    with write() as db:
        women(db, people)
    dalia = hands("dalia", "/ergs/women/resources/new")
    dalia.to("main [name=kind]")
    dalia.press("ArrowDown")
    dalia.to("main [name=url]")
    dalia.write("https://example.org/guide")
    dalia.to("main [name=title]")
    dalia.write("A guide")
    dalia.to("main [name=access]")
    dalia.press("Space")
    dalia.to("main form[action$='/new'] button[type=submit]")
    dalia.press("Enter")
    dalia.arrived(lambda url: not url.endswith("/new"))
    with write() as db:
        assert len(db.scalars(select(Resource)).all()) == 1


def test_an_event_is_made_to_repeat(hands, people, write) -> None:
    with write() as db:
        event_id = make_event(db, women(db, people), "Lunch").id
    dalia = hands("dalia", f"/events/{event_id}/repeat")
    dalia.to("main [name=interval]")
    dalia.press("ControlOrMeta+a")
    dalia.write("2")
    dalia.to("main form[action$='/repeat'] button[type=submit]:not([name=preview])")
    dalia.press("Enter")
    dalia.arrived(lambda url: not url.endswith("/repeat"))
    with write() as db:
        assert len(db.scalars(select(Series)).all()) == 1


def test_who_talks_in_turns_takes_a_break_and_comes_back(hands, people, write) -> None:
    with write() as db:
        date = make_speed_event(db, women(db, people))
        sides = {people["dalia"]: Side.MENTOR, people["bo"]: Side.MENTEE}
        talks = make_speed(db, date, people["dalia"], sides, rounds=2)
        speed.draw_tables(db, people["dalia"], session_id=talks.id)
        speed.start(db, people["dalia"], session_id=talks.id)
        path = f"/events/{date.id}/speed/now"
    bo = hands("bo", path)
    bo.to("#now-pause")
    bo.press("Enter")
    bo.arrived("**/speed/")
    bo.to("main form[action$='/back'] button")
    bo.press("Enter")
    bo.page.wait_for_load_state()
    expect(bo.page.locator("main")).to_contain_text("Welcome back")
    bo.arrived("**/speed/")


def test_a_key_result_is_noted(hands, people, write) -> None:
    with write() as db:
        plan = make_plan(db, women(db, people))
        result_id = make_result(db, make_initiative(db, plan)).id
    dalia = hands("dalia", f"/plans/results/{result_id}/updates")
    dalia.to("main [name=value]")
    dalia.press("ControlOrMeta+a")
    dalia.write("3")
    dalia.to("#progress-save")
    dalia.press("Enter")
    dalia.arrived(lambda url: not url.endswith("/updates"))
    with write() as db:
        assert db.get_one(KeyResult, result_id).current == 3
