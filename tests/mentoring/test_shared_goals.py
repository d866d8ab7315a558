"""A goal of everybody: each member ticks it, and it can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.mentoring.models import Goal
from app.mentoring.rules import Sharing
from app.mentoring.services import continuity, work
from tests.client import Browser
from tests.factories.circles import make_circle
from tests.factories.mentoring import make_pair


@pytest.fixture
def circle(app):
    with app.app_context(), writing() as db:
        return make_circle(db)


def test_anybody_of_a_group_ticks_a_goal_of_everybody_and_the_log_says_who(app, circle):
    here = f"/mentoring/{circle.id}/goals"
    ada = Browser(app).sign_in("ada@t.example").get(here)
    ada.submit("Set the goal", text="Speak up", steps="Once\nTwice", is_shared_by_all="y")
    ben = Browser(app).sign_in("ben@t.example").get(here)
    assert ben.has("A goal of everybody here") and ben.has("0 of 2")
    ben.submit("Done")
    assert ada.get(here).has("1 of 2")
    ben.submit("Undo")
    assert ada.get(here).has("0 of 2")
    with app.app_context():
        db = reading()
        goal = db.scalars(select(Goal)).one()
        actors = db.scalars(
            select(AuditEvent.actor_id).where(AuditEvent.verb == "goal_step_ticked")
        ).all()
        of_ben = next(m.person_id for m in circle.members if m.person.name == "Ben Boyd")
        assert set(actors) == {of_ben} and goal.owner_id != of_ben
        end_reading()
    otto = Browser(app)
    with app.app_context(), writing() as db:
        pair = make_pair(db)
    otto.sign_in(pair.members[0].person.email).get(here)
    assert otto.status == 404


def test_pairs_have_none_everybody_sees_it_and_leavers_tick_no_more(app, circle):
    with app.app_context():
        with writing() as db:
            pair = make_pair(db)
            one = pair.members[0].person_id
            with pytest.raises(Refused):
                work.set_goal(
                    db, one, relationship_id=pair.id, text="T", steps=["s"], is_shared_by_all=True
                )
        people = {m.person.name[0]: m.person_id for m in circle.members}
        with writing() as db:
            goal = work.set_goal(
                db,
                people["A"],
                relationship_id=circle.id,
                text="T",
                steps=["s"],
                sharing=Sharing.ME,
                is_shared_by_all=True,
            )
            db.refresh(goal, ["steps"])
            step_id = goal.steps[0].id
            assert goal.sharing is Sharing.PAIR
        with writing() as db:
            continuity.end(db, people["D"], relationship_id=circle.id)
        with writing() as db, pytest.raises(Refused):
            work.tick_step(db, people["D"], goal_id=goal.id, step_id=step_id, is_done=True)
