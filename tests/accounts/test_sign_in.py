"""Signing in and out: sessions are rows, equal answers, throttled, revocable."""

from __future__ import annotations

from datetime import datetime, timedelta

import flask
import pytest
from sqlalchemy import func, select

from app.accounts import services
from app.accounts.models import SignIn
from app.accounts.rules import PersonStatus
from app.core import clock
from app.core.database import end_reading, writing
from app.core.settings import load
from app.factory import create_app
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person

TEXT = "This email and password do not fit together."


@pytest.fixture
def bo(app: flask.Flask) -> str:
    return add(app, name="Bo Larsen", email="bo@test.example", password=PASSWORD)


def add(app: flask.Flask, **traits: object) -> str:
    with app.app_context(), writing() as db:
        return make_person(db, **traits).email or ""  # type: ignore[arg-type]


def try_password(app: flask.Flask, email: str, password: str = "not the password") -> Browser:
    return Browser(app).get("/login").submit(action="/login", email=email, password=password)


def test_a_person_signs_in_returns_to_the_page_they_wanted_and_signs_out(app, bo) -> None:
    browser = Browser(app).get("/settings/")
    assert browser.url == "/login?next=/settings/"
    browser.submit("Sign in", email="  BO@test.example ", password=PASSWORD)
    assert (browser.status, browser.url) == (200, "/settings/")
    browser.submit("Sign out", action="/logout")
    assert browser.url == "/"
    assert Browser.get(browser, "/settings/").url.startswith("/login")


def test_signing_out_ends_the_session_on_the_server_and_clears_the_device(app, bo) -> None:
    browser = Browser(app).sign_in_by_form(bo)
    stolen = browser.client.get_cookie("trellis_session").value
    form = browser.get("/settings/").form(action="/logout")
    token = next(e.get("value") for e in form.iter("input") if e.get("name") == "csrf_token")
    answer = browser.client.post("/logout", data={"csrf_token": token})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    thief = Browser(app)
    thief.client.set_cookie("trellis_session", stolen)
    assert thief.get("/settings/").url.startswith("/login")


def test_the_answer_never_tells_which_accounts_exist(app, bo) -> None:
    add(app, name="No Account", email="none@test.example")
    add(app, name="Gone", email="gone@test.example", password=PASSWORD, status=PersonStatus.LEFT)
    answers = [
        (found.status, found.html.count(TEXT), len(found.html) - len(email) - found.html.count("="))
        for email in (
            "bo@test.example",
            "no@test.example",
            "none@test.example",
            "gone@test.example",
        )
        for found in [try_password(app, email)]
    ]
    assert {answer[:2] for answer in answers} == {(422, answers[0][1])} and answers[0][1] >= 1
    assert try_password(app, "gone@test.example", PASSWORD).status == 422


def test_an_unknown_account_costs_as_many_hashes_as_a_known_one(app, bo, monkeypatch) -> None:
    from app.accounts.services import passwords

    work: list[str] = []
    hasher = passwords._hasher(1)

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            work.append(kept[:20])
            return hasher.verify(kept, password)

        def hash(self, password: str) -> str:
            return hasher.hash(password)

    monkeypatch.setattr(passwords, "_hasher", lambda _cost: Counting())
    for email in (bo, "nobody@test.example"):
        with app.app_context():
            services.verified(passwords_session(), email, "wrong")
    assert len(work) == 2 and len(set(work)) == 1


def passwords_session():
    from app.core.database import reading

    return reading()


def test_nothing_of_the_anonymous_session_survives_sign_in(app, bo) -> None:
    browser = Browser(app).get("/login")
    with browser.client.session_transaction() as session:
        session["planted"] = "by an attacker"
    browser.submit(action="/login", email=bo, password=PASSWORD)
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        first = session["_user_id"]
    with Browser(app).sign_in_by_form(bo).client.session_transaction() as session:
        assert session["_user_id"] != first
    with app.app_context(), writing() as db:
        kept = db.scalars(select(SignIn.token_hash)).all()
    assert first.encode() not in kept


def test_next_never_leads_to_another_site(app, bo) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        browser = Browser(app).get("/login")
        answer = browser.client.post(
            "/login",
            query_string={"next": target},
            data={"email": bo, "password": PASSWORD, "csrf_token": csrf(browser)},
        )
        assert answer.headers["Location"] == "/"


def csrf(browser: Browser) -> str:
    return next(
        e.get("value", "") for e in browser.tree.iter("input") if e.get("name") == "csrf_token"
    )


