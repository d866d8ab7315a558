"""One-tap truth: claimed and confirmed apart, links used once, and feedback that nobody reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.accounts.queries.signin import recipients
from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.locale import speaking
from app.mentoring import links, queries
from app.mentoring.models import Meeting, Relationship, SessionClaim, SessionFeedback
from app.mentoring.rules import (
    HELD,
    Claim,
    ClosingReason,
    SessionState,
    may_rate,
    state_after_claims,
)
from app.mentoring.rules.circles import quorum
from app.mentoring.services import attending, closing, continuity, sessions
from app.programs.rules import Format, Role
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import add_member, make_pair, plan_session
from tests.factories.programs import make_cohort

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
SECRET = "She talked over me"


@pytest.fixture(autouse=True)
def monday(app):
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        omar = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        return make_pair(db, mina, omar, make_cohort(db, "active", amara))


@pytest.fixture
def meeting(app, pair) -> Meeting:
    """A session that is over; the clock stands some hours later."""
    with app.app_context(), writing() as db:
        found = plan_session(db, pair, NOW + timedelta(hours=1))
    clock.configure(LATER.isoformat())
    return found


def say(app, pair, meeting, **said: Claim) -> SessionState:
    roles = {member.role.value: member.person_id for member in pair.members}
    for role, answer in said.items():
        with app.app_context(), writing() as db:
            sessions.answer(db, roles[role], session_id=meeting.id, said=answer)
    with app.app_context():
        return reading().get_one(Meeting, meeting.id).state


# -- what counts --------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(list(Claim)), min_size=1, max_size=5), st.integers(1, 5))
def test_a_session_is_held_only_when_a_person_says_so_and_confirmed_only_by_all(said, people):
    after = state_after_claims(dict(enumerate(said)), range(people))
    met = {number for number, one in enumerate(said) if one is Claim.MET}
    assert (after in HELD) == (Claim.MET in said)
    assert (after is SessionState.CONFIRMED) == (len(met) > 1 and met >= set(range(people)))


def test_claimed_and_confirmed_are_kept_apart_everywhere(app, pair, meeting):
    assert say(app, pair, meeting, mentee=Claim.MET) is SessionState.CLAIMED
    mina = Browser(app).sign_in("mina@t.example").get(f"/mentoring/sessions/{meeting.id}/")
    assert mina.has("One of you says you met")
    amara = Browser(app).sign_in("amara@t.example")
    amara.get(f"/mentoring/cohorts/{pair.cohort_id}/")
    with app.app_context():
        counts = queries.held_counts(reading(), [pair.id])[pair.id]
    assert counts == {SessionState.CLAIMED: 1}
    assert amara.has("Sessions confirmed") and amara.has("Said by one side")
    assert say(app, pair, meeting, mentor=Claim.MET) is SessionState.CONFIRMED
    with app.app_context():
        counts = queries.held_counts(reading(), [pair.id])[pair.id]
    assert counts == {SessionState.CONFIRMED: 1}


@pytest.mark.parametrize("said", [Claim.NO_CONTACT, Claim.NOT_YET, Claim.MOVED])
def test_who_says_that_nobody_came_stays_private_and_the_other_is_still_asked(
    app, pair, meeting, said
):
    """For whoever has not answered, all pages are the same as if nobody had."""
    omar = Browser(app).sign_in("omar@t.example")
    with app.app_context(), writing() as db:
        sessions.mark_due(db)
    paths = (
        f"/mentoring/{pair.id}/",
        f"/mentoring/{pair.id}/sessions/?show=past",
        f"/mentoring/sessions/{meeting.id}/",
        "/",
    )
    before = [omar.get(path).text for path in paths]
    assert say(app, pair, meeting, mentee=said) in (SessionState.MISSED, SessionState.MOVED)
    assert [omar.get(path).text for path in paths] == before
    omar.get(paths[0]).submit("Not yet")
    mina = Browser(app).sign_in("mina@t.example").get(paths[2])
    assert mina.has("Did not take place") or mina.has("To be moved")


@pytest.mark.parametrize("change", [Claim.NOT_YET, Claim.MOVED, Claim.NO_CONTACT, Claim.MET])
def test_everybody_may_change_their_answer_in_the_app(app, pair, meeting, change):
    for first in Claim:
        if first is Claim.MET:
            continue
        say(app, pair, meeting, mentee=first)
    assert say(app, pair, meeting, mentee=change) is state_after_claims({0: change}, (0, 1))


def test_after_fourteen_days_of_silence_nobody_knows_and_it_is_never_held(app, pair, meeting):
    with clock.frozen(LATER + timedelta(days=14)), app.app_context():
        for _ in range(2):  # a sweep may run twice
            with writing() as db:
                sessions.mark_due(db)
                sessions.give_up_asking(db)
        assert reading().get_one(Meeting, meeting.id).state is SessionState.UNKNOWN
        assert queries.held_counts(reading(), [pair.id]) == {}


def test_after_the_end_the_session_is_still_answered_in_the_app(app, pair, meeting):
    with app.app_context(), writing() as db:
        reason = ClosingReason.NO_FAULT
        closing.close(db, None, relationship_id=pair.id, reason=reason)
    mina = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{pair.id}/")
    mina.submit("We met")
    assert mina.status == 200 and mina.has("Thank you. That is noted.")
    omar = Browser(app).sign_in("omar@t.example").get(f"/mentoring/sessions/{meeting.id}/")
    omar.submit("We met")
    with app.app_context():
        assert reading().get_one(Meeting, meeting.id).state is SessionState.CONFIRMED


@pytest.mark.parametrize("first", [None, Claim.MET, Claim.NOT_YET])
def test_two_weeks_later_nobody_is_asked_any_more_but_the_sessions_page_takes_an_answer(
    app, pair, meeting, first
):
    """What the link promises: one can still answer, and change one's answer, in Trellis."""
    if first:
        say(app, pair, meeting, mentee=first)
    clock.configure((LATER + timedelta(days=15)).isoformat())
    with app.app_context(), writing() as db:
        sessions.mark_due(db)
        sessions.give_up_asking(db)
    here = f"/mentoring/sessions/{meeting.id}/"
    for email in ("mina@t.example", "omar@t.example"):
        browser = Browser(app).sign_in(email).get(f"/mentoring/{pair.id}/")
        assert not browser.has("Did you meet?")
        assert not browser.get(here).has("Did you meet?")
    assert browser.has("Say whether you met")
    if first is not Claim.MET:
        assert browser.has("Nobody said") and not browser.has("Did not take place")
    mina = Browser(app).sign_in("mina@t.example").get(here)
    assert mina.has("Change your answer" if first else "Say whether you met")
    mina.submit("No contact")
    with app.app_context():
        [claim] = reading().scalars(select(SessionClaim))
        assert claim.answer is Claim.NO_CONTACT


