"""The list of who needs a new partner is searched and narrowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.accounts.models import Person
from app.accounts.queries.signin import recipients
from app.core import clock, outbox, search
from app.core.database import reading, writing
from app.core.locale import speaking
from app.mentoring.models import Relationship, Rematch
from app.mentoring.rules import ClosingReason
from app.mentoring.rules.lifecycle import working_days_after
from app.mentoring.services import closing, continuity
from app.programs.models import Enrollment
from app.programs.rules import Role
from app.programs.services import enrollment as enrolling
from app.programs.services import offers
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort, make_enrollment, make_offer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAMES = ("Mina Lind", "Noor Aziz", "Otto Berg")


def test_a_name_the_late_and_those_to_talk_to_are_found(app):
    with app.app_context():
        with writing() as db:
            amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
            cohort = make_cohort(db, "active", amara)
            pairs = [
                make_pair(db, make_person(db, name), make_person(db, f"Mentor {n}"), cohort)
                for n, name in enumerate(NAMES)
            ]
        with writing() as db:
            for pair in pairs:
                closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.NO_FAULT)
        with writing() as db:
            rows = db.query(Rematch).order_by(Rematch.id).all()
            for row in rows:
                person = row_person(db, row)
                search.put(db, "enrollments", row.enrollment_id, person.name)
                if person.name == "Noor Aziz":
                    row.due_on = clock.now().date() - timedelta(days=1)
                enrollment(db, row).talks_first = person.name == "Otto Berg"
    url = f"/mentoring/cohorts/{cohort.id}/rematches/"
    browser = Browser(app).sign_in("amara@t.example")

    def seen(query: str) -> list[str]:
        browser.get(url + query)
        return [name for name in NAMES if browser.has(name)]

    assert seen("") == list(NAMES)
    assert seen("?q=lind") == ["Mina Lind"]
    assert seen("?kind=overdue") == ["Noor Aziz"]
    assert seen("?kind=talk") == ["Otto Berg"]
    assert seen("?q=lind&kind=talk") == [] and browser.has("Try fewer words or another filter.")
    assert seen("?kind=nonsense") == list(NAMES)


def test_everybody_stands_there_once_and_not_for_what_a_match_has_settled(app):
    with app.app_context():
        with writing() as db, clock.frozen(NOW):
            amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
            cohort = make_cohort(db, "active", amara)
            pair = make_pair(db, make_person(db, "Mina Lind"), make_person(db, "Mentor"), cohort)
            mentee_id = pair.members[0].enrollment_id
        ends(pair, NOW + timedelta(days=1))
        with writing() as db, clock.frozen(NOW + timedelta(days=40)):
            mentor = make_enrollment(db, pair.cohort, Role.MENTOR, make_person(db, "Second"))
            offer = make_offer(db, db.get_one(Enrollment, mentee_id), mentor)
            offers.accept(db, pair.members[0].person_id, offer_id=offer.id)
            second = db.query(Relationship).filter_by(offer_id=offer.id).one()
        ends(second, NOW + timedelta(days=80))
    clock.configure((NOW + timedelta(days=81)).isoformat())
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/mentoring/cohorts/{cohort.id}/rematches/")
    assert browser.text.count("Mina Lind") == 1
    browser.get(f"/mentoring/cohorts/{cohort.id}/rematches/?kind=overdue")
    assert not browser.has("Mina Lind"), "the first match came; the second is not late yet"


def test_who_pauses_is_told_the_truth_and_stands_there_when_they_go_on(app):
    until = (NOW + timedelta(days=30)).date()
    with app.app_context():
        with writing() as db, clock.frozen(NOW):
            amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
            mina = make_person(db, "Mina Lind", "mina@t.example", PASSWORD)
            cohort = make_cohort(db, "active", amara)
            pair = make_pair(db, mina, make_person(db, "Mentor"), cohort)
            one = pair.members[0].enrollment_id
            availability = {"capacity": 1, "takes_no_more": False}
            enrolling.set_availability(
                db, mina.id, enrollment_id=one, paused_until=until, **availability
            )
        with writing() as db, clock.frozen(NOW + timedelta(days=1)):
            continuity.leave_everywhere(db, pair.members[1].person_id)
        [told] = {
            message_of(reading(), row) for row in outbox.pending(reading(), "partner_left", pair.id)
        }
        assert "when your pause is over" in told and "five working days" not in told
        with writing() as db, clock.frozen(NOW + timedelta(days=30)):
            enrolling.resume_due(db)
            row = db.query(Rematch).one()
            assert row.due_on == working_days_after(until, 5)
            assert db.get_one(Enrollment, one).missed_rounds == 1
    clock.configure((NOW + timedelta(days=31)).isoformat())
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(f"/mentoring/cohorts/{cohort.id}/rematches/")
    assert browser.has("Mina Lind")


def ends(pair, at) -> None:
    with writing() as db, clock.frozen(at):
        closing.close(db, None, relationship_id=pair.id, reason=ClosingReason.NO_FAULT)


def message_of(db, row) -> str:
    to = recipients(db, [row.person_id])[row.person_id]
    with speaking("en", "UTC"):
        return " ".join(outbox.kinds[row.kind].message(db, row, to).lines)


def enrollment(db, row):
    return db.get_one(Enrollment, row.enrollment_id)


def row_person(db, row):
    return db.get_one(Person, enrollment(db, row).person_id)
