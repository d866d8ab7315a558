"""Mail scanners open every link of every mail, more than once; that changes nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import flask
import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.services import passwords
from app.core import clock, delivery, outbox
from app.core.database import reading, writing
from app.core.locale import speaking
from app.core.mail import compose
from app.core.outbox import Delivery, kinds
from app.core.settings import load
from app.elections.models import Candidate
from app.ergs.models import Erg, RoleGrant
from app.events import services as events
from app.events.models import Occurrence, Rsvp, SeriesDate, SeriesSubscription
from app.events.rules import Reply
from app.factory import create_app
from app.mentoring.models import ClosingNotice, Relationship, RiskFlag, SponsorAction
from app.posts.jobs import digests, send_posts
from app.programs.models import OutsideAccount
from tests.client import Browser
from tests.contracts.access_world import Scenes, build
from tests.databases import DEMO_DAY, TEST_ENVIRONMENT, lay_files
from tests.factories.events import make_event
from tests.factories.mentoring import plan_session
from tests.factories.risks import ask_whether_still_going

LINK = re.compile(r"http://localhost(/[^\s\"<>)]*)")
# A page view may note that a session is in use.
NOTED = {"sign_in"}
# Kinds that neither the demo company nor the scenes of the access matrix send, by what they are
# about; each is written about something that is there, to somebody whom it concerns.
OF_PAIR = (
    *("closing_notice", "handover_written", "member_left", "pair_renewed", "pair_reopened"),
    *("pair_resumed", "partner_left", "reopen_asked"),
)
OF_CIRCLE = ("circle_reshaped", "turn_asked", "turn_left", "turn_taken", "turn_yours")
OF_SESSION = ("facilitator_reminder", "session_left", "too_few_come")  # of a circle
OF_FLAG = ("organizer_asks", "organizer_finds_time", "organizer_offers_pause")
OF_REQUEST = ("erg_decision", "erg_request", "erg_request_late", "erg_requests_waiting")
OF_ROLE = ("role_changed", "role_ends", "role_extended")
OF_ANSWER = (
    *("event_call", "event_left", "event_offer_over", "event_reply_refused", "event_unsure"),
)


def write_the_rest(db: Session, scenes: Scenes, star: dict[str, Person]) -> None:
    """What the world sends no mail about yet."""
    bo, dalia, now = star["bo"].id, star["dalia"].id, clock.now()
    of_pair, women = scenes["mentoring"]["pair"], scenes["ergs"]["open"]
    pair = db.get_one(Relationship, of_pair["relationship_id"])
    circle = db.get_one(Relationship, scenes["mentoring"]["circle"]["relationship_id"])
    in_ledger = db.get_one(SponsorAction, scenes["mentoring"]["sponsored"]["action_id"])
    day = now.date()
    db.add(
        ClosingNotice(
            relationship_id=pair.id, since=day, noticed_on=day, closes_on=day + timedelta(days=7)
        )
    )
    nudge = ask_whether_still_going(db, pair)
    db.get_one(RiskFlag, of_pair["flag_id"]).owner_id = star["farid"].id
    guest = db.scalars(select(OutsideAccount)).first()
    assert guest is not None
    guest.closes_at = now + timedelta(days=14)
    group = db.scalars(select(Erg).where(Erg.slug == women["slug"])).one()
    role = db.scalars(select(RoleGrant).where(RoleGrant.person_id == dalia)).first()
    candidacy = db.scalars(select(Candidate)).first()
    assert role is not None and candidacy is not None
    of_event = scenes["events"]["asking"]["rsvp_id"]
    waiting = scenes["outside"]["open"]["invitation_id"]
    about: dict[str, tuple[UUID, UUID]] = {
        **dict.fromkeys(OF_PAIR, (pair.id, bo)),
        **dict.fromkeys(OF_CIRCLE, (circle.id, bo)),
        **dict.fromkeys(OF_SESSION, (plan_session(db, circle).id, bo)),
        **dict.fromkeys(OF_FLAG, (of_pair["flag_id"], bo)),
        **dict.fromkeys(OF_REQUEST, (women["request_id"], dalia)),
        **dict.fromkeys(OF_ROLE, (role.id, dalia)),
        **dict.fromkeys(OF_ANSWER, (of_event, bo)),
        "circle_without_you": (circle.id, star["hugo"].id),
        "flag_given": (of_pair["flag_id"], star["farid"].id),
        "nudge_mail": (nudge.id, nudge.person_id),
        "election_nominated": (candidacy.id, candidacy.person_id),
        "erg_without_lead": (group.id, star["farid"].id),
        "event_summary": (bo, bo),
        "event_unanswered": unanswered_date(db),
        "offer_ended": (scenes["programs"]["open"]["offer_id"], bo),
        "outside_account_ending": (guest.person_id, guest.person_id),
        "outside_invitation": (waiting, waiting),
        "request_answered": (scenes["programs"]["open"]["request_id"], bo),
        "still_waiting": (scenes["programs"]["open"]["enrollment_id"], bo),
        "sponsorship_opened": (in_ledger.relationship_id, bo),
        "sponsorship_question": (in_ledger.relationship_id, bo),
        "something_waits": (scenes["concerns"]["raised"]["concern_id"], star["hugo"].id),
        "sponsor_brief": (group.id, star["kai"].id),
        "thread_appeal_decided": (scenes["threads"]["removed"]["appeal_id"], dalia),
    }
    for kind, (subject, person) in about.items():
        outbox.put(db, kind, subject=subject, person=person)
    passwords.request_reset(db, email="bo@demo.example")
    offer_a_seat(db, group, bo, star["chen"].id)


def unanswered_date(db: Session) -> tuple[UUID, UUID]:
    """A date that could not be answered for somebody who comes to every date."""
    coming = (
        select(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .join(SeriesDate, SeriesDate.occurrence_id == Occurrence.id)
        .join(
            SeriesSubscription,
            (SeriesSubscription.series_id == SeriesDate.series_id)
            & (SeriesSubscription.person_id == Rsvp.person_id),
        )
        .where(Occurrence.starts_at > clock.now())
    )
    rsvp = db.scalars(coming).first()
    assert rsvp is not None
    found = (rsvp.occurrence_id, rsvp.person_id)
    db.delete(rsvp)
    db.flush()
    return found


def offer_a_seat(db: Session, group: Erg, waits: UUID, comes: UUID) -> None:
    """One seat, given back a day before; and an event of tomorrow to which both come."""
    date = make_event(db, group, starts_at=clock.now() + timedelta(hours=30), seats_in_person=1)
    tomorrow = make_event(db, group, "Breakfast", starts_at=clock.now() + timedelta(hours=20))
    for occurrence, person, reply in (
        (tomorrow, waits, Reply.GOING),
        (date, comes, Reply.GOING),
        (date, waits, Reply.GOING),
        (date, comes, Reply.NO),
    ):
        events.answer(db, person, occurrence_id=occurrence.id, reply=reply)


@pytest.fixture(scope="module")
def world(seeded_sqlite: Path, shared_folder: Path, tmp_path_factory) -> Iterator[flask.Flask]:
    """The demo company and the scenes of the access matrix, with a mail of every kind."""
    folder = tmp_path_factory.mktemp("mails")
    shutil.copyfile(seeded_sqlite, folder / "mails.sqlite3")
    lay_files(shared_folder, folder)
    app = create_app(
        load(
            {
                **TEST_ENVIRONMENT,
                "DATABASE_URL": f"sqlite:///{folder / 'mails.sqlite3'}",
                "DATA_DIR": str(folder),
                "TRELLIS_NOW": f"{DEMO_DAY}T09:00Z",
            }
        )
    )
    with app.app_context():
        with writing() as db:
            scenes = build(db)
            star = {p.email.split("@")[0]: p for p in db.scalars(select(Person)) if p.email}
            write_the_rest(db, scenes, star)
        with clock.frozen(clock.now() + timedelta(days=3)):
            send_posts()
            digests()
    yield app
    app.extensions["database"].dispose()
    clock.configure(None)


def mails(app: flask.Flask) -> Iterator[tuple[str, str | None, EmailMessage]]:
    """One mail of each kind: (kind, to whom, the mail as it leaves)."""
    db = reading()
    found = db.scalars(select(Delivery).where(Delivery.channel == "mail").order_by(Delivery.id))
    done: set[str] = set()
    for row in found.all():
        to = delivery.recipients(db, [row.person_id]).get(row.person_id)
        if row.kind in done or to is None:
            continue
        with speaking(to.locale, to.zone):
            message = kinds[row.kind].message(db, row, to)
        if message is not None:
            done.add(row.kind)
            yield row.kind, to.email, compose(row.id, to, message, app.extensions["settings"])


def links_of(mail: EmailMessage) -> set[str]:
    """Every address of ours in its texts and in the header that unsubscribes."""
    found = set(LINK.findall(mail.get("List-Unsubscribe", "")))
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True).decode()
            found |= set(LINK.findall(re.sub(r"\r\n[ \t]", "", content)))
    return {link.replace("&amp;", "&") for link in found}


def rows_of(app: flask.Flask) -> dict[str, list[str]]:
    with app.extensions["database"].engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - NOTED
        return {
            name: sorted(map(repr, connection.execute(text(f'select * from "{name}"'))))
            for name in names
        }


def test_opening_every_link_of_every_kind_of_mail_twice_changes_no_row(world) -> None:
    with world.app_context():
        written = [(kind, email, links_of(mail)) for kind, email, mail in mails(world)]
    by_mail = {name for name, kind in kinds if "mail" in kind.channels}
    assert by_mail - {kind for kind, *_ in written} == set(), "kinds of which no mail was looked at"
    assert [kind for kind, _, links in written if not links] == []
    with world.app_context():
        accounts = set(reading().scalars(select(Person.email).where(Person.email.is_not(None))))
    opened = {(email, link) for _, email, links in written for link in links}
    readers = {email: Browser(world).sign_in(email) for email, _ in opened if email in accounts}
    stranger = Browser(world)
    before = rows_of(world)
    for email, link in sorted(opened, key=str) * 2:
        assert stranger.client.get(link).status_code < 500, link
        if email in readers:
            answer = readers[email].client.get(link, follow_redirects=True)
            assert answer.status_code < 500, link
    after = rows_of(world)
    assert {name for name in before if before[name] != after[name]} == set()
