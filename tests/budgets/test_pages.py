"""The pages of money as people use them, as a plain browser and with htmx."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest

from app.budgets.agenda import on_desk
from app.budgets.models import BudgetCycle
from app.budgets.rules import RequestState
from app.core import clock
from app.core.database import reading
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.rules import RoleName, Visibility
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.budgets import make_cycle, make_request
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_event

NAMES = ("ana", "bea", "dalia", "farid", "juno", "kai")


@pytest.fixture
def browser(app):
    """A plain browser for a person by first name."""
    return lambda name, lang=None: Browser(app, lang=lang).sign_in(f"{name}@t.example")


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def either(request, app):
    """A browser of either kind."""
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "farid" else (),
            ).id
            for name in NAMES
        }


@pytest.fixture
def women(people, write):
    """Dalia leads, Ana and Bea are treasurers, Kai sponsors, Juno is a member."""
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        for name in ("ana", "bea", "juno"):
            make_member(db, erg, people[name], visibility=Visibility.COMPANY)
        for name in ("ana", "bea"):
            make_role(db, erg, people[name], RoleName.TREASURER)
        make_role(db, erg, people["kai"], RoleName.SPONSOR)
        make_event(db, erg, "Summer party")
        return erg.id


@pytest.fixture
def cycle(women, write):
    with write() as db:
        return make_cycle(db, db.get(Erg, women)).id


def test_from_an_empty_budget_to_reconciled_money(either, women) -> None:
    farid = either("farid").get("/ergs/women/budget/")
    assert farid.has("There is no budget yet")
    farid.click("Open a cycle")
    farid.submit(action="/ergs/women/budget/cycles/new", name="Year", currency="EUR", limit="x")
    assert farid.status == 422 and farid.has("Enter an amount as a plain number")
    farid.submit(action="/ergs/women/budget/cycles/new", limit="500")
    farid.submit("Allocate", amount="1,000.50", note="Approved by finance")
    assert farid.has("Allocated.") and farid.has("€1,000.50")
    farid.submit("Take back")
    farid.submit("Allocate", amount="1,000.50")
    ana = either("ana").get("/ergs/women/budget/requests/new")
    ana.submit("Save as a draft", title="", amount="12,50")
    assert ana.status == 422 and ana.has("Enter an amount as a plain number")
    ana.submit("Save as a draft", title="Drinks for the party", amount="250.25")
    assert ana.has("Only you see this draft.") and ana.has("€250.25")
    url = ana.url
    assert either("bea").get(url).status == 404
    ana.submit("Submit")
    assert ana.has("Those who decide have been told.") and not ana.has("Approve")
    bea = either("bea").get("/ergs/women/budget/").click("Drinks for the party")
    bea.submit("Reject", reason="")
    assert bea.status == 422 and bea.has("Please give a reason.")
    bea.get(url).submit("Send back for changes", reason="Without alcohol, please.")
    ana.get(url)
    assert ana.has("Without alcohol, please.")
    ana.click("Change").submit("Save as a draft", amount="200").submit("Submit")
    bea.get(url).submit("Approve")
    assert bea.has("Your approval is noted.") and bea.has("Approved, money set aside")
    bea.submit(action=f"{url}approval/end")
    assert bea.has("Your approval is taken back.")
    bea.submit("Approve")
    ana.get(url).submit("Note as spent", amount="180.10", receipt="Folder 7")
    assert ana.has("Spent, not reconciled yet")
    bea.get(url).submit("Mark as reconciled")
    assert bea.has("Reconciled")
    kai = either("kai").get("/ergs/women/budget/")
    assert kai.has("€820.40") and kai.has("€180.10")
    assert kai.get("/ergs/women/budget/ledger/").has("Folder 7") is False
    assert kai.has("Drinks for the party")


def test_amounts_are_written_as_the_reader_writes_them(browser, women, cycle, people) -> None:
    ana = browser("ana", "es").get("/ergs/women/budget/requests/new?lang=es")
    action = "/ergs/women/budget/requests/new"
    ana.submit(action=action, title="Sala", amount="1.234,50")
    assert ana.status == 200 and "1.234,50 US$" in ana.text.replace("\xa0", " ")


def test_only_those_near_the_money_see_it(app, women, cycle, people, write) -> None:
    with write() as db:
        of = db.get(BudgetCycle, cycle)
        draft = make_request(db, of, people["ana"], state=RequestState.DRAFT, title="Draft").id
        sent = make_request(db, of, people["ana"]).id
    allowed = {"ana": 200, "dalia": 200, "kai": 200, "farid": 200, "juno": 403}
    for name, status in allowed.items():
        who = Browser(app).sign_in(f"{name}@t.example")
        for path in ("", "requests/", "ledger/", "ledger.csv"):
            assert who.get(f"/ergs/women/budget/{path}").status == status, (name, path)
        assert who.get(f"/budgets/requests/{sent}/").status == status
        assert who.get(f"/budgets/requests/{draft}/").status == (200 if name == "ana" else 404)
        assert who.get("/budgets/rates/").status == (200 if name == "farid" else 403)
    assert "Budget" not in Browser(app).sign_in("juno@t.example").get("/ergs/women/").text


def test_a_confidential_treasurer_appears_under_an_alias(app, women, cycle, people, write) -> None:
    with write() as db:
        erg = db.get(Erg, women)
        hidden = make_person(db, "Maria Test", "maria@t.example", PASSWORD).id
        make_member(db, erg, hidden, visibility=Visibility.NOBODY)
        make_role(db, erg, hidden, RoleName.TREASURER)
        sent = make_request(db, db.get(BudgetCycle, cycle), hidden).id
    url = f"/budgets/requests/{sent}/"
    for name in ("dalia", "ana", "kai", "farid"):
        seen = Browser(app).sign_in(f"{name}@t.example").get(url)
        assert seen.has("Person ") and not seen.has("Maria"), name
    assert Browser(app).sign_in("maria@t.example").get(url).has("Maria Test")


def test_a_request_pays_for_an_event(browser, women, cycle) -> None:
    ana = browser("ana").get("/ergs/women/budget/requests/new")
    select = next(e for e in ana.tree.iter("select") if e.get("name") == "event_id")
    options = {"".join(o.itertext()): o.get("value") for o in select.iter("option")}
    ana.submit("Save", title="Tent", amount="90", event_id=options["Summer party"])
    assert ana.has("Summer party")


def test_a_missing_rate_is_explained_and_can_be_entered(browser, women, cycle) -> None:
    ana = browser("ana").get("/ergs/women/budget/requests/new")
    ana.submit("Save", title="Speaker", amount="10000", currency="NGN").submit("Submit")
    assert ana.has("A rate is missing")
    bea = browser("bea").get(ana.url).submit("Approve")
    assert bea.status == 409 and bea.has("There is no rate of NGN in USD")
    farid = browser("farid").get("/budgets/rates/")
    farid.submit("Save the rate", currency="NGN", into="NGN", rate="0.00061", source="Bank")
    assert farid.status == 422
    farid.submit("Save the rate", currency="NGN", into="USD", rate="0.00061", source="Bank")
    assert farid.has("1 NGN = 0.00061 USD")
    assert bea.get(ana.url).has("$6.10") and bea.submit("Approve").status == 200


def test_the_ledger_is_searched_filtered_and_taken_out(app, women, cycle, people, write) -> None:
    with write() as db:
        of = db.get(BudgetCycle, cycle)
        for title, state in (("=2+3 chairs", "spent"), ("Speaker", "committed")):
            make_request(
                db,
                of,
                people["ana"],
                approver=people["bea"],
                state=RequestState(state),
                title=title,
            )
    ana = Browser(app).sign_in("ana@t.example")
    assert ana.get("/ergs/women/budget/ledger/?q=speaker").has("Speaker")
    assert not ana.has("chairs") and not ana.has("Allocation $")
    assert ana.get("/ergs/women/budget/ledger/?kind=spend").has("chairs")
    answer = ana.client.get("/ergs/women/budget/ledger.csv?kind=spend")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 2 and rows[1][4] == "'=2+3 chairs" and rows[1][5] == "100.00"
    book = ana.client.get("/ergs/women/budget/ledger.xlsx?kind=spend").data
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert 100 in [cell.value for cell in cells]


def test_lists_are_paged(app, women, cycle, people, write) -> None:
    with write() as db:
        for n in range(22):
            make_request(db, db.get(BudgetCycle, cycle), people["ana"], title=f"Wish {n}")
    ana = Browser(app).sign_in("ana@t.example")
    assert ana.get("/ergs/women/budget/requests/").has("Page 1 of 2")
    assert ana.get("/ergs/women/budget/requests/?q=wish&state=submitted&page=2").has("Wish")
    assert ana.get("/ergs/women/budget/requests/?page=99").status == 200


def test_the_desk_shows_what_waits_for_this_person(app, women, cycle, people, write) -> None:
    with write() as db:
        of = db.get(BudgetCycle, cycle)
        make_request(db, of, people["ana"], title="Of Ana")
        old = make_request(
            db, of, people["ana"], approver=people["bea"], state=RequestState.SPENT, title="Old"
        )
        old.changed_at = clock.now() - timedelta(days=31)

    def titles(name):
        with app.test_request_context():
            return {i.title for i in on_desk(reading(), Actor(person_id=people[name]))}

    assert titles("bea") == titles("dalia") == {"Of Ana", "Old"}
    assert titles("ana") == {"Old"} and titles("juno") == set()


def test_a_page_costs_at_most_eight_statements_however_many_rows(
    app, women, cycle, people, queries, write
) -> None:
    with write() as db:
        sent = make_request(db, db.get(BudgetCycle, cycle), people["ana"], currency="EUR").id
    paths = {
        "bea": (
            "/ergs/women/budget/",
            "/ergs/women/budget/requests/",
            "/ergs/women/budget/requests/new",
            "/ergs/women/budget/ledger/",
            f"/budgets/requests/{sent}/",
        ),
        "farid": (f"/budgets/cycles/{cycle}/", "/budgets/rates/"),
    }
    readers = {name: Browser(app).sign_in(f"{name}@t.example") for name in paths}
    few = {path: cost(readers[n], path, queries) for n, ps in paths.items() for path in ps}
    with write() as db:
        of = db.get(BudgetCycle, cycle)
        for n in range(25):
            make_request(
                db,
                of,
                people["ana"],
                approver=people["bea"],
                state=RequestState.SPENT,
                title=f"No {n}",
                amount=5,
            )
        make_cycle(db, db.get(Erg, women), name="Other")
        make_event(db, db.get(Erg, women), "Another party")
    many = {path: cost(readers[n], path, queries) for n, ps in paths.items() for path in ps}
    assert many == few and max(few.values()) <= 8, (few, many)


def cost(reader: Browser, path: str, queries) -> int:
    with queries() as seen:
        assert reader.get(path).status == 200
    return len(seen)
