"""What searching must not give away: asked for every letter, no search lists what it hides."""

from __future__ import annotations

from datetime import UTC, datetime
from string import ascii_lowercase

import pytest

from app.ergs.rules import Discovery, Visibility
from app.events import services
from app.events.rules import Audience, Reply
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

START = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z"}


@pytest.fixture
def world(write):
    """An open event to which three came, each telling less; a hidden group with its event."""
    with write() as db:
        dalia = make_person(db, "Dalia Lead", "dalia@t.example", PASSWORD).id
        make_person(db, "Bo Test", "bo@t.example", PASSWORD)
        kai = make_person(db, "Kai Test", "kai@t.example", PASSWORD).id
        erg = make_erg(db, "women", lead=dalia, roster=Visibility.COMPANY)
        event = make_event(db, erg, "Evening", starts_at=START).id
        for name, told in (
            ("Yusuf Everyone", Visibility.COMPANY),
            ("Xenia Organizers", Visibility.LEADS),
            ("Zoe Nobody", Visibility.NOBODY),
        ):
            person = make_person(db, name).id
            services.answer(db, person, occurrence_id=event, reply=Reply.GOING, visibility=told)
        hidden = make_erg(db, "safe-haven", lead=kai, discovery=Discovery.HIDDEN)
        make_event(db, hidden, "Secret supper", audience=Audience.MEMBERS, starts_at=START)
        return event


def asked_for_everything(app, name: str, *addresses: str) -> str:
    """All that a person is answered who types every letter, and wildcards, into a search."""
    browser = Browser(app).sign_in(f"{name}@t.example")
    texts = []
    for address in addresses:
        for letters in (*ascii_lowercase, "%", "_", "*", "@", "e"):
            page = browser.get(f"{address}q={letters.replace('%', '%25')}")
            assert page.status in (200, 403, 404), (address, letters)
            texts.append(page.text)
    return "\n".join(texts)


def test_autocomplete_that_enumerates_everyone(app, world) -> None:
    """Organizers find whom they may know; others find no person by way of an event at all."""
    lists = (f"/events/{world}/people?", f"/events/{world}/hosts?", "/events/?")
    lead = asked_for_everything(app, "dalia", *lists)
    assert "Yusuf Everyone" in lead and "Xenia Organizers" in lead and "Zoe" not in lead
    assert "Secret supper" not in lead and "Safe-Haven" not in lead and "safe-haven" not in lead
    other = asked_for_everything(app, "bo", *lists)
    assert not any(name in other for name in ("Yusuf", "Xenia", "Zoe", "Secret", "afe-haven"))


def test_a_letter_nobody_has_finds_as_little_as_a_hidden_name(app, world) -> None:
    """What is hidden and what is not there give the same answer."""
    bo = Browser(app).sign_in("bo@t.example")
    for address in ("/events/?q={}", "/events/?view=month&month=2026-12&q={}", "/search?q={}"):
        pages = [bo.get(address.format(word)).text for word in ("supper", "nought")]
        assert pages[0].replace("supper", "nought") == pages[1]
