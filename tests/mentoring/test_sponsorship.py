"""Sponsorship: two private yeses open a ledger that only the two read; commitments are counted."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.health.rules import THRESHOLD
from app.mentoring.jobs import ask_for_sponsorship
from app.mentoring.models import (
    PrivateAnswer,
    Relationship,
    SessionClaim,
    SessionFeedback,
    SponsorAction,
)
from app.mentoring.queries.sponsorship import checked, counted_at, totals_of
from app.mentoring.rules import Claim, ClosingReason, RelationshipState, SessionState
from app.mentoring.rules.sponsorship import Fact, SponsorAct, in_steps, is_due
from app.mentoring.services import closing, continuity, reopening, sponsoring
from app.programs.rules import CohortState, Format, Role
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair, plan_session
from tests.factories.programs import make_cohort

TODAY = date(2026, 11, 22)


@pytest.fixture
def pair(app) -> Relationship:
    """A pair under way, its organizer, and somebody else."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        omar = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        make_person(db, "Farid Haddadin", "farid@t.example", PASSWORD, ("org_admin",))
        found = make_pair(db, mina, omar, make_cohort(db, "active", amara))
        found.state = RelationshipState.ACTIVE
        return found


def sign_in(app, name: str) -> Browser:
    return Browser(app).sign_in(f"{name}@t.example")


def asked(app, pair) -> None:
    """In the middle of the term the sweep asks both; twice is once."""
    with app.app_context():
        half = clock.now() + timedelta(days=95)
        clock.configure(half.isoformat())
        ask_for_sponsorship()
        ask_for_sponsorship()


def test_only_pairs_that_are_due_are_held(app, pair, queries):
    with app.app_context(), queries() as seen:
        ask_for_sponsorship()
    assert [one for one in seen if one.startswith("UPDATE relationship")] == []


def test_the_question_comes_in_the_middle_of_a_term_and_at_its_renewal():
    ends = TODAY + timedelta(days=92)
    assert is_due(TODAY, ends, 6, None, None)
    assert not is_due(TODAY, ends + timedelta(days=5), 6, None, None)
    said = clock.now().replace(year=2026, month=11, day=20)
    assert not is_due(TODAY, ends, 6, said, None), "once a term"
    assert is_due(TODAY, ends, 6, said, said + timedelta(days=1)), "and anew at the renewal"
    assert not is_due(TODAY, ends, 6, said + timedelta(days=2), said + timedelta(days=1))
    assert is_due(TODAY + timedelta(days=200), ends + timedelta(days=184), 6, said, None)


@pytest.mark.parametrize("other", ["yes", "no", None])
def test_only_two_yeses_open_it_and_a_no_is_never_shown(app, pair, other):
    asked(app, pair)
    here = f"/mentoring/{pair.id}/going-on"
    omar = sign_in(app, "omar").get(here)
    assert omar.has("Go on as sponsorship?")
    if other is not None:
        omar.submit("Yes, sponsorship" if other == "yes" else "No, as it is")
        assert omar.has("Your answer is kept for you alone")
        before = omar.get(here).text
        assert (
            "sponsorship?" in before and omar.get(f"/mentoring/{pair.id}/sponsorship").status == 403
        )
    mina = sign_in(app, "mina").get(here)
    mina.submit("Yes, sponsorship")
    if other == "yes":
        assert mina.has("Both of you want it") and mina.has("Nothing noted yet")
        assert omar.get(f"/mentoring/{pair.id}/").has("Sponsorship")
    else:
        assert mina.has("Your answer is kept for you alone")
        assert mina.get(f"/mentoring/{pair.id}/sponsorship").status == 403
    with app.app_context():
        assert (reading().get_one(Relationship, pair.id).sponsorship_opened_at is None) is (
            other != "yes"
        )
        clock.configure((clock.now() + timedelta(days=22)).isoformat())
        ask_for_sponsorship()
        assert reading().scalars(select(PrivateAnswer)).all() == [], "nothing is kept of it"


