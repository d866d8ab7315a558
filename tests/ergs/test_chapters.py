"""Chapters: arranged by leads, near to people without being forced on them, closed with undo."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.accounts.models import Person
from app.ergs.models import Chapter, Erg
from app.ergs.rules import Region, RoleName, Visibility, near
from app.ergs.services import Words
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role

MANAGE = "/ergs/women/manage/chapters/"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by first name."""
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
            for name in ("bo", "dalia", "farid", "kai")
        }


@pytest.fixture
def women(people, write):
    with write() as db:
        words = {
            "en": Words("Women", "Together.", "We meet."),
            "es": Words("Mujeres", "Juntas.", "Nos vemos."),
        }
        return make_erg(
            db, "women", lead=people["dalia"], roster=Visibility.COMPANY, words=words
        ).id


def place(slug: str, zone: str | None) -> SimpleNamespace:
    return SimpleNamespace(slug=slug, zone=zone)


def test_near_is_the_own_site_first_and_else_the_own_zone() -> None:
    cairo, lagos, craft = (
        place("cairo", "Africa/Cairo"),
        place("lagos", "Africa/Lagos"),
        place("craft", None),
    )
    every = [cairo, lagos, craft]
    assert near(every, zone="Africa/Cairo", site="Lagos") == [lagos]
    assert near(every, zone="Africa/Cairo", site="Aswan") == [cairo]
    assert near(every, zone="Africa/Cairo", site=None) == [cairo]
    assert near(every, zone="UTC", site="Paris") == []


def test_a_lead_opens_renames_closes_and_brings_back(browser, women, write) -> None:
    dalia = browser("dalia").get(MANAGE)
    assert dalia.has("There is no chapter yet")
    dalia.submit(
        "Open the chapter",
        name_en="Lagos",
        name_es="Lagos (Nigeria)",
        region="africa",
        zone="Africa/Lagos",
    )
    assert dalia.has("The chapter is open.") and dalia.has("Lagos")
    assert browser("bo").get("/ergs/?region=africa").has("Women")
    assert browser("bo").get("/ergs/women/chapters/lagos/?lang=es").has("Lagos (Nigeria)")
    dalia.get("/ergs/women/chapters/lagos/edit").submit("Save", name_en="Lagos and Abuja")
    assert dalia.has("Lagos and Abuja")
    dalia.submit("Close")
    assert dalia.has("The chapter is closed.") and dalia.has("Closed on")
    assert browser("bo").get("/ergs/women/chapters/lagos/").status == 404
    assert not browser("bo").get("/ergs/?region=africa&lang=en").has("Women")
    dalia.submit("Undo")
    assert dalia.has("The chapter is open again.")
    assert browser("bo").get("/ergs/women/chapters/lagos/").status == 200


def test_what_is_wrong_is_said_at_the_field(browser, women, write) -> None:
    with write() as db:
        make_chapter(db, db.get(Erg, women), "lagos", Region.AFRICA)
    dalia = browser("dalia").get(MANAGE)
    dalia.submit("Open the chapter", name_en="Accra", zone="Mars")
    assert dalia.status == 422 and dalia.has("Choose the part of the world")
    assert dalia.has("Choose a time zone from the list")
    dalia.get(MANAGE).submit("Open the chapter", name_en="Lagos", region="africa")
    assert dalia.status == 422 and dalia.has("There is a chapter of this name already.")
    dalia.get(MANAGE).submit(action="/ergs/women/chapters/lagos/close")
    dalia.get(MANAGE).submit("Open the chapter", name_en="Lagos", region="africa")
    assert dalia.has("There was a chapter of this name. Bring it back instead.")
    dalia.get(MANAGE).submit("Open the chapter", name_en="", axis="interest")
    assert dalia.status == 422 and dalia.has("This is needed.")


def test_a_chapter_by_interest_lies_nowhere(browser, women, write) -> None:
    dalia = browser("dalia").get(MANAGE)
    dalia.submit("Open the chapter", name_en="In engineering", axis="interest", zone="Asia/Tokyo")
    with write() as db:
        chapter = db.query(Chapter).filter_by(slug="in-engineering").one()
        assert (chapter.region, chapter.zone) == (None, None)
    bo = browser("bo").get("/ergs/?interest=in-engineering")
    assert bo.has("Women") and not bo.get("/ergs/?interest=sales").has("Women")


def test_a_chapters_page_names_its_leads_as_far_as_they_allow(app, women, people, write) -> None:
    with write() as db:
        erg = db.get(Erg, women)
        lagos = make_chapter(db, erg, "lagos", Region.AFRICA)
        make_member(db, erg, people["kai"], visibility=Visibility.COMPANY)
        make_member(db, erg, people["farid"], visibility=Visibility.NOBODY)
        make_role(db, erg, people["kai"], RoleName.LEAD, lagos)
        make_role(db, erg, people["farid"], RoleName.CO_LEAD, lagos)
    bo = Browser(app).sign_in("bo@t.example").get("/ergs/women/chapters/lagos/")
    assert bo.has("Kai Test") and not bo.has("Farid Test") and not bo.has("Dalia Test")
    assert bo.has("Who belongs to a chapter is shown to nobody.")


def test_the_chapter_near_somebody_is_named_and_not_chosen(browser, women, people, write) -> None:
    with write() as db:
        erg = db.get(Erg, women)
        for slug, zone in (("lagos", "Africa/Lagos"), ("cairo", "Africa/Cairo")):
            make_chapter(db, erg, slug, Region.AFRICA).zone = zone
        db.get(Person, people["bo"]).site = "Cairo"
    bo = browser("bo").get("/ergs/women/")
    assert bo.has("Near you: Cairo.")
    chosen = [e for e in bo.form("Join").iter("input") if e.get("name") == "chapters"]
    assert len(chosen) == 2 and not any(e.get("checked") is not None for e in chosen)


def test_chapters_are_arranged_by_leads_alone(app, women, people, write, queries) -> None:
    with write() as db:
        make_chapter(db, db.get(Erg, women), "lagos", Region.AFRICA)
    for name, status in (("bo", 403), ("farid", 403), ("dalia", 200)):
        someone = Browser(app).sign_in(f"{name}@t.example")
        assert someone.get(MANAGE).status == status
        assert someone.get("/ergs/women/chapters/lagos/edit").status == status
    with write() as db:
        for n in range(30):
            make_chapter(db, db.get(Erg, women), f"place-{n}", Region.EUROPE)
    for path in (MANAGE, "/ergs/women/chapters/lagos/", "/ergs/women/"):
        with queries() as made:
            assert someone.get(path).status == 200
        assert len(made) <= 8, "\n".join(made)