def test_htmx_is_sent_to_the_sign_in_page_as_a_whole(app) -> None:
    answer = Browser(app).client.get(
        "/people/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    assert answer.headers["HX-Redirect"] == "/login?next=/people/"


def test_an_eleventh_wrong_try_has_to_wait_but_other_accounts_do_not(app, bo) -> None:
    statuses = [try_password(app, bo).status for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    refused = try_password(app, bo, PASSWORD)
    assert refused.status == 429 and refused.has("Too many tries")
    other = add(app, name="Other", password=PASSWORD)
    assert Browser(app).sign_in_by_form(other).status == 200


def test_throttling_and_sign_in_go_on_without_the_broker(environ, database_url) -> None:
    environ["REDIS_URL"] = "redis://127.0.0.1:1/0"
    app = create_app(load(environ))
    email = add(app, name="Bo", password=PASSWORD)
    assert Browser(app).sign_in_by_form(email).status == 200
    assert [try_password(app, email).status for _ in range(11)] == [422] * 10 + [429]
    app.extensions["database"].dispose()


def test_tries_are_counted_together_by_all_processes(environ, broker_url) -> None:
    environ["REDIS_URL"] = broker_url
    one, two = create_app(load(environ)), create_app(load(environ))
    email = add(
        one, name="Bo", email=f"bo{datetime.now().timestamp()}@test.example", password=PASSWORD
    )
    assert [try_password(app, email).status for app in (one, two) * 5] == [422] * 10
    assert try_password(two, email).status == 429
    for app in (one, two):
        app.extensions["database"].dispose()


@pytest.mark.parametrize(
    ("roles", "rests", "survives"),
    [
        ((), timedelta(days=13), True),
        ((), timedelta(days=15), False),
        (("org_admin",), timedelta(minutes=29), True),
        (("org_admin",), timedelta(minutes=31), False),
        (("program_manager",), timedelta(days=13), True),
    ],
)
def test_a_session_ends_when_it_has_rested_too_long(app, roles, rests, survives) -> None:
    email = add(app, name="Someone", password=PASSWORD, roles=roles)
    browser = Browser(app).sign_in_by_form(email)
    with clock.frozen(clock.now() + rests):
        assert (browser.get("/settings/").url == "/settings/") is survives


def test_an_administrator_at_work_stays_signed_in(app) -> None:
    email = add(app, name="Admin", password=PASSWORD, roles=("org_admin",))
    browser, start = Browser(app).sign_in_by_form(email), clock.now()
    for minutes in range(0, 24 * 60, 25):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert browser.get("/settings/").url == "/settings/"


def test_a_page_view_writes_at_most_once_an_hour(app, bo, queries) -> None:
    browser, start = Browser(app).sign_in_by_form(bo), clock.now()
    written = []
    for minutes in (10, 50, 70, 90, 125, 140):
        with clock.frozen(start + timedelta(minutes=minutes)), queries() as seen:
            browser.get("/settings/")
        written.append(sum(not s.lstrip().upper().startswith("SELECT") for s in seen))
    assert written == [0, 0, 1, 0, 0, 1]


def test_whoever_leaves_is_out_at_once(app, bo) -> None:
    browser = Browser(app).sign_in_by_form(bo)
    with app.app_context(), writing() as db:
        person = db.scalar(select(SignIn.person_id))
        services.record_facts(db, None, person, {"status": "left"}, clock.now().date(), "test")
    assert browser.get("/settings/").url.startswith("/login")
    with app.app_context(), writing() as db:
        assert db.scalar(select(func.count()).where(SignIn.revoked_at.is_(None))) == 0


def test_roles_in_force_arrive_with_the_session_in_one_statement(app, queries) -> None:
    from app.accounts.queries import actor_of
    from app.core.database import reading

    with app.app_context():
        with writing() as db:
            person = make_person(
                db, name="Farid", roles=("org_admin", "auditor"), zone="Asia/Dubai"
            )
            opened = services.open_session(db, person.id, device="")
        with queries() as seen:
            live = actor_of(reading(), opened.token)
        end_reading()
    assert live is not None and live.actor.roles == {"org_admin", "auditor"}
    assert (live.actor.name, live.actor.zone, len(seen)) == ("Farid", "Asia/Dubai", 1)


def test_the_demo_password_opens_nothing_in_production(environ, tmp_path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    environ.update(
        TRELLIS_ENV="production", BASE_URL="https://t.example", KEY_FILE=str(tmp_path / "keys.json")
    )
    app = create_app(load(environ))
    email = add(app, name="Demo", password=PASSWORD)
    with app.app_context():
        assert services.verified(passwords_session(), email, PASSWORD) is None
        end_reading()
    app.extensions["database"].dispose()
