"""Nobody is outed by the matching: with the pairs held fixed, what one says for it changes no byte.

Two companies are built alike from nothing, with the same seed and clock, but for one answer of
Maria's. Each runs its matching twice, compares, publishes, sends, and makes pairs; then everybody
else reads every page, export and mail. `tests/contracts/test_outing.py` does it for memberships.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock, ids
from app.core.database import end_reading, reading, writing
from app.core.settings import load
from app.demographics.rules import Attribute, MatchAnswer, Purpose
from app.demographics.services import Notice
from app.factory import create_app
from app.programs.jobs import publish_runs, replay_run, run_match
from app.programs.models import Candidate, Enrollment, Exclusion, Offer
from app.programs.rules import CohortState, Role
from app.programs.services import offers, replays, runs, wishing
from tests import databases
from tests.client import PASSWORD
from tests.databases import TEST_ENVIRONMENT
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment
from tests.outing import AT, heard, read

GENDER = Attribute.GENDER
OPEN, DENIABLE = Purpose.MATCHING_SHAREABLE, Purpose.MATCHING_DENIABLE
NOTICE = Notice("match-1", "en")
WANTS = ("strategy", "coaching", "writing", "finance")
PEOPLE = {
    "organizer": ("program_manager",),
    "admin": ("org_admin",),
    "analyst": ("hr_analyst",),
    "auditor": ("auditor",),
    "outsider": (),
    "partner": (),
    "mentee": (),
    "mentor": (),
}
DESK = ("/programs/runs/", "/programs/cohorts/")  # not there for anybody else: the access matrix
SHARES = MatchAnswer("woman", OPEN)
OTHERS = tuple(name for name in PEOPLE if name != "organizer")


@dataclass(frozen=True)
class Secret:
    """One answer of Maria's as it is in either company, and the side on which she takes part."""

    role: Role
    first: MatchAnswer
    second: MatchAnswer
    others: MatchAnswer = SHARES  # what two of the other side say
    excludes: bool = False


SECRETS = {
    "a matching-only answer": Secret(Role.MENTEE, MatchAnswer(), MatchAnswer(wish="woman")),
    "a wish turned round": Secret(
        Role.MENTEE, MatchAnswer(wish="man"), MatchAnswer(wish="woman", only=True)
    ),
    "a deniable answer": Secret(
        Role.MENTOR, MatchAnswer(), MatchAnswer("woman", DENIABLE), MatchAnswer(wish="woman")
    ),
    "a shareable answer turned round": Secret(
        Role.MENTOR,
        MatchAnswer("man", OPEN),
        MatchAnswer("woman", OPEN),
        MatchAnswer(wish="woman"),
    ),
    "whom one does not want": Secret(Role.MENTEE, MatchAnswer(), MatchAnswer(), excludes=True),
}


@contextmanager
def company(folder: Path, source: str, secret: Secret, *, second: bool):
    """An app with a company whose matching is done and sent; yields the addresses to read."""
    folder.mkdir()
    environment = {
        **TEST_ENVIRONMENT,
        "DATABASE_URL": databases.copy(source, folder),
        "DATA_DIR": str(folder / "data"),
        "TRELLIS_NOW": AT,
        "TRELLIS_SEED": "worlds",
    }
    app = create_app(load(environment))
    try:
        with app.app_context(), ids.seeded("worlds"):
            paths, pairs, publish = _built(secret, second=second)
        yield app, paths, pairs, publish
    finally:
        app.extensions["database"].dispose()
        ids.configure(None)
        clock.configure(None)


def _built(secret: Secret, *, second: bool) -> tuple[list[str], set[Any], Any]:
    with writing() as db:
        who = {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                roles,
                id=ids.new_id("person", name),
            )
            for name, roles in {**PEOPLE, "maria": ()}.items()
        }
        cohort = make_cohort(db, CohortState.MATCHING, who["organizer"], "leadership", "Lead")
        cohort_id = cohort.id
        _enroll(db, cohort, who, secret)
        answer = secret.second if second else secret.first
        wishing.say(db, who["maria"].id, answers={GENDER: answer}, notice=NOTICE)
        if secret.excludes and second:
            hers = db.scalars(select(Enrollment).where(Enrollment.person_id == who["maria"].id))
            db.add(Exclusion(enrollment_id=hers.one().id, person_id=who["mentor"].id))
    first, _pairs = _run(cohort_id, who["organizer"].id)
    run_id, pairs = _run(cohort_id, who["organizer"].id)
    paths = _of_runs(cohort_id, [first, run_id])
    with writing() as db:
        replays.ask_replay(db, who["organizer"].id, run_id=run_id)
    replay_run(str(run_id))

    def publish() -> list[str]:
        return _published(run_id, {name: person.id for name, person in who.items()})

    return paths, pairs, publish


def _published(run_id, who) -> list[str]:
    """The offers go out, two are accepted; the addresses of all."""
    with writing() as db:
        runs.publish(db, who["organizer"], run_id=run_id)
    clock.configure(f"{clock.now() + timedelta(minutes=31):%Y-%m-%dT%H:%M}Z")
    publish_runs()
    paths = []
    with writing() as db:
        for offer in db.scalars(select(Offer).order_by(Offer.id)).all():
            paths.append(f"/programs/offers/{offer.id}/")
            mentee = db.get_one(Enrollment, offer.mentee_id)
            if mentee.person_id in (who["mentee"], who["maria"], who["partner"]):
                made = offers.accept(db, mentee.person_id, offer_id=offer.id)
                paths += [made] if made else []
    end_reading()
    return paths


