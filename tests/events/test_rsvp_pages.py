"""Answering as people do it, as a plain browser and with htmx; organizers' pages; prices."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core import clock
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events import links, queries, services
from app.events.models import Occurrence, Rsvp
from app.events.rules import Audience, Mode, Question, QuestionKind, Reply
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
HX = {"HX-Request": "true", "HX-Request-Type": "partial"}
DIET = Question("diet", QuestionKind.CHOICE, "What do you eat?", "To order", "", ("All", "Vegan"))
SIZE = Question("size", QuestionKind.TEXT, "Shirt size?", "To print", "", (), is_required=True)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z"}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("bo", "dalia", "juno", "kai")
        }


@pytest.fixture
def erg(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


@pytest.fixture
def event(erg, people, write):
    def make(*, rules=None, **traits) -> str:
        traits.setdefault("starts_at", START)
        with write() as db:
            made = make_event(db, db.get(Erg, erg), **traits).id
            if rules:
                usual = {"needs_approval": False, "closes_minutes": None, "questions": []}
                services.set_answering(
                    db, people["dalia"], occurrence_id=made, **{**usual, **rules}
                )
        return f"/events/{made}/"

    return make


def say(write, url: str, person_id, reply=Reply.GOING, **fields):
    with write() as db:
        occurrence_id = url.strip("/").split("/")[1]
        return services.answer(
            db, person_id, occurrence_id=UUID(occurrence_id), reply=reply, **fields
        ).id


def sent(browser: Browser, button: str = "I am coming", **changes: str) -> dict[str, str]:
    """What the form on the page sends when somebody comes."""
    form = browser.form(button)
    data = {
        e.get("name"): e.get("value", "")
        for e in form.iter("input")
        if e.get("name") and e.get("type") != "radio"
    }
    return {**data, "reply": "going", **changes}


def test_a_double_tap_and_a_kept_page_answer_once(app, event, write) -> None:
    url = event()
    bo = Browser(app).sign_in("bo@t.example").get(url)
    data = sent(bo)
    for _ in range(2):
        answer = bo.client.post(f"{url}rsvp", data=data, headers=HX)
        assert answer.status_code == 200 and "You are going" in answer.get_data(as_text=True)
    bo.get(url).submit("I cannot come")
    late = bo.client.post(f"{url}rsvp", data=data, headers=HX).get_data(as_text=True)
    assert "You are not coming" in late, "a page that was kept does not bring the answer back"
    with write() as db:
        assert db.scalar(select(Rsvp.state)) == "withdrawn"


def test_the_form_after_an_answer_carries_a_new_key(app, event) -> None:
    url = event()
    bo = Browser(app).sign_in("bo@t.example").get(url)
    first = sent(bo)["key"]
    text = bo.client.post(f"{url}rsvp", data=sent(bo), headers=HX).get_data(as_text=True)
    second = re.search(r'name="key"[^>]*value="([^"]+)"', text)
    assert second and second.group(1) != first


def test_guests_are_named_on_the_form_and_seen_by_organizers_alone(browser, event) -> None:
    url = event(guest_limit=2)
    bo = browser("bo").get(url)
    bo.submit("I am coming", guests="1", guest_names="Ada\nGrace", visibility="company")
    assert bo.status == 422 and bo.has("You named more guests than you bring.")
    assert "Grace" in bo.html
    bo.get(url).submit("I am coming", guests="2", guest_names="Ada\nGrace", visibility="company")
    assert bo.has("You bring 2 guests.")
    assert "Ada" not in browser("kai").get(url).html
    dalia = browser("dalia").get(f"{url}people")
    assert dalia.has("Ada, Grace") and dalia.has("Bo Test")
    assert browser("kai").get(f"{url}people").status == 403


def test_questions_are_written_answered_counted_and_lose_nothing(browser, event) -> None:
    url = event()
    dalia = browser("dalia").get(url).click("How people answer")
    dalia.submit("Save", q1_text="What do you eat?", q1_kind="choice", q1_options="All")
    assert dalia.status == 422 and dalia.has("Write at least two choices, one a line.")
    assert dalia.has("Say what you need the answer for.")
    dalia.get(f"{url}answering").submit(
        "Save",
        q1_text="What do you eat?",
        q1_kind="choice",
        q1_options="All\nVegan",
        q1_purpose="To order lunch",
        q1_required="y",
        q2_text="Anything else?",
        q2_purpose="To plan the evening",
    )
    assert dalia.has("This is how people answer from now on.")
    bo = browser("bo").get(url)
    assert bo.has("To order lunch") and bo.has("Only the organizers.")
    names = sorted(set(re.findall(r'name="(q_[0-9a-f]+)"', bo.html)), key=bo.html.index)
    bo.submit("I am coming", **{names[1]: "A word of mine"})
    assert bo.status == 422 and "A word of mine" in bo.html
    bo.get(url).submit("Maybe")
    assert bo.has("Noted as maybe."), "who does not come need not answer"
    bo.get(url).submit("I am coming", **{names[0]: "Vegan", names[1]: "A word of mine"})
    assert bo.has("You are going")
    dalia.get(f"{url}people")
    assert dalia.has("Vegan · 1") and dalia.has("A word of mine")
    dalia.get(f"{url}answering").submit("Save")
    assert dalia.get(f"{url}people").has("Vegan · 1"), "saved unchanged, nothing is lost"


def test_organizers_admit_from_the_desk_and_take_it_back(browser, event, write, people) -> None:
    url = event(rules={"needs_approval": True})
    bo = browser("bo").get(url)
    assert bo.has("The organizers decide who comes.")
    bo.submit("Ask to come", visibility="leads")
    assert bo.get(url).has("The organizers are deciding")
    dalia = browser("dalia").get("/ergs/desk/")
    assert dalia.has("Somebody asks to come")
    dalia.submit("Admit")
    assert dalia.has("Admitted.") and bo.get(url).has("You are going")
    dalia.get(f"{url}people").click("Take off the list")
    assert dalia.submit("Take off the list").status == 422
    dalia.get(f"{url}people").click("Take off the list")
    dalia.submit("Take off the list", reason="The room is for new members")
    assert dalia.has("The person is told in ten minutes.")
    assert bo.get(url).has("The room is for new members")
    dalia.get(f"{url}people").submit("Put back")
    assert bo.get(url).has("You are going")


def test_aliases_stand_for_whom_organizers_may_not_know(app, people, write, event) -> None:
    with write() as db:
        hidden = make_erg(db, "safe", lead=people["kai"], discovery=Discovery.HIDDEN)
        make_member(db, hidden, people["juno"], visibility=Visibility.NOBODY)
        secret = make_event(
            db, hidden, "Supper", audience=Audience.MEMBERS, starts_at=START, guest_limit=1
        ).id
        services.set_answering(
            db,
            people["kai"],
            occurrence_id=secret,
            needs_approval=True,
            closes_minutes=None,
            questions=[],
        )
        services.answer(
            db,
            people["juno"],
            occurrence_id=secret,
            reply=Reply.GOING,
            guests=1,
            names=["Ada"],
            visibility=Visibility.COMPANY,
        )
    kai = Browser(app).sign_in("kai@t.example").get(f"/events/{secret}/people")
    assert kai.has("Alias ") and "Juno" not in kai.html and "Ada" not in kai.html
    assert not kai.get(f"/events/{secret}/people?q=juno").has("Alias ")
    kai.get("/ergs/desk/").submit("Admit")
    assert kai.has("Admitted.") and "Juno" not in kai.html
    url = event()
    say(write, url, people["bo"], visibility=Visibility.NOBODY)
    dalia = Browser(app).sign_in("dalia@t.example").get(f"{url}people")
    assert dalia.has("Alias ") and "Bo Test" not in dalia.html


def test_the_queue_says_why_not_yet_and_what_happens_next(browser, event, write, people) -> None:
    url = event(seats_in_person=2, guest_limit=2)
    say(write, url, people["kai"], guests=1)
    bo = browser("bo").get(url)
    bo.submit("Join the waiting list", guests="1")
    bo.get(url)
    assert bo.has("You are number 1 in line.") and bo.has("You ask for 2 seats.")
    assert bo.has("All seats are taken.") and bo.has("a free seat is yours at once")
    say(write, url, people["kai"], guests=0)
    assert bo.get(url).has("Only 1 seat is free, fewer than your party needs")
    bo.submit("I cannot come")
    assert bo.has("Noted: you are not coming.")


def test_why_not_yet_is_true_when_the_way_is_closed_and_when_numbers_are_secret(
    app, event, write, people
) -> None:
    url = event(seats_in_person=1, seats_online=1)
    for name in ("kai", "bo"):
        say(write, url, people[name], mode=Mode.IN_PERSON)
    with write() as db:
        plan = make_plan(starts_at=START, seats_in_person=0, seats_online=1)
        date = UUID(url.split("/")[2])
        services.revise(db, people["dalia"], occurrence_id=date, plan=plan)
    bo = Browser(app).sign_in("bo@t.example").get(url)
    assert bo.has("closed the way of taking part") and not bo.has("All seats are taken")
    assert not bo.has("What happens next")
    with write() as db:
        hidden = make_erg(db, "safe", lead=people["kai"], discovery=Discovery.HIDDEN)
        secret = make_event(
            db,
            hidden,
            audience=Audience.MEMBERS,
            starts_at=START,
            guest_limit=2,
            seats_in_person=2,
        ).id
        for name in ("bo", "juno"):
            make_member(db, hidden, people[name])
    say(write, f"/events/{secret}/", people["juno"])
    say(write, f"/events/{secret}/", people["bo"], guests=1)
    bo.get(f"/events/{secret}/")
    assert bo.has("You are on the waiting list") and not bo.has("All seats are taken")
    assert bo.has("There are not enough free seats for your party.") and "1 seat" not in bo.html


def test_whoever_cannot_come_may_come_after_all(browser, event, write, people) -> None:
    url = event(guest_limit=2, seats_in_person=3, rules={"questions": [SIZE]})
    bo = browser("bo").get(url)
    name = re.search(r'name="(q_[0-9a-f]+|q_size)"', bo.html).group(1)
    bo.submit("I am coming", guests="1", guest_names="Ada", **{name: "L"})
    bo.get(url).submit("I cannot come")
    assert bo.has("Noted: you are not coming.")
    bo.submit("Come after all")
    assert bo.get(url).has("You are going") and bo.has("You bring 1 guest.")
    assert "Ada" in bo.html and 'value="L"' in bo.html


def test_whoever_cannot_come_back_is_told_so_before(browser, event, write, people) -> None:
    url = event(rules={"closes_minutes": 60 * 24 * 30})
    with clock.frozen(START - timedelta(days=40)):
        say(write, url, people["bo"])
    bo = browser("bo").get(url)
    assert bo.has("you cannot ask for a seat again")
    bo.submit("I cannot come")
    assert bo.has("Noted: you are not coming.") and "Come after all" not in bo.html


def test_a_calendar_address_is_not_ended_or_replaced_by_a_slip(app, people) -> None:
    bo = Browser(app).sign_in("bo@t.example").get("/events/calendar")
    assert "data-confirm" not in bo.html, "the first one replaces nothing"
    bo.submit("Make an address")
    assert bo.get("/events/calendar").html.count("data-confirm") == 2


def test_a_mail_opens_a_page_with_one_button_and_reading_it_changes_nothing(
    app, event, write, people
) -> None:
    url = event(seats_in_person=1, starts_at=datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    rsvp_id = say(write, url, people["bo"])
    say(write, url, people["kai"])
    waiting = say(write, url, people["juno"])
    with app.app_context():
        own, other = links.token(rsvp_id), links.token(waiting)
    mail = Browser(app)
    for _ in range(2):
        assert mail.get(f"/events/answers/{own}").has("I cannot come")
    with write() as db:
        assert db.get(Rsvp, rsvp_id).state == "going"
    mail.submit("I cannot come")
    assert mail.has("You are not coming")
    kai = Browser(app)
    with write() as db, app.app_context():
        offered = db.scalar(select(Rsvp.id).where(Rsvp.state == "offered"))
        accept = links.token(offered)
    assert kai.get(f"/events/answers/{accept}").has("A seat is kept for you")
    kai.submit("Accept the seat")
    assert kai.has("You are going")
    assert Browser(app).get(f"/events/answers/{other}x").status == 404
    mail.client.post(f"/events/answers/{own}", data={"reply": "going", "key": "x"})
    with write() as db:
        assert db.get(Rsvp, rsvp_id).state == "withdrawn", "an old mail brings nothing back"


@pytest.mark.parametrize("way", ["page", "home", "mail"])
def test_who_holds_or_waits_steps_back_while_it_is_put_off(
    app, browser, event, write, people, way
) -> None:
    url = event(seats_in_person=1)
    seat, waiting = (say(write, url, people[name]) for name in ("bo", "kai"))
    with write() as db:
        services.postpone(db, people["dalia"], occurrence_id=UUID(url.split("/")[2]))
    with app.app_context():
        mails = {"bo": links.token(seat), "kai": links.token(waiting)}
    for name in ("bo", "kai"):
        reader = browser(name).get("/" if way == "home" and name == "bo" else url)
        if way == "mail":
            reader = Browser(app).get(f"/events/answers/{mails[name]}")
        reader.submit("I cannot come")
        assert reader.status == 200 and browser(name).get(url).has("You are not coming")
    with write() as db:
        assert set(db.scalars(select(Rsvp.state))) == {"withdrawn"}
    juno = browser("juno").get(url)
    assert juno.has("as soon as the new time is known") and "I cannot come" not in juno.html


def test_whose_old_time_is_past_is_put_off_and_not_over(app, event, write, people) -> None:
    url = event()
    say(write, url, people["bo"])
    with write() as db:
        services.postpone(db, people["dalia"], occurrence_id=UUID(url.split("/")[2]))
    with clock.frozen(START + timedelta(days=3)):
        bo = Browser(app).sign_in("bo@t.example").get(url)
        assert not bo.has("This event is over")
        assert bo.submit("I cannot come").has("You are not coming")


def test_two_taps_from_home(browser, event, write, people, erg) -> None:
    with write() as db:
        make_member(db, db.get(Erg, erg), people["bo"])
    event(title="Night of stories")
    event(title="Asked", starts_at=START + timedelta(days=1), rules={"questions": [SIZE]})
    bo = browser("bo").get("/")
    assert bo.has("Night of stories")
    bo.submit("I am coming")
    assert bo.has("You are going") and not bo.get("/").has("Night of stories Are you coming?")


def test_what_waited_on_a_device_is_told_to_the_worker_in_a_sentence(app, event) -> None:
    url = event(seats_in_person=1)
    bo = Browser(app).sign_in("bo@t.example").get(url)
    queued = sent(bo, queued="1")
    kai = Browser(app).sign_in("kai@t.example").get(url)
    kai.submit("I am coming")
    first = bo.client.post(f"{url}rsvp", data=queued, headers=HX)
    assert "waiting list" in first.get_json()["said"], "full meanwhile"
    assert bo.client.post(f"{url}rsvp", data=queued, headers=HX).get_json() == first.get_json()
    juno = Browser(app).sign_in("juno@t.example").get(url)
    stale = sent(juno, "Join the waiting list", queued="1")
    juno.submit("No")
    answer = juno.client.post(f"{url}rsvp", data=stale, headers=HX)
    assert "newer answer stays" in answer.get_json()["said"]


# Prices


def test_an_answer_is_one_request_of_two_kilobytes(app, event) -> None:
    """With a place, a limit of guests, questions and the calendar file: the largest there is."""
    url = event(guest_limit=2, seats_in_person=30, seats_online=20, rules={"questions": [DIET]})
    bo = Browser(app).sign_in("bo@t.example").get(url)
    answer = bo.client.post(f"{url}rsvp", data=sent(bo, mode="in_person"), headers=HX)
    size = len(gzip.compress(answer.data))
    assert answer.status_code == 200 and size <= 2048, f"{size} bytes"


@pytest.mark.parametrize("page", ["people", "answering"])
def test_pages_cost_the_same_with_many_answers(app, event, write, queries, page) -> None:
    url = event(
        seats_in_person=3, guest_limit=2, rules={"needs_approval": False, "questions": [DIET]}
    )
    assert Browser(app).sign_in("bo@t.example").get(url + page).status == 403
    reader = Browser(app).sign_in("dalia@t.example")
    reader.get(url).submit("I am coming")
    reader.get(url + page)
    with queries() as few:
        reader.get(url + page)
    for n in range(30):
        with write() as db:
            person = make_person(db, f"Person {n:02}").id
        say(write, url, person, guests=n % 3, visibility=Visibility.COMPANY)
    with queries() as many:
        reader.get(url + page)
    assert len(few) == len(many) <= 8, "\n\n".join(many)


def test_the_answer_of_a_reader_is_found_by_its_place_only(app, event, write, people) -> None:
    """Nobody reaches an answer at an event they cannot see, and nobody decides about their own."""
    with write() as db:
        hidden = make_erg(db, "safe", lead=people["kai"], discovery=Discovery.HIDDEN)
        make_member(db, hidden, people["juno"])
        secret = make_event(db, hidden, "Supper", audience=Audience.MEMBERS, starts_at=START).id
        services.answer(db, people["kai"], occurrence_id=secret, reply=Reply.GOING)
        own = queries.rsvp_of(db, secret, people["kai"]).id
        occurrence = db.get(Occurrence, secret)
        assert occurrence is not None
    assert Browser(app).sign_in("bo@t.example").get(f"/events/people/{own}/removal").status == 404
    assert Browser(app).sign_in("kai@t.example").get(f"/events/people/{own}/removal").status == 403
