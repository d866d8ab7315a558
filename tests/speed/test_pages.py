"""The pages as people use them: a phone at a table, the desk, the wall, and what stays private."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.core import clock
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events.rules import Audience, EventKind
from app.speed import services
from app.speed.models import SpeedMatch, SpeedSeat, SpeedSession, SpeedTable, SpeedWish
from app.speed.pairing import Side
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.speed import make_speed, make_speed_event, take_part

NOW = "2026-11-21T09:00Z"
START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
NAMES = ("dalia", "bo", "chen", "elena", "juno")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in NAMES
        }


@pytest.fixture
def date(people, write):
    """A date of speed mentoring; dalia leads, nobody has set it up."""
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        return make_speed_event(db, erg, starts_at=START).id


@pytest.fixture
def session(date, people, write):
    """Bo and Chen are mentors, Elena is a mentee; Juno comes and has chosen nothing."""

    def make(**settings):
        with write() as db:
            from app.events.models import Occurrence

            found = make_speed(
                db,
                db.get(Occurrence, date),
                people["dalia"],
                {
                    people["bo"]: Side.MENTOR,
                    people["chen"]: Side.MENTOR,
                    people["elena"]: Side.MENTEE,
                },
                **{"rounds": 2, **settings},
            )
            take_part(db, found, people["juno"], None)
            return found.id

    return make


def at(date) -> str:
    return f"/events/{date}/speed/"


def run(write, people, session_id, *verbs) -> None:
    with write() as db:
        for verb in verbs:
            verb(db, people["dalia"], session_id=session_id)


def test_an_evening_from_setting_up_to_the_end(browser, date, people, write) -> None:
    dalia = browser("dalia").get(f"{at(date)}desk")
    dalia.submit("Save", rounds="2", round_minutes="8", break_minutes="2")
    assert dalia.has("Saved. Whoever comes can choose a side now.")
    for name, side in (("bo", "mentor"), ("elena", "mentee")):
        page = browser(name).get(f"/events/{date}/").submit("I am coming")
        page.get(at(date)).submit("Take part", side=side, topics=["career"])
        assert page.has("The tables are not drawn yet")
    dalia.get(f"{at(date)}desk").submit("Draw the tables")
    assert dalia.has("The tables are drawn.")
    assert dalia.get(f"{at(date)}desk").has("1 of 2 rounds to come are full")
    assert dalia.has("there can be 1 full round at most")
    bo = browser("bo").get(at(date))
    assert bo.has("Your first table") and bo.has("Elena Test")
    dalia.submit("Begin the first round")
    bo.get(at(date))
    assert bo.has("Round 1 of 2") and bo.has("Table 1") and bo.has("This talk ends at")
    assert bo.has("What brought you to the work you do today")
    dalia.get(f"{at(date)}desk").submit("Stop the clock")
    assert bo.get(at(date)).has("Just go on talking")
    dalia.get(f"{at(date)}desk").submit("Let the clock run")
    dalia.get(f"{at(date)}desk").submit("One minute more")
    dalia.get(f"{at(date)}desk").submit("Next round now")
    assert bo.get(at(date)).has("A round to yourself")
    dalia.get(f"{at(date)}desk").submit("Undo")
    assert bo.get(at(date)).has("Round 1 of 2")
    dalia.get(f"{at(date)}desk").submit("End the session")
    assert bo.get(at(date)).has("With whom would you like to go on talking?")


def test_a_side_is_chosen_with_the_answer_and_can_be_left_open(
    browser, session, date, people, write
) -> None:
    session(), (page := browser("juno").get(f"/events/{date}/"))
    assert page.has("How would you like to take part in the talks?")
    page.submit("Save the change")
    page.get(at(date))
    assert page.has("As a mentee: I would like to learn"), "nothing was chosen, so it is asked"
    page.submit("Take part", side="mentor", topics=["career"])
    page.get(f"/events/{date}/").submit("Save the change", side="mentee")
    with write() as db:
        seat = db.scalar(select(SpeedSeat).where(SpeedSeat.person_id == people["juno"]))
        assert (seat.side, seat.topics) == (Side.MENTEE, ["career"])
    page.submit("I cannot come", side="mentor")
    with write() as db:
        seat = db.scalar(select(SpeedSeat).where(SpeedSeat.person_id == people["juno"]))
        assert seat.side is Side.MENTEE, "who does not come is asked nothing"


def test_own_prompts_are_read_in_ones_language_or_say_whose_they_are(
    app, browser, session, date, people, write
) -> None:
    made = session(own_prompts=("Where next?", "Who helped you?"))
    run(write, people, made, services.draw_tables, services.start)
    dalia = browser("dalia").get(f"{at(date)}desk").click("Translate your prompts")
    dalia.get(f"{at(date)}prompts?text=es").submit("Save the translation", line_0="¿Y ahora?")
    assert dalia.has("Saved.") and dalia.has("older than the original")

    def read(lang: str) -> Browser:
        return Browser(app, lang=lang).sign_in("elena@t.example").get(at(date))

    assert read("es").has("¿Y ahora?") and not read("es").has("Where next?")
    assert read("en").has("Where next?") and not read("en").has("The organizers wrote this in")
    run(write, people, made, services.next_round)
    spanish = read("es")
    assert spanish.has("Who helped you?") and spanish.has("English")
    assert 'lang="en">Who helped you?' in spanish.html


def test_a_line_that_changed_has_no_translation_any_more(session, people, write) -> None:
    from dataclasses import replace

    first = services.Settings(own_prompts=("One", "Two"))
    made = session(own_prompts=first.own_prompts)
    with write() as db:
        services.translate_prompts(
            db, people["dalia"], session_id=made, locale="es", lines={"One": "Uno", "Two": "Dos"}
        )
        date = db.get(SpeedSession, made).occurrence_id
        changed = replace(first, own_prompts=("Zero", "Two"))
        services.set_up(db, people["dalia"], occurrence_id=date, settings=changed)
        own = db.get(SpeedSession, made).prompts
        assert own.texts == {"es": {"Two": "Dos"}} and own.is_stale("es")


def test_a_faulty_setup_loses_nothing_and_says_why(browser, date) -> None:
    dalia = browser("dalia").get(f"{at(date)}desk")
    dalia.submit("Save", rounds="99", own_prompts="A prompt I typed")
    assert dalia.status == 422 and dalia.has("Between 1 and 12.")
    assert "A prompt I typed" in dalia.html
    bo = browser("bo").get(f"/events/{date}/").submit("I am coming")
    dalia.submit("Save", rounds="3")
    bo.get(at(date)).submit("Take part")
    assert bo.status == 422 and bo.has("Choose one of them.")


def test_breaks_leaving_and_coming_back(browser, session, people, date, write) -> None:
    run(write, people, session(), services.draw_tables)
    bo = browser("bo").get(at(date)).submit("Take a break")
    assert bo.get(at(date)).has("You are taking a break")
    bo.submit("I am back")
    assert bo.get(at(date)).has("Your first table")
    bo.submit("I am leaving")
    assert bo.get(at(date)).has("You are not in the next rounds")


def test_somebody_missing_is_marked_and_taken_back(browser, session, people, date, write) -> None:
    run(write, people, session(), services.draw_tables, services.start)
    dalia = browser("dalia").get(f"{at(date)}desk?q=elena")
    assert dalia.has("Elena Test") and dalia.html.count('id="absent-') == 1
    dalia.submit("Is missing")
    assert dalia.has("The rounds to come are drawn again.")
    assert browser("bo").get(at(date)).has("(not here)") or browser("chen").get(at(date)).has(
        "(not here)"
    )
    dalia.get(f"{at(date)}desk?q=elena").submit("Is here")
    assert dalia.has("They are in the rounds that are left.")
    assert dalia.get(f"{at(date)}desk?side=mentor").html.count('id="absent-') == 2
    assert dalia.get(f"{at(date)}desk?side=nonsense&page=77").status == 200


def test_the_phone_asks_cheaply(app, session, people, date, write, queries) -> None:
    """Unchanged: an empty answer in at most four statements; the trigger slows down by itself."""
    run(write, people, session(), services.draw_tables, services.start)
    bo = Browser(app).sign_in("bo@t.example").get(at(date))
    address = bo.html.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert 'hx-trigger="every 20s"' in bo.html
    with queries() as seen:
        answer = bo.client.get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.data) == (204, b"") and len(seen) <= 4, seen
    run(write, people, session_of(write), services.extend)
    with queries() as seen:
        answer = bo.client.get(
            address, headers={"HX-Request": "true", "HX-Request-Type": "partial"}
        )
    assert answer.status_code == 200 and b'<section id="now"' in answer.data
    assert len(answer.data) < 8_000 and len(seen) <= 4, seen


def session_of(write):
    with write() as db:
        return db.scalars(select(SpeedSession.id)).one()


def test_pages_cost_at_most_eight_statements(app, session, people, date, write, queries) -> None:
    run(write, people, session(), services.draw_tables, services.start)
    for name, path in (
        ("bo", ""),
        ("juno", ""),
        ("dalia", "desk"),
        ("dalia", "plan"),
        ("dalia", "screen"),
        ("dalia", "seats"),
        ("dalia", "destination"),
    ):
        page = Browser(app).sign_in(f"{name}@t.example")
        page.get(at(date) + path)
        with queries() as seen:
            page.get(at(date) + path)
        assert len(seen) <= 8, (path, len(seen), [line[:90] for line in seen])


def test_wishes_stay_private_until_both_are_told(app, session, people, date, write) -> None:
    made = session()
    run(write, people, made, services.draw_tables, services.start, services.finish)
    with write() as db:
        table = db.scalars(select(SpeedTable).where(SpeedTable.round == 1)).one()
        mentor = db.get(SpeedSeat, table.mentor_id).person_id
    one = next(name for name, person in people.items() if person == mentor)
    first = Browser(app).sign_in(f"{one}@t.example").get(at(date))
    second = Browser(app).sign_in("elena@t.example").get(at(date))
    before = second.html
    first.submit("Save in private", partners=[str(table.mentee_id)])
    assert first.has("Nobody sees it")
    assert strip(second.get(at(date)).html) == strip(before), "a yes changes nobody else's page"
    dalia = Browser(app).sign_in("dalia@t.example").get(f"{at(date)}desk")
    assert not dalia.has("want to go on")
    assert second.has("get each other's name and work address")
    second.submit("Save in private", partners=[str(table.mentor_id)])
    assert not first.get(at(date)).has("You both want") and "elena@t.example" not in first.html
    with write() as db:
        row = db.get(SpeedSession, made)
        row.wishes_until = clock.now()
    with write() as db:
        services.close_due(db, made)
    assert first.get(at(date)).has("You both want to go on") and first.has("Elena Test")
    assert "mailto:elena@t.example" in first.html, "a next step where no program follows up"
    assert second.get(at(date)).has(f"{one.title()} Test")
    with write() as db:
        assert len(db.scalars(select(SpeedMatch)).all()) == 1
        assert not db.scalars(select(SpeedWish)).all()


def strip(html: str) -> str:
    """Without what differs between any two answers: nonces and tokens."""

    return re.sub(
        r'(nonce|value|hx-nonce|content|hx-headers:inherited)=("[^"]*"|\'[^\']*\')', "", html
    )


def test_who_may_open_what(app, session, people, date, write) -> None:
    run(write, people, session(), services.draw_tables)
    bo, juno = (Browser(app).sign_in(f"{name}@t.example") for name in ("bo", "juno"))
    for path in ("desk", "plan", "screen", "seats", "destination"):
        assert bo.get(at(date) + path).status == 403, path
    assert juno.get(f"{at(date)}now").status == 404, "without a seat there is no table"
    assert not juno.get(at(date)).has("Elena")
    assert not bo.get(at(date)).has("Juno")
    with write() as db:
        erg = db.scalars(select(Erg)).first()
        other = make_speed_event(db, erg, kind=EventKind.WORKSHOP, starts_at=START).id
    assert bo.get(at(other)).status == 404
    for path in ("draw", "start", "next", "end", "undo", "side", "wishes", "pause"):
        assert bo.client.get(at(date) + path).status_code == 405, path


def test_at_a_hidden_event_only_those_at_one_table_know_each_other(app, people, write) -> None:
    with write() as db:
        erg = make_erg(
            db, "quiet", lead=people["dalia"], discovery=Discovery.HIDDEN, roster=Visibility.NOBODY
        )
        for name in ("bo", "chen", "elena"):
            make_member(db, erg, people[name], visibility=Visibility.NOBODY)
        date = make_speed_event(db, erg, audience=Audience.MEMBERS, starts_at=START)
        found = make_speed(
            db,
            date,
            people["dalia"],
            {
                people["bo"]: Side.MENTOR,
                people["chen"]: Side.MENTOR,
                people["elena"]: Side.MENTEE,
            },
            rounds=1,
        )
        services.draw_tables(db, people["dalia"], session_id=found.id)
        services.start(db, people["dalia"], session_id=found.id)
        date_id = date.id
    dalia = Browser(app).sign_in("dalia@t.example")
    for path in ("", "desk", "desk?q=bo", "plan", "screen", "seats"):
        page = dalia.get(at(date_id) + path)
        assert page.status == 200, path
        for name in ("Bo", "Chen", "Elena"):
            assert f"{name} Test" not in page.html and f">{name}<" not in page.html, (path, name)
    assert dalia.get(f"{at(date_id)}desk").has("Mentor is missing")
    assert Browser(app).sign_in("juno@t.example").get(at(date_id)).status == 404
    seen = {
        name: Browser(app).sign_in(f"{name}@t.example").get(at(date_id)).html
        for name in ("bo", "chen", "elena")
    }
    assert ("Chen" not in seen["bo"]) and ("Bo Test" not in seen["chen"])
    assert ("Elena" in seen["bo"]) != ("Elena" in seen["chen"]), "one pair, one on the bench"


def test_a_confidential_member_who_sits_down_changes_no_page_of_others(app, people, write) -> None:
    """Byte by byte: members who come, members who do not, and outsiders, before and after."""
    with write() as db:
        erg = make_erg(
            db, "quiet", lead=people["dalia"], discovery=Discovery.HIDDEN, roster=Visibility.NOBODY
        )
        for name in ("bo", "chen", "elena"):
            make_member(db, erg, people[name], visibility=Visibility.NOBODY)
        date = make_speed_event(db, erg, audience=Audience.MEMBERS, starts_at=START)
        found = make_speed(db, date, people["dalia"], rounds=2)
        take_part(db, found, people["bo"], Side.MENTOR)
        take_part(db, found, people["chen"], None)
        date_id, session_id = date.id, found.id
    readers = {
        name: Browser(app).sign_in(f"{name}@t.example") for name in ("bo", "chen", "juno", "dalia")
    }
    base = at(date_id)
    paths = {
        "bo": [base, f"{base}now", f"/events/{date_id}/", "/"],
        "chen": [base, f"{base}now", f"/events/{date_id}/", "/"],
        "juno": [base, f"{base}now", f"{base}desk", f"/events/{date_id}/", "/", "/events/"],
        "dalia": [f"{base}seats", f"{base}plan"],  # leads may count, so their wall may change
    }

    def seen():
        return {
            (name, path): (reader.get(path).status, strip(reader.html))
            for name, reader in readers.items()
            for path in paths[name]
        }

    seen()
    before = seen()
    with write() as db:
        found = db.get(SpeedSession, session_id)
        take_part(db, found, people["elena"], Side.MENTEE)
    after = seen()
    assert not {key for key in before if before[key] != after[key]}


def test_the_wall_shows_first_names_and_the_plan_all_rounds(
    app, session, people, date, write
) -> None:
    run(write, people, session(), services.draw_tables, services.start)
    dalia = Browser(app).sign_in("dalia@t.example").get(f"{at(date)}screen")
    assert dalia.has("Elena") and "Elena Test" not in dalia.html
    plan = dalia.get(f"{at(date)}plan")
    assert plan.has("Round 1") and plan.has("Round 2") and plan.has("Elena Test")


def test_home_asks_for_a_side_and_later_for_an_answer(app, session, people, date, write) -> None:
    made = session()
    juno = Browser(app).sign_in("juno@t.example").get("/")
    assert juno.has("Choose how you take part in the talks.")
    run(write, people, made, services.draw_tables, services.start)
    bo = Browser(app).sign_in("bo@t.example").get("/")
    assert bo.has("The talks have begun.")
    run(write, people, made, services.finish)
    assert bo.get("/").has("With whom would you like to go on talking?")


def test_the_countdown_is_a_script_of_its_own_and_small(app, session, people, date, write) -> None:
    run(write, people, session(), services.draw_tables, services.start)
    bo = Browser(app).sign_in("bo@t.example").get(at(date))
    assert "js/speed.js" in bo.html and 'data-seconds="' in bo.html
    assert "js/speed.js" not in bo.get("/").html
