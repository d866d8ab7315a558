"""A group names itself in mails of its news, where that tells nobody anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from app.core import clock, delivery
from app.core.errors import Refused
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.ergs.rules.sender import domain_of, is_fit_name
from app.ergs.services.sender import set_sender
from app.posts.jobs import digests
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.posts import make_sent

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)
NAME, REPLIES = "Women of Meridian", "women@t.example"


@pytest.fixture
def environ(environ):
    return {**environ, "TRELLIS_NOW": "2026-11-24T10:00Z"}


@pytest.fixture
def world(app, write):
    """Bo is seen by every colleague in an open group, Juno by nobody; a quiet group beside it."""
    with clock.frozen(TUESDAY), write() as db:
        ids = {
            name: make_person(db, f"{name.title()} T", f"{name}@t.example", PASSWORD).id
            for name in ("dalia", "bo", "juno")
        }
        women = make_erg(db, "women", lead=ids["dalia"], roster=Visibility.COMPANY)
        quiet = make_erg(db, "quiet", lead=ids["dalia"], says_sensitive=True)
        for erg in (women, quiet):
            make_member(db, erg, ids["bo"], visibility=Visibility.COMPANY)
        make_member(db, women, ids["juno"], visibility=Visibility.NOBODY)
        set_sender(db, ids["dalia"], erg_id=women.id, name=NAME, reply_to=REPLIES)
        return {**ids, "women": women.id, "quiet": quiet.id}


def mails(app, write, world, *slugs) -> dict:
    """The digest mails of the day by address, after news of some groups."""
    with clock.frozen(TUESDAY):
        with write() as db:
            for slug in slugs:
                erg = db.get_one(Erg, world[slug])
                make_sent(db, erg, world["dalia"], "Breakfast", ago=timedelta(hours=5))
        with app.app_context():
            digests()
            delivery.deliver("mail")
    folder = app.extensions["settings"].data_dir / "outbox"
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in folder.iterdir()]
    return {mail["To"].addresses[0].addr_spec.split("@")[0]: mail for mail in found}


def test_only_who_is_seen_by_everybody_gets_the_name(app, write, world) -> None:
    found = mails(app, write, world, "women")
    (sender,) = found["bo"]["From"].addresses
    assert sender.display_name == f"{NAME} via Trellis" and found["bo"]["Reply-To"] == REPLIES
    (neutral,) = found["juno"]["From"].addresses
    assert neutral.display_name == "Trellis" and found["juno"]["Reply-To"] is None
    assert neutral.addr_spec == sender.addr_spec, "the address is always the service's"


def test_news_of_several_groups_and_of_a_confidential_one_stay_neutral(app, write, world) -> None:
    found = mails(app, write, world, "women", "quiet")
    assert found["bo"]["From"].addresses[0].display_name == "Trellis"
    assert found["bo"]["Reply-To"] is None


def test_a_group_that_became_confidential_writes_neutrally(app, write, world) -> None:
    with write() as db:
        db.get_one(Erg, world["women"]).says_sensitive = True
    found = mails(app, write, world, "women")
    assert found["bo"]["From"].addresses[0].display_name == "Trellis"


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nBcc: x@evil.example",
        "x\nSubject: hi",
        "ceo@t.example",
        '"CEO" <ceo@t.example>',
        "Pay\u202eroll",
        "null\x00",
        "a\u2028b",
        "x" * 61,
    ],
)
def test_a_name_starts_no_header_and_pretends_nothing(write, world, name) -> None:
    assert not is_fit_name(name)
    with pytest.raises(Refused), write() as db:
        set_sender(db, world["dalia"], erg_id=world["women"], name=name, reply_to="")


@pytest.mark.parametrize(
    "address",
    [
        "women@elsewhere.example",
        "a@t.example\r\nBcc: b@t.example",
        "a@t.example, b@elsewhere.example",
        "Women <women@t.example>",
        "women",
        "@t.example",
        "a..b@t.example",
    ],
)
def test_answers_stay_in_the_company(write, world, address) -> None:
    assert domain_of("Women.x+y@T.Example") == "t.example"
    with pytest.raises(Refused, match="address of your own"), write() as db:
        set_sender(db, world["dalia"], erg_id=world["women"], name="", reply_to=address)


def test_leads_set_it_on_a_page_and_only_they(app, world, write) -> None:
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/women/edit/")
    dalia.get("/ergs/women/sender/").submit(
        "Save", sender_name="<Boss>", reply_to="someone@t.example"
    )
    assert dalia.status == 422 and dalia.has("Use letters, digits and spaces only")
    dalia.submit("Save", sender_name="Women 女性", reply_to="")
    assert dalia.has("Saved. It holds for mails from now on.")
    assert dalia.get("/ergs/quiet/sender/").has("stay neutral")
    with pytest.raises(Refused, match="neutral"), write() as db:
        set_sender(db, world["dalia"], erg_id=world["quiet"], name="Quiet", reply_to="")
    assert Browser(app).sign_in("bo@t.example").get("/ergs/women/sender/").status == 403
    with pytest.raises(Refused, match="leads"), write() as db:
        set_sender(db, world["bo"], erg_id=world["women"], name="Bo", reply_to="")