# -- the link -----------------------------------------------------------------------------------


def link_of(app, pair, meeting, who: int = 0) -> str:
    with app.app_context():
        token = links.token(meeting.id, pair.members[who].person_id, meeting.revision)
    return f"/mentoring/met/{token}"


def fingerprint(app) -> list[tuple[str, list[tuple]]]:
    """All rows of all tables of mentoring, to see that nothing changed."""
    names = ("mentoring_session", "session_claim", "delivery", "audit_event", "relationship")
    with app.app_context():
        db = reading()
        return [(n, sorted(map(repr, db.execute(text(f"SELECT * FROM {n}"))))) for n in names]


def test_opening_the_link_any_number_of_times_changes_no_row(app, pair, meeting):
    path = link_of(app, pair, meeting)
    before = fingerprint(app)
    for _ in range(3):
        for method in ("get", "head", "options"):
            getattr(Browser(app).client, method)(path)
    assert fingerprint(app) == before


def test_a_link_answers_once_for_one_person_until_it_expires(app, pair, meeting):
    path = link_of(app, pair, meeting)
    phone, twin = Browser(app).get(path), Browser(app).get(path)
    phone.submit("We met")
    twin.submit("No contact")
    assert twin.status == 409 and twin.has("used already")
    with app.app_context():
        [claim] = reading().scalars(select(SessionClaim))
        assert claim.answer is Claim.MET and claim.person_id == pair.members[0].person_id
    other = Browser(app).get(link_of(app, pair, meeting, who=1))
    clock.configure((LATER + timedelta(days=14)).isoformat())
    other.submit("We met")
    assert other.status == 409 and other.has("expired"), other.text
    late = Browser(app).get(link_of(app, pair, meeting, who=1))
    assert late.has("There is nothing to answer here now")


