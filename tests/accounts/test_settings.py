"""A person's settings, and the link that sets a password."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app.accounts import queries, services
from app.accounts.models import Credential, Person
from app.accounts.queries.resets import reset_token
from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.locale import speaking
from app.core.outbox import Delivery
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person


@pytest.fixture
def bo(app) -> str:
    with app.app_context(), writing() as db:
        return make_person(db, name="Bo Larsen", email="bo@test.example", password=PASSWORD).email


def person(app) -> Person:
    with app.app_context():
        return reading().scalar(select(Person).where(Person.email == "bo@test.example"))


@pytest.mark.parametrize("htmx", [False, True])
def test_saving_the_language_wins_over_the_cookie_of_the_device(app, bo, htmx) -> None:
    browser = Browser(app, htmx=htmx).sign_in(bo)
    browser.get("/settings/?lang=ar")
    assert browser.client.get_cookie("trellis_lang") is not None
    browser.submit(
        action="/settings/preferences",
        locale="es",
        zone="africa/nairobi",
        hour_cycle="h23",
        quiet_from="21:30",
        quiet_to="07:00",
    )
    assert browser.url == "/settings/" and 'lang="es"' in browser.html
    assert browser.client.get_cookie("trellis_lang") is None
    me = person(app)
    assert (me.locale, me.zone, me.hour_cycle) == ("es", "Africa/Nairobi", "h23")
    assert (me.quiet_from, me.quiet_to) == (time(21, 30), time(7, 0))


def test_zones_are_suggested_for_what_is_typed_and_the_page_stays_small(app, bo) -> None:
    browser = Browser(app).sign_in(bo).get("/settings/")
    assert len(list(browser.tree.iter())) <= 500
    assert browser.form(action="/settings/preferences").find(".//*[@name='zone']").get("hx-get")
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
    found = browser.client.get("/settings/?zone=new yo", headers=partial).get_data(as_text=True)
    assert found.strip().startswith('<datalist id="zones">') and "America/New_York" in found
    assert browser.get("/settings/?zone=a").status == 200 and browser.html.count("<option") < 60


def test_an_unknown_zone_is_refused_in_place_and_nothing_typed_is_lost(app, bo) -> None:
    browser = Browser(app).sign_in(bo).get("/settings/")
    browser.submit(action="/settings/preferences", zone="Mars/Olympus")
    assert browser.status == 422 and "Mars/Olympus" in browser.html
    assert browser.has("Choose a time zone from the list") and person(app).zone == "UTC"


def test_a_channel_that_is_switched_off_is_muted_for_the_outbox(app, bo) -> None:
    browser = Browser(app).sign_in(bo).get("/settings/")
    browser.submit(action="/settings/channels", on=["events:in_app", "mentoring:mail"])
    me = person(app)
    with app.app_context():
        to = outbox.resolvers["accounts"](reading(), [me.id])[me.id]
    assert ("events", "mail") in to.muted and ("mentoring", "in_app") in to.muted
    assert ("events", "in_app") not in to.muted and ("account", "mail") not in to.muted
    assert (to.email, to.name, to.is_active) == ("bo@test.example", "Bo Larsen", True)


def test_devices_are_listed_and_can_be_signed_out_one_by_one_and_all(app, bo) -> None:
    phone, laptop = (Browser(app).sign_in_by_form(bo) for _ in range(2))
    with app.app_context():
        ids = [row.id for row in queries.sessions_of(reading(), person(app).id)]
    assert len(ids) == 2
    laptop.get("/settings/")
    with laptop.client.session_transaction() as session:
        mine = queries_session(app, session["_user_id"])
    other = next(i for i in ids if i != mine)
    laptop.submit(action=f"/settings/sessions/{other}/revocation")
    assert laptop.url == "/settings/"
    assert phone.get("/settings/").url.startswith("/login")
    phone.sign_in_by_form(bo)
    laptop.get("/settings/").submit("Sign out everywhere")
    assert laptop.url == "/" and phone.get("/settings/").url.startswith("/login")


def queries_session(app, token):
    with app.app_context():
        return queries.actor_of(reading(), token).actor.session_id


def test_nobody_ends_the_session_of_somebody_else(app, bo) -> None:
    with app.app_context(), writing() as db:
        other = make_person(db, name="Other", password=PASSWORD)
        victim = services.open_session(db, other.id, device="")
    browser = Browser(app).sign_in(bo).get("/settings/")
    form = browser.form(action="/settings/sessions/revocation")
    token = next(e.get("value") for e in form.iter("input") if e.get("name") == "csrf_token")
    browser.client.post(
        f"/settings/sessions/{victim.session_id}/revocation", data={"csrf_token": token}
    )
    assert queries_session(app, victim.token) == victim.session_id


def test_changing_the_password_needs_the_old_one_and_ends_other_devices(app, bo) -> None:
    other, browser = Browser(app).sign_in(bo), Browser(app).sign_in(bo).get("/settings/")
    browser.submit(
        action="/settings/password", current_password="wrong", new_password="orbit lemon walrus"
    )
    assert browser.status == 422 and browser.has("This is not your current password.")
    browser.submit(
        action="/settings/password", current_password=PASSWORD, new_password="orbit lemon walrus"
    )
    assert browser.url == "/settings/" and other.get("/settings/").url.startswith("/login")
    Browser(app).sign_in_by_form(bo, "orbit lemon walrus")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12"),
        ("password123456", "attackers try first"),
        ("aaaaaaaaaaaaaaaa", "attackers try first"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(app, bo, password, said) -> None:
    browser = Browser(app).sign_in(bo).get("/settings/")
    browser.submit(action="/settings/password", current_password=PASSWORD, new_password=password)
    assert browser.status == 422 and browser.has(said)


def test_settings_cost_few_statements_with_one_and_with_many_devices(app, bo, queries) -> None:
    browser = Browser(app).sign_in(bo)
    counts = []
    for _ in range(2):
        with queries() as seen:
            browser.get("/settings/")
        counts.append(len(seen))
        with app.app_context(), writing() as db:
            for _ in range(30):
                services.open_session(db, person_id(db), device="x")
    assert counts[0] == counts[1] <= 8


def person_id(db):
    return db.scalar(select(Person.id).where(Person.email == "bo@test.example"))


# the link


def ask(app, email: str) -> Browser:
    return Browser(app).get("/password/forgotten").submit(action="/password/forgotten", email=email)


def link(app) -> str:
    """The link as the mail says it."""
    with app.app_context(), app.test_request_context():
        db = reading()
        delivery = db.scalar(select(Delivery).where(Delivery.kind == "password_reset"))
        to = outbox.resolvers["accounts"](db, [delivery.person_id])[delivery.person_id]
        kind = outbox.kinds["password_reset"]
        assert kind.wanted(db, delivery) is None
        with speaking("en", "UTC"):
            return kind.message(db, delivery, to).link


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(app, bo) -> None:
    device = Browser(app).sign_in(bo)
    assert ask(app, " Bo@Test.example ").has("a link is on its way")
    url = link(app)
    assert Browser(app).get(url).status == Browser(app).get(url).status == 200
    browser = Browser(app).get(url)
    browser.submit("Set this password", new_password="orbit lemon walrus")
    assert browser.url == "/login" and device.get("/settings/").url.startswith("/login")
    Browser(app).sign_in_by_form(bo, "orbit lemon walrus")
    assert Browser(app).get(url).has("This link does not work any more")


def test_asking_for_a_link_says_the_same_for_an_unknown_address(app, bo) -> None:
    known, unknown = ask(app, bo), ask(app, "nobody@test.example")
    assert (known.status, known.text, known.url) == (unknown.status, unknown.text, unknown.url)
    with app.app_context():
        assert len(reading().scalars(select(Delivery)).all()) == 1


def test_a_link_ends_after_an_hour_and_cannot_be_forged(app, bo) -> None:
    ask(app, bo)
    url = link(app)
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert Browser(app).get(url).status == 404
    assert Browser(app).get(url[:-1] + ("A" if url[-1] != "A" else "B")).status == 404


def test_the_database_alone_opens_no_account(app, bo) -> None:
    ask(app, bo)
    token = link(app).rsplit("/", 1)[1]
    with app.app_context():
        from app.accounts.models import PasswordReset

        row = reading().scalar(select(PasswordReset))
        assert token.encode() not in row.token_hash and reset_token(row.id) == token
        stored = reading().scalar(select(Credential.password_hash))
    assert stored.startswith("$argon2id$") and PASSWORD not in stored