def test_who_said_no_and_who_said_yes_see_the_same_whatever_the_other_said(app, pair):
    asked(app, pair)
    here = f"/mentoring/{pair.id}/going-on"
    omar = sign_in(app, "omar").get(here)
    seen = []
    mina = sign_in(app, "mina")
    for answer in ("No, as it is", "Yes, sponsorship", "No, as it is"):
        mina.get(here).submit(answer)
        omar.get(here).submit("No, as it is")
        seen.append(omar.get(here).text)
    assert len(set(seen)) == 1


def opened(app, pair) -> None:
    with app.app_context(), writing() as db:
        db.get_one(Relationship, pair.id).sponsorship_opened_at = clock.now()


def test_the_two_note_what_is_done_and_take_it_back_and_nobody_else_reads_it(app, pair):
    opened(app, pair)
    here = f"/mentoring/{pair.id}/sponsorship"
    omar = sign_in(app, "omar").get(here)
    omar.submit("Note it", act="", acted_on="2199-01-01", whom="The board")
    assert omar.status == 422 and omar.has("Choose what was done.")
    assert omar.has("Choose a day that has come.") and "The board" in omar.html
    day = (clock.now() - timedelta(days=3)).date().isoformat()
    omar.submit("Note it", act="introduced", acted_on=day, whom="The head of research", result="")
    assert omar.has("The head of research") and omar.has("Introduced to somebody")
    mina = sign_in(app, "mina").get(here)
    assert mina.has("The head of research") and not mina.has("Take out"), "her sponsor's line"
    with app.app_context():
        [row] = reading().scalars(select(SponsorAction)).all()
    mina.submit(action=f"/mentoring/sponsorship/{row.id}/result", result="A call each month")
    assert mina.has("A call each month")
    omar.get(here).submit("Take out")
    assert omar.has("Taken out.") and not omar.has("The head of research")
    omar.submit("Undo")
    assert omar.has("The head of research")
    for name in ("amara", "farid"):
        assert sign_in(app, name).get(here).status == 404
        browser = sign_in(app, name).get("/")
        token = browser.tree.find(".//input[@name='csrf_token']").get("value")
        posted = browser.client.post(
            f"/mentoring/sponsorship/{row.id}/result", data={"csrf_token": token}
        )
        assert posted.status_code == 404
    with app.app_context(), writing() as db, pytest.raises(Refused, match="wrote a line"):
        sponsoring.remove_action(db, _mina(db), action_id=row.id)
    omar.get(here).submit("Take out")
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=2)):
        ask_for_sponsorship()
        assert reading().scalars(select(SponsorAction)).all() == [], "it is deleted after a day"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_what_came_of_it_is_never_lost_to_whoever_saves_last(app, pair, htmx):
    opened(app, pair)
    with app.app_context(), writing() as db:
        _act(db, pair)
        [row] = db.scalars(select(SponsorAction)).all()
    here, told = (
        f"/mentoring/{pair.id}/sponsorship",
        {"action": f"/mentoring/sponsorship/{row.id}/result"},
    )
    mina, omar = (
        Browser(app, htmx=htmx, lang="en").sign_in(f"{name}@t.example").get(here)
        for name in ("mina", "omar")
    )
    mina.submit(**told, result="A call each month")
    omar.submit(**told, result="She leads the team")
    assert omar.status == 422 and omar.has("A call each month")
    assert omar.has("save once more") and 'value="She leads the team"' in omar.html
    omar.submit(**told, result="A call, and she leads the team")
    assert omar.has("Noted.") and omar.has("A call, and she leads the team")
    mina.get(here)
    omar.get(here).submit("Take out")
    mina.submit(**told, result="Typed for a line that is gone")
    assert mina.status == 422 and mina.has("This line does not exist any more.")
    assert 'value="Typed for a line that is gone"' in mina.html


