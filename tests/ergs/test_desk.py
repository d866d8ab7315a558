"""The leads' desk: one queue, worked through in place, on a plain browser and with htmx."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import flask
import pytest

from app.core import pages
from app.core.policies import guarded_by, signed_in
from app.core.registries import Registry
from app.ergs import registry
from app.ergs.queries import desk as desk_queries
from app.ergs.registry import DeskAct, DeskItem
from app.ergs.rules import RoleName
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": NOW.isoformat()}


@pytest.fixture
def pile(monkeypatch) -> list[DeskItem]:
    """What lies on everybody's desk, instead of what the domains lay there."""
    items: list[DeskItem] = []
    desk = Registry("desk provider")
    desk.add("fake", lambda _db, _actor: list(items))
    monkeypatch.setattr(desk_queries, "desk", desk)
    return items


@pytest.fixture
def app(app: flask.Flask, pile) -> flask.Flask:
    """With an act that takes a thing off the desk, and its undo."""
    away: dict[str, DeskItem] = {}

    @guarded_by(signed_in)
    def finish(key: str):
        found = next((item for item in pile if item.id == key), None)
        if found is None:
            flask.abort(404)
        pile.remove(found)
        away[key] = found
        return pages.done("Finished.", to="/people/", undo=f"/fake/{key}/undo")

    @guarded_by(signed_in)
    def undo(key: str):
        pile.append(away.pop(key))
        return pages.done("Back on your desk.", to="/people/")

    app.add_url_rule("/fake/<key>", "fake.finish", finish, methods=["POST"])
    app.add_url_rule("/fake/<key>/undo", "fake.undo", undo, methods=["POST"])
    return app


@pytest.fixture
def groups(write):
    """Dalia leads women; Hugo a chapter of parents; Kai is treasurer there; Bo runs nothing."""
    with write() as db:
        ids = {
            n: make_person(db, f"{n.title()} Test", f"{n}@t.example", PASSWORD).id
            for n in ("bo", "dalia", "hugo", "kai")
        }
        women = make_erg(db, "women", lead=ids["dalia"])
        parents = make_erg(db, "parents", lead=ids["dalia"])
        make_member(db, parents, ids["hugo"])
        make_role(db, parents, ids["hugo"], RoleName.LEAD, make_chapter(db, parents, "paris"))
        make_role(db, parents, ids["kai"], RoleName.TREASURER)
        return {"women": women.id, "parents": parents.id}


def item(key: str, erg_id, *, topic="requests", due=None, days=1, group="Women") -> DeskItem:
    return DeskItem(
        id=key,
        topic=topic,
        erg_id=erg_id,
        group=group,
        title=f"Thing {key}",
        text="Please look",
        since=NOW - timedelta(days=days),
        url="/ergs/",
        icon="flag",
        due=NOW + timedelta(days=due) if due is not None else None,
        acts=(DeskAct(f"Finish {key}", f"/fake/{key}", "primary", "check"),),
    )


def order(browser: Browser) -> list[str]:
    return [t.removeprefix("Thing ") for t, _ in browser.links() if t.startswith("Thing ")]


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


def test_it_opens_to_everybody_with_a_role_and_to_nobody_else(app, groups, pile) -> None:
    for name, status in (("dalia", 200), ("hugo", 200), ("kai", 200), ("bo", 403)):
        who = Browser(app).sign_in(f"{name}@t.example")
        assert who.get("/").has("Open your desk") is (status == 200)
        assert who.get("/ergs/desk/").status == status
    assert Browser(app).get("/ergs/desk/").url.startswith("/login")


def test_a_clear_desk_teaches_what_will_land_there(browser, groups, pile) -> None:
    desk = browser("dalia").get("/ergs/desk/")
    assert desk.has("Your desk is clear") and desk.has("Requests to join, approvals")


def test_the_oldest_deadline_comes_first_and_overdue_is_said(browser, groups, pile) -> None:
    women = groups["women"]
    pile += [
        item("C", women, due=5),
        item("D", women, days=9, topic="terms"),
        item("A", women, due=-2, topic="spend"),
        item("B", women, due=1),
        item("E", women, days=3, topic="Something new"),
    ]
    desk = browser("dalia").get("/ergs/desk/")
    assert order(desk) == ["A", "B", "C", "D", "E"]
    assert desk.text.count("Overdue") == 1 and desk.has("5 things wait for you")
    heads = [" ".join(e.itertext()) for e in desk.tree.iter("h2")]
    wanted = ("Spending", "Requests to join", "Roles and terms", "Something new")
    assert [h for h in heads if h in wanted] == list(wanted)


