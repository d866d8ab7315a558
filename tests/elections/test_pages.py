"""The pages of elections as people use them, as a plain browser and with htmx."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from app.core import clock
from app.elections import services
from app.elections.models import Election
from app.elections.rules import ElectionState
from app.ergs.models import Erg
from app.ergs.registry import handover_sections
from app.ergs.rules import RoleName, Visibility
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.elections import make_candidacy, make_election, make_plan, numbers
from tests.factories.ergs import make_erg, make_member, make_role

S = ElectionState
NAMES = ("dalia", "bo", "ana", "chi", "juno", "maria", "farid", "kai")


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by first name."""
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def visit(app):
    """A plain browser for a person by first name."""
    return lambda name: Browser(app).sign_in(f"{name}@t.example")


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
def erg(people, write):
    """A group led by Dalia; Maria belongs confidentially, Farid is an administrator, Kai a guest
    of no group."""
    with write() as db:
        group = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        for name in ("bo", "ana", "chi", "juno"):
            make_member(db, group, people[name], visibility=Visibility.COMPANY)
        make_member(db, group, people["maria"], visibility=Visibility.NOBODY)
        make_role(db, group, people["juno"], RoleName.MODERATOR)
        return group.id


@pytest.fixture
def election(erg, people, write):
    """Makes an election; returns its address."""

    def make(state=S.VOTING, candidates=("ana", "chi"), votes=None, **traits) -> str:
        with write() as db:
            made = make_election(
                db,
                db.get(Erg, erg),
                state,
                candidates=[people[name] for name in candidates],
                votes={people[name]: ranking for name, ranking in (votes or {}).items()},
                **traits,
            )
            return f"/ergs/women/elections/{made.id}/"

    return make


def test_a_lead_plans_announces_and_recalls(visit, erg) -> None:
    dalia = visit("dalia").get("/ergs/women/").click("Elections")
    assert dalia.has("No election yet")
    dalia.click("Plan an election").submit("Save as a draft", seats="0", about="We need two hands.")
    assert dalia.status == 422 and dalia.has("Enter a number from 1 to 9.")
    assert "We need two hands." in dalia.html, "nothing typed is lost"
    dalia.submit("Save as a draft", seats="2", role="treasurer", tie_rule="joint")
    assert dalia.has("Only leads see this draft") and dalia.has("share the term")
    dalia.click("Change").submit("Save as a draft", seats="1")
    dalia.submit("Announce")
    assert dalia.has("Announced.") and dalia.has("Nominations open on")
    page = dalia.url
    bo = visit("bo").get(page)
    assert bo.status == 200 and not bo.has("Back to draft")
    dalia.get(page).submit("Back to draft")
    assert bo.get(page).status == 404


def test_days_in_the_wrong_order_are_named(visit, erg) -> None:
    dalia = visit("dalia").get("/ergs/women/elections/new")
    day = (clock.now() + timedelta(days=3)).date().isoformat()
    dalia.submit("Save as a draft", voting_on=day, ends_on="2020-01-01", term_ends_on="2020-01-01")
    assert dalia.has("Voting starts after nominations, a day later at least.")
    assert dalia.has("Voting cannot end before it starts.")
    assert dalia.has("The term must end after it starts.")


def test_bo_proposes_ana_who_stands_and_steps_back(visit, election, people) -> None:
    page = election(S.NOMINATING, candidates=())
    bo = visit("bo").get(page).click("Propose somebody")
    assert bo.has("Ana Test") and not bo.has("Maria Test") and not bo.has("Kai Test")
    bo.get(f"{page}nominations?q=ana").submit("Propose")
    assert bo.has("They will be asked.") and not bo.get(page).has("Ana Test")
    ana = visit("ana").get("/")
    assert ana.has("Somebody proposes you as a candidate. Will you stand?")
    ana.get(page).click("Answer").submit("Stand for election", statement="Better meetings.")
    assert ana.has("You stand.")
    assert bo.get(page).has("Better meetings.") and bo.has("Ana Test")
    ana.get(f"{page}candidacy").submit("Step back")
    assert ana.has("You do not stand. Nobody was told.")
    assert not bo.get(page).has("Better meetings.")


