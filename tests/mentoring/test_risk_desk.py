"""The organizers' desk, and what members see and say about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.accounts.services import deactivate
from app.core import clock, outbox
from app.core.database import end_reading, reading, writing
from app.mentoring import links
from app.mentoring.models import Relationship, RiskFlag
from app.mentoring.rules import FlagState, RelationshipState
from app.mentoring.rules.risks import Outcome, Play, Risk
from app.programs.models import ProgramOrganizer
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort
from tests.factories.risks import ask_whether_still_going, make_flag


@pytest.fixture
def pair(app):
    """Mina and Omar in a cohort that Amara runs; Otto runs another one, Ana only mentors here."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD)
        otto = make_person(db, "Otto Other", "otto@t.example", PASSWORD)
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        cohort = make_cohort(db, "active", amara)
        make_cohort(db, "active", otto, title="Another Program")
        made = make_pair(db, mentee, mentor, cohort)
        made.state = RelationshipState.ACTIVE
        return made


def flag_of(app, flag_id) -> RiskFlag:
    with app.app_context():
        end_reading()
        return reading().get_one(RiskFlag, flag_id)


def who(app, email):
    with app.app_context():
        return reading().scalars(select(Person.id).where(Person.email == email)).one()


def made_flag(app, pair, **columns) -> RiskFlag:
    with app.app_context(), writing() as db:
        return make_flag(db, db.get_one(Relationship, pair.id), **columns)


@pytest.mark.parametrize("htmx", [False, True])
def test_an_organizer_sees_takes_on_acts_and_settles(app, pair, htmx):
    flag = made_flag(app, pair)
    amara = Browser(app, htmx=htmx).sign_in("amara@t.example").get("/")
    assert amara.has("1 pair may need you")
    amara.click("1 pair may need you")
    assert amara.has("First session not booked") and amara.has("Mina Mentee and Omar Mentor")
    amara.submit("Mark chosen as seen")
    assert amara.status == 422 and amara.has("Choose at least one flag.")
    amara.get("/mentoring/risks/").submit("Mark chosen as seen", flag=str(flag.id))
    assert amara.has("1 flag is marked as seen.")
    assert flag_of(app, flag.id).state is FlagState.ACKNOWLEDGED
    amara.submit("Undo")
    assert flag_of(app, flag.id).state is FlagState.OPEN
    amara.get("/mentoring/risks/").submit("Mark all on this page as seen")
    assert flag_of(app, flag.id).state is FlagState.ACKNOWLEDGED
    here = f"/mentoring/risks/{flag.id}/"
    amara.get(here).submit("Keep", owner=str(who(app, "amara@t.example")))
    assert amara.has("Noted who looks after it.") and amara.has("Amara Okafor")
    late = (clock.now() + timedelta(days=91)).date().isoformat()
    amara.submit("Put it off until then", until=late)
    assert amara.status == 422 and amara.has("ninety days away at most")
    assert f'value="{late}"' in amara.html
    amara.submit(
        "Put it off until then", until=(clock.now() + timedelta(days=5)).date().isoformat()
    )
    assert flag_of(app, flag.id).state is FlagState.SNOOZED
    amara.submit("Undo")
    amara.get(here).submit("Note what I do", play=Play.FIND_TIME.value, writes="y")
    acted = flag_of(app, flag.id)
    assert (acted.state, acted.play) == (FlagState.ACTED, Play.FIND_TIME)
    with app.app_context():
        told = {row.person_id for row in outbox.pending(reading(), "organizer_finds_time", flag.id)}
    assert told == {member.person_id for member in pair.members}
    amara.get(here).submit("Settle it")
    assert amara.status == 422 and amara.has("Choose what became of it.")
    amara.submit("Settle it", outcome=Outcome.REVIVED.value)
    assert flag_of(app, flag.id).outcome is Outcome.REVIVED
    assert not amara.get("/").has("may need you")


def test_filters_search_and_pages(app, pair):
    made_flag(app, pair)
    with app.app_context(), writing() as db:
        cohort = db.get_one(Relationship, pair.id).cohort
        for number in range(21):
            other = make_pair(db, make_person(db, f"Zoe {number}"), None, cohort)
            make_flag(db, other, Risk.CANCELED_TWICE, state=FlagState.SNOOZED)
    amara = Browser(app).sign_in("amara@t.example")
    here = f"/mentoring/cohorts/{pair.cohort_id}/risks/"
    assert amara.get(here).has("Mina Mentee") and not amara.has("Zoe 1")
    assert amara.get(f"{here}?state=snoozed").has("Zoe 1 and") and amara.has("Page 1 of 2")
    assert amara.get(f"{here}?rule=canceled_twice").has("Nothing found")
    assert amara.get(f"{here}?owner=me").has("Nothing found")
    assert amara.get(f"{here}?owner=nobody").has("Mina Mentee")


def test_other_organizers_members_and_people_of_the_pair_find_no_flag(app, pair, queries):
    flag = made_flag(app, pair)
    with app.app_context(), writing() as db:  # Mina runs the program too
        program_id = db.get_one(Relationship, pair.id).cohort.program_id
        mina = next(m.person_id for m in pair.members if m.role == "mentee")
        db.add(ProgramOrganizer(program_id=program_id, person_id=mina))
    pages = [f"/mentoring/risks/{flag.id}/", f"/mentoring/cohorts/{pair.cohort_id}/risks/"]
    otto = Browser(app).sign_in("otto@t.example")
    assert [otto.get(path).status for path in pages] == [404, 404]
    assert otto.get("/mentoring/risks/").status == 200 and not otto.has("Mina")
    omar = Browser(app).sign_in("omar@t.example")
    assert [omar.get(path).status for path in [*pages, "/mentoring/risks/"]] == [404] * 3
    mina = Browser(app).sign_in("mina@t.example")
    assert mina.get(pages[0]).status == 404
    assert mina.get(pages[1]).status == 200 and not mina.has("Omar")
    assert not mina.get("/").has("may need you")
    answer = otto.get("/mentoring/risks/").client.post(
        "/mentoring/risks/seen", data={"flag": str(flag.id), "csrf_token": ""}
    )
    assert answer.status_code in (400, 422)
    assert flag_of(app, flag.id).state is FlagState.OPEN
    amara = Browser(app).sign_in("amara@t.example").get(pages[0])
    for path in (*pages, "/mentoring/risks/"):
        with queries() as seen:
            assert amara.get(path).status == 200, path
        assert len(seen) <= 8, (path, len(seen), seen)


