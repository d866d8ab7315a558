"""Sessions: right at every wall clock, gone when canceled, held only when somebody says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.services import deactivate
from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring import links
from app.mentoring.models import Meeting, Relationship, SessionClaim
from app.mentoring.rules import (
    Claim,
    ClosingReason,
    RelationshipState,
    SessionState,
    state_after_claims,
)
from app.mentoring.services import closing, sessions
from app.programs.models import Offer
from tests.client import Browser
from tests.factories.mentoring import make_pair, plan_session

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday(request):
    if "app" in request.fixturenames or "context" in request.fixturenames:
        request.getfixturevalue("app")  # making the app sets its own clock
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pair(context):
    with writing() as db:
        return make_pair(db)


def due(kind: str, meeting: Meeting) -> list[datetime]:
    found = outbox.pending(reading(), kind, meeting.id)
    return sorted({delivery.due_at for delivery in found})


def test_a_planned_session_brings_entry_reminders_and_the_question(pair):
    with writing() as db:
        meeting = plan_session(db, pair)
    starts = meeting.starts_at
    assert due("session_planned", meeting) == [NOW]
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert due("session_reminder", meeting) == [starts - day, starts - hour]
    assert due("did_you_meet", meeting) == [starts + 3 * hour, starts + hour + 2 * day]


def test_a_session_planned_at_short_notice_has_no_reminder_of_the_past(pair):
    with writing() as db:
        meeting = plan_session(db, pair, NOW + timedelta(hours=3))
    assert due("session_reminder", meeting) == [NOW + timedelta(hours=2)]


def test_moving_a_session_takes_old_reminders_back_and_updates_the_entry(pair):
    with writing() as db:
        meeting = plan_session(db, pair)
    with writing() as db:
        moved = sessions.reschedule(
            db,
            pair.members[1].person_id,
            session_id=meeting.id,
            wall_time=datetime(2026, 12, 1, 10),
            zone="Asia/Tokyo",
        )
    assert moved.starts_at == datetime(2026, 12, 1, 1, tzinfo=UTC) and moved.revision == 2
    assert {d.revision for d in outbox.pending(reading(), "session_reminder", meeting.id)} == {2}


def test_a_canceled_session_leaves_every_calendar(pair):
    with writing() as db:
        meeting = plan_session(db, pair, place="Room 4")
    with writing() as db:
        sessions.cancel(db, pair.members[0].person_id, session_id=meeting.id)
    db = reading()
    kept = db.get_one(Meeting, meeting.id)
    assert kept.state is SessionState.CANCELED
    assert not due("session_reminder", meeting) and not due("did_you_meet", meeting)
    sent = outbox.pending(db, "session_canceled", meeting.id)
    assert {d.person_id for d in sent} == {m.person_id for m in pair.members}


@pytest.mark.parametrize("reason", [ClosingReason.ORGANIZER, ClosingReason.LEFT_ORG])
def test_a_closed_relationship_has_no_future_session_and_its_place_is_free(pair, reason):
    with writing() as db:
        first, second = plan_session(db, pair), plan_session(db, pair, NOW + timedelta(days=9))
    with writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=reason)
    db = reading()
    assert db.get_one(Relationship, pair.id).state is RelationshipState.CLOSED
    assert db.get_one(Offer, pair.offer_id).released_at is not None
    for meeting in (first, second):
        assert db.get_one(Meeting, meeting.id).state is SessionState.CANCELED
        assert outbox.pending(db, "session_canceled", meeting.id)
    with writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=reason)
    with writing() as db, pytest.raises(Refused, match="has ended"):
        plan_session(db, pair)


def test_when_somebody_leaves_the_partner_is_told_and_the_leaver_is_not(pair):
    mentee, mentor = (member.person_id for member in pair.members)
    with writing() as db:
        deactivate(db, None, person_id=mentor)
    db = reading()
    closed = db.get_one(Relationship, pair.id)
    assert closed.closing_reason is ClosingReason.LEFT_ORG
    assert {d.person_id for d in outbox.pending(db, "partner_left", pair.id)} == {mentee}


@pytest.mark.parametrize(
    ("said", "people", "after"),
    [
        ([Claim.MET], 2, SessionState.CLAIMED),
        ([Claim.MET, Claim.MET], 2, SessionState.CONFIRMED),
        ([Claim.MET, Claim.NO_CONTACT], 2, SessionState.CLAIMED),
        ([Claim.NOT_YET], 2, SessionState.MISSED),
        ([Claim.MOVED, Claim.NO_CONTACT], 2, SessionState.MOVED),
    ],
)
def test_one_who_says_met_claims_and_everybody_confirms(said, people, after):
    asked = [uuid4() for _number in range(people)]
    assert state_after_claims(dict(zip(asked, said, strict=False)), asked) is after


def test_a_session_is_held_only_when_a_person_says_so(pair):
    with writing() as db:
        meeting = plan_session(db, pair, NOW + timedelta(hours=2))
    waits, over = SessionState.DUE, SessionState.UNKNOWN
    for days, expected in ((1, waits), (13, waits), (15, over)):
        with clock.frozen(NOW + timedelta(days=days)):
            for _ in range(2):  # a sweep may run twice
                with writing() as db:
                    sessions.mark_due(db)
                    sessions.give_up_asking(db)
        assert reading().get_one(Meeting, meeting.id).state is expected
    with writing() as db, clock.frozen(NOW + timedelta(days=16)):
        sessions.answer(db, pair.members[0].person_id, session_id=meeting.id, said=Claim.MET)
    assert reading().get_one(Meeting, meeting.id).state is SessionState.CLAIMED


def test_nobody_can_say_that_a_session_to_come_was_held(pair):
    with writing() as db:
        meeting = plan_session(db, pair)
    with writing() as db, pytest.raises(Refused, match="not begun"):
        sessions.answer(db, pair.members[0].person_id, session_id=meeting.id, said=Claim.MET)


# -- the link of a mail -------------------------------------------------------------------------


@pytest.fixture
def couple(app):
    """A pair made in a context of its own: browsers of several people must not share one."""
    with app.app_context(), writing() as db:
        return make_pair(db)


def asked(app, pair) -> tuple[str, Meeting]:
    with app.app_context():
        with writing() as db:
            meeting = plan_session(db, pair, NOW + timedelta(hours=1))
        token = links.token(meeting.id, pair.members[0].person_id, meeting.revision)
    clock.configure((NOW + timedelta(hours=5)).isoformat())
    return f"/mentoring/met/{token}", meeting


def claims(app) -> list[Claim]:
    with app.app_context():
        return list(reading().scalars(select(SessionClaim.answer)))


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_opening_the_link_changes_nothing_and_one_tap_answers_once(app, couple, htmx):
    path, _meeting = asked(app, couple)
    for _ in range(3):  # mail scanners open links, more than once
        Browser(app).get(path)
    assert claims(app) == []
    phone = Browser(app, htmx=htmx).get(path)
    other = Browser(app).get(path)
    phone.submit("Not yet")
    assert phone.has("You answered: Not yet") and claims(app) == [Claim.NOT_YET]
    other.submit("We met")
    assert other.status == 409 and other.has("used already")
    assert claims(app) == [Claim.NOT_YET]


def test_a_forged_or_outdated_link_leads_nowhere(app, couple):
    path, meeting = asked(app, couple)
    assert Browser(app).get(path[:-3] + "xyz").status == 404
    with app.app_context():
        stranger = links.token(meeting.id, meeting.id, meeting.revision)
        later = links.token(meeting.id, couple.members[0].person_id, 7)
    for token in (stranger, later, "nonsense"):
        assert Browser(app).get(f"/mentoring/met/{token}").status == 404


def test_the_workspace_takes_an_answer_that_the_link_no_longer_takes(app, couple):
    path, meeting = asked(app, couple)
    Browser(app).get(path).submit("Not yet")
    with app.app_context(), writing() as db:
        sessions.answer(db, couple.members[0].person_id, session_id=meeting.id, said=Claim.MET)
    assert claims(app) == [Claim.MET]
