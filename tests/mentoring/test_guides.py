"""Versions of a guide: a newer file retires the old version, running pairs stay and may follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core import clock, delivery
from app.core.database import reading, writing
from app.mentoring import jobs, queries
from app.mentoring.models import Guide, Meeting, Relationship
from app.mentoring.rules import Claim, GuideState
from app.mentoring.services import guides, sessions
from app.notifications.models import Notification
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair, plan_session
from tests.factories.programs import make_cohort

REWORDED = "Tell each other the path that led you here, with a turn you did not plan."
ADDED = """
[[session.prompt]]
key = "why_now"
[session.prompt.text]
en = "Why now?"
"""


@pytest.fixture
def pair(app):
    """Two people who have held the first session of their guide."""
    now = clock.now()
    with app.app_context(), writing() as db:
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        pair = make_pair(db, mentee, mentor, make_cohort(db, "active"))
        meeting = plan_session(db, pair, now + timedelta(hours=1))
    with app.app_context(), writing() as db, clock.frozen(now + timedelta(hours=3)):
        sessions.answer(db, mentee.id, session_id=meeting.id, said=Claim.MET)
    return pair


@pytest.fixture
def newer(app, pair, tmp_path, monkeypatch):
    """A release with a newer file: one prompt reworded, one new, one left out."""
    text = (guides.FOLDER / "six_sessions.toml").read_text(encoding="utf-8")
    old = "Tell each other the path that led you here, including one turn you did not plan."
    assert old in text and text.startswith("#") and "version = 1" in text
    first, *rest = text.split("[[session]]")
    opening, paths, _hopes, *others = rest[0].split("[[session.prompt]]")
    part = "[[session.prompt]]".join([opening, paths.replace(old, REWORDED), *others]) + ADDED
    content = "[[session]]".join([first.replace("version = 1", "version = 2"), part, *rest[1:]])
    (tmp_path / "six_sessions.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(guides, "FOLDER", tmp_path)


def followed(app, pair) -> tuple[int, int]:
    """The version a pair follows, and how many sessions of it count as held."""
    with app.app_context():
        db = reading()
        guide = db.get_one(Guide, db.get_one(Relationship, pair.id).guide_id)
        ids = {part.id for part in queries.guide_sessions(db, guide.id)}
        taken = db.scalars(select(Meeting.guide_session_id)).all()
        return guide.version, sum(one in ids for one in taken)


def told(app) -> list[str]:
    """Who reads in the app, ten minutes later, that the pair follows a newer guide."""
    with app.app_context(), clock.frozen(clock.now() + timedelta(minutes=10)):
        while not delivery.deliver("in_app"):
            pass
        people = select(Person.email).join(Notification)
        found = people.where(Notification.subject == "A newer guide")
        return list(reading().scalars(found))


def test_a_newer_file_is_published_the_old_version_retires_and_running_pairs_stay(app, pair, newer):
    for _twice in range(2):
        with app.app_context():
            jobs.install_newer_guides()
    with app.app_context():
        rows = reading().execute(select(Guide.version, Guide.state).order_by(Guide.version))
        assert list(rows) == [(1, GuideState.RETIRED), (2, GuideState.PUBLISHED)]
        moved = select(AuditEvent.verb, AuditEvent.before, AuditEvent.after)
        moved = moved.where(AuditEvent.subject_type == "guide").order_by(AuditEvent.id)
        assert set(reading().execute(moved)) == {
            ("guide_published", "draft", "published"),
            ("guide_retired", "published", "retired"),
        }
    assert followed(app, pair) == (1, 1)
    with app.app_context(), writing() as db:
        begins = make_pair(db)
    assert followed(app, begins)[0] == 2


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_pair_sees_the_difference_takes_the_newer_guide_and_goes_back(
    app, pair, newer, queries, htmx
):
    here = f"/mentoring/{pair.id}/guide"
    mina = Browser(app, htmx=htmx, lang="en").sign_in("mina@t.example")
    assert not mina.get(f"{here}?lang=en").has("There is a newer version")
    with app.app_context():
        jobs.install_newer_guides()
    with queries() as seen:
        mina.get(here)
    assert len(seen) <= 8, seen
    mina.click("See what is different")
    assert mina.has(REWORDED) and mina.has("including one turn you did not plan")
    assert mina.has("Why now?") and mina.has("If these six months go well")
    assert mina.has("Left out") and not mina.has("Say what you can offer"), "only what differs"
    with queries() as seen:
        mina.get(f"{here}/newer")
    assert len(seen) <= 8, seen
    mina.submit("Take the newer guide")
    assert followed(app, pair) == (2, 1), "what was held stays held"
    taken = mina.html
    assert mina.get(here).has(REWORDED) and not mina.has("There is a newer version")
    assert mina.get(f"{here}/newer").has("You follow the newest version")
    mina.html = taken
    mina.submit("Undo")
    assert followed(app, pair) == (1, 1)
    assert told(app) == [], "nobody hears of what was undone at once"
    mina.get(f"{here}/newer").submit("Take the newer guide")
    assert told(app) == ["omar@t.example"]