def test_erasure_takes_the_words_of_a_ledger_and_leaves_that_something_was_done(app, pair):
    opened(app, pair)
    with app.app_context(), writing() as db:
        mina, omar = (member.person_id for member in pair.members)
        for author_id in (mina, omar):
            sponsoring.note_action(
                db,
                author_id,
                relationship_id=pair.id,
                act=SponsorAct.SPOKE_FOR,
                acted_on=TODAY,
                whom="The board",
                result="They listened",
            )
        continuity.erase(db, omar)
        kept = {row.author_id: (row.whom, row.result) for row in db.scalars(select(SponsorAction))}
    assert kept == {mina: ("The board", "They listened"), omar: ("", "")}


def _mina(db):
    return db.scalars(select(Person.id).where(Person.email == "mina@t.example")).one()


def test_a_sponsorship_has_its_ledger_from_the_start_and_other_formats_have_none(app, pair):
    with app.app_context(), writing() as db:
        cohort = make_cohort(db, "active", template="sponsorship", title="Sponsors")
        sponsored = make_pair(db, cohort=cohort)
        protege = sponsored.members[0].person_id
        sponsoring.note_action(
            db,
            protege,
            relationship_id=sponsored.id,
            act=SponsorAct.SPOKE_FOR,
            acted_on=clock.now().date(),
        )
        with pytest.raises(Refused, match="no ledger"):
            sponsoring.note_action(
                db,
                pair.members[0].person_id,
                relationship_id=pair.id,
                act=SponsorAct.SPOKE_FOR,
                acted_on=clock.now().date(),
            )


def test_organizers_see_the_conversion_of_many_pairs_and_of_few_nothing(app, pair):
    def figures() -> str:
        return (
            sign_in(app, "amara").get(f"/mentoring/cohorts/{pair.cohort_id}/what-came-of-it").text
        )

    opened(app, pair)
    late = (clock.now() + timedelta(days=32)).replace(day=1) - timedelta(days=3)
    clock.configure(late.isoformat())
    with app.app_context(), writing() as db:
        _act(db, pair)
        closing.end(db, pair.members[0].person_id, relationship_id=pair.id)
    assert "Too few to be shown" in figures() and "1 of 1" not in figures()
    with app.app_context(), writing() as db:
        cohort = db.get_one(Relationship, pair.id).cohort
        for number in range(11):
            other = make_pair(db, cohort=cohort)
            other.sponsorship_opened_at, other.state = clock.now(), RelationshipState.ACTIVE
            if number < 5:
                _act(db, other)
                _act(db, other)
            if number < 9:
                closing.end(db, other.members[0].person_id, relationship_id=other.id)
        assert totals_of(db, cohort.id).conversion.value is None, "four on one side are too few"
        last = db.scalars(select(Relationship).where(Relationship.state == "active")).first()
        closing.end(db, last.members[0].person_id, relationship_id=last.id)
        assert totals_of(db, cohort.id).conversion.value is None, "this month's endings wait"
    with app.app_context(), clock.frozen(late + timedelta(days=5)):
        found = totals_of(reading(), pair.cohort_id).conversion
        assert found.value is None, "an ending that can still be taken back counts nowhere"
    clock.configure((late + timedelta(days=38)).isoformat())
    before = figures()
    assert "6 of 11" in before
    with app.app_context(), writing() as db:
        one = db.scalars(select(Relationship).where(Relationship.state == "active")).first()
        _act(db, one)
        closing.end(db, one.members[0].person_id, relationship_id=one.id)
    assert figures() == before, "one ending moves no number"


def _act(db, pair) -> None:
    sponsoring.note_action(
        db,
        pair.members[1].person_id,
        relationship_id=pair.id,
        act=SponsorAct.NOMINATED,
        acted_on=clock.now().date(),
    )


# -- commitments of reverse pairs -----------------------------------------------------------------


def test_a_commitment_is_checked_at_the_next_session():
    at = clock.now()
    rows = [(at, "One", None), (at, "Two", True), (at, "", False), (at, "Three", None)]
    assert [(one.text, one.is_kept) for one in checked(rows)] == [
        ("One", True),
        ("Two", False),
        ("Three", None),
    ]


