"""The pages of plans and recommendations as people use them, as a plain browser and with htmx."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock
from app.core.database import reading
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.plans.agenda import on_desk
from app.plans.models import Plan
from app.plans.rules import PlanState, RecommendationState
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.budgets import make_cycle, make_request
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event
from tests.factories.plans import make_initiative, make_plan, make_recommendation, make_result

NAMES = ("bo", "boss", "dalia", "juno", "maria")


@pytest.fixture
def browser(app):
    return lambda name: Browser(app).sign_in(f"{name}@t.example")


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def either(request, app):
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in NAMES
        }


@pytest.fixture
def women(people, write):
    """Dalia leads, Juno is a visible member, Maria a confidential one; Bo and Boss are none."""
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        make_member(db, erg, people["juno"], visibility=Visibility.COMPANY)
        make_member(db, erg, people["maria"], visibility=Visibility.NOBODY)
        make_event(db, erg, "Summer party")
        return erg.id


@pytest.fixture
def plan(women, write):
    with write() as db:
        return make_plan(db, db.get(Erg, women)).id


def test_from_an_empty_plan_to_progress_that_everybody_reads(either, women, people) -> None:
    dalia = either("dalia").get("/ergs/women/plan/")
    dalia.click("Begin a plan").submit("Begin the plan", year="20")
    assert dalia.status == 422 and dalia.has("Enter a year such as 2027.")
    dalia.submit("Begin the plan", year=str(clock.now().year), summary="Fewer meetings")
    dalia.click("Add an initiative").submit("Save", title="")
    assert dalia.status == 422
    dalia.submit("Save", title="Mentoring in Lagos", owner=str(people["juno"]))
    url = dalia.url
    dalia.click("Add a key result").submit("Save", text="Pairs", start="5", target="5")
    assert dalia.status == 422 and dalia.has("Start and target are the same.")
    dalia.submit("Save", target="25", unit="pairs")
    bo = either("bo")
    assert bo.get("/ergs/women/plan/").has("There is no plan yet")
    assert bo.get(url).status == 404
    dalia.get("/ergs/women/plan/").submit("Agree on the plan")
    assert dalia.has("Everyone who sees the group can read it now.")
    juno = either("juno").get(url)
    juno.click("Note where it stands").submit("Save", value="many")
    assert juno.status == 422 and juno.has("Enter a plain number.")
    juno.submit("Save", value="10", note="Two more this week")
    assert juno.has("25%") and juno.has("Two more this week")
    bo.get("/ergs/women/plan/")
    assert bo.has("Mentoring in Lagos") and bo.has("Juno Test") and bo.has("25%")
    assert not bo.has("Add an initiative")
    juno.get(url).submit("It is done")
    assert juno.has("Done. Well carried.")
    juno.submit("Take it up again")
    assert juno.has("It is under way again.")


def test_a_confidential_owner_is_an_alias_to_everybody_else(browser, women, plan, write, people):
    with write() as db:
        row = make_initiative(db, db.get(Plan, plan), owner_id=people["maria"]).id
    for path in ("/ergs/women/plan/", f"/plans/initiatives/{row}/"):
        for name in ("bo", "juno", "dalia"):
            seen = browser(name).get(path)
            assert seen.has("Person ") and not seen.has("Maria"), (name, path)
        assert browser("maria").get(path).has("Maria Test")
    dalia = browser("dalia").get(f"/plans/initiatives/{row}/edit")
    assert not dalia.has("Maria") and str(people["maria"]) not in dalia.html
    dalia.submit("Save", title="Renamed")
    assert browser("maria").get(f"/plans/initiatives/{row}/").has("Maria Test")


def test_the_owner_is_chosen_among_members_whom_the_chooser_sees(browser, women, plan) -> None:
    dalia = browser("dalia").get(f"/plans/{plan}/initiatives/new")
    select = next(e for e in dalia.tree.iter("select") if e.get("name") == "owner")
    assert ["".join(o.itertext()) for o in select.iter("option")] == [
        "Nobody yet",
        "Dalia Test",
        "Juno Test",
    ]


def test_initiatives_are_linked_to_events_and_money(browser, women, plan, people, write) -> None:
    with write() as db:
        cycle = make_cycle(db, db.get(Erg, women))
        make_request(db, cycle, people["dalia"], title="Tent")
    dalia = browser("dalia").get(f"/plans/{plan}/initiatives/new")
    boxes = {e.get("name"): e.get("value") for e in dalia.tree.iter("input")}
    dalia.submit("Save", title="Party", events=boxes["events"], requests=boxes["requests"])
    assert dalia.has("Summer party") and dalia.has("Tent") and dalia.has("$100.00")
    juno = browser("juno").get(dalia.url)
    assert juno.has("Summer party") and not juno.has("Tent")
    dalia.click("Change").submit("Save", title="Still a party")
    assert dalia.has("Summer party") and dalia.has("Tent")


def test_you_said_we_did(either, women, people, write) -> None:
    dalia = either("dalia").get("/ergs/women/recommendations/")
    assert dalia.has("Nothing has been recommended yet")
    dalia.click("Recommend something")
    late = (clock.now().date() + timedelta(days=20)).isoformat()
    dalia.submit("Ask", title="Pay bands", why="Fair", email="no@t.example", due_on=late)
    assert dalia.status == 422 and dalia.has("There is no colleague with this address.")
    dalia.submit("Ask", email="Boss@t.example")
    assert dalia.has("Sent.")
    boss = either("boss").get("/")
    assert boss.has("Pay bands") and boss.has("Your public answer is wanted by")
    boss.click("Pay bands").submit("Answer in public", text="")
    assert boss.status == 422 and boss.has("Choose one of the answers.")
    boss.submit("Answer in public", state="accepted", text="Published in May.")
    assert boss.has("Your answer is public now.")
    assert not either("boss").get("/").has("Pay bands")
    bo = either("bo").get("/ergs/women/recommendations/")
    assert bo.has("Published in May.") and bo.has("Accepted") and bo.has("Boss Test")
    assert not bo.click("Pay bands").has("Answer in public")
    boss.submit("Take my answer back")
    assert not bo.get("/ergs/women/recommendations/").has("Published in May.")
    assert boss.get("/recommendations/").has("Pay bands")


def test_recommendations_are_searched_and_filtered(browser, women, people, write) -> None:
    with write() as db:
        erg = db.get(Erg, women)
        make_recommendation(db, erg, people["boss"], "Quiet rooms")
        done = RecommendationState.DONE
        make_recommendation(db, erg, people["boss"], "Pay bands", answer=done)
        yesterday = clock.now().date() - timedelta(days=1)
        make_recommendation(db, erg, people["boss"], "Ramps", due_on=yesterday)
    bo, url = browser("bo"), "/ergs/women/recommendations/"
    found = {
        "?q=quiet": {"Quiet rooms"},
        "?state=done": {"Pay bands"},
        "?state=late": {"Ramps"},
        "": {"Quiet rooms", "Pay bands", "Ramps"},
    }
    for query, titles in found.items():
        seen = bo.get(url + query)
        assert {t for t in found[""] if seen.has(t)} == titles, query
    assert bo.get(url).has("Overdue")


def test_a_hidden_group_asks_without_showing_anything_else(browser, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "secret", lead=people["dalia"], discovery=Discovery.HIDDEN)
        row = make_recommendation(db, erg, people["boss"]).id
        plan = make_plan(db, erg)
        aim = make_initiative(db, plan).id
    boss = browser("boss").get(f"/recommendations/{row}/")
    assert boss.status == 200 and boss.has("Answer in public")
    assert boss.get("/ergs/secret/recommendations/").status == 404
    bo = browser("bo")
    for path in (f"/recommendations/{row}/", f"/plans/initiatives/{aim}/", "/ergs/secret/plan/"):
        assert bo.get(path).status == 404, path


def test_the_desk_shows_what_is_late(app, women, people, write) -> None:
    with write() as db:
        erg, ago = db.get(Erg, women), clock.now().date() - timedelta(days=1)
        for year, state in ((2030, PlanState.DRAFT), (2031, PlanState.AGREED)):
            plan = make_plan(db, erg, year=year, state=state)
            make_initiative(db, plan, f"Late {state}", due_on=ago)
            make_initiative(db, plan, f"Today {state}", due_on=clock.now().date())
        make_recommendation(db, erg, people["boss"], "Unanswered", due_on=ago)

    def titles(name):
        with app.test_request_context():
            return {i.title for i in on_desk(reading(), Actor(person_id=people[name]))}

    assert titles("dalia") == {"Late agreed", "Unanswered"}
    assert titles("juno") == titles("boss") == set()


def test_a_page_costs_at_most_eight_statements_however_many_rows(
    app, women, plan, people, queries, write
) -> None:
    with write() as db:
        row = make_initiative(db, db.get(Plan, plan), owner_id=people["juno"])
        make_result(db, row, 1.0)
        said = RecommendationState.DONE
        asked = make_recommendation(db, db.get(Erg, women), people["boss"], answer=said).id
        aim = row.id
    paths = {
        "dalia": (
            "/ergs/women/plan/",
            f"/plans/initiatives/{aim}/",
            f"/plans/initiatives/{aim}/edit",
            f"/plans/{plan}/initiatives/new",
            "/ergs/women/recommendations/",
            f"/recommendations/{asked}/",
        ),
        "boss": ("/recommendations/", f"/recommendations/{asked}/"),
    }
    readers = {name: Browser(app).sign_in(f"{name}@t.example") for name in paths}
    few = {(n, p): cost(readers[n], p, queries) for n, ps in paths.items() for p in ps}
    with write() as db:
        erg, of = db.get(Erg, women), db.get(Plan, plan)
        for n in range(25):
            member = make_person(db, f"Member {n}").id
            make_member(db, erg, member, visibility=Visibility.COMPANY)
            make_result(db, make_initiative(db, of, f"No {n}", owner_id=member), 1.0, 2.0)
            make_result(db, db.get(type(row), aim), 3.0, text=f"Result {n}")
            make_recommendation(db, erg, people["boss"], f"No {n}", answer=said)
    many = {(n, p): cost(readers[n], p, queries) for n, ps in paths.items() for p in ps}
    assert many == few and max(few.values()) <= 8, (few, many)


def cost(reader: Browser, path: str, queries) -> int:
    with queries() as seen:
        assert reader.get(path).status == 200
    return len(seen)


def test_lists_are_paged(browser, women, plan, write) -> None:
    with write() as db:
        for n in range(22):
            make_initiative(db, db.get(Plan, plan), f"No {n:02}")
    bo = browser("bo").get("/ergs/women/plan/")
    assert bo.has("Page 1 of 2") and bo.click("Next page").has("No 21")
    assert bo.get("/ergs/women/plan/?page=99&q=no").status == 200
