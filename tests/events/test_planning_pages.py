"""Pages of planning: kinds, copies, hosts, translations, putting off, approval."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.approvals import services as approvals
from app.approvals.rules import Decider, Stage
from app.budgets.models import EventSpend
from app.ergs.models import Erg
from app.ergs.rules import Discovery, RoleName, Visibility
from app.events.models import Event, EventHost, Occurrence, SeriesDate
from app.events.rules import USUAL, Audience, EventKind, EventState, HostState
from app.events.services.dates import own_event
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.budgets import make_cycle, make_request
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_event, make_series

START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z"}


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(db, f"{name.title()} Test", f"{name}@t.example", PASSWORD).id
            for name in ("dalia", "nia", "hugo", "bo")
        }


@pytest.fixture
def groups(people, write):
    """Two open groups, led by dalia and hugo; nia leads with dalia."""
    with write() as db:
        women = make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY)
        make_member(db, women, people["nia"])
        make_role(db, women, people["nia"], RoleName.LEAD)
        return {
            "women": women.id,
            "parents": make_erg(db, "parents", lead=people["hugo"]).id,
            "quiet": make_erg(
                db, "quiet", lead=people["hugo"], discovery=Discovery.HIDDEN, name="Quiet circle"
            ).id,
        }


@pytest.fixture
def sign_in(app, groups):
    return lambda name: Browser(app).sign_in(f"{name}@t.example")


@pytest.fixture
def event(groups, write):
    def make(**traits) -> str:
        traits.setdefault("starts_at", START)
        with write() as db:
            return f"/events/{make_event(db, db.get(Erg, groups['women']), **traits).id}/"

    return make


def state_of(write) -> EventState:
    with write() as db:
        return db.scalar(select(Event.state))


@pytest.mark.parametrize("kind", list(EventKind))
def test_a_kind_title_and_access_make_an_event(sign_in, write, kind) -> None:
    """The short form: everything else is filled with what is usual for the kind."""
    dalia = sign_in("dalia").get("/events/new?host=women")
    assert dalia.status == 200
    dalia.get(f"/events/new?host=women&kind={kind}")
    dalia.submit(
        "Publish now",
        title="Made in a minute",
        captions="yes",
        step_free="on_request",
        access_contact="access@t.example",
    )
    assert dalia.has("Published. Its audience can see it now.")
    with write() as db:
        row = db.scalar(select(Occurrence))
        usual = USUAL[kind]
        assert (row.event.kind, row.minutes) == (kind, usual.minutes)
        assert (row.seats_in_person, row.seats_online) == (usual.in_person, usual.online)
        assert row.wall_start.time() == usual.at and row.event.texts[0].description


def test_the_next_event_remembers_place_and_access_and_can_be_copied(sign_in, event) -> None:
    url = event(title="Circle", venue="Nile Hall", minutes=50, seats_in_person=7)
    dalia = sign_in("dalia").get("/events/new?host=women&kind=workshop")
    assert 'value="Nile Hall"' in dalia.html and "access@test.example" in dalia.html
    dalia.get(url).click("Plan it again")
    assert 'value="Circle"' in dalia.html and 'value="50"' in dalia.html
    assert 'value="2026-12-08"' in dalia.html, "the same day of the week, two weeks ahead"
    dalia.submit("Publish now")
    assert dalia.has("Published.")


def test_publishing_asks_for_access_and_loses_nothing(sign_in, write) -> None:
    dalia = sign_in("dalia").get("/events/new?host=women&kind=gathering")
    dalia.submit("Publish now", title="A title I typed")
    assert dalia.status == 422 and dalia.has("needed before it is published")
    assert "A title I typed" in dalia.html
    dalia.submit("Save", title="A title I typed")
    assert dalia.has("Saved as a draft.") and state_of(write) is EventState.DRAFT


def test_answers_about_access_cannot_be_emptied_once_people_rely_on_them(
    sign_in, event, write
) -> None:
    url = event()
    dalia = sign_in("dalia").get(f"{url}edit")
    dalia.submit("Save", access_contact=" ", title="A title I typed")
    assert dalia.status == 422 and dalia.has("the event is on its way")
    assert "A title I typed" in dalia.html
    with write() as db:
        assert db.scalar(select(Event.access_contact)) == "access@test.example"
    dalia.submit("Save", access_contact="Nia")
    assert dalia.has("Saved.")


def test_the_summary_names_the_field_beside_the_fault(sign_in) -> None:
    dalia = sign_in("dalia").get("/events/new?host=women&kind=gathering")
    dalia.submit("Publish now", title="Evening", start="", zone="Atlantis/Spire")
    named = dict(dalia.links())
    assert named["Start: This is needed."] == "#start"
    zone = "Time zone: Choose a time zone from the list, such as Europe/Madrid."
    assert named[zone] == "#zone"
    asked = "Are there captions? This is needed before it is published. Or save it as a draft."
    assert named[asked] == "#captions"


def test_a_copy_of_an_event_that_the_reader_does_not_run_is_not_made(sign_in, event) -> None:
    url = event(title="Women only in name")
    hugo = sign_in("hugo").get(f"/events/new?host=parents&like={url.split('/')[2]}")
    assert not hugo.has("Women only in name") and hugo.has("What kind of event is it?")


def test_hosting_together_from_the_search_to_the_answer_and_back(sign_in, event, write) -> None:
    url = event(title="Shared evening", published=False)
    dalia = sign_in("dalia").get(f"{url}hosts?q=parents")
    dalia.submit("Ask to host")
    assert dalia.has("Asked.") and dalia.has("Asked, no answer yet")
    hugo = sign_in("hugo")
    assert hugo.get(url).status == 404, "the draft itself is not theirs yet"
    assert hugo.get("/").has("Shared evening")
    hugo.get("/ergs/desk/").click("Shared evening")
    assert hugo.has("What a yes means") and not hugo.has("becomes confidential")
    hugo.submit("Host it together")
    assert hugo.has("Your group hosts this event as well.")
    hugo.submit("Undo")
    assert hugo.has("Your answer is taken back.")
    hugo.submit("Not this time")
    with write() as db:
        states = {h.state for h in db.scalars(select(EventHost))}
    assert states == {HostState.ACCEPTED, HostState.DECLINED}


def test_what_a_confidential_group_is_told_before_it_says_yes(
    sign_in, event, people, groups, write
) -> None:
    url = event(title="Shared evening", published=False, audience=Audience.MEMBERS)
    with write() as db:
        make_member(db, db.get(Erg, groups["quiet"]), people["dalia"])
    sign_in("dalia").get(f"{url}hosts?q=quiet").submit("Ask to host")
    hugo = sign_in("hugo").get("/ergs/desk/").click("Shared evening")
    assert hugo.has("The event becomes confidential for everyone.")
    hugo.submit("Host it together")
    nia = sign_in("nia").get(f"{url}hosts")
    assert nia.has("A confidential group") and "Quiet circle" not in nia.html
    assert "Quiet circle" not in nia.get(url).html


def test_only_leads_of_the_asked_group_find_the_question(sign_in, event, groups) -> None:
    url = event()
    answer = f"{url}hosts/{groups['parents']}/answer"
    hugo = sign_in("hugo")
    assert hugo.get(answer).status == 404, "not asked"
    sign_in("dalia").get(f"{url}hosts?q=parents").submit("Ask to host")
    assert hugo.get(answer).status == 200
    for name in ("bo", "dalia", "nia"):
        assert sign_in(name).get(answer).status == 404


def test_translations_are_written_beside_the_original_and_the_page_says_so(
    app, sign_in, event, people, write
) -> None:
    url = event(title="Evening", description="Bring a friend.")
    with write() as db:
        make_person(db, "Ana Sol", "ana@t.example", PASSWORD, locale="es")
    ana = Browser(app).sign_in("ana@t.example")
    dalia = sign_in("dalia").get(f"{url}words?text=es")
    assert dalia.has("Bring a friend.")
    dalia.submit("Save the translation", title="", description="Solo texto")
    assert dalia.status == 422 and "Solo texto" in dalia.html
    dalia.submit("Save the translation", title="Velada", description="Trae a alguien.")
    assert dalia.has("Saved.")
    assert ana.get(url).has("Velada")
    dalia.get(f"{url}edit").submit("Save", title="Long evening")
    assert dalia.get(f"{url}words?text=es").has("The original changed after")


def test_put_off_with_a_reason_and_brought_back(sign_in, event, write) -> None:
    url = event(title="Evening")
    bo = sign_in("bo").get(url).submit("I am coming")
    dalia = sign_in("dalia").get(url).click("Postpone")
    assert dalia.has("1 person who comes, waits, asks or said maybe is concerned.")
    dalia.submit("Postpone", reason="The hall is flooded")
    assert dalia.has("Postponed.")
    assert bo.get(url).has("The hall is flooded") and bo.get("/").has("Postponed. You keep")
    dalia.submit("Undo")
    assert dalia.has("It takes place as planned.")
    dalia.get(f"{url}postponement").submit("Postpone")
    dalia.get(url).click("Choose the new time").submit("Publish the new time", day="")
    assert dalia.status == 422
    dalia.submit("Publish the new time", day="2026-12-15", start="19:00")
    assert dalia.has("It has its new time.")
    assert bo.get(url).has("You are going")
    with write() as db:
        assert db.scalar(select(Occurrence.wall_start)) == datetime(2026, 12, 15, 19)


def test_the_chain_from_page_to_page(sign_in, groups, write) -> None:
    with write() as db:
        approvals.set_chain(
            db, None, erg_id=groups["women"], kind="event", stages=[Stage(Decider.LEAD, 2)]
        )
    dalia = sign_in("dalia").get("/events/new?host=women&kind=webinar")
    dalia.submit(
        "Send for approval",
        title="Outside voices",
        captions="yes",
        step_free="yes",
        access_contact="access@t.example",
    )
    assert dalia.has("Sent for approval.") and not dalia.has("Publish now")
    url = dalia.url.split("?")[0]
    assert sign_in("bo").get(url).status == 404
    nia = sign_in("nia")
    nia.get("/ergs/desk/").click("Outside voices")
    nia.submit("Save the decision", verdict="approve")
    assert state_of(write) is EventState.APPROVED
    dalia.get(url).submit("Take back to change it")
    assert dalia.has("It is a draft again.")
    dalia.submit("Send for approval")
    assert state_of(write) is EventState.SUBMITTED


def test_facts_about_access_stand_on_the_page(sign_in, event) -> None:
    url = event(quiet_room="yes", sign_language="on_request", materials="no")
    bo = sign_in("bo").get(url)
    for words in ("Quiet room", "Sign language", "Materials beforehand", "On request"):
        assert bo.has(words), words


def test_planning_pages_cost_at_most_eight_statements(sign_in, event, groups, queries) -> None:
    url = event(published=False)
    dalia = sign_in("dalia").get(f"{url}hosts?q=parents").submit("Ask to host")
    hugo = sign_in("hugo")
    asked = f"{url}hosts/{groups['parents']}/answer"
    pages = [
        (dalia, "/events/new?host=women"),
        (dalia, "/events/new?host=women&kind=workshop"),
        (dalia, f"{url}hosts?q=parents"),
        (dalia, f"{url}words"),
        (dalia, f"{url}cancellation"),
        (hugo, asked),
    ]
    for who, path in pages:
        with queries() as seen:
            assert who.get(path).status == 200, path
        assert len(seen) <= 8, (path, seen)


def test_money_of_an_event_is_for_those_who_handle_it(
    sign_in, event, people, groups, write
) -> None:
    url = event(title="Dinner")
    with write() as db:
        women = db.get(Erg, groups["women"])
        cycle = make_cycle(db, women)
        event_id = db.scalar(select(Event.id))
        make_request(db, cycle, people["nia"], title="Soup", event_id=event_id)
    bo = sign_in("bo").get(url)
    assert not bo.has("Soup") and not bo.has("Ask for money")
    dalia = sign_in("dalia").get(url)
    assert dalia.has("Soup") and dalia.has("Asked for")
    dalia.click("Ask for money for this event")
    chosen = [line for line in dalia.html.split("<option") if "selected" in line]
    assert any(str(event_id) in line for line in chosen)


def test_money_for_a_series_stands_once_on_the_pages_of_all_its_dates(
    sign_in, people, groups, write
) -> None:
    with write() as db:
        women = db.get(Erg, groups["women"])
        weekly = make_series(db, women, "Lunch", starts_at=START)
        rows = db.scalars(
            select(SeriesDate).where(SeriesDate.series_id == weekly.id).order_by(SeriesDate.day)
        ).all()
        dates, days = [row.occurrence_id for row in rows], [row.day for row in rows]
        cycle = make_cycle(db, women)
        make_request(db, cycle, people["nia"], title="Soup", event_id=weekly.event_id)
        alone = own_event(db, rows[1].occurrence)
        make_request(db, cycle, people["nia"], title="Cake", event_id=alone.id)
        series_id = weekly.id
    dalia = sign_in("dalia").get(f"/events/series/{series_id}/edit?from={days[3]}")
    dalia.submit("See what changes", venue="Garden")
    dalia.submit("Save")
    for number, cakes in ((0, 0), (1, 1), (2, 0), (3, 0), (4, 0)):
        dalia.get(f"/events/{dates[number]}/")
        assert dalia.text.count("Soup") == 1, number
        assert dalia.text.count("Cake") == cakes, number
    with write() as db:
        assert len(db.scalars(select(EventSpend)).all()) == 2, "nothing is there twice"
