"""Founding a group, writing it in its languages, and its life from draft to archive."""

from __future__ import annotations

import pytest

from app.ergs.models import Erg, ErgText
from app.ergs.rules import (
    Color,
    ErgState,
    Lack,
    TextStatus,
    Visibility,
    lacks,
    slug_of,
    status_when_source_changes,
    status_when_written,
)
from app.events.models import Event
from app.events.rules import EventState
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event


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
            for name in ("bo", "dalia", "farid")
        }


@pytest.fixture
def women(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


def test_a_name_becomes_an_address_and_a_translation_ages():
    assert slug_of("Women’s Network") == "womens-network"
    assert slug_of("Área Única!") == "area-unica" and slug_of("شبكة") == ""
    assert status_when_source_changes(TextStatus.TRANSLATED) is TextStatus.STALE
    assert status_when_source_changes(TextStatus.SOURCE) is TextStatus.SOURCE
    assert status_when_written(TextStatus.STALE) is TextStatus.TRANSLATED
    assert status_when_written(None) is TextStatus.TRANSLATED
    assert lacks(has_lead=False, has_charter=False) == [Lack.CHARTER, Lack.LEAD]
    assert lacks(has_lead=True, has_charter=True) == []


def test_an_administrator_founds_a_draft_and_nobody_else_sees_it(browser, people) -> None:
    farid = browser("farid").get("/manage/ergs/").click("Found a group")
    farid.submit(
        action="/manage/ergs/new",
        name="Night Shift Circle",
        mission="For those who work while others sleep.",
        color="sky",
        zone="Africa/Lagos",
    )
    assert farid.has("The draft is saved.") and farid.has("Not ready to start yet")
    assert farid.has("It needs at least one lead.") and farid.has("It needs a charter")
    assert farid.get("/manage/ergs/?state=draft").has("Night Shift Circle")
    assert farid.has("Nobody leads it")
    bo = browser("bo")
    assert bo.get("/ergs/night-shift-circle/").status == 404
    assert not bo.get("/ergs/?q=night").has("Night Shift Circle")
    assert bo.get("/manage/ergs/").status == 403


def test_a_draft_starts_once_a_lead_has_accepted(browser, people) -> None:
    farid = browser("farid").get("/manage/ergs/new")
    words = {"name": "Night Shift", "charter": "We take turns.", "zone": "UTC"}
    farid.submit(action="/manage/ergs/new", **words)
    farid.click("Roles of this group").get(
        f"/ergs/night-shift/manage/roles/new?person={people['bo']}"
    )
    farid.submit(action="/ergs/night-shift/manage/roles/", role="lead")
    assert farid.has("The question is on its way.")
    assert not farid.get("/ergs/night-shift/edit/").has("Start the group")
    bo = browser("bo").get("/")
    url = next(href for _text, href in bo.links() if href.startswith("/ergs/roles/"))
    bo.get(url).submit(action=f"{url}acceptance")
    farid.get("/ergs/night-shift/edit/").submit("Start the group")
    assert farid.has("The group is active.")
    assert browser("dalia").get("/ergs/").has("Night Shift")
    assert farid.get("/ergs/night-shift/texts/en/").status == 403, "from now on its leads write"


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(browser, women) -> None:
    farid = browser("farid").get("/manage/ergs/new")
    farid.submit(action="/manage/ergs/new", name="Women", zone="Nowhere/Land", mission="Kept")
    assert farid.status == 422 and farid.has("Choose a time zone from the list")
    assert farid.has("Kept")
    farid.submit(action="/manage/ergs/new", name="Women", zone="UTC")
    assert farid.status == 422 and farid.has("There is a group at this address already.")
    farid.submit(action="/manage/ergs/new", name="Desk", zone="UTC")
    assert farid.status == 422, "a page of ours stands at /ergs/desk/"
    farid.submit(action="/manage/ergs/new", name="شبكة", zone="UTC")
    assert farid.status == 422 and farid.has("Please enter an address")
    farid.submit(action="/manage/ergs/new", name="شبكة", slug="Not Good", zone="UTC")
    assert farid.status == 422 and farid.has("small letters")


def test_all_groups_are_searched_and_filtered_by_state(app, people, women, write) -> None:
    with write() as db:
        make_erg(db, "veterans", state=ErgState.ARCHIVED)
        for n in range(25):
            make_erg(db, f"draft-{n:02}", state=ErgState.DRAFT)
    farid = Browser(app).sign_in("farid@t.example").get("/manage/ergs/?q=veter")
    assert farid.has("Veterans") and not farid.has("Women")
    assert farid.get("/manage/ergs/?state=active").has("Women") and not farid.has("Draft 01")
    assert farid.get("/manage/ergs/?state=draft").has("Page 1 of 2")
    assert farid.get("/manage/ergs/?q=zzz").has("No group found")


def test_a_lead_writes_every_language_and_the_source_makes_translations_stale(
    browser, women, write
) -> None:
    dalia = browser("dalia").get("/ergs/women/edit/").click("Español")
    assert dalia.has("The mission of Women.")
    dalia.submit("Save", name="Red de Mujeres", mission="Crecemos.", charter="Nos vemos.")
    assert dalia.has("The words in Español are saved.") and dalia.has("Translated")
    assert browser("bo").get("/ergs/?q=mujeres").has("Women")
    dalia.click("English").submit("Save", mission="A new mission.")
    assert dalia.has("Older than the original")
    assert browser("bo").get("/ergs/women/?lang=es").has("Crecemos.")
    dalia.get("/ergs/women/texts/es/?lang=en")
    assert dalia.has("The original has changed since this was translated.")
    dalia.submit("Save")
    assert not dalia.has("Older than the original")
    with write() as db:
        rows = db.query(ErgText).filter_by(erg_id=women).all()
        assert {t.locale: t.status for t in rows} == {
            "en": TextStatus.SOURCE,
            "es": TextStatus.TRANSLATED,
        }


def test_saving_the_source_unchanged_makes_nothing_stale(browser, women, write) -> None:
    dalia = browser("dalia").get("/ergs/women/texts/es/")
    dalia.submit("Save", name="Red")
    dalia.get("/ergs/women/texts/en/").submit("Save")
    assert dalia.has("Translated") and not dalia.has("Older than the original")


def test_a_running_group_keeps_its_charter(browser, women) -> None:
    dalia = browser("dalia").get("/ergs/women/texts/en/").submit("Save", charter="")
    assert dalia.has("A group that has started keeps a charter.")
    dalia.get("/ergs/women/texts/en/").submit("Save", name="")
    assert dalia.status == 422 and dalia.has("This is needed.")


def test_looks_are_changed_by_leads(browser, women, write) -> None:
    dalia = browser("dalia").get("/ergs/women/edit/")
    dalia.submit(action="/ergs/women/edit/", zone="Asia/Tokyo", color="plum")
    assert dalia.has("Saved.") and 'data-color="plum"' in dalia.get("/ergs/women/").html
    dalia.get("/ergs/women/edit/").submit(action="/ergs/women/edit/", zone="Mars")
    assert dalia.status == 422
    with write() as db:
        assert db.get(Erg, women).color == Color.PLUM


def test_a_group_rests_and_wakes_with_undo(browser, women) -> None:
    dalia = browser("dalia").get("/ergs/women/edit/").submit("Let it rest")
    assert dalia.has("The group is resting.") and dalia.has("Undo")
    assert browser("bo").get("/ergs/women/").has("does not take new members")
    dalia.submit("Undo")
    assert dalia.has("The group is active.")
    assert browser("bo").get("/ergs/women/").has("Join this group")


def test_archiving_is_explained_confirmed_final_and_cancels_what_lies_ahead(
    browser, women, people, write
) -> None:
    with write() as db:
        ahead = make_event(db, db.get(Erg, women), "Ahead").event_id
        draft = make_event(db, db.get(Erg, women), "Plan", published=False).event_id
        make_member(db, db.get(Erg, women), people["bo"])
    dalia = browser("dalia").get("/ergs/women/edit/").click("Archive the group")
    assert dalia.has("All future events of the group are canceled")
    dalia.submit(action="/ergs/women/archive/")
    assert dalia.status == 422 and dalia.has("Please confirm")
    dalia.submit(action="/ergs/women/archive/", confirmed="y")
    assert dalia.has("The group is archived.") and not dalia.has("Wake the group")
    with write() as db:
        assert db.get(Erg, women).state is ErgState.ARCHIVED
        assert {db.get(Event, i).state for i in (ahead, draft)} == {EventState.CANCELED}
    assert browser("bo").get("/ergs/women/").has("This group is archived.")
    assert dalia.get("/ergs/women/archive/").has("What it was stays as it is.")


def test_an_event_that_another_group_hosts_as_well_goes_on(app, women, people, write) -> None:
    from app.ergs import services
    from app.events.models import EventHost
    from app.events.rules import HostState

    with write() as db:
        other = make_erg(db, "allies", lead=people["bo"])
        event_id = make_event(db, db.get(Erg, women), "Together").event_id
        db.add(EventHost(event_id=event_id, erg_id=other.id, state=HostState.ACCEPTED))
    with write() as db:
        services.change_state(db, people["dalia"], erg_id=women, to=ErgState.ARCHIVED)
    with write() as db:
        assert db.get(Event, event_id).state is EventState.PUBLISHED


@pytest.mark.parametrize(("who", "status"), [("bo", 403), ("farid", 403), ("dalia", 200)])
def test_who_may_write(app, women, who, status) -> None:
    """An administrator archives an abandoned group, but does not write for a running one."""
    someone = Browser(app).sign_in(f"{who}@t.example")
    assert someone.get("/ergs/women/texts/en/").status == status
    assert someone.get("/ergs/women/edit/").status == (403 if who == "bo" else 200)
    assert someone.has("Archive the group") == (who != "bo")


@pytest.mark.parametrize(
    "path", ["/manage/ergs/", "/ergs/women/edit/", "/ergs/women/texts/es/", "/ergs/women/archive/"]
)
def test_a_page_costs_at_most_eight_statements(app, women, people, queries, path, write) -> None:
    farid = Browser(app).sign_in("farid@t.example" if "manage" in path else "dalia@t.example")
    farid.get(path)
    with queries() as few:
        farid.get(path)
    with write() as db:
        for n in range(15):
            make_erg(db, f"group-{n}", lead=people["bo"])
    with queries() as many:
        farid.get(path)
    assert len(few) == len(many) <= 8, "\n".join(many)
