"""Bugs of other products, named in COMMUNITY.md, that planning must not have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.ergs.models import Erg
from app.ergs.rules import Discovery
from app.events.models import Event, Occurrence
from app.events.rules import Audience
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

ZONES = (
    "Asia/Kathmandu",  # +05:45
    "Pacific/Chatham",  # +12:45 and +13:45
    "America/St_Johns",  # -03:30
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Casablanca",
    "Europe/Dublin",
    "UTC",
)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z"}


@pytest.fixture
def world(write):
    with write() as db:
        lead = make_person(
            db, "Dalia Lead", "dalia@t.example", PASSWORD, zone="America/St_Johns"
        ).id
        erg = make_erg(db, "women", lead=lead)
        other = make_person(db, "Hugo Lead").id
        for number in range(25):
            make_erg(db, f"group-{number}", lead=other, name=f"Circle {number}")
        make_erg(db, "hidden", lead=other, name="Circle of silence", discovery=Discovery.HIDDEN)
        make_erg(db, "unlisted", lead=other, name="Circle unlisted", discovery=Discovery.UNLISTED)
        return erg.id


@pytest.mark.parametrize("zone", ZONES)
def test_bug_each_save_moving_the_event(app, world, write, zone) -> None:
    """A form saved as it was found changes nothing, whatever the zones of event and reader."""
    starts = {}
    with write() as db:
        for at in (
            datetime(2026, 12, 24, 23, 45, tzinfo=UTC),
            datetime(2027, 4, 3, 15, 15, tzinfo=UTC),  # the clocks go back on Lord Howe, twice 1:45
            datetime(2027, 10, 31, 1, 30, tzinfo=UTC),  # and in Europe
        ):
            row = make_event(db, db.get(Erg, world), f"At {at}", starts_at=at, zone=zone)
            starts[row.id] = row.starts_at
    dalia = Browser(app).sign_in("dalia@t.example")
    for occurrence_id, starts_at in starts.items():
        for _ in range(2):
            dalia.get(f"/events/{occurrence_id}/edit").submit("Save")
            assert dalia.has("Nothing was changed."), zone
        with write() as db:
            row = db.get(Occurrence, occurrence_id)
            assert (row.starts_at, row.revision) == (starts_at, 0)


def test_bug_autocomplete_that_enumerates_everyone(app, world, write) -> None:
    """The search for hosts lists nothing by itself, and only what the directory shows."""
    with write() as db:
        url = f"/events/{make_event(db, db.get(Erg, world), published=False).id}/hosts"
    dalia = Browser(app).sign_in("dalia@t.example")
    assert "Circle" not in dalia.get(url).html, "without words there are no groups"
    assert "Circle" not in dalia.get(f"{url}?q=").html
    found = dalia.get(f"{url}?q=circle")
    assert found.html.count("Ask to host") == 20, "one page"
    html = found.html + dalia.get(f"{url}?q=circle&page=2").html
    assert "Circle of silence" not in html and "Circle unlisted" not in html
    assert "Circle of silence" not in dalia.get(f"{url}?q=silence").html


def test_bug_a_private_flag_lost_on_an_edited_occurrence(app, write) -> None:
    """What is hidden because of its host stays so, whatever of it is edited."""
    with write() as db:
        lead = make_person(db, "Kai Lead", "kai@t.example", PASSWORD).id
        quiet = make_erg(db, "quiet", lead=lead, discovery=Discovery.HIDDEN)
        row = make_event(db, quiet, "Quiet supper", audience=Audience.MEMBERS)
        url = f"/events/{row.id}/"
    kai = Browser(app).sign_in("kai@t.example")
    kai.get(url).submit("I am coming")
    kai.get(f"{url}edit").submit("Save", title="Quiet lunch", start="12:15", venue="Elsewhere")
    assert kai.has("Everybody who goes is told")
    entry = kai.client.get(f"{url}calendar.ics").get_data(as_text=True)
    assert "CLASS:PRIVATE" in entry and "Quiet" not in entry and "Elsewhere" not in entry
    kai.get(f"{url}edit").submit("Save", audience="company")
    assert kai.status == 422 or kai.status == 409
    with write() as db:
        event = db.scalar(select(Event))
        assert event.is_hidden and event.audience == "members"