def test_both_of_a_reverse_pair_read_and_count_the_commitments(app, pair, queries):
    here = f"/mentoring/{pair.id}/commitments"
    omar = sign_in(app, "omar")
    assert omar.get(here).status == 403, "of other pairs there are none"
    with app.app_context(), writing() as db:
        db.get_one(Relationship, pair.id).format = Format.REVERSE
    omar.get(here)
    assert omar.has("No commitment yet")
    _promised(app, pair, [(None, "I ask the newest person first."), (True, "I only listen.")])
    omar = sign_in(app, "omar").get("/mentoring/")
    with queries() as few:
        omar.get(here)
    assert omar.has("I ask the newest person first.")
    numbers = [dd.text for dd in omar.tree.iterfind(".//dl[@class='figures']//dd")]
    assert numbers == ["1", "2"], "kept, of those that were written"
    assert omar.has("Not asked yet")
    _promised(app, pair, [(False, f"Promise {n}") for n in range(5)])
    omar = sign_in(app, "omar").get("/mentoring/")
    with queries() as many:
        omar.get(here)
    assert len(few) == len(many) <= 8
    for name in ("amara", "farid"):
        assert sign_in(app, name).get(here).status == 404
    figures = sign_in(app, "amara").get(f"/mentoring/cohorts/{pair.cohort_id}/what-came-of-it")
    assert figures.has("Too few to be shown") and not figures.has("newest person")


def _promised(app, pair, said) -> None:
    """Sessions that both say were held, and what the senior wrote after each."""
    senior = next(m.person_id for m in pair.members if m.role is Role.MENTEE)
    with app.app_context(), writing() as db:
        for number, (is_kept, line) in enumerate(said):
            meeting = plan_session(db, pair, clock.now() + timedelta(days=2 + number))
            meeting.state = SessionState.CONFIRMED
            for member in pair.members:
                db.add(
                    SessionClaim(
                        session_id=meeting.id,
                        person_id=member.person_id,
                        revision=meeting.revision,
                        answer=Claim.MET,
                    )
                )
            row = SessionFeedback(session_id=meeting.id, person_id=senior, line=line)
            row.is_kept = is_kept
            db.add(row)
        clock.configure((clock.now() + timedelta(days=20)).isoformat())


def test_the_senior_owes_a_line_after_each_session_and_no_page_asks_them_for_a_rating(app, pair):
    with app.app_context(), writing() as db:
        db.get_one(Relationship, pair.id).format = Format.REVERSE
    _promised(app, pair, [(None, "")])
    with app.app_context():
        [row] = reading().scalars(select(SessionFeedback)).all()
    mina = sign_in(app, "mina").get(f"/mentoring/sessions/{row.session_id}/")
    assert mina.has("You and your partner read this") and 'name="rating"' not in mina.html
    mina.submit("Save", line="")
    assert mina.status == 422 and mina.has("Write one thing that you will do differently.")
    mina.submit("Save", line="I ask before I explain.")
    assert mina.has("Saved.")
    assert sign_in(app, "omar").get(f"/mentoring/{pair.id}/commitments").has("I ask before")
    with app.app_context():
        assert reading().scalars(select(SessionFeedback.rating)).all() == [None]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 30), st.booleans()), max_size=80))
def test_no_two_totals_of_organizers_differ_by_few(rows):
    """(8) Whoever keeps every month's numbers learns of no step smaller than five a side."""
    pairs = [UUID(int=number) for number in range(31)]
    facts = [Fact(datetime(2027, 1 + m, 3, tzinfo=UTC), pairs[n], yes) for m, n, yes in rows]
    totals = [in_steps(facts, datetime(2027, month, 1, tzinfo=UTC)) for month in range(1, 13)]
    for earlier, later in combinations(totals, 2):
        assert later[: len(earlier)] == earlier, "what was shown stays"
        new = later[len(earlier) :]
        for side in (True, False):
            behind = {fact.pair_id for fact in new if fact.counts is side}
            assert not behind or len(behind) >= THRESHOLD, "five things of one pair are one pair"


