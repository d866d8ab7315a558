"""The directory of colleagues: who is found, by whom, and at what cost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.core.database import reading, writing
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person


@pytest.fixture
def bo(app) -> Browser:
    with app.app_context(), writing() as db:
        make_person(db, name="Bo Larsen", email="bo@test.example", password=PASSWORD, site="Oslo")
        make_person(db, name="نور الهدى", department="Sales", site="Cairo", job_title="Analyst")
        make_person(db, name="José Muñoz", department="Sales", site="Madrid")
        make_person(db, name="山田 太郎", department="Research")
        make_person(db, name="Hidden One", is_listed=False)
        make_person(db, name="Gone One", status=PersonStatus.LEFT)
        make_person(db, name=None, external_id="4711")
    return Browser(app).sign_in("bo@test.example")


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("munoz", "José Muñoz"),
        ("نور", "نور الهدى"),
        ("هدى", "نور الهدى"),
        ("山田", "山田 太郎"),
        ("太", "山田 太郎"),
        ("LARS", "Bo Larsen"),
        ("analyst", "نور الهدى"),
    ],
)
def test_colleagues_are_found_in_any_languages_letters(bo, q, name) -> None:
    bo.get(f"/people/?q={q}")
    assert bo.has(name) and bo.has("1 person")


def test_only_listed_active_people_with_a_name_are_shown(bo) -> None:
    bo.get("/people/")
    assert bo.has("4 people")
    for hidden in ("Hidden One", "Gone One", "4711"):
        assert not bo.has(hidden)
        assert bo.get(f"/people/?q={hidden.split()[0]}").has("Nobody found")


def test_filters_narrow_the_list(bo) -> None:
    bo.get("/people/?department=Sales&site=Madrid")
    assert bo.has("José Muñoz") and bo.has("1 person")


def test_filters_tell_nothing_of_people_who_are_not_in_the_list(app, bo) -> None:
    hidden = {"Hidden Two": {"is_listed": False}, "Gone Two": {"status": PersonStatus.LEFT}}
    with app.app_context(), writing() as db:
        for name, trait in [*hidden.items(), (None, {})]:
            at = {"department": "Secret", "site": "Moonbase", "zone": "Asia/Tokyo"}
            make_person(db, name=name, **at, **trait)
    page = bo.get("/people/").html
    assert "Cairo" in page and "Sales" in page
    assert "Secret" not in page and "Moonbase" not in page
    with app.app_context():
        assert "Asia/Tokyo" not in accounts.used_zones(reading())


def test_a_hidden_profile_does_not_exist(app, bo) -> None:
    with app.app_context():
        hidden = reading().scalar(select(Person.id).where(Person.name == "Hidden One"))
        shown = reading().scalar(select(Person.id).where(Person.name == "José Muñoz"))
    assert bo.get(f"/people/{shown}/").has("Madrid")
    absent = bo.get("/people/00000000-0000-4000-8000-000000000000/")
    missing = (absent.status, absent.text)
    assert (bo.get(f"/people/{hidden}/").status, bo.text) == missing and missing[0] == 404


def test_guests_from_outside_have_no_directory(app) -> None:
    with app.app_context(), writing() as db:
        make_person(
            db, name="Lena", email="lena@ext.example", password=PASSWORD, kind=PersonKind.EXTERNAL
        )
        other = make_person(db, name="Colleague").id
    lena = Browser(app).sign_in("lena@ext.example")
    assert lena.get("/people/").status == 403
    assert lena.get(f"/people/{other}/").status == 404
    assert not lena.get("/search?q=Colleague").has("1 result")


def test_the_site_search_finds_colleagues(bo) -> None:
    assert bo.get("/search?q=josé").has("José Muñoz")


def test_the_directory_costs_the_same_with_few_and_many_people(app, bo, queries) -> None:
    with queries() as few:
        bo.get("/people/?q=o&department=Sales")
    with app.app_context(), writing() as db:
        for number in range(120):
            make_person(db, name=f"Person {number:03}", department="Sales")
    with queries() as many:
        bo.get("/people/?q=p&department=Sales")
    assert bo.has("Page 1 of 6") and len(few) == len(many) <= 8
    assert bo.get("/people/?page=999").has("Page 7 of 7")
    assert "Person 0" in bo.fragment("/people/?q=person")
