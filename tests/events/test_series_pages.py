"""The pages of series and of holidays, as people use them without script."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.models import OrgRole
from app.accounts.rules import OrgRoleName
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events import services as events
from app.events.models import Occurrence, Series, SeriesDate
from app.events.rules import Access, Audience, EventKind, Question, QuestionKind
from app.events.rules.series import Frequency, Recurrence, Repeats
from app.events.services import series as services
from app.holidays import services as holidays
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event

NOW = "2026-09-01T09:00Z"
TUESDAY = datetime(2026, 9, 8, 10, tzinfo=UTC)
WEEKLY = Recurrence(Frequency.WEEKLY, weekdays=(1,))


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW}


@pytest.fixture
def people(write):
    with write() as db:
        found = {
            name: make_person(
                db, f"{name.title()} Test", f"{name}@t.example", PASSWORD, zone=zone
            ).id
            for name, zone in (
                ("bo", "Europe/Stockholm"),
                ("dalia", "Africa/Cairo"),
                ("ada", "UTC"),
            )
        }
        db.add(
            OrgRole(person_id=found["ada"], role=OrgRoleName.ORG_ADMIN, starts_on=date(2026, 1, 1))
        )
        return found


@pytest.fixture
def erg(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


@pytest.fixture
def event(erg, write):
    def make(**traits) -> str:
        traits.setdefault("starts_at", TUESDAY)
        traits.setdefault("zone", "Europe/Berlin")
        with write() as db:
            return f"/events/{make_event(db, db.get(Erg, erg), 'Lunch', **traits).id}/"

    return make


@pytest.fixture
def series(event, write):
    """Makes a weekly series; returns its address."""

    def make(rule: Recurrence = WEEKLY, **traits) -> str:
        event_id = event(**traits).split("/")[2]
        with write() as db:
            made = services.repeat(db, None, occurrence_id=UUID(event_id), repeats=Repeats(rule))
            return f"/events/series/{made.id}/"

    return make


@pytest.fixture
def browser(app):
    return lambda email: Browser(app).sign_in(email)


def test_a_lead_makes_an_event_repeat_and_sees_its_next_dates(browser, event, write) -> None:
    with write() as db:
        holidays.add(db, None, starts_on=date(2026, 9, 15), name="Founders' day")
    dalia = browser("dalia@t.example").get(event()).click("Repeat this event")
    assert dalia.has("The next dates") and dalia.has("Founders' day")
    dalia.submit("Show the dates", interval="2", ends="count", count="4")
    assert dalia.has("Every 2 weeks") is False  # the sentence stands on the series' page
    assert not dalia.has("Founders' day")
    dalia.submit("Make it repeat", interval="2", ends="count", count="4")
    assert dalia.has("The event repeats now.")
    assert dalia.has("Every 2 weeks on Tuesday. There are 4 dates.")
    with write() as db:
        assert len(db.scalars(select(SeriesDate)).all()) == 4


def test_what_cannot_be_a_rule_is_said_and_nothing_is_lost(browser, event) -> None:
    dalia = browser("dalia@t.example").get(event()).click("Repeat this event")
    dalia.submit("Make it repeat", ends="until", interval="3")
    assert dalia.status == 422 and dalia.has("Choose the last day.")
    assert 'value="3"' in dalia.html
    dalia.submit("Make it repeat", ends="never", weekdays=["4"])
    assert dalia.status == 422 and dalia.has("The first date is a Tuesday. Choose it too.")


def test_monthly_on_the_31st_warns_and_offers_the_last_day(browser, event) -> None:
    start = datetime(2026, 10, 31, 11, tzinfo=UTC)
    dalia = browser("dalia@t.example").get(event(starts_at=start)).click("Repeat this event")
    dalia.submit("Show the dates", every="monthly")
    assert dalia.has("Months without a day 31 have no date.")
    assert dalia.has("Every month on its last day.")
    dalia.submit("Show the dates", every="month_end")
    assert not dalia.has("Months without a day 31")
    assert dalia.has("Nov 30")


def test_a_clock_change_is_noted_beside_its_date(browser, event) -> None:
    start = datetime(2027, 3, 14, 1, 30, tzinfo=UTC)  # 02:30 in Berlin, two weeks before the gap
    dalia = browser("dalia@t.example").get(event(starts_at=start)).click("Repeat this event")
    assert dalia.has("skip the usual time")


def test_a_change_is_shown_before_it_is_saved(browser, series, write) -> None:
    url = series()
    browser("bo@t.example").get(url).submit("Come to every date", mode="in_person")
    dalia = browser("dalia@t.example").get(url).click("Change the series")
    dalia.submit("See what changes", start="13:00")
    assert dalia.has("What this changes") and dalia.has("People who are told1")
    with write() as db:
        assert {row.wall_start.hour for row in db.scalars(select(Occurrence))} == {12}
    dalia.submit("Save", start="13:00")
    assert dalia.has("Saved. 1 person is told through their calendar.")
    with write() as db:
        assert {row.wall_start.hour for row in db.scalars(select(Occurrence))} == {13}


def test_a_repeating_draft_gets_its_answers_about_access_and_is_published(
    browser, series, write
) -> None:
    url = series(published=False, captions=None, step_free=None, access_contact="")
    with write() as db:
        first = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).first().occurrence_id
    dalia = browser("dalia@t.example").get(f"/events/{first}/").submit("Publish")
    assert dalia.status == 409 and dalia.has("on the page “Change the series”")
    asked = {
        "captions": "yes",
        "step_free": "on_request",
        "access_contact": "Ask Nia",
        "kind": "workshop",
        "audience": "members",
        "guest_limit": "2",
        "has_external_speaker": "y",
    }
    dalia.get(url).click("Change the series").submit("See what changes", **asked, interval="99")
    assert dalia.status == 422 and 'value="Ask Nia"' in dalia.html
    dalia.submit("See what changes", interval="1")
    dalia.submit("Save")
    assert dalia.has("Saved. Nobody had to be told.")
    dalia.get(f"/events/{first}/").submit("Publish")
    assert dalia.has("Published. Its audience can see it now.")
    with write() as db:
        [event] = {row.event for row in db.scalars(select(Occurrence))}
        assert (event.captions, event.step_free, event.access_contact) == (
            Access.YES,
            Access.ON_REQUEST,
            "Ask Nia",
        )
        assert (event.kind, event.audience) == (EventKind.WORKSHOP, Audience.MEMBERS)
        assert (event.guest_limit, event.has_external_speaker) == (2, True)


def test_what_a_published_series_needs_cannot_be_emptied_nor_its_audience_narrowed(
    browser, series, write
) -> None:
    url = series()
    dalia = browser("dalia@t.example").get(url).click("Change the series")
    dalia.submit("See what changes", access_contact="", title="Supper")
    assert dalia.status == 422 and dalia.has("the event is on its way")
    assert 'value="Supper"' in dalia.html
    dalia.submit("See what changes", access_contact="Ask Nia", audience="members")
    assert dalia.status == 422 and dalia.has("can only be opened to more")
    dalia.submit("See what changes", audience="company", first_day="2026-08-04")
    dalia.submit("Save")
    assert dalia.status == 422 and dalia.has("The first date lies in the past.")
    assert 'value="Supper"' in dalia.html and 'value="Ask Nia"' in dalia.html


def test_from_one_date_on_the_rest_has_captions_and_the_dates_before_stay(
    browser, series, write
) -> None:
    url = series()
    dalia = browser("dalia@t.example").get(url).click("Change from here on")
    dalia.submit("See what changes", captions="no", quiet_room="yes")
    dalia.submit("Save")
    with write() as db:
        rows = db.scalars(select(Occurrence).order_by(Occurrence.starts_at)).all()
        assert [row.event.captions for row in rows[:3]] == [Access.YES, Access.NO, Access.NO]
        assert [row.event.quiet_room for row in rows[:2]] == [None, Access.YES]


def test_from_one_date_on_the_series_is_split(browser, series, write) -> None:
    url = series()
    dalia = browser("dalia@t.example").get(url).click("Change from here on")
    assert dalia.has("This changes the date on Tuesday, September 15, 2026 and all that follow.")
    dalia.submit("See what changes", venue="Garden")
    dalia.submit("Save", venue="Garden")
    with write() as db:
        assert len(db.scalars(select(Series)).all()) == 2
    assert dalia.get(url).has("The last day is September 14, 2026.")


def test_a_date_changed_alone_shows_on_the_series_page(browser, series, write) -> None:
    url = series()
    with write() as db:
        second = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).all()[1].occurrence_id
    dalia = browser("dalia@t.example").get(f"/events/{second}/")
    assert dalia.has("What you change or cancel here holds for this date alone.")
    dalia.get(f"/events/{second}/edit").submit("Save", title="Lunch in the park")
    assert dalia.get(url).has("Changed for this date: Lunch in the park")


@pytest.mark.parametrize("where", ["hosts", "answering", "words", "calendar"])
def test_a_page_about_one_date_says_for_which_dates_it_holds(
    browser, series, write, queries, where
) -> None:
    url = series(audience=Audience.MEMBERS)
    with write() as db:
        first = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).first().occurrence_id
    browser("dalia@t.example").get(url).submit("Come to every date", mode="in_person")
    dalia = browser("dalia@t.example").get(f"/events/{first}/{where}")
    assert dalia.has("This holds for this date alone.")
    with queries() as seen:
        dalia.click("All dates ahead")
    assert len(seen) <= 8, seen
    assert dalia.has("This holds for 13 dates of the series that lie ahead")
    assert dalia.has("1 person wants to come to one of them.")
    assert dalia.get(url).has("More for all dates")


def test_words_saved_for_all_dates_say_so_and_for_one_make_it_a_date_of_its_own(
    browser, series, write
) -> None:
    series()
    with write() as db:
        rows = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).all()
        first, second = rows[0].occurrence_id, rows[1].occurrence_id
    dalia = browser("dalia@t.example").get(f"/events/{first}/words?text=es&dates=all")
    dalia.submit("Save the translation", title="Almuerzo")
    assert dalia.has("Saved. This holds for all dates of the series that lie ahead.")
    dalia.get(f"/events/{second}/words?text=es").submit("Save the translation", title="Cena")
    assert dalia.has("Saved.") and not dalia.has("All dates ahead")
    with write() as db:
        rows = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).all()
        assert [row.is_edited for row in rows[:3]] == [False, True, False]
        titles = [{t.title for t in row.occurrence.event.texts} for row in rows[:3]]
        assert titles == [{"Lunch", "Almuerzo"}, {"Lunch", "Cena"}, {"Lunch", "Almuerzo"}]


def test_questions_are_asked_once_on_the_series_page_and_what_is_left_is_named(
    browser, series, write, people
) -> None:
    url = series()
    asked = [Question("diet", QuestionKind.TEXT, "Food?", "To order", is_required=True)]
    rule = {"needs_approval": False, "closes_minutes": None}
    with write() as db:
        rows = db.scalars(select(SeriesDate).order_by(SeriesDate.day)).all()
        dates = [row.occurrence_id for row in rows]
        at = {"occurrence_id": dates[0], "is_for_all": True}
        events.set_answering(db, people["dalia"], questions=asked, **at, **rule)
        other = [Question("size", QuestionKind.TEXT, "Shirt?", "To print", is_required=True)]
        events.set_answering(db, people["dalia"], occurrence_id=dates[2], questions=other, **rule)
    bo = browser("bo@t.example").get(url)
    assert bo.has("Food?") and bo.has("To order")
    bo.submit("Come to every date", mode="in_person")
    assert bo.status == 422
    bo.submit("Come to every date", mode="in_person", q_diet="Vegan")
    assert bo.has("12 dates were answered for you just now. 1 date was not")
    assert bo.has("Sep 22, 2026: Please answer the questions") and bo.has("Needs your own answer")


def test_where_no_date_can_be_answered_nobody_begins_to_come(browser, series, write) -> None:
    url = series()
    with write() as db:
        for row in db.scalars(select(SeriesDate)).all():
            row.occurrence.seats_online, row.occurrence.seats_in_person = None, 0
    bo = browser("bo@t.example").get(url).submit("Come to every date", mode="in_person")
    assert bo.status == 422 and bo.has("This way of taking part is closed.")
    assert bo.has("you do not come to every date")
    assert not bo.get(url).has("You come to every date")


def test_lists_fold_a_series_to_its_next_date(browser, series, event, write) -> None:
    address = series()
    event(starts_at=TUESDAY + timedelta(days=1))
    bo = browser("bo@t.example").get("/events/")
    links = [a.get("href") for a in bo.tree.iter("a") if a.get("class") == "line-link"]
    with write() as db:
        dates = list(db.scalars(select(SeriesDate).order_by(SeriesDate.day)))
    assert len(links) == 2 and f"/events/{dates[0].occurrence_id}/" in links
    assert bo.has(f"and {len(dates) - 1} more dates") and address in bo.html
    group = browser("bo@t.example").get("/ergs/women/")
    assert group.has(f"and {len(dates) - 1} more dates") and group.html.count("line-link") >= 2
    rows = bo.client.get("/events.csv").get_data(as_text=True)
    assert rows.count("Lunch") == len(dates) + 1, "a file holds every date"
    october = browser("bo@t.example").get("/events/?view=month&month=2026-10")
    assert sum("month-count" in (s.get("class") or "") for s in october.tree.iter("span")) == 4


def test_a_date_changed_or_canceled_alone_is_a_row_of_its_own(
    browser, series, write, people
) -> None:
    series()
    with write() as db:
        first, second, *rest = db.scalars(select(SeriesDate).order_by(SeriesDate.day))
        events.cancel(db, people["dalia"], occurrence_id=first.occurrence_id)
    bo = browser("bo@t.example").get("/events/")
    links = [a.get("href") for a in bo.tree.iter("a") if a.get("class") == "line-link"]
    assert f"/events/{second.occurrence_id}/" in links and bo.has(f"and {len(rest)} more dates")
    assert f"/events/{second.occurrence_id}/" in browser("bo@t.example").get("/ergs/women/").html


def test_bo_comes_to_every_date_withdraws_one_and_stops(browser, series) -> None:
    url = series()
    bo = browser("bo@t.example").get(url)
    assert bo.has("Every week on Tuesday.")
    bo.submit("Come to every date", visibility="leads")
    assert bo.has("13 dates were answered for you just now.")
    bo.get(url).click("Sep 15").submit("I cannot come")
    assert bo.get(url).has("Not coming")
    bo.submit("Stop and withdraw from 12 dates")
    assert bo.has("You are not coming to these dates any more.")
    assert not bo.get(url).has("Going")


def test_a_lead_ends_the_series_after_being_asked(browser, series) -> None:
    url = series()
    browser("bo@t.example").get(url).submit("Come to every date")
    dalia = browser("dalia@t.example").get(url).click("End the series")
    assert dalia.has("Dates that are canceled13") and dalia.has("People who are told1")
    dalia.submit("End the series")
    assert dalia.has("The series has ended.") and dalia.has("Canceled")


def test_another_appointment_at_the_same_time_is_said_on_the_page(browser, series, event) -> None:
    series()
    other = event(starts_at=TUESDAY + timedelta(minutes=30))
    bo = browser("bo@t.example").get("/events/").click("Lunch")
    bo.submit("I am coming")
    assert bo.get(other).has("You said that you go somewhere else at that time.")


def test_a_hidden_groups_series_is_not_there_for_others(browser, people, write) -> None:
    with write() as db:
        hidden = make_erg(
            db, "quiet", lead=people["dalia"], discovery=Discovery.HIDDEN, roster=Visibility.NOBODY
        )
        first = make_event(
            db, hidden, "Quiet", starts_at=TUESDAY, audience=Audience.MEMBERS, zone="UTC"
        )
        made = services.repeat(db, None, occurrence_id=first.id, repeats=Repeats(WEEKLY))
        url = f"/events/series/{made.id}/"
    assert browser("bo@t.example").get(url).status == 404
    with write() as db:
        make_member(db, db.scalars(select(Erg).where(Erg.slug == "quiet")).one(), people["bo"])
    bo = browser("bo@t.example").get(url)
    assert bo.has("Nobody can see who comes to this event")
    assert "visibility" not in bo.html


@pytest.mark.parametrize("page", ["series", "edit", "repeat", "date"])
def test_pages_cost_few_statements(browser, series, event, queries, page) -> None:
    url = series()
    other = event(starts_at=TUESDAY + timedelta(days=1))
    bo, dalia = browser("bo@t.example"), browser("dalia@t.example")
    bo.get(url).submit("Come to every date")
    if page == "date":
        with queries() as seen:
            bo.get(other)
        assert len(seen) <= 8, "\n".join(seen)
        return
    address = {"series": url, "edit": f"{url}edit", "repeat": f"{other}repeat"}[page]
    dalia.get(address)
    with queries() as seen:
        dalia.get(address)
    assert len(seen) <= 8, "\n".join(seen)


def test_an_administrator_keeps_the_holidays(browser, people, write) -> None:
    ada = browser("ada@t.example").get("/manage/holidays/")
    assert ada.has("No holiday found")
    ada.submit("Add", name="Eid al-Fitr", starts_on="2027-03-10", ends_on="2027-03-12")
    assert ada.has("Eid al-Fitr") and ada.has("Everywhere")
    ada.submit("Add", name="Backwards", starts_on="2027-03-10", ends_on="2027-03-01")
    assert ada.status == 422 and ada.has("The last day comes after the first")
    assert "Backwards" in ada.html
    ada.get("/manage/holidays/?q=fitr").submit("Remove")
    assert ada.has("Removed.") and not ada.get("/manage/holidays/").has("Eid al-Fitr")
    assert browser("bo@t.example").get("/manage/holidays/").status == 403


def test_a_removed_holiday_comes_back_by_undo(browser, people) -> None:
    ada = browser("ada@t.example").get("/manage/holidays/")
    ada.submit("Add", name="Nowruz", starts_on="2027-03-20", site="Tehran")
    ada.submit("Remove")
    ada.submit("Undo")
    assert ada.has("It is back.") and ada.has("Nowruz") and ada.has("Tehran")


def plan_new(browser, **entered) -> Browser:
    """A new event of the group on Tuesday 29 September 2026, with what is entered besides."""
    dalia = browser("dalia@t.example").get("/events/new?host=women&kind=gathering")
    needed = {"captions": "yes", "step_free": "yes", "access_contact": "access@t.example"}
    plan = {"title": "Circle", "day": "2026-09-29", "zone": "Europe/Berlin", **needed, **entered}
    return dalia.submit("Publish now", **plan)


@pytest.mark.parametrize(
    ("again", "sentence"),
    [
        ("fortnightly", "Every 2 weeks on Tuesday"),
        ("monthly", None),
    ],
)
def test_a_new_event_repeats_from_its_own_form(browser, erg, write, again, sentence) -> None:
    dalia = plan_new(browser, again=again, again_until="2027-03-31", again_skips="y")
    if sentence is None:
        assert dalia.status == 422 and dalia.has("Not every month has a day 29.")
        assert 'value="Circle"' in dalia.html
        dalia.submit("Publish now", again="weekday")
        sentence = "Every month on the last Tuesday"
    assert dalia.has("Published. Its audience can see it now.") and dalia.has(sentence)
    with write() as db:
        states = {row.event.state for row in db.scalars(select(Occurrence))}
        assert len(db.scalars(select(SeriesDate)).all()) > 2 and states == {"published"}


def test_a_new_event_takes_place_once_unless_somebody_says_otherwise(browser, erg, write) -> None:
    dalia = plan_new(browser, again_until="2027-03-31")
    assert dalia.has("Published.") and dalia.has("Repeat this event")
    with write() as db:
        assert db.scalars(select(Series)).all() == []


def test_a_rule_that_the_first_day_contradicts_is_explained(browser, erg) -> None:
    dalia = plan_new(browser, again="month_end")
    assert dalia.status == 422 and dalia.has("is not the last one of its month")
    dalia.submit("Publish now", again="weekly", again_until="2026-10-01")
    assert dalia.status == 422 and dalia.has("With this end there is only one date.")
    assert dict(dalia.links())[
        "Last day: With this end there is only one date. Choose a later end, or none."
    ]