def test_a_link_of_a_moved_session_leads_nowhere(app, pair):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair)
    path = link_of(app, pair, meeting)
    with app.app_context(), writing() as db:
        sessions.reschedule(
            db,
            pair.members[0].person_id,
            session_id=meeting.id,
            wall_time=datetime(2026, 12, 1, 10),
            zone="UTC",
        )
    assert Browser(app).get(path).status == 404


def test_the_question_comes_by_mail_and_in_the_app_and_may_be_pushed_without_a_name(
    app, pair, meeting
):
    opened = set()
    with app.app_context(), writing() as db:
        sessions.mark_due(db)
        rows = outbox.pending(db, "did_you_meet", meeting.id)
        assert {row.channel for row in rows} == {"mail", "in_app"}, "push follows the inbox"
        for row in rows:
            to = recipients(db, [row.person_id])[row.person_id]
            with speaking("en", "UTC"):
                message = outbox.kinds["did_you_meet"].message(db, row, to)
            assert message.headline == "Did you meet?"
            opened.add(message.link)
    assert len(opened) == 2, "a link for each"
    for link in opened:
        assert Browser(app).get(link).has("Did you meet?")


# -- how it was ---------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_whoever_met_is_asked_how_it_was_and_nobody_else_reads_it(app, pair, meeting, htmx):
    mina = Browser(app, htmx=htmx).sign_in("mina@t.example")
    mina.get(f"/mentoring/{pair.id}/").submit("We met")
    assert mina.has("How was it?"), mina.text
    mina.submit("Save", rating="2", line=SECRET)
    assert mina.has("Only you read this.") and SECRET in mina.html
    say(app, pair, meeting, mentor=Claim.MET)
    omar = Browser(app).sign_in("omar@t.example")
    for path in (f"/mentoring/{pair.id}/", f"/mentoring/sessions/{meeting.id}/", "/"):
        assert SECRET not in omar.get(path).html
    omar.get(f"/mentoring/sessions/{meeting.id}/")
    assert 'value="2" checked' not in omar.html
    amara = Browser(app).sign_in("amara@t.example")
    assert SECRET not in amara.get(f"/mentoring/cohorts/{pair.cohort_id}/").html
    with app.app_context():
        [kept] = reading().scalars(select(SessionFeedback))
        assert (kept.rating, kept.line) == (2, SECRET)


def test_the_link_of_the_mail_leads_on_to_how_it_was_and_the_workspace_reminds_of_it(
    app, pair, meeting, queries
):
    mina = Browser(app, lang="en").sign_in("mina@t.example").get(link_of(app, pair, meeting))
    assert not mina.has("How was it?")
    mina.submit("We met")
    here = f"/mentoring/{pair.id}/"
    with queries() as seen:
        assert Browser.get(mina, here).has("How was the session of"), mina.text
    assert len(seen) <= 8, seen
    mina.get(link_of(app, pair, meeting)).click("How was it?")
    mina.submit("Save", rating="4", line=SECRET)
    assert not mina.get(here).has("How was the session of")
    omar = Browser(app, lang="en").sign_in("omar@t.example").get(here)
    assert not omar.has("How was the session of"), "only whoever said that they met is asked"
    assert not omar.get(link_of(app, pair, meeting, 1)).submit("No contact").has("How was it?")


