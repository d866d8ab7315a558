"""The one-click way out of the digest (RFC 8058): by POST alone, bound to one person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core import ids
from app.posts import links
from app.posts.models import DigestChoice
from app.posts.rules import Rhythm
from tests.client import Browser
from tests.factories.accounts import make_person


@pytest.fixture
def bo(app, write):
    with write() as db:
        return make_person(db, "Bo", "bo@t.example").id


@pytest.fixture
def address(app, bo):
    with app.app_context():
        return f"/unsubscribe/{links.token(bo)}"


@pytest.fixture
def rhythms(write):
    def look() -> list[Rhythm]:
        with write() as db:
            return list(db.scalars(select(DigestChoice.rhythm)))

    return look


def test_a_mail_scanner_opens_the_link_and_nothing_happens(app, address, rhythms) -> None:
    page = Browser(app).get(address)
    assert page.status == 200 and page.has("Unsubscribe from the digest?")
    assert rhythms() == []


def test_a_mail_provider_unsubscribes_by_one_post_without_session_and_the_page_offers_undo(
    app, address, rhythms
) -> None:
    for _again in range(2):
        answer = app.test_client().post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert rhythms() == [Rhythm.NONE]
    page = Browser(app).get(address)
    assert page.has("You are unsubscribed")
    assert page.submit("Undo").has("Unsubscribe from the digest?")
    assert rhythms() == [Rhythm.DAILY]


def test_a_reader_unsubscribes_by_the_button(app, address, rhythms) -> None:
    page = Browser(app).get(address)
    assert page.submit("Unsubscribe").has("You are unsubscribed")
    assert rhythms() == [Rhythm.NONE]


def test_a_forged_address_opens_nothing(app, bo, address, rhythms) -> None:
    with app.app_context():
        other = links.token(ids.new_id())
    token = address.rsplit("/", 1)[1]
    forged = (token[:-2], f"{other.rsplit('.', 1)[0]}.{token.rsplit('.', 1)[1]}", "x")
    for each in forged:
        assert app.test_client().post(f"/unsubscribe/{each}").status_code == 404
    assert rhythms() == []
