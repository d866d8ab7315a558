"""Mail scanners open every link, more than once; that changes nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, select, text

from app.accounts import queries as accounts
from app.core import clock, outbox
from app.core.locale import speaking
from app.core.mail import compose
from app.core.outbox import Delivery, kinds
from app.ergs.rules import Visibility
from app.events import services
from app.events.models import Rsvp
from app.events.rules import Reply
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event, make_plan

START = datetime(2026, 12, 1, 18, tzinfo=UTC)
NOW = START - timedelta(days=10)
LINK = re.compile(r"http://localhost(/[^\s\"<>)]*)")
# A page view may note that a session is in use.
NOTED = {"sign_in"}


@pytest.fixture
def links(app, write) -> set[str]:
    """All links of all mails that events send: entries, offers, calls, changes, reminders."""
    with clock.frozen(NOW), write() as db:
        lead = make_person(db, "Dalia").id
        bo = make_person(db, "Bo", "bo@t.example", PASSWORD).id
        cy = make_person(db, "Cy", "cy@t.example", PASSWORD).id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        occurrence_id = make_event(db, erg, starts_at=START, seats_in_person=1).id
        for person in (bo, cy):
            services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
    with clock.frozen(START - timedelta(hours=30)), write() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO)  # Cy is offered it
        plan = make_plan(starts_at=START + timedelta(hours=1), seats_in_person=1)
        services.revise(db, lead, occurrence_id=occurrence_id, plan=plan)
        rsvp = db.scalars(select(Rsvp).where(Rsvp.person_id == bo)).one()
        for kind in ("event_reply_refused", "event_summary"):
            subject = bo if kind == "event_summary" else rsvp.id
            outbox.put(db, kind, subject=subject, person=bo, revision=rsvp.sequence)
    found: set[str] = set()
    with app.app_context(), clock.frozen(START - timedelta(hours=29)), write() as db:
        rows = db.scalars(select(Delivery).where(Delivery.channel == "mail")).all()
        assert {"event_entry", "event_offer", "event_tomorrow", "event_soon"} <= {
            row.kind for row in rows
        }
        for row in rows:
            to = accounts.recipients(db, [row.person_id])[row.person_id]
            with speaking(to.locale, to.zone):
                message = kinds[row.kind].message(db, row, to)
                if message is not None:
                    mail = compose(row.id, to, message, app.extensions["settings"])
                    for part in mail.walk():
                        if part.get_content_maintype() == "text":
                            content = part.get_payload(decode=True).decode()
                            found |= set(LINK.findall(re.sub(r"\r\n[ \t]", "", content)))
    return {link.replace("&amp;", "&") for link in found}


def rows_of(app) -> dict[str, list]:
    engine = app.extensions["database"].engine
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - NOTED
        return {
            name: sorted(map(repr, connection.execute(text(f'select * from "{name}"'))))
            for name in names
        }


@pytest.mark.parametrize("who", [None, "bo@t.example", "cy@t.example"])
def test_get_links_that_mail_scanners_trigger(app, links, who) -> None:
    assert len(links) >= 3, links
    with clock.frozen(START - timedelta(hours=29)):
        browser = Browser(app)
        if who:
            browser.sign_in(who)
        before = rows_of(app)
        for link in sorted(links) * 2:
            assert browser.client.get(link).status_code < 500, link
            assert browser.client.head(link).status_code < 500, link
        assert rows_of(app) == before, "opening a link is not an act"