def test_a_pair_that_went_on_counts_with_what_was_done_until_its_second_term(app, pair):
    with app.app_context(), writing() as db:
        cohort = db.get_one(Relationship, pair.id).cohort
        for number in range(10):
            other = make_pair(db, cohort=cohort)
            other.sponsorship_opened_at, other.state = clock.now(), RelationshipState.ACTIVE
            if number < 5:
                _act(db, other)
            other.term, other.renewed_at = 2, clock.now() + timedelta(days=10)
        cohort_id = cohort.id
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=20)), writing() as db:
        for other in db.scalars(select(Relationship).where(Relationship.term == 2)).unique():
            _act(db, other)
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=45)):
        found = totals_of(reading(), cohort_id)
    assert (found.conversion.value, found.conversion.of, found.actions.value) == (5, 10, 5)


def test_a_pair_opened_again_behind_its_cohort_counts_from_then_on(app, pair):
    """Not in a month whose totals somebody has read already."""
    with app.app_context(), writing() as db:
        cohort = db.get_one(Relationship, pair.id).cohort
        for number in range(10):
            other = make_pair(db, cohort=cohort)
            other.sponsorship_opened_at, other.state = clock.now(), RelationshipState.ACTIVE
            if number < 5:
                _act(db, other)
            closing.end(db, other.members[0].person_id, relationship_id=other.id)
        _act_as_open(db, pair)
        cohort_id = cohort.id
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=60)):
        before = totals_of(reading(), cohort_id)
        assert before.conversion.of == 10
        with writing() as db:
            db.get_one(Relationship, pair.id).cohort.state = CohortState.CLOSED
            closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.COHORT_END)
            for member in pair.members:
                reopening.reopen(db, member.person_id, relationship_id=pair.id)
            found = db.get_one(Relationship, pair.id)
            assert (found.term, found.renewed_at) == (2, clock.now())
        assert totals_of(reading(), cohort_id) == before


def _act_as_open(db, pair) -> None:
    found = db.get_one(Relationship, pair.id)
    found.sponsorship_opened_at = clock.now()
    found.ends_on = clock.now().date() + timedelta(days=200)
    _act(db, pair)


@pytest.mark.parametrize("returned", [True, False])
def test_a_line_taken_out_after_it_counted_goes_on_counting_without_its_words(app, pair, returned):
    opened(app, pair)
    with app.app_context(), writing() as db:
        _act(db, pair)
        row = db.scalars(select(SponsorAction)).one()
        row.whom, key = "The board", row.id
        found = db.get_one(Relationship, pair.id)
        found.renewed_at, author = clock.now() + timedelta(days=1), row.author_id
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=3)), writing() as db:
        sponsoring.remove_action(db, author, action_id=key)
        if returned:
            sponsoring.return_action(db, author, action_id=key)
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=6)):
        ask_for_sponsorship()
        row = reading().get_one(SponsorAction, key)
        assert row.whom == ("The board" if returned else "")
        with pytest.raises(Refused) if not returned else nullcontext(), writing() as db:
            sponsoring.return_action(db, author, action_id=key)
    assert (
        sign_in(app, "omar").get(f"/mentoring/{pair.id}/sponsorship").has("The board") == returned
    )


def test_a_line_that_was_out_when_its_pair_was_settled_does_not_count_by_returning(app, pair):
    opened(app, pair)
    with app.app_context(), writing() as db:
        _act(db, pair)
        row = db.scalars(select(SponsorAction)).one()
        sponsoring.remove_action(db, row.author_id, action_id=row.id)
        settled = clock.now() + timedelta(hours=2)
        db.get_one(Relationship, pair.id).renewed_at = settled
        with clock.frozen(settled + timedelta(hours=2)):
            sponsoring.return_action(db, row.author_id, action_id=row.id)
            assert not counted_at(row, settled)