def _enroll(db, cohort, who, secret) -> None:
    """Four on either side; skills say so clearly who fits whom that no wish changes it."""
    mentees = {"mentee": 0, **({"maria": 3} if secret.role is Role.MENTEE else {"partner": 3})}
    mentors = {"mentor": 0, **({"partner": 3} if secret.role is Role.MENTEE else {"maria": 3})}
    for role, named in ((Role.MENTEE, mentees), (Role.MENTOR, mentors)):
        names = {at: name for name, at in named.items()}
        for at in range(4):
            other = f"{role.value}.{at}@t.example"
            person = who.get(names.get(at, "")) or make_person(db, f"{role} Number {at}", other)
            kind = "wanted" if role is Role.MENTEE else "offered"
            make_enrollment(
                db,
                cohort,
                role,
                person,
                answers={f"skills_{kind}": [WANTS[at]], f"goals_{kind}": ["next_level"]},
            )
            if at in (0, 3) and role is not secret.role:
                answers = {GENDER: secret.others}
                wishing.say(db, person.id, answers=answers, notice=NOTICE)


def _run(cohort_id, organizer_id) -> tuple[Any, set[Any]]:
    with writing() as db:
        run_id = runs.start_run(db, organizer_id, cohort_id=cohort_id).id
    run_match(str(run_id))
    end_reading()
    found = reading().execute(
        select(Candidate.mentee_id, Candidate.mentor_id).where(Candidate.run_id == run_id)
    )
    return run_id, {tuple(row) for row in found}


def _of_runs(cohort_id, run_ids) -> list[str]:
    paths = [
        "/",
        "/programs/",
        "/programs/?q=lead",
        "/programs/lead/",
        "/programs/lead/manage/",
        "/mentoring/",
        "/notifications/",
        "/search?q=maria",
        "/search?q=woman",
        "/programs/requests/",
        f"/mentoring/cohorts/{cohort_id}/",
        f"/mentoring/cohorts/{cohort_id}/rematches/",
    ]
    pages = ("events", "offers", "overdue", "people", "people?q=maria", "sheet", "waiting")
    paths += [f"/programs/cohorts/{cohort_id}/{page}" for page in (*pages, "weights")]
    db = reading()
    for run_id in run_ids:
        paths += [f"/programs/runs/{run_id}/{page}" for page in ("", "?show=locked", "comparison")]
        for row in db.scalars(select(Candidate).where(Candidate.run_id == run_ids[-1])):
            paths.append(f"/programs/runs/{run_id}/?pair={row.id}")
            mentee = f"/programs/runs/{run_id}/mentees/{row.mentee_id}"
            paths.append(f"{mentee}/alternatives")
    return list(dict.fromkeys(paths))


def logged(app) -> list[str]:
    """The log of acts, as whoever may read it would see it."""
    columns = ("actor_id", "verb", "subject_type", "subject_id", "before", "after", "reason")
    with app.app_context():
        rows = reading().scalars(select(AuditEvent)).all()
        return sorted(" ".join(str(getattr(row, name)) for name in columns) for row in rows)


def looked(answers: dict[Any, str], when: str) -> dict[Any, str]:
    """Pages at a time, without how long the solver took (and what that adds to the length)."""
    spent = re.compile(r"[\d.,]+ seconds|\('Content-Length', '\d+'\)")
    return {(when, *key): spent.sub("", text) for key, text in answers.items()}


def told_apart(folder: Path, source: str, name: str, only: str | None = None) -> list[Any]:
    """Where the two companies differ for anybody but Maria; ``only`` asks for some pages alone."""
    seen, sent, found = [], [], []
    for second in (False, True):
        place = folder / f"world-{second}"
        with company(place, source, SECRETS[name], second=second) as (app, paths, pairs, publish):
            wanted = [path for path in paths if (only or "") in path]
            answers = looked(read(app, wanted, ("organizer", "nobody")), "in review")
            found.append(pairs)
            answers["log", ""] = "".join(logged(app))
            if only is None:
                with app.app_context(), ids.seeded("later"):
                    paths += publish()
                sent.append({**heard(app, place), "log": logged(app)})
                answers |= looked(read(app, paths, ("organizer", "nobody")), "sent")
                few = [path for path in paths if not path.startswith(DESK)]
                answers |= looked(read(app, few, (*OTHERS, "nobody")), "sent")
            seen.append(answers)
    assert found[0] == found[1] and len(found[0]) == 4, "the matching is held fixed"
    assert seen[0].keys() == seen[1].keys(), "the same addresses"
    pages = [key for key in seen[0] if seen[0][key] != seen[1][key]]
    if only is not None:
        return pages
    assert len(sent[0]) > 1, "mails went out"
    return pages + [
        to for to in sent[0].keys() | sent[1].keys() if sent[0].get(to) != sent[1].get(to)
    ]


@pytest.fixture
def empty(shared_folder: Path) -> str:
    return databases.template(shared_folder, "sqlite", seeded=False)


@pytest.mark.parametrize("name", SECRETS)
def test_with_the_pairs_held_fixed_an_answer_changes_no_byte_for_anybody_else(
    tmp_path, empty, name
) -> None:
    assert told_apart(tmp_path, empty, name) == []
