"""The page of how a pair goes on, the certificate, and what organizers see and do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts.services import deactivate
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring.models import Handover, Meeting, PrivateAnswer, Relationship
from app.mentoring.rules import ClosingReason, EndingCode, RelationshipState, SessionState
from app.mentoring.services import asking, closing, handing_over, terms
from app.programs.models import Cohort, Enrollment
from app.programs.rules import Role
from app.programs.services import enrollment, offers
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import add_member, make_pair, plan_session
from tests.factories.programs import make_cohort, make_enrollment, make_offer


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        make_person(db, "Otto Other", "otto@t.example", PASSWORD)
        cohort = make_cohort(db, "active", amara, explicit_title="Pride Mentoring")
        return make_pair(db, mentee, mentor, cohort)


def withdraws(db, member) -> None:
    enrollment.withdraw(db, member.person_id, enrollment_id=member.enrollment_id)


def departs(db, member) -> None:
    deactivate(db, None, person_id=member.person_id)


def becomes(app, pair, state) -> None:
    with app.app_context(), writing() as db:
        db.get_one(Relationship, pair.id).state = state


def test_a_pair_answers_pauses_concludes_and_prints_a_certificate(app, pair):
    here = f"/mentoring/{pair.id}/going-on"
    with app.app_context(), writing() as db:
        asking.ask_trial(db, db.get_one(Relationship, pair.id))
    mina = Browser(app).sign_in("mina@t.example").get("/")
    assert mina.has("Do you want to go on with Omar Mentor?")
    mina.get(here)
    before = mina.text
    mina.submit("No, find me somebody else")
    mina.get(here)
    assert mina.text == before, "an answer is never shown back"
    becomes(app, pair, RelationshipState.ACTIVE)
    with app.app_context(), writing() as db:
        plan_session(db, pair)
    mina.get(here)
    until = (clock.now() + timedelta(days=20)).date().isoformat()
    mina.submit("Pause", until=until)
    assert mina.status == 422 and mina.has("Choose whether these sessions move")
    assert f'value="{until}"' in mina.html
    mina.submit("Pause", until=until, in_the_pause="move")
    assert mina.has("You rest until")
    mina.submit("Go on now")
    mina.submit("Conclude and look back")
    mina.submit("Keep my look back", own_text="I can plan a release", thanks="")
    assert mina.has("Your look back is kept")
    omar = Browser(app).sign_in("omar@t.example").get(here)
    omar.submit("Keep my look back", own_text="", thanks="It was a joy")
    assert mina.get(here).has("It was a joy") and not omar.get(here).has("I can plan a release")
    mina.get(f"/mentoring/{pair.id}/certificate")
    assert mina.has("Mina Mentee") and mina.has("Career Growth")
    assert not mina.has("Omar") and not mina.has("Pride")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("wanted", ["move", "cancel"])
def test_undo_beside_a_pause_takes_all_of_it_back(app, pair, wanted, htmx):
    becomes(app, pair, RelationshipState.ACTIVE)
    with app.app_context(), writing() as db:
        meeting = plan_session(db, pair)
    mina = Browser(app, htmx=htmx, lang="en").sign_in("mina@t.example")
    mina.get(f"/mentoring/{pair.id}/going-on")
    until = (clock.now() + timedelta(days=20)).date().isoformat()
    mina.submit("Pause", until=until, in_the_pause=wanted)
    mina.submit("Undo")
    assert mina.has("The pause is taken back, and your sessions are where they were.")
    with app.app_context():
        now = reading().get_one(Meeting, meeting.id)
        assert (now.state, now.starts_at) == (SessionState.SCHEDULED, meeting.starts_at)
        assert reading().get_one(Relationship, pair.id).state is RelationshipState.ACTIVE


def test_an_organizer_ends_a_pair_in_kind_words_and_opens_it_again(app, pair):
    becomes(app, pair, RelationshipState.ACTIVE)
    amara = Browser(app).sign_in("amara@t.example")
    amara.get(f"/mentoring/cohorts/{pair.cohort_id}/")
    ending = f"/mentoring/cohorts/{pair.cohort_id}/pairs/{pair.id}/ending"
    amara.get(ending).submit("End the pair")
    assert amara.status == 422 and amara.has("Choose a reason.")
    amara.submit("End the pair", code=EndingCode.SCHEDULES.value)
    assert amara.get(f"/mentoring/cohorts/{pair.cohort_id}/rematches/").has("Mina Mentee")
    mina = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{pair.id}/going-on")
    assert mina.has("Your calendars left too little room for each other.")
    amara.get(ending).submit("Open it again")
    assert amara.has("The pair goes on; both are told.")
    assert not amara.get(f"/mentoring/cohorts/{pair.cohort_id}/rematches/").has("Mina Mentee")


def test_the_end_of_a_trial_is_taken_back_in_one_tap_and_shows_to_nobody(app, pair):
    here = f"/mentoring/{pair.id}/going-on"
    mina, omar = (Browser(app).sign_in(f"{who}@t.example").get(here) for who in ("mina", "omar"))
    before = mina.text, omar.text
    mina.submit("End the pair")
    assert mina.has("That is kept.") and mina.has("Undo")
    assert (mina.get(here).text, omar.get(here).text) == before
    mina.submit("Take my ending back")
    assert mina.has("Taken back")
    with app.app_context():
        assert reading().query(PrivateAnswer).count() == 0
    assert (mina.get(here).text, omar.get(here).text) == before


@pytest.mark.parametrize("leaves", [withdraws, departs])
def test_whoever_has_left_is_not_asked_to_go_on_after_all(app, pair, leaves):
    becomes(app, pair, RelationshipState.ACTIVE)
    here = f"/mentoring/{pair.id}/going-on"
    omar, mina = (Browser(app).sign_in(f"{who}@t.example").get(here) for who in ("omar", "mina"))
    mina.submit("End the pair")
    assert omar.get(here).has("Go on after all")
    with app.app_context(), writing() as db:
        leaves(db, pair.members[0])
    assert omar.get(here).status == 200 and not omar.has("Go on after all")


def test_while_they_look_back_the_page_offers_to_finish_and_organizers_nothing_to_end(app, pair):
    becomes(app, pair, RelationshipState.ACTIVE)
    with app.app_context(), writing() as db:
        terms.conclude(db, pair.members[0].person_id, relationship_id=pair.id)
    amara = Browser(app).sign_in("amara@t.example")
    amara.get(f"/mentoring/cohorts/{pair.cohort_id}/pairs/{pair.id}/ending")
    assert amara.has("There is nothing to end.") and not amara.has("Reason")
    mina = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{pair.id}/going-on")
    assert not mina.has("End the pair")
    mina.submit("Finish now")
    assert mina.has("Your time together is complete. Your certificate is ready.")
    assert mina.get(f"/mentoring/{pair.id}/certificate").status == 200


NOTE = "Likes to be asked"


def begins_with(app, pair, name: str, cohort=None) -> Relationship:
    """The mentee of a pair and another mentor: in the same cohort, or in another one."""
    with app.app_context(), writing() as db:
        mentor = make_person(db, f"{name} Mentor", f"{name.lower()}@t.example", PASSWORD)
        if cohort is not None:
            return make_pair(db, pair.members[0].person, mentor, cohort)
        mentee = db.get_one(Enrollment, pair.members[0].enrollment_id)
        entered = make_enrollment(db, db.get_one(Cohort, pair.cohort_id), Role.MENTOR, mentor)
        offer = make_offer(db, mentee, entered)
        offers.accept(db, mentee.person_id, offer_id=offer.id)
        found = db.query(Relationship).filter_by(offer_id=offer.id).one()
        assert len(found.members) == 2
        return found


def ends(app, pair) -> None:
    with app.app_context(), writing() as db:
        closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.ORGANIZER)


def reads(app, email: str, pair) -> bool:
    browser = Browser(app).sign_in(email).get(f"/mentoring/{pair.id}/going-on")
    assert browser.status == 200
    return browser.has(NOTE)


def test_a_handover_note_reaches_the_next_mentor_alone_and_only_with_the_mentees_yes(app, pair):
    ends(app, pair)
    second = begins_with(app, pair, "Sami")
    with app.app_context(), writing() as db:
        elsewhere = make_cohort(db, "active", title="Elsewhere")
        sami = next(m.person_id for m in second.members if m.role is Role.MENTOR)
        handing_over.write(db, sami, relationship_id=second.id, text=NOTE)
    ends(app, second)
    besides = begins_with(app, pair, "Bea", elsewhere)
    following = begins_with(app, pair, "Nora")
    assert not reads(app, "nora@t.example", following), "before the mentee has said yes"
    mina = Browser(app).sign_in("mina@t.example").get(f"/mentoring/{second.id}/going-on")
    mina.submit("Let my next mentor read it")
    assert reads(app, "nora@t.example", following)
    assert not reads(app, "omar@t.example", pair), "a mentor of an earlier pair"
    assert not reads(app, "bea@t.example", besides), "a mentor of another program"
    ends(app, following)
    assert not reads(app, "nora@t.example", following), "after the pair has ended"


def test_in_a_group_no_note_goes_on_because_one_yes_would_speak_for_all(app, pair):
    mentor = pair.members[1].person_id
    with app.app_context(), writing() as db:
        handing_over.write(db, mentor, relationship_id=pair.id, text=NOTE)
        db.get_one(Handover, (pair.id, mentor)).consented_at = clock.now()
        cleo = make_person(db, "Cleo Circle", "cleo@t.example", PASSWORD)
        add_member(db, db.get_one(Relationship, pair.id), cleo)
    with app.app_context(), writing() as db, pytest.raises(Refused, match="several people"):
        handing_over.write(db, mentor, relationship_id=pair.id, text="All of them do well")
    omar = Browser(app).sign_in("omar@t.example").get(f"/mentoring/{pair.id}/going-on")
    assert not omar.has("A note for the next mentor")
    ends(app, pair)
    assert not reads(app, "nora@t.example", begins_with(app, pair, "Nora"))


def test_these_pages_are_for_their_people_and_stay_within_eight_statements(app, pair, queries):
    with app.app_context(), writing() as db:
        row = db.get_one(Relationship, pair.id)
        row.state, row.term = RelationshipState.ACTIVE, 2
        one, other = (member.person_id for member in pair.members)
        terms.conclude(db, one, relationship_id=pair.id)
        for who in (one, other):
            terms.look_back(db, who, relationship_id=pair.id, own_text="I", thanks="T")
    here, cohort = f"/mentoring/{pair.id}/", f"/mentoring/cohorts/{pair.cohort_id}/"
    looked = {
        "mina@t.example": [f"{here}going-on", f"{here}certificate"],
        "amara@t.example": [f"{cohort}rematches/", f"{cohort}pairs/{pair.id}/ending"],
    }
    for email, paths in looked.items():
        browser = Browser(app).sign_in(email).get(paths[0])
        for path in paths:
            with queries() as seen:
                assert browser.get(path).status == 200, path
            assert len(seen) <= 8, (path, len(seen), seen)
    for email, paths in (
        ("otto@t.example", [*looked["mina@t.example"], *looked["amara@t.example"]]),
        ("amara@t.example", looked["mina@t.example"]),
        ("mina@t.example", looked["amara@t.example"]),
    ):
        browser = Browser(app).sign_in(email)
        assert {browser.get(path).status for path in paths} == {404}, email