def test_how_often_a_rule_is_right_stands_beside_it_once_there_are_enough(app, pair):
    with app.app_context(), writing() as db:
        cohort = db.get_one(Relationship, pair.id).cohort
        for number in range(12):
            other = make_pair(db, make_person(db, f"Zoe {number}"), None, cohort)
            outcome = Outcome.FALSE_ALARM if number < 5 else Outcome.REVIVED
            make_flag(db, other, state=FlagState.RESOLVED, outcome=outcome)
        make_flag(db, other, Risk.SILENT, state=FlagState.RESOLVED, outcome=Outcome.FALSE_ALARM)
    amara = Browser(app).sign_in("amara@t.example").get("/mentoring/risks/")
    assert amara.has("7 of 12 settled flags")
    assert amara.text.count("Too few to say") == 7


def test_members_read_what_organizers_see_and_say_that_they_are_fine(app, pair, queries):
    made_flag(app, pair)
    here = f"/mentoring/{pair.id}/seen/"
    omar = Browser(app).sign_in("omar@t.example").get(f"/mentoring/{pair.id}/going-on")
    omar.click("What organizers can see")
    assert omar.url == here and omar.has("First session not booked")
    with queries() as seen:
        omar.get(here)
    assert len(seen) <= 8
    omar.submit("We are fine", days="60")
    assert omar.has("Good to hear.")
    mina = Browser(app).sign_in("mina@t.example").get(here)
    assert mina.has("One of you has said so.") and not mina.has("Omar Mentor has said")
    mina.submit("Ask us again")
    assert mina.has("Taken back.") and not mina.has("One of you has said so.")
    assert Browser(app).sign_in("amara@t.example").get(here).status == 404


def test_the_link_still_going_needs_no_sign_in_and_works_once(app, pair):
    with app.app_context(), writing() as db:
        row = ask_whether_still_going(db, db.get_one(Relationship, pair.id))
        token = links.still_token(row.id, row.person_id)
        other = links.still_token(row.id, pair.members[1].person_id)
    reader = Browser(app).get(f"/mentoring/still/{token}")
    assert reader.has("Do you still meet?") and reader.has("We have ended")
    reader.submit("We pause for thirty days")
    assert reader.has("Thank you. That is noted.") and reader.has("There is nothing to answer")
    with app.app_context():
        end_reading()
        assert reading().get_one(Relationship, pair.id).state is RelationshipState.PAUSED
    for forged in (f"{token}x", other):
        assert Browser(app).get(f"/mentoring/still/{forged}").status == 404


@pytest.mark.parametrize("how", ["has left", "runs it no more"])
def test_what_somebody_who_is_gone_looked_after_is_on_everybodys_desk_again(app, pair, how):
    with app.app_context(), writing() as db:
        gone = make_person(db, "Gone Organizer", "gone@t.example", PASSWORD)
        program_id = db.get_one(Relationship, pair.id).cohort.program_id
        db.add(ProgramOrganizer(program_id=program_id, person_id=gone.id))
    made_flag(app, pair, owner_id=gone.id, state=FlagState.ACKNOWLEDGED)
    amara = Browser(app).sign_in("amara@t.example").get("/")
    assert not amara.has("1 pair may need you"), "somebody else looks after it"
    with app.app_context(), writing() as db:
        if how == "has left":
            db.get_one(Person, gone.id).status = PersonStatus.LEFT
            deactivate(db, None, person_id=gone.id)
        else:
            db.delete(db.get_one(ProgramOrganizer, (program_id, gone.id)))
    assert amara.get("/").has("1 pair may need you")
    assert amara.get("/mentoring/risks/?owner=nobody").has("Mina Mentee and Omar Mentor")


def test_who_is_asked_to_look_after_a_pair_hears_of_it_and_has_it_on_home(app, pair):
    with app.app_context(), writing() as db:
        bea = make_person(db, "Bea Beside", "bea@t.example", PASSWORD)
        program_id = db.get_one(Relationship, pair.id).cohort.program_id
        db.add(ProgramOrganizer(program_id=program_id, person_id=bea.id))
    flag = made_flag(app, pair, state=FlagState.ACKNOWLEDGED)
    assert not Browser(app).sign_in("bea@t.example").get("/").has("1 pair may need you")
    amara = Browser(app).sign_in("amara@t.example").get(f"/mentoring/risks/{flag.id}/")
    amara.submit("Keep", owner=str(bea.id))
    with app.app_context():
        rows = outbox.pending(reading(), "flag_given", flag.id)
        assert {row.person_id for row in rows} == {bea.id}
        assert {outbox.kinds["flag_given"].wanted(reading(), row) for row in rows} == {None}
    assert Browser(app).sign_in("bea@t.example").get("/").has("1 pair may need you")
    amara.submit("Keep", owner=str(who(app, "amara@t.example")))
    with app.app_context():
        assert outbox.pending(reading(), "flag_given", flag.id) == []
