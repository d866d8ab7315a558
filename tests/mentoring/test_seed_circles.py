"""The demo circle shows what groups live with."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import end_reading, reading
from app.mentoring.jobs import look_after_groups
from app.mentoring.models import GroupWait, Guide, GuideSession, Member, Prompt, Relationship
from app.mentoring.queries.circles import in_turn
from app.mentoring.rules import LIVE, GuideState
from app.mentoring.rules.circles import WaitState
from app.programs.models import Enrollment
from app.programs.rules import Format
from tests.client import Browser


def test_the_demo_circle_has_a_board_a_vote_a_quorum_and_somebody_in_line(demo):
    with demo.app_context():
        db = reading()
        circle = db.scalars(
            select(Relationship)
            .where(Relationship.format == Format.CIRCLE)
            .order_by(Relationship.started_at)
        ).first()
        member, pair_id = in_turn(circle)[4], circle.id
        email = member.person.email
        row = db.scalars(select(GroupWait)).one()
        waiting = db.get_one(Enrollment, row.enrollment_id, populate_existing=True)
        waiting_id, person_id = waiting.id, waiting.person_id
        end_reading()
        look_after_groups()
        assert reading().scalars(select(GroupWait.state)).one() is WaitState.WAITING
        end_reading()
    browser = Browser(demo).sign_in(email).get(f"/mentoring/{pair_id}/board/")
    assert browser.has("Has anybody said no to a project")
    assert browser.click("Topics").has("Being heard in large meetings")
    browser.click("Our group")
    assert browser.has("Do you want to become one circle with another?")
    assert browser.has("You stay as you are until") and browser.has("1 person waits for a seat.")
    assert browser.click("Goals").has("A goal of everybody here")
    with demo.app_context():
        other = reading().get_one(Person, person_id).email
        end_reading()
    waiting = Browser(demo).sign_in(other).get(f"/mentoring/seats/{waiting_id}/")
    assert waiting.has("You are number 1 in line") and waiting.has("The circle stays as it is")
    hugo = Browser(demo).sign_in("hugo@demo.example").get("/mentoring/")
    with demo.app_context():
        mine = select(Relationship.id).join(Member).join(Person, Person.id == Member.person_id)
        mine = mine.where(Person.email == "hugo@demo.example", Relationship.state.in_(LIVE))
        path = (
            f"/mentoring/{reading().scalars(mine.order_by(Relationship.started_at)).first()}/guide"
        )
    hugo.get(path).click("See what is different")
    assert hugo.has("Tell each other how you came to this job.") and hugo.has(
        "Take the newer guide"
    )
    with demo.app_context():
        versions = select(Guide.version, Guide.state).where(Guide.key == "six_sessions")
        assert list(reading().execute(versions.order_by(Guide.version))) == [
            (1, GuideState.RETIRED),
            (2, GuideState.PUBLISHED),
        ]
        prompts = select(Prompt).join(GuideSession).join(Guide)
        former = reading().scalars(prompts.where(Guide.state == GuideState.RETIRED))
        assert all({"en", "es", "ar"} <= prompt.text.keys() for prompt in former)