def test_a_confidential_member_is_told_what_a_candidacy_shows(visit, election) -> None:
    page = election(S.NOMINATING, candidates=())
    maria = visit("maria").get(f"{page}candidacy")
    assert maria.has("everybody who may see this election will know that you belong")
    assert not visit("bo").get(f"{page}candidacy").has("will know that you belong")


def test_in_a_sensitive_group_one_chooses_the_name_to_show(visit, people, write) -> None:
    with write() as db:
        group = make_erg(db, "pride", lead=people["dalia"], roster=Visibility.NOBODY)
        make_member(db, group, people["maria"], visibility=Visibility.NOBODY)
        page = f"/ergs/pride/elections/{make_election(db, group, S.NOMINATING).id}/"
    maria = visit("maria").get(f"{page}candidacy")
    maria.submit("Stand for election", shown_as="M. from Lima", statement="Hello")
    assert visit("dalia").get(page).has("M. from Lima")
    assert not visit("dalia").get(page).has("Maria Test")
    assert visit("farid").get(page).status == 404, "no administrator sees who stands there"


def test_bo_votes_looks_again_and_casts(browser, election, people, write) -> None:
    page = election()
    with write() as db:
        found = db.get(Election, UUID(page.split("/")[-2]))
        number = numbers(db, found)
    ana, chi = (f"rank_{number[people[name]]}" for name in ("ana", "chi"))
    bo = browser("bo").get("/")
    assert bo.has("Your vote is wanted.")
    bo.get(page).click("Vote").submit("Look at my ballot", **{ana: "1", chi: "1"})
    assert bo.status == 422 and bo.has("Another candidate has this rank as well.")
    assert bo.html.count('value="1" selected') + bo.html.count('selected value="1"') == 2
    bo.get(f"{page}vote").submit("Look at my ballot")
    assert bo.status == 422 and bo.has("Give at least one candidate the rank 1.")
    bo.submit("Look at my ballot", **{ana: "2", chi: "1"})
    assert bo.has("Is this your vote?") and bo.text.index("Chi Test") < bo.text.index("Ana Test")
    bo.submit("Change the order")
    assert bo.status == 200 and bo.has("Rank the candidates")
    bo.submit("Look at my ballot", **{ana: "1", chi: ""})
    assert bo.has("All others have no rank")
    bo.submit("Cast my vote")
    assert bo.has("Your vote is in the box.") and bo.has("You have voted.")
    assert bo.get(f"{page}vote").status == 409
    assert not bo.get("/").has("Your vote is wanted.")


def test_who_came_after_the_vote_began_reads_why_they_cannot_vote(
    visit, election, erg, write, people
) -> None:
    page = election()
    with write() as db:
        make_member(db, db.get(Erg, erg), people["kai"])
    kai = visit("kai").get(page)
    assert kai.has("You are not among them.")
    assert kai.get(f"{page}vote").status == 403


VOTES = {"bo": (1, 2), "dalia": (1,), "juno": (1, 2), "maria": (2,), "ana": (1,), "chi": (2, 1)}


def test_the_count_is_certified_by_two_and_printed(visit, election) -> None:
    page = election(S.COUNTED, votes=VOTES)
    dalia = visit("dalia").get("/ergs/desk/")
    assert dalia.has("Certify an election")
    dalia.get(page)
    assert dalia.has("First choices") and dalia.has("Ana Test is elected.")
    assert dalia.get(f"{page}certificate").status == 409
    dalia.get(page).submit("Certify this count")
    assert dalia.has("Your signature is under it.")
    dalia.get(page).submit("Take my signature back")
    dalia.get(page).submit("Certify this count")
    bo = visit("bo").get(page)
    assert not bo.has("Certify this count"), "a member without a role is no witness here"
    visit("farid").get(page).submit("Certify this count")
    assert bo.get(page).click("Certificate to print").has("Certified result")
    for name in ("Dalia Test", "Farid Test", "Ana Test"):
        assert bo.has(name)
    assert "<dd>6</dd>" in bo.html and bo.has("Fingerprint of all ballots")


def test_a_lead_voids_with_a_reason_that_members_read(visit, election) -> None:
    page = election(candidates=("ana",))
    dalia = visit("dalia").get(page).click("Declare this election void")
    dalia.submit("Declare void", reason=" ")
    assert dalia.status == 422
    dalia.submit("Declare void", reason="The days fell on a holiday.")
    assert visit("bo").get(page).has("The days fell on a holiday.")


