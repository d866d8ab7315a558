"""The pages of approvals: chain, rules with their replay, deputies, one decision."""

from __future__ import annotations

import pytest

from app.approvals.rules import Decider
from app.core import clock
from app.ergs.models import Erg
from app.ergs.rules import RoleName, Visibility
from app.posts.rules import PostKind
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.approvals import make_chain, make_round
from tests.factories.ergs import make_erg, make_member, make_role


@pytest.fixture
def browser(app):
    """A plain browser for a person by first name; the forms are the same for htmx."""
    return lambda name, htmx=False: Browser(app, htmx=htmx).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        ids = {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("bo", "dalia", "wren", "kai", "juno")
        }
        erg = make_erg(db, "women", lead=ids["dalia"], roster=Visibility.COMPANY)
        make_member(db, erg, ids["bo"])
        make_member(db, erg, ids["wren"], visibility=Visibility.COMPANY)
        make_role(db, erg, ids["wren"], RoleName.COMMS)
        make_role(db, erg, ids["kai"], RoleName.SPONSOR)
        make_chain(db, erg, Decider.LEAD)
        return {**ids, "women": erg.id}


def test_the_chain_is_set_by_the_leads_alone(browser, people) -> None:
    dalia = browser("dalia").get("/ergs/women/manage/approvals/")
    dalia.submit("Save the chain", who_1="comms", days_1="1", who_2="sponsor", days_2="3")
    assert dalia.has("Saved. What is on its way already keeps the chain it began with.")
    assert 'value="sponsor" selected' in dalia.html or 'selected value="sponsor"' in dalia.html
    dalia.submit("Save the chain", days_1="0")
    assert dalia.status == 422 and dalia.has("Enter a number from 1 to 30.")
    for name in ("wren", "bo", "juno", "kai"):
        assert browser(name).get("/ergs/women/manage/approvals/").status == 403, name


def test_a_rule_shows_what_it_would_have_done_before_it_is_saved(browser, people, write) -> None:
    with write() as db:
        erg = db.get(Erg, people["women"])
        make_round(db, erg, people["wren"], "Plain words")
        make_round(db, erg, people["dalia"], "By the one who tries")
    dalia = browser("dalia").get("/ergs/women/manage/approvals/?kind=post")
    dalia.submit("Try it", fact_kind=PostKind.ANNOUNCEMENT.value, fact_author_role="comms")
    assert dalia.has("1 of the last 2 items would have been approved by it.")
    assert dalia.has("Approved by it") and dalia.has("Through the stages")
    assert dalia.has("No rule yet"), "trying saves nothing"
    dalia.submit("Save this rule")
    assert dalia.has("From now on, these items need nobody.")
    assert dalia.has("Kind: Announcement") and dalia.has("Written by: somebody of communications")
    assert dalia.submit("End this rule").has("The rule is ended.")
    assert dalia.submit("Undo").has("The rule is in force again.")


def test_trying_a_rule_without_conditions_offers_nothing_to_save(browser, people) -> None:
    dalia = browser("dalia").get("/ergs/women/manage/approvals/").submit("Try it")
    assert dalia.has("Choose at least one condition.") and not dalia.has("Save this rule")


def test_a_round_is_open_to_its_author_and_to_those_who_decide(browser, people, write) -> None:
    with write() as db:
        row = make_round(db, db.get(Erg, people["women"]), people["wren"], "For your eyes")
        address = f"/ergs/women/approvals/{row.id}/"
    for name, status in (("dalia", 200), ("wren", 200), ("bo", 403), ("juno", 403), ("kai", 403)):
        assert browser(name).get(address).status == status, name
    wren = browser("wren").get(address)
    assert wren.has("Nobody approves their own work") and not wren.has("Save the decision")


def test_a_decision_is_taken_back_from_the_message_that_confirms_it(browser, people, write) -> None:
    with write() as db:
        row = make_round(db, db.get(Erg, people["women"]), people["wren"])
        address = f"/ergs/women/approvals/{row.id}/"
    dalia = browser("dalia").get(address)
    dalia.submit("Save the decision", verdict="reject", reason="Not <b>now</b>.")
    assert dalia.has("Rejected") and dalia.has("Not <b>now</b>.")
    assert dalia.submit("Undo").has("Taken back. It waits for a decision again.")
    assert dalia.has("The decision was taken back") and dalia.has("Save the decision")


def test_the_desk_approves_with_one_button(browser, people, write) -> None:
    with write() as db:
        make_round(db, db.get(Erg, people["women"]), people["wren"], "From the desk")
    dalia = browser("dalia").get("/ergs/desk/")
    assert dalia.has("From the desk")
    dalia.submit("Approve")
    assert "Approved, not sent yet" in dalia.get("/ergs/desk/").text


def test_a_deputy_is_named_among_those_who_hold_a_role(browser, people, write) -> None:
    with write() as db:
        hidden = make_person(db, "Hidden Holder").id
        erg = db.get(Erg, people["women"])
        make_member(db, erg, hidden, visibility=Visibility.NOBODY)
        make_role(db, erg, hidden, RoleName.TREASURER)
    today = clock.now().date().isoformat()
    dalia = browser("dalia").get("/ergs/women/approvals/")
    assert "Hidden Holder" not in dalia.html and dalia.has("Bo Test") is False
    dalia.submit("Name a deputy", deputy=str(people["wren"]), starts_on=today, ends_on="2020-01-01")
    assert dalia.status == 422 and dalia.has("The last day lies before the first")
    dalia.submit("Name a deputy", deputy=str(people["wren"]), starts_on=today, ends_on=today)
    assert dalia.has("Your deputy decides in your place")
    assert dalia.submit("Decide myself again").has("You decide yourself again.")
    assert dalia.submit("Undo").has("Your deputy is back.")


@pytest.mark.parametrize(
    "path",
    ["/ergs/women/approvals/", "/ergs/women/manage/approvals/?try=1&fact_kind=newsletter", "one"],
)
def test_a_page_costs_at_most_eight_statements_however_many_rounds(
    app, people, queries, path, write
) -> None:
    with write() as db:
        row = make_round(db, db.get(Erg, people["women"]), people["wren"], "First")
        path = f"/ergs/women/approvals/{row.id}/" if path == "one" else path
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get(path)
    with queries() as few:
        dalia.get(path)
    with write() as db:
        for n in range(25):
            make_round(db, db.get(Erg, people["women"]), people["wren"], f"Round {n}")
    with queries() as many:
        dalia.get(path)
    assert len(few) == len(many) <= 8, "\n".join(many)
