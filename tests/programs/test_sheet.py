"""A cohort from a sign-up sheet: real columns, people without sign-in, offers answered for them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import flask
import pytest
from sqlalchemy import func, select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.mentoring.models import Relationship
from app.programs.jobs import publish_runs, run_match
from app.programs.models import Enrollment, MatchRun, Offer
from app.programs.rules import CohortState, OfferState, Role
from app.programs.sheets import guesses, usable_rows
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort

SHEET = "vt_mentoring/mentoring-submissions-clean.xlsx"


@pytest.fixture
def cohort(app) -> str:
    with app.app_context():
        with writing() as db:
            amara = make_person(
                db, "Amara Okafor", "amara@demo.example", PASSWORD, ("program_manager",)
            )
            made = make_cohort(db, CohortState.DRAFT, amara, title="Graduate peers")
        end_reading()
    return str(made.id)


def upload(amara: Browser, cohort: str, data: bytes, name: str) -> Browser:
    amara.get(f"/programs/cohorts/{cohort}/sheet")
    return amara.submit("Upload", files={"file": (io.BytesIO(data), name)})


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_the_real_sign_up_sheet_becomes_pairs_without_any_account(
    app, cohort, outside_data: Path, htmx
):
    amara = Browser(app, htmx=htmx).sign_in("amara@demo.example")
    upload(amara, cohort, (outside_data / SHEET).read_bytes(), "sign-ups.xlsx")
    assert amara.has("What do the columns mean?"), amara.text
    amara.submit("Show the preview")
    figures = amara.text[amara.text.index("What the import would do") :]
    assert "Mentees19Mentors14" in figures and "Rows left out0" in figures
    amara.submit("Import these people")
    assert amara.has("33 people are enrolled"), amara.text

    run_id = match(app, amara, "Graduate peers")
    amara.get(f"/programs/runs/{run_id}/")
    assert amara.has("Mentees matched100%") and amara.has("11.733"), amara.text
    with app.app_context():
        run = reading().get_one(MatchRun, UUID(run_id))
        assert run.metrics["pairs"] == 19 and run.metrics["mentors_used"] == 14
        assert run.metrics["total"] == pytest.approx(11.7333, abs=1e-4)
        end_reading()
    publish(app, amara, run_id)
    answer_for_them(app, amara, cohort)


def match(app: flask.Flask, amara: Browser, title: str) -> str:
    amara.get("/programs/").click(title).click("Open the desk")
    amara.submit("Mark as ready")
    amara.submit("Open enrollment")
    amara.submit("Close enrollment and match")
    amara.submit("Find matches")
    with app.app_context():
        run_id = str(reading().scalars(select(MatchRun.id)).one())
        end_reading()
        run_match(run_id)
        end_reading()
    return run_id


def publish(app: flask.Flask, amara: Browser, run_id: str) -> None:
    amara.submit("Publish")
    with app.app_context(), clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
        end_reading()
    assert amara.get(f"/programs/runs/{run_id}/").has("The offers have gone out")


def answer_for_them(app: flask.Flask, amara: Browser, cohort: str) -> None:
    amara.get(f"/programs/cohorts/{cohort}/offers")
    amara.submit("Accept for them")
    assert amara.has("Accepted on their behalf") and amara.has("Answered on their behalf")
    with app.app_context():
        db = reading()
        offer = db.scalars(select(Offer).where(Offer.state == OfferState.ACCEPTED)).one()
        assert offer.on_behalf and offer.answered_by is not None
        assert db.scalar(select(func.count()).select_from(Relationship)) == 1
        marked = select(AuditEvent).where(
            AuditEvent.subject_id == offer.id, AuditEvent.reason == "on_behalf"
        )
        assert db.scalars(marked).one().after == "accepted"
        assert all(
            p.email is None and not p.is_listed
            for p in db.scalars(select(Person).join(Enrollment, Enrollment.person_id == Person.id))
        )
        end_reading()


ROWS = b"""Email Address,Would you like to be a mentor or a mentee?,Interests,How many students?
1,Mentor,"Robots, Heat",2
2,Mentee,"Robots, Flow",
2,Mentee,Robots,
3,Guest,Robots,
4,Mentor,Robots,some
,Mentee,Heat,
5,Mentee,Heat,
"""


def test_rows_that_cannot_be_used_are_named_with_their_line_and_lose_nothing(app, cohort):
    amara = Browser(app).sign_in("amara@demo.example")
    upload(amara, cohort, ROWS, "sheet.csv")
    amara.submit("Show the preview", column_1="2", label_1="Interests", capacity="3", id="0")
    for line, why in ((4, "occurs a second time"), (5, "Guest"), (6, "some"), (7, "no id")):
        assert f"Row {line}:" in amara.text and why in amara.text, amara.text
    amara.submit("Import these people")
    assert amara.has("3 people are enrolled")


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "empty.csv", "empty"),
        (b"\x00\x01\x02\x03" * 50, "photo.png", "cannot be read"),
        (b"PK\x03\x04broken", "broken.xlsx", "cannot be read"),
        (b"x" * 300_000, "long.csv", "header"),
        (
            ROWS + b'6,Mentee,"Heat,\n7,Mentee,Flow,\n',
            "open.csv",
            "A quotation mark opens in line 9",
        ),
    ],
    ids=["empty", "binary", "broken", "long header", "open quotation mark"],
)
def test_a_file_that_is_no_sheet_is_refused_with_a_reason(app, cohort, data, name, why):
    amara = Browser(app).sign_in("amara@demo.example")
    upload(amara, cohort, data, name)
    assert amara.status == 422 and amara.has("Please check these answers"), amara.text


def test_an_address_spelled_twice_is_one_person():
    mapping = {**guesses(("Email", "Role"), [("x", "Mentor"), ("y", "Mentee")]), "factors": []}
    sheet = [("A@x.example", "Mentee"), ("a@x.example ", "Mentee"), ("a@x.example", "Mentor")]
    found, problems = usable_rows(sheet, mapping)
    assert [row.line for row in found] == [2, 4]
    assert [(one.line, one.code) for one in problems] == [(3, "duplicate")]


def test_columns_are_guessed_from_headers_and_cells():
    headers = ("Timestamp", "Email Address", "Your Name", "Mentor or mentee?", "Topics")
    rows = [("d", str(n), f"name {n}", "Mentor" if n % 2 else "Mentee", "a, b") for n in range(6)]
    guessed = guesses(headers, rows)
    assert (guessed["id"], guessed["name"], guessed["role"]) == (1, 2, 3)
    assert guessed["factors"][0]["column"] == 4
    found, problems = usable_rows(rows, guessed)
    assert len(found) == 6 and not problems
    assert found[1].role is Role.MENTOR and found[1].answers == {"sheet_1": ["a", "b"]}