def test_elections_are_for_those_whom_they_concern(visit, election, erg) -> None:
    page = election()
    assert visit("kai").get(page).status == 403
    assert visit("kai").get("/ergs/women/elections/").status == 403
    assert visit("farid").get(page).status == 200
    assert visit("farid").get(f"{page}vote").status == 403
    assert visit("bo").get(f"{page}void").status == 403
    found = page.replace("/women", "")
    assert visit("bo").get(found).url == page


def test_a_list_filters_by_state_and_pages(visit, erg, write) -> None:
    with write() as db:
        for n in range(22):
            days = timedelta(days=n)
            plan = make_plan(S.DRAFT)
            made = make_election(
                db,
                db.get(Erg, erg),
                S.DRAFT,
                voting_on=plan.voting_on + days,
                ends_on=plan.ends_on + days,
            )
            if n == 3:
                services.void(db, _lead_of(db, erg), election_id=made.id, reason="Too soon")
    bo = visit("bo").get("/ergs/women/elections/")
    assert bo.has("Page 1 of 2") and bo.click("Next page").has("Page 2 of 2")
    assert bo.get("/ergs/women/elections/?state=void").html.count("line-link") == 1
    assert bo.get("/ergs/women/elections/?state=voting").has("No election found")


def _lead_of(db, erg_id):
    from app.ergs import queries

    return queries.leads_of(db, erg_id)[0]


def test_the_handover_pack_is_put_together_and_ticked(browser, erg) -> None:
    dalia = browser("dalia").get("/ergs/women/handover/")
    assert (
        dalia.has("Roles and terms") and dalia.has("Juno Test") and dalia.has("We meet, we listen")
    )
    assert dalia.has("0 of 11")
    dalia.submit("Done")
    assert dalia.has("1 of 11") and dalia.has("Done by Dalia Test")
    sheet = dalia.client.get("/ergs/women/handover/checklist.csv")
    assert "Dalia Test" in sheet.get_data(as_text=True)
    dalia.get("/ergs/women/handover/").submit("Open again")
    assert dalia.has("0 of 11")
    for name in ("bo", "farid"):
        assert browser(name).get("/ergs/women/handover/").status == 403


def test_who_is_about_to_lead_opens_the_pack(visit, election) -> None:
    page = election(S.COUNTED, votes={"bo": (1,)})
    assert visit("ana").get("/ergs/women/handover/").status == 403
    for name in ("dalia", "juno"):
        visit(name).get(page).submit("Certify this count")
    assert visit("ana").get("/ergs/women/handover/").status == 200
    assert visit("chi").get("/ergs/women/handover/").status == 403


@pytest.mark.parametrize(
    "path", ["", "vote", "nominations", "candidacy", "handover", "index", "home"]
)
def test_a_page_costs_the_same_with_many(
    visit, erg, people, election, write, queries, path
) -> None:
    state = S.NOMINATING if path in ("nominations", "candidacy") else S.VOTING
    page = election(state, candidates=("ana", "chi"))
    url = {
        "handover": "/ergs/women/handover/",
        "index": "/ergs/women/elections/",
        "home": "/",
    }.get(path, page + path)
    dalia = visit("dalia").get(url)
    with queries() as few:
        dalia.get(url)
    with write() as db:
        group = db.get(Erg, erg)
        more = [make_person(db, f"More {n:02}").id for n in range(12)]
        for person_id in more:
            make_member(db, group, person_id, visibility=Visibility.COMPANY)
            make_role(db, group, person_id, RoleName.COMMS)
        if state is S.NOMINATING:
            found = db.get(Election, UUID(page.split("/")[-2]))
            for person_id in more:
                make_candidacy(db, found, person_id)
        for role in (RoleName.COMMS, RoleName.TREASURER, RoleName.LEAD):
            make_election(db, group, state, role=role, candidates=more)
    with queries() as many:
        dalia.get(url)
    assert len(few) == len(many), "\n".join(many)
    sections = len(handover_sections) if path == "handover" else 0
    assert path == "home" or len(many) <= 8 + sections, "\n".join(many)


def test_a_counted_election_costs_no_more_than_eight_statements(visit, election, queries) -> None:
    page = election(S.COUNTED, votes=VOTES)
    dalia = visit("dalia").get(page)
    with queries() as seen:
        dalia.get(page)
    assert len(seen) <= 8, "\n".join(seen)
