"""The pages of groups as people use them, as a plain browser and with htmx."""

from __future__ import annotations

import pytest

from app.ergs.rules import Admission, Discovery, Region, RoleName, Visibility
from app.ergs.services import Words
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by email."""
    return lambda email, lang=None: Browser(app, htmx=request.param, lang=lang).sign_in(email)


@pytest.fixture
def people(write):
    """Person ids by first name; everybody can sign in as <name>@t.example."""
    with write() as db:
        return {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "farid" else (),
            ).id
            for name in ("bo", "dalia", "juno", "farid", "kai")
        }


@pytest.fixture
def women(people, write):
    with write() as db:
        erg = make_erg(
            db,
            "women",
            lead=people["dalia"],
            roster=Visibility.COMPANY,
            words={
                "en": Words("Women's Network", "Women grow here.", "We meet."),
                "es": Words("Red de Mujeres", "Aquí crecen las mujeres.", "Nos reunimos."),
                "ar": Words("شبكة النساء", "هنا تنمو النساء.", "نلتقي."),
            },
        )
        make_chapter(db, erg, "lagos", Region.AFRICA)
        return erg.id


def test_a_group_is_found_in_any_languages_letters(browser, women) -> None:
    bo = browser("bo@t.example")
    for q in ("women", "mujer", "الَنساء", "نساء"):
        assert bo.get(f"/ergs/?q={q}").has("Women's Network"), q
    assert not bo.get("/ergs/?q=veterans").has("Women's Network")
    assert bo.has("No group found")


def test_the_directory_speaks_the_readers_language_and_falls_back_visibly(browser, women) -> None:
    bo = browser("bo@t.example")
    assert bo.get("/ergs/?lang=es").has("Red de Mujeres")
    assert 'dir="rtl"' in bo.get("/ergs/?lang=ar").html and bo.has("شبكة النساء")


def test_the_directory_filters_by_region_and_mine(browser, women, people, write) -> None:
    with write() as db:
        make_erg(db, "veterans", lead=people["kai"])
    bo = browser("bo@t.example")
    assert bo.get("/ergs/?region=africa").has("Women's Network") and not bo.has("Veterans")
    assert bo.get("/ergs/?region=nowhere").has("Veterans"), "nonsense filters nothing"
    assert bo.get("/ergs/?mine=1").has("You belong to no group yet")


def test_live_search_answers_with_the_list_alone(browser, women) -> None:
    part = browser("bo@t.example").fragment("/ergs/?q=mujeres")
    assert part.lstrip().startswith(("{#", '<div id="groups"')) and "<html" not in part


def test_bo_joins_choosing_who_may_see_it_changes_it_and_leaves(browser, women) -> None:
    bo = browser("bo@t.example").get("/ergs/women/")
    bo.submit("Join", visibility="members", relation="ally")
    assert bo.has("You belong to this group now.")
    assert bo.has("Who may see that you belong: Members of this group.")
    bo.submit(action="/ergs/women/membership/visibility", visibility="nobody")
    assert bo.has("Saved. It holds from now on, everywhere.")
    assert bo.has("Nobody, not even the leads")
    bo.submit("Leave this group")
    assert bo.has("You have left. Nobody was told") and bo.has("Join this group")


def test_a_choice_left_out_is_explained_and_nothing_is_saved(browser, women) -> None:
    bo = browser("bo@t.example").get("/ergs/women/")
    bo.submit("Join", visibility="everybody on earth")
    assert bo.status == 422
    bo.get("/ergs/women/")
    assert bo.has("Join this group")


def test_the_usual_choice_is_the_roster_and_nobody_in_a_sensitive_group(
    browser, women, people, write
) -> None:
    with write() as db:
        make_erg(db, "safe", lead=people["kai"], roster=Visibility.MEMBERS, says_sensitive=True)
    bo = browser("bo@t.example")
    form = bo.get("/ergs/women/").form("Join")
    assert chosen(form) == "company"
    assert chosen(bo.get("/ergs/safe/").form("Join")) == "nobody"


def chosen(form) -> str:
    return next(
        e.get("value")
        for e in form.iter("input")
        if e.get("name") == "visibility" and e.get("checked") is not None
    )


def test_requests_to_several_groups_are_one_line_at_home(browser, people, write) -> None:
    slugs = ("safe", "warm")
    with write() as db:
        for slug in slugs:
            make_erg(db, slug, lead=people["dalia"], admission=Admission.APPROVAL)
    for slug in slugs:
        juno = browser("juno@t.example").get(f"/ergs/{slug}/")
        juno.submit("Ask to join", visibility="leads")
    dalia = browser("dalia@t.example").get("/").click("2 requests to join your groups")
    assert dalia.url.startswith("/ergs/desk/") and dalia.text.count("Asks to join") == 2


def test_requests_are_decided_and_confidential_people_appear_under_an_alias(
    browser, women, people, write
) -> None:
    with write() as db:
        erg = make_erg(
            db, "safe", lead=people["kai"], roster=Visibility.MEMBERS, admission=Admission.APPROVAL
        )
        make_member(db, erg, people["dalia"])
        make_role(db, erg, people["dalia"], RoleName.CO_LEAD)
    juno = browser("juno@t.example").get("/ergs/safe/").submit("Ask to join", visibility="nobody")
    assert juno.has("Leads see an alias instead of your name.")
    bo = browser("bo@t.example").get("/ergs/safe/").submit("Ask to join", visibility="leads")
    dalia = browser("dalia@t.example").get("/")
    assert dalia.has("2 requests to join")
    dalia.get("/ergs/safe/manage/")
    assert dalia.has("Bo Test") and not dalia.has("Juno") and dalia.has("Wishes to stay anonymous")
    dalia.submit("Approve")
    assert dalia.has(
        "Approved. The person is told in ten minutes; until then you can take it back."
    )
    dalia.submit(action=dalia.form("Decline").get("action"), reason="")
    assert dalia.status == 422 and dalia.has("Please give a reason.")
    dalia.get("/ergs/safe/manage/").submit(
        action=dalia.form("Decline").get("action"), reason="Please come to a meeting first."
    )
    assert dalia.has("Nobody is waiting")
    told = [b.get("/ergs/safe/").text for b in (juno, bo)]
    assert sum("You belong to this group" in t for t in told) == 1
    assert sum("Please come to a meeting first." in t for t in told) == 1


def test_a_request_can_be_taken_back(browser, people, write) -> None:
    with write() as db:
        make_erg(db, "safe", lead=people["kai"], admission=Admission.APPROVAL)
    bo = browser("bo@t.example").get("/ergs/safe/").submit("Ask to join", visibility="members")
    bo.submit("Take the request back")
    assert bo.has("Join this group")


def test_a_hidden_group_and_an_absent_one_answer_alike(app, people, write) -> None:
    bo = Browser(app).sign_in("bo@t.example")
    absent = [bo.client.get(f"/ergs/secret/{path}") for path in ("", "members/", "manage/")]
    with write() as db:
        make_erg(db, "secret", lead=people["kai"], discovery=Discovery.HIDDEN)
    hidden = [bo.client.get(f"/ergs/secret/{path}") for path in ("", "members/", "manage/")]
    for one, other in zip(absent, hidden, strict=True):
        assert (one.status_code, without_nonce(one)) == (404, without_nonce(other))
    assert not bo.get("/ergs/").has("Secret") and not bo.get("/search?q=secret").has("Secret Group")
    kai = Browser(app).sign_in("kai@t.example")
    assert kai.get("/ergs/").has("Secret")
    assert Browser(app).sign_in("farid@t.example").get("/ergs/secret/").status == 200


def without_nonce(answer) -> str:
    import re

    text = re.sub(r'nonce="[^"]+"', "", answer.get_data(as_text=True))
    return re.sub(r'(csrf_token" value=|X-CSRFToken": )"[^"]+"', "", text)


def test_the_member_list_shows_exactly_what_the_reader_may_see(
    browser, women, people, write
) -> None:
    with write() as db:
        erg = db.get(type(make_erg(db, "other")), women)
        make_member(db, erg, people["juno"], visibility=Visibility.NOBODY)
        make_member(db, erg, people["kai"], visibility=Visibility.LEADS)
        make_member(db, erg, people["farid"], visibility=Visibility.MEMBERS)
    url = "/ergs/women/members/"
    stranger = browser("bo@t.example").get(url)
    assert names(stranger) == {"Dalia"}
    member = browser("farid@t.example").get(url)
    assert names(member) == {"Dalia", "Farid"}
    assert names(browser("dalia@t.example").get(url)) == {"Dalia", "Farid", "Kai"}
    assert not browser("dalia@t.example").get(f"{url}?q=juno").has("Juno Test")


def names(browser: Browser) -> set[str]:
    listed = " ".join(browser.tree.find(".//main").itertext())
    return {n for n in ("Bo", "Dalia", "Juno", "Farid", "Kai") if f"{n} Test" in listed}


def test_only_leads_open_the_lead_page_not_even_the_administrator(browser, women) -> None:
    for email, status in (("bo", 403), ("farid", 403), ("dalia", 200)):
        assert browser(f"{email}@t.example").get("/ergs/women/manage/").status == status


@pytest.mark.parametrize(
    "path", ["/ergs/", "/ergs/women/", "/ergs/women/members/", "/ergs/women/manage/"]
)
def test_a_page_costs_at_most_eight_statements_however_many_rows(
    app, people, women, queries, path, write
) -> None:
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get(path)
    with queries() as few:
        dalia.get(path)
    with write() as db:
        erg = db.get(type(make_erg(db, "other")), women)
        for n in range(60):
            person = make_person(db, f"Person {n:03}")
            make_member(db, erg, person.id, visibility=Visibility.COMPANY)
            if n < 30:
                make_erg(db, f"group-{n}", lead=people["kai"])
    with queries() as many:
        dalia.get(path)
    assert len(few) == len(many) <= 8, "\n".join(many)


def test_lists_are_paged(app, people, women, write) -> None:
    with write() as db:
        for n in range(25):
            make_erg(db, f"group-{n:02}", lead=people["kai"])
    bo = Browser(app).sign_in("bo@t.example").get("/ergs/")
    assert bo.has("Page 1 of 2")
    assert bo.click("Next page").has("Women's Network")
    assert bo.get("/ergs/?page=99").status == 200
