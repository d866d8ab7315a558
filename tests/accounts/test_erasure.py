"""Somebody is forgotten: on purpose, a week later, with nothing of others lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, select, text, update

from app.accounts.jobs import erase_people
from app.accounts.models import Person
from app.accounts.services import erasing
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.registries import erasures
from app.mentoring.models import Goal, Note
from app.mentoring.rules import NoteScope, RelationshipState, Sharing
from app.mentoring.services import messages, work
from app.operations import cli
from app.programs.models import (
    Candidate,
    Enrollment,
    MatchRequest,
    MatchRun,
    Offer,
    OutsideInvitation,
    RunInput,
    ShortlistEntry,
)
from app.programs.rules import CohortState, EnrollmentState, Role
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_note, make_pair
from tests.factories.outside import make_invitation
from tests.factories.programs import make_cohort, make_enrollment

CANARY = "Zyxwvut"


@pytest.fixture
def erase(app, monkeypatch):
    """`erase("E-7", typed="E-7")`: the command, with what is typed when it asks."""
    monkeypatch.setattr(cli, "application", lambda: app)

    def run(*given: str, typed: str = ""):
        monkeypatch.setattr(app.extensions["database"], "dispose", lambda: None)
        return CliRunner().invoke(cli.main, ["people", "erase", *given], input=f"{typed}\n")

    return run


@pytest.fixture
def pair(app):
    """A pair whose mentee has left traces everywhere, each with the same word in it."""
    with app.app_context(), writing() as db:
        mina = make_person(
            db, f"Mina {CANARY}", "zyxwvut@t.example", PASSWORD, external_id=f"E-{CANARY}"
        )
        made = make_pair(db, mina, make_person(db, "Omar Mentor", "omar@t.example", PASSWORD))
        made.state = RelationshipState.ACTIVE
        key = {"relationship_id": made.id}
        make_note(db, made, f"My own {CANARY}")
        make_note(db, made, "Ours", NoteScope.SHARED)
        make_note(db, made, "His own", by=1)
        messages.send(db, mina.id, text=f"Hello {CANARY}", key="a", **key)
        for words, sharing in ((f"Mine {CANARY}", Sharing.ME), ("Speak up", Sharing.PAIR)):
            work.set_goal(db, mina.id, text=words, steps=[words], sharing=sharing, **key)
        matched(db, mina)
        return made


def matched(db, mina) -> None:
    """Cohorts that she has completed, and invitations to and by her: the word wherever it fits."""
    cohort = make_cohort(db, CohortState.ENROLLING)
    mentee = make_enrollment(db, cohort, Role.MENTEE, mina)
    theirs = update(Enrollment).where(Enrollment.person_id == mina.id)
    db.execute(theirs.values(state=EnrollmentState.COMPLETED))
    mentor = make_enrollment(db, cohort, Role.MENTOR)
    run = MatchRun(cohort_id=cohort.id)
    db.add(run)
    db.flush()
    in_cohort = {"cohort_id": cohort.id, "decline_note": f"No, {CANARY}"}
    two = {"mentee_id": mentee.id, "mentor_id": mentor.id, "reasons": [{"label": CANARY}]}
    until = clock.now() + timedelta(days=180)
    db.add_all(
        [
            Candidate(run_id=run.id, score=1, **two),
            ShortlistEntry(run_id=run.id, place=1, **two),
            Offer(source="self", state="declined", **in_cohort, **two),
            MatchRequest(
                run_id=run.id, state="declined", note=CANARY, expires_at=until, **in_cohort, **two
            ),
            RunInput(run_id=run.id, packed=CANARY.encode(), kept_until=until),
        ]
    )
    invited = {"name": f"Mina {CANARY}", "words": f"Dear {CANARY}"}
    make_invitation(db, cohort, mentor.person_id, "zyxwvut@t.example", **invited)
    make_invitation(db, cohort, mina.id, words=f"Yours, {CANARY}")


def everything(app) -> str:
    """All rows of all tables but the words of the search and the log, as one text."""
    end_reading()
    with app.extensions["database"].engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        return "\n".join(
            repr(row)
            for name in tables
            for row in connection.execute(text(f'select * from "{name}"'))
        )


def test_erasing_needs_the_number_twice_waits_a_week_and_can_be_recalled(app, pair, erase):
    assert erase("nobody").exit_code == 1
    wrong = erase(f"E-{CANARY}", typed="E-1")
    assert wrong.exit_code == 1 and "Nothing was changed" in wrong.output
    assert erase(f"E-{CANARY}", "--recall").exit_code == 1, "nothing was ordered"
    for _again in range(2):
        assert erase("ZYXWVUT@t.example", typed=f"E-{CANARY}").exit_code == 0
    with app.app_context():
        with clock.frozen(clock.now() + timedelta(days=6, hours=23)):
            erase_people()
        assert CANARY in everything(app)
    assert Browser(app).sign_in("zyxwvut@t.example").get("/").has(CANARY)
    with app.app_context():
        assert erase(f"E-{CANARY}", "--recall").exit_code == 0
        with clock.frozen(clock.now() + timedelta(days=30)):
            erase_people()
        assert CANARY in everything(app)


def test_an_erasure_that_fails_stops_no_other_and_is_seen(app, monkeypatch):
    with app.app_context(), writing() as db:
        doomed, other = make_person(db, CANARY), make_person(db, "Omar")
        erasing.ask(db, None, person_id=doomed.id)
        with clock.frozen(clock.now() + timedelta(hours=1)):
            erasing.ask(db, None, person_id=other.id)

    def fails(_db, person_id):
        if person_id == doomed.id:
            raise RuntimeError("of one person")

    monkeypatch.setitem(erasures._items, "failing", fails)
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=8)):
        with pytest.raises(RuntimeError, match="of one person"):
            erase_people()
        assert reading().scalars(select(Person.name)).all() in ([CANARY, None], [None, CANARY])
        monkeypatch.undo()
        erase_people()
        end_reading()
        assert reading().scalars(select(Person.name)).all() == [None, None]


def test_what_was_theirs_is_gone_everywhere_and_the_partner_keeps_what_was_shared(app, pair, erase):
    assert erase(f"E-{CANARY}", typed=f"E-{CANARY}").exit_code == 0
    with app.app_context():
        with clock.frozen(clock.now() + timedelta(days=8)):
            for _again in range(2):
                erase_people()
        assert CANARY.lower() not in everything(app).lower()
        assert set(reading().scalars(select(Note.text))) == {"Ours", "His own"}
        assert reading().scalars(select(Goal.text)).all() == ["Speak up"]
        assert reading().scalars(select(OutsideInvitation.name)).all() == ["Nadia Haas"]
        assert (
            reading().scalar(select(Person.id).where(Person.email == "zyxwvut@t.example")) is None
        )
    omar = Browser(app).sign_in("omar@t.example").get(f"/mentoring/{pair.id}/")
    assert omar.status == 200 and omar.has("Speak up") and omar.has("This pair has ended")
