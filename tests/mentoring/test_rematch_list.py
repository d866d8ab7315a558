"""The list of who needs a new partner is searched and narrowed."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.models import Person
from app.core import clock, search
from app.core.database import writing
from app.mentoring.models import Rematch
from app.mentoring.rules import ClosingReason
from app.mentoring.services import closing
from app.programs.models import Enrollment
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort

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


def enrollment(db, row):
    return db.get_one(Enrollment, row.enrollment_id)


def row_person(db, row):
    return db.get_one(Person, enrollment(db, row).person_id)