def test_it_is_filtered_by_group_topic_and_words(browser, groups, pile) -> None:
    women, parents = groups["women"], groups["parents"]
    pile += [
        item("A", women),
        item("B", parents, group="Parents"),
        item("C", parents, topic="spend", group="Parents"),
    ]
    desk = browser("dalia")
    assert order(desk.get(f"/ergs/desk/?group={parents}")) == ["B", "C"]
    assert order(desk.get(f"/ergs/desk/?group={parents}&topic=spend")) == ["C"]
    assert order(desk.get("/ergs/desk/?q=thíng a")) == ["A"]
    assert order(desk.get("/ergs/desk/?group=nonsense&topic=x&page=x")) == ["A", "B", "C"]
    assert desk.get("/ergs/desk/?q=zebra").has("Nothing here matches")


def test_a_long_queue_has_pages(browser, groups, pile) -> None:
    pile += [item(f"{n:02}", groups["women"], days=90 - n) for n in range(25)]
    desk = browser("dalia").get("/ergs/desk/")
    assert len(order(desk)) == 15 and order(desk.click("Next page"))[0] == "15"
    desk.submit("Finish 24")
    assert desk.has("Finished.") and order(desk) == [str(n) for n in range(15, 24)]


def test_an_act_answers_on_the_desk_and_its_undo_too(browser, groups, pile) -> None:
    pile += [item("A", groups["women"]), item("B", groups["women"]), item("C", groups["parents"])]
    desk = browser("dalia").get(f"/ergs/desk/?group={groups['women']}")
    desk.submit("Finish A")
    assert desk.url.startswith("/ergs/desk/?group="), "still filtered"
    assert desk.has("Finished.") and order(desk) == ["B"]
    desk.submit("Undo")
    assert desk.url.startswith("/ergs/desk/?group=")
    assert desk.has("Back on your desk.") and sorted(order(desk)) == ["A", "B"]


def test_htmx_gets_the_queue_alone(app, groups, pile) -> None:
    pile += [item("A", groups["women"]), item("B", groups["women"])]
    dalia = Browser(app, htmx=True).sign_in("dalia@t.example").get("/ergs/desk/")
    token = dalia.form("Finish A").find("input").get("value")
    answer = dalia.client.post(
        "/fake/A",
        data={"csrf_token": token, "next": "/ergs/desk/"},
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    ).get_data(as_text=True)
    assert "<html" not in answer and 'id="desk"' in answer and "Thing B" in answer
    assert "Thing A" not in answer and 'hx-swap-oob="innerHTML"' in answer


@pytest.mark.parametrize("elsewhere", ["https://x.example/", "//x.example", "/\\x.example", "x"])
def test_a_forged_way_back_leads_nowhere_else(app, groups, pile, elsewhere) -> None:
    pile += [item("A", groups["women"])]
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/desk/")
    form = dalia.form("Finish A")
    field = next(e for e in form.iter("input") if e.get("name") == "next")
    field.set("value", elsewhere)
    data = {e.get("name"): e.get("value") for e in form.iter("input")}
    assert dalia.client.post("/fake/A", data=data).headers["Location"] == "/people/"


# These answer for two kinds of thing, with a statement each.
TWOFOLD = {"erg_requests", "erg_commitments", "budgets", "attendance"}


def test_the_desk_costs_one_statement_a_provider_and_four(
    app, groups, queries, monkeypatch
) -> None:
    monkeypatch.setattr(desk_queries, "desk", registry.desk)
    dalia = Browser(app).sign_in("dalia@t.example")
    dalia.get("/ergs/desk/")
    with queries() as seen:
        dalia.get("/ergs/desk/")
    twofold = sum(name in TWOFOLD for name, _lay in registry.desk)
    assert len(seen) <= len(registry.desk) + twofold + 4, "\n".join(seen)
