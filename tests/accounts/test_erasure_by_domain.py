"""Somebody is forgotten in every room: their words go, and what others need stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Erasure, OrgRole, Person
from app.accounts.rules import OrgRoleName
from app.accounts.services import erasing, grant_role
from app.concerns.models import Concern, ConcernEntry
from app.concerns.services import handling
from app.core import clock
from app.core.database import reading, writing
from app.elections.models import BallotBox, Candidate
from app.elections.rules import ElectionState
from app.ergs.models import Erg, Membership, RelayMessage, RelayThread
from app.ergs.rules import ErgState, RoleName
from app.events import services as events
from app.events.models import CalendarChoice, Rsvp
from app.events.rules import Reply
from app.posts.models import DigestChoice, Post
from app.programs.models import PairDecision, SignUpSheet
from app.programs.rules import CohortState, Decision, Role, SheetState
from app.resources.models import Resource, ResourceVersion
from app.threads.models import Following, Thread
from app.threads.models import Post as Said
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.concerns import make_concern, make_handler
from tests.factories.elections import make_election
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.events import make_event
from tests.factories.posts import make_post, make_sent
from tests.factories.programs import make_cohort, make_enrollment
from tests.factories.resources import make_resource
from tests.factories.threads import make_reply, make_thread


@pytest.fixture
def mina(context):
    """A member of the group "Women in tech", with Omar beside her; she is to be forgotten."""
    with writing() as db:
        erg = make_erg(db, state=ErgState.ACTIVE)
        found = make_person(db, "Mina Zyxwvut", "mina@t.example", PASSWORD, external_id="E-7")
        omar = make_person(db, "Omar Member", "omar@t.example", PASSWORD)
        for person in (found, omar):
            make_member(db, erg, person.id)
        return found


def group(db) -> Erg:
    return db.scalars(select(Erg)).first()


def omar(db) -> Person:
    return db.scalars(select(Person).where(Person.email == "omar@t.example")).one()


def forget(person) -> None:
    """A week after it was asked for, as the sweep does it."""
    with writing() as db:
        erasing.ask(db, None, person_id=person.id)
        asked = db.scalars(select(Erasure).where(Erasure.person_id == person.id)).one()
    with clock.frozen(clock.now() + timedelta(days=8)), writing() as db:
        erasing.carry_out(db, erasure_id=asked.id)


def test_a_discussion_that_others_answered_keeps_its_places_without_her_words(mina):
    with writing() as db:
        here = make_thread(db, group(db).id, mina.id, title="My own story", body="Of my own")
        make_reply(db, here.id, omar(db).id, body="Thank you for it")
        make_reply(db, here.id, mina.id, body="Gladly told")
    forget(mina)
    found = reading().execute(select(Said.number, Said.body).order_by(Said.number)).all()
    assert [tuple(row) for row in found] == [(1, ""), (2, "Thank you for it"), (3, "")]
    assert reading().scalars(select(Thread.title)).one() == ""
    followers = set(reading().scalars(select(Following.person_id)))
    assert mina.id not in followers


def test_drafts_go_and_what_was_sent_in_the_name_of_a_group_stays_the_groups(mina):
    with writing() as db:
        make_post(db, group(db), mina.id, title="Half a thought")
        make_sent(db, group(db), mina.id, title="We meet")
        db.add(DigestChoice(person_id=mina.id))
    forget(mina)
    left = reading().scalars(select(Post)).all()
    assert [post.texts[0].title for post in left] == ["We meet"]
    assert reading().scalars(select(DigestChoice)).all() == []


def test_a_resource_stays_the_groups_without_its_owner_and_the_note(mina):
    with writing() as db:
        make_role(db, group(db), mina.id, RoleName.LEAD)
        made = make_resource(db, group(db).id, mina.id, url="https://guide.example/", clean=False)
        for version in db.scalars(select(ResourceVersion)):
            version.added_by, version.note = mina.id, "As I promised"
    forget(mina)
    assert reading().get_one(Resource, made.id).owner_id is None
    kept = reading().execute(select(ResourceVersion.added_by, ResourceVersion.note)).all()
    assert {tuple(row) for row in kept} == {(None, "")}


def test_an_answer_keeps_its_seat_in_the_counts_and_loses_what_was_said_with_it(mina):
    with writing() as db:
        date = make_event(db, group(db))
        events.answer(db, mina.id, occurrence_id=date.id, reply=Reply.GOING)
        row = db.scalars(select(Rsvp)).one()
        row.guest_names, row.told = ["My sister"], {"diet": "none"}
        db.add(CalendarChoice(person_id=mina.id))
    forget(mina)
    row = reading().scalars(select(Rsvp)).one()
    assert (row.guest_names, row.told, row.reason) == ([], {}, "")
    assert reading().scalars(select(CalendarChoice)).all() == []


def test_votes_stay_counted_and_whoever_stood_has_no_name_on_the_result(mina):
    with writing() as db:
        stands = [mina.id, omar(db).id]
        votes = {mina.id: (1, 2), omar(db).id: (2, 1)}
        made = make_election(db, group(db), ElectionState.COUNTED, candidates=stands, votes=votes)
        before = db.get_one(BallotBox, made.id)
        ballots, result = before.ballots, before.result
    forget(mina)
    box = reading().get_one(BallotBox, made.id)
    assert (box.ballots, box.result) == (ballots, result)
    of_her = select(Candidate).where(Candidate.person_id == mina.id)
    stood = reading().scalars(of_her).one()
    assert (stood.shown_as, stood.statement) == ("", "")


def test_her_letters_to_the_leads_go_and_so_does_her_address_as_one_of_the_group(mina):
    with writing() as db:
        erg = group(db)
        erg.reply_to = "Mina@t.example"
        of_her = select(Membership.id).where(Membership.person_id == mina.id)
        membership = db.scalars(of_her).one()
        thread = RelayThread(
            erg_id=erg.id, membership_id=membership, person_id=mina.id, is_alias=False
        )
        db.add(thread)
        db.flush()
        for lead_id, text in ((None, "Between us"), (omar(db).id, "Of course")):
            db.add(RelayMessage(thread_id=thread.id, lead_id=lead_id, text=text))
    forget(mina)
    assert reading().scalars(select(RelayMessage.text)).all() == ["Of course"]
    assert group(reading()).reply_to == ""


def test_settled_concerns_lose_her_words_and_open_ones_are_finished_first(mina):
    with writing() as db:
        hanna = make_handler(db)
        settled, still_open = (
            make_concern(db, mina.id, [hanna.id], person_id=omar(db).id) for _n in range(2)
        )
        settled.state = "closed"
    forget(mina)
    assert reading().get_one(Concern, settled.id).wrapped is None
    assert reading().get_one(Concern, still_open.id).wrapped is not None
    kept = set(reading().scalars(select(ConcernEntry.concern_id)))
    assert kept == {still_open.id}
    with writing() as db:
        handling.take(db, hanna.id, concern_id=still_open.id)


def test_what_organizers_wrote_about_a_pair_and_rows_of_open_sheets_go(mina):
    with writing() as db:
        cohort = make_cohort(db, CohortState.MATCHING)
        people = zip((Role.MENTEE, Role.MENTOR), (mina, omar(db)), strict=True)
        two = [make_enrollment(db, cohort, role, person) for role, person in people]
        sides = {f"{row.role.value}_id": row.id for row in two}
        reason = "Mina asked for him"
        db.add(PairDecision(cohort_id=cohort.id, kind=next(iter(Decision)), reason=reason, **sides))
        rows = [["E-7", "Strategy"], ["E-8", "Coaching"]]
        db.add(
            SignUpSheet(
                cohort_id=cohort.id, file_name="a.csv", rows=rows, state=SheetState.UPLOADED
            )
        )
    forget(mina)
    assert reading().scalars(select(PairDecision.reason)).one() == ""
    assert reading().scalars(select(SignUpSheet.rows)).one() == [["E-8", "Coaching"]]


def test_zone_quiet_hours_and_offices_go_with_the_person(mina):
    with writing() as db:
        person = db.get_one(Person, mina.id)
        person.zone, person.hour_cycle = "Pacific/Chatham", "h12"
        grant_role(db, None, person_id=mina.id, role=OrgRoleName.HR_ANALYST)
    forget(mina)
    person = reading().get_one(Person, mina.id)
    assert (person.zone, person.hour_cycle, person.quiet_from, person.quiet_to) == (
        "UTC",
        None,
        None,
        None,
    )
    assert reading().scalars(select(OrgRole).where(OrgRole.person_id == mina.id)).all() == []