@pytest.mark.parametrize("kind", [Format.ONE_TO_ONE, Format.REVERSE])
def test_erasure_takes_what_one_said_in_private_and_keeps_what_one_promised(
    app, pair, meeting, kind
):
    mentee, mentor = (member.person_id for member in pair.members)
    with app.app_context(), writing() as db:
        db.get_one(Relationship, pair.id).format = kind
    say(app, pair, meeting, mentee=Claim.MET, mentor=Claim.MET)
    with app.app_context(), writing() as db:
        attending.give_feedback(db, mentee, session_id=meeting.id, rating=None, line="Ask first")
        attending.give_feedback(db, mentor, session_id=meeting.id, rating=2, line=SECRET)
    for person_id in (mentor, mentee):
        with app.app_context(), writing() as db:
            continuity.erase(db, person_id)
    with app.app_context():
        kept = list(reading().scalars(select(SessionFeedback.line)))
        assert kept == (["Ask first"] if kind is Format.REVERSE else [])


def test_feedback_needs_a_session_that_one_says_was_held(app, pair, meeting):
    me, partner = (member.person_id for member in pair.members)
    say(app, pair, meeting, mentee=Claim.MET)
    with app.app_context(), writing() as db, pytest.raises(Refused, match="Say first"):
        attending.give_feedback(db, partner, session_id=meeting.id, rating=5)
    for wrong in (0, 6):
        with app.app_context(), writing() as db, pytest.raises(Refused, match="1 to 5"):
            attending.give_feedback(db, me, session_id=meeting.id, rating=wrong)
    for rating in (3, 4):  # the latest word counts
        with app.app_context(), writing() as db:
            attending.give_feedback(db, me, session_id=meeting.id, rating=rating)
    with app.app_context():
        assert list(reading().scalars(select(SessionFeedback.rating))) == [4]


def test_in_reverse_mentoring_the_senior_writes_what_changes_and_rates_nobody(app, pair, meeting):
    assert not may_rate(Format.REVERSE, Role.MENTEE) and may_rate(Format.REVERSE, Role.MENTOR)
    with app.app_context(), writing() as db:
        db.get_one(Relationship, pair.id).format = Format.REVERSE
    senior = next(m.person_id for m in pair.members if m.role is Role.MENTEE)
    say(app, pair, meeting, mentee=Claim.MET, mentor=Claim.MET)
    with app.app_context(), writing() as db, pytest.raises(Refused, match="nobody rates"):
        attending.give_feedback(db, senior, session_id=meeting.id, rating=1)
    mina = Browser(app).sign_in("mina@t.example").get(f"/mentoring/sessions/{meeting.id}/")
    assert mina.has("What will you do differently?") and not mina.has("How useful was it?")
    mina.submit("Save", line="Ask before I explain")
    with app.app_context(), writing() as db:
        later = plan_session(db, pair, LATER + timedelta(hours=1))
    clock.configure((LATER + timedelta(hours=9)).isoformat())
    say(app, pair, later, mentee=Claim.MET)
    mina.get(f"/mentoring/sessions/{later.id}/")
    assert mina.has("Last time you wrote: Ask before I explain")
    mina.submit("Save", is_kept="yes", line="Listen longer")
    with app.app_context():
        kept = reading().get_one(SessionFeedback, (later.id, senior))
        assert kept.is_kept is True and kept.rating is None


# -- who comes ----------------------------------------------------------------------------------


def test_a_group_says_who_comes_and_a_move_asks_again(app, pair):
    assert [quorum(n) for n in (2, 3, 4, 8)] == [2, 3, 3, 5]
    assert [quorum(6, chosen) for chosen in (None, 2, 3, 6, 9)] == [4, 3, 3, 6, 6]
    with app.app_context(), writing() as db:
        third = make_person(db, "Nour Third", "nour@t.example", PASSWORD)
        found = db.get_one(Relationship, pair.id)
        add_member(db, found, third)
        meeting = plan_session(db, found)
    path = f"/mentoring/sessions/{meeting.id}/"
    nour = Browser(app).sign_in("nour@t.example").get(path)
    assert nour.has("3 more are needed") and nour.has("No answer yet")
    nour.submit("I come")
    assert nour.has("1 of 3 comes.")
    nour.submit("I cannot come")
    assert nour.has("0 of 3 come.") and nour.has("Cannot come")
    with app.app_context(), writing() as db:
        sessions.reschedule(
            db, third.id, session_id=meeting.id, wall_time=datetime(2026, 12, 1, 10), zone="UTC"
        )
    assert not nour.get(path).has("Cannot come")
