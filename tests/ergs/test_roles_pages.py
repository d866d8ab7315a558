"""Roles on the pages: asked, answered, ended, taken away by two; plain and with htmx."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.models import Person
from app.core import clock
from app.ergs import services
from app.ergs.models import Erg, RoleGrant
from app.ergs.rules import Discovery, RoleName, Visibility
from app.ergs.services import roles_removal as removals
from app.ergs.services.relay import write_to_leads
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role

ROLES = "/ergs/women/manage/roles/"


@pytest.fixture
def women(people, write):
    """Dalia leads; Bo is a member; nobody else belongs."""
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"])
        make_member(db, erg, people["bo"])
        make_chapter(db, erg, "paris")
        return erg.id


def test_a_role_from_the_question_to_the_office_and_back(browser, people, women) -> None:
    dalia = browser("dalia").get(f"{ROLES}new?q=juno").click("Juno Test")
    dalia.submit("Ask them", role="treasurer")
    assert dalia.has("The question is on its way.") and dalia.has("Waiting for an answer")
    juno = browser("juno").get("/")
    assert juno.has("You are asked to take a role: Treasurer")
    juno.click("Women")
    assert juno.has("Would you take this role?")
    juno.submit("Yes, I will")
    assert juno.has("Thank you. The role is yours.") and juno.has("In office")
    assert juno.get("/ergs/women/").has("You belong to this group")
    dalia.get(ROLES)
    assert dalia.has("In office")
    dalia.submit("End this role")
    assert dalia.has("The role has ended. The person has been told.")
    assert dalia.has("It was taken away")


def test_a_term_that_ends_is_renewed_on_the_desk_and_that_is_taken_back(
    browser, people, women, write
) -> None:
    with write() as db:
        last = clock.now().date() + timedelta(days=9)
        grant = make_role(db, db.get(Erg, women), people["bo"], RoleName.TREASURER)
        grant.ends_on = last
    desk = browser("dalia").get("/ergs/desk/")
    assert desk.has("The term ends: Treasurer") and not desk.has("Plan an election")
    desk.submit("Ask for another year")
    assert desk.url.startswith("/ergs/desk/") and desk.has("The question is on its way.")
    assert not desk.has("The term ends"), "only the answer is missing"
    desk.submit("Undo")
    assert desk.has("The proposal is taken back.") and desk.has("The term ends: Treasurer")
    desk.submit("Ask for another year")
    browser("bo").get("/").click("Women").submit("Yes, I will")
    assert not browser("bo").get("/").has("Your term ends")
    assert browser("dalia").get(ROLES).has("Accepted, learning until it begins")


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu"])
def test_a_deadline_that_is_a_day_is_the_same_day_in_every_zone(app, people, women, write, zone):
    with write() as db:
        last = clock.now().date() + timedelta(days=9)
        for who, role in (("bo", RoleName.TREASURER), ("dalia", RoleName.COMMS)):
            make_role(db, db.get(Erg, women), people[who], role).ends_on = last
        db.get(Person, people["dalia"]).zone = zone
    dalia = Browser(app).sign_in("dalia@t.example")
    for page in ("/ergs/desk/", "/"):
        dalia.get(page)
        assert f'datetime="{last.isoformat()}"' in dalia.html, page
        assert f'datetime="{(last + timedelta(days=1)).isoformat()}' not in dalia.html


def test_who_leads_next_is_asked_or_elected_but_nobody_renews_themselves(
    browser, people, women, write
) -> None:
    with write() as db:
        grant = db.query(RoleGrant).filter_by(person_id=people["dalia"]).one()
        grant.ends_on = last = clock.now().date() + timedelta(days=9)
        own = f"/ergs/women/manage/roles/{grant.id}/renewal"
    desk = browser("dalia").get("/ergs/desk/")
    assert not desk.has("Ask for another year")
    token = desk.get(f"{ROLES}new?person={people['bo']}").form("Ask them").find(".//input")
    assert desk.client.post(own, data={"csrf_token": token.get("value")}).status_code == 403
    assert (
        desk.get("/ergs/desk/").click("Plan an election").url.endswith("/ergs/women/elections/new")
    )
    desk.get("/ergs/desk/").click("Name a successor")
    desk.get(f"{desk.url}&q=juno").click("Juno Test").submit("Ask them")
    with write() as db:
        asked = db.query(RoleGrant).filter_by(person_id=people["juno"]).one()
        assert (asked.role, asked.starts_on) == (RoleName.LEAD, last + timedelta(days=1))
    assert not desk.get("/ergs/desk/").has("The term ends")


def test_a_wrong_term_is_explained_and_what_was_chosen_stays(browser, people, women) -> None:
    dalia = browser("dalia").get(f"{ROLES}new?person={people['bo']}")
    today = clock.now().date()
    dalia.submit(
        "Ask them",
        role="comms",
        starts_on=(today - timedelta(days=1)).isoformat(),
        ends_on=(today - timedelta(days=2)).isoformat(),
    )
    assert dalia.status == 422
    assert dalia.has("Choose today or a later day.") and dalia.has("Bo Test")
    assert dalia.has("The last day comes after the first one.")


def test_a_proposal_is_taken_back_or_declined(browser, people, women) -> None:
    dalia = browser("dalia").get(f"{ROLES}new?person={people['bo']}").submit("Ask them")
    dalia.submit("Undo")
    assert dalia.has("The proposal is taken back.")
    dalia.get(f"{ROLES}new?person={people['bo']}").submit("Ask them", role="moderator")
    browser("bo").get("/").click("Women").submit("No, thank you")
    assert dalia.get(ROLES).has("The person said no")


def test_the_only_lead_is_told_why_not_and_what_next(browser, people, women) -> None:
    dalia = browser("dalia").get(ROLES).click("Your role").submit("Lay the role down")
    assert dalia.status == 409
    assert dalia.has("A group cannot be without a lead. Find another lead first.")


def test_a_lead_is_removed_by_another_lead_after_a_reason(browser, people, women, write) -> None:
    with write() as db:
        erg = db.get(Erg, women)
        make_role(db, erg, people["bo"], RoleName.CO_LEAD)
        make_member(db, erg, people["kai"])
        make_role(db, erg, people["kai"], RoleName.CO_LEAD)
    dalia = browser("dalia").get(ROLES)
    dalia.submit("Propose", reason="")
    assert dalia.status == 422 and dalia.has("Please give a reason.")
    dalia.get(ROLES)
    path = next(
        f.get("action")
        for f in dalia.tree.iter("form")
        if (f.get("action") or "").endswith("/removal")
    )
    dalia.submit(action=path, reason="Never answers.")
    assert dalia.has("Proposed. Nothing changes until a second person agrees.")
    dalia.get(ROLES).click("Read and decide")
    assert dalia.has("Take the proposal back") and not dalia.has("I agree")
    held_by = "Bo Test" if dalia.has("Bo Test") else "Kai Test"
    second, concerned = ("kai", "bo") if held_by == "Bo Test" else ("bo", "kai")
    assert browser(concerned).get(dalia.url).has("Somebody else has to agree")
    other = browser(second).get("/ergs/desk/")
    assert other.has("It is proposed that this role ends")
    other.click(held_by).submit("I agree: end this role")
    assert other.has("Confirmed. The role has ended.")


def test_an_administrator_confirms_where_no_other_lead_is_left(
    browser, people, women, write
) -> None:
    with write() as db:
        grant = make_role(db, db.get(Erg, women), people["bo"], RoleName.CO_LEAD)
        removals.propose_removal(db, people["dalia"], grant_id=grant.id, reason="Away for long")
    farid = browser("farid").get("/")
    assert farid.has("A decision needs a second person.")
    farid.click("Women").submit("I agree: end this role")
    assert farid.has("Confirmed. The role has ended.")


def test_administrators_propose_a_lead_only_where_there_is_none(
    browser, people, women, write
) -> None:
    farid = browser("farid")
    assert farid.get(ROLES).status == 403
    with write() as db:
        services.depart(db, people["dalia"])
    assert farid.get("/").has("This group has no lead. Please propose somebody.")
    farid.get(ROLES)
    assert farid.has("Nobody leads this group")
    farid.get(f"{ROLES}new?person={people['bo']}").submit("Ask them", role="lead")
    browser("bo").get("/").click("Women").submit("Yes, I will")
    assert farid.get(ROLES).status == 403


def test_a_hidden_groups_roles_are_found_by_nobody_else(app, people, write) -> None:
    with write() as db:
        erg = make_erg(
            db,
            "circle",
            lead=people["dalia"],
            discovery=Discovery.HIDDEN,
            roster=Visibility.NOBODY,
        )
        grant = make_role(db, erg, people["kai"], RoleName.SPONSOR)
        path = f"/ergs/roles/{grant.id}/"
    assert Browser(app).sign_in("kai@t.example").get(path).has("Circle")
    for name in ("bo", "dalia", "farid"):
        assert Browser(app).sign_in(f"{name}@t.example").get(path).status == 404
    assert Browser(app).sign_in("bo@t.example").get("/ergs/circle/manage/roles/").status == 404


def test_a_role_in_a_chapter_that_was_closed_is_still_read(app, people, women, write) -> None:
    with write() as db:
        erg = db.get(Erg, women)
        chapter = make_chapter(db, erg, "gone")
        make_role(db, erg, people["bo"], RoleName.LEAD, chapter)
        chapter.archived_at = clock.now()
    page = Browser(app).sign_in("dalia@t.example").get(ROLES)
    assert page.has("Lead, a closed chapter")


def test_home_and_desk_cost_the_same_with_many_rows(app, people, women, queries, write) -> None:
    dalia = Browser(app).sign_in("dalia@t.example")
    with write() as db:
        add_work(db, women, 0, 2)
    dalia.get("/ergs/desk/")
    with queries() as few:
        dalia.get("/ergs/desk/")
    with write() as db:
        add_work(db, women, 2, 12)
    with queries() as many:
        dalia.get("/ergs/desk/")
    assert len(few) == len(many), "\n".join(many)


def add_work(db, erg_id, first: int, last: int) -> None:
    erg, soon = db.get(Erg, erg_id), clock.now().date() + timedelta(days=5)
    for n in range(first, last):
        person = make_person(db, f"Person {n:02}")
        make_member(db, erg, person.id)
        write_to_leads(db, person.id, erg_id=erg_id, text="Hello")
        services.grant(
            db, None, erg_id=erg_id, person_id=person.id, role=RoleName.CO_LEAD, ends_on=soon
        )
        sponsor = make_role(db, erg, make_person(db, f"Sponsor {n:02}").id, RoleName.SPONSOR)
        removals.propose_removal(db, person.id, grant_id=sponsor.id, reason="Away")
