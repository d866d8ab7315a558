"""The demo shows people choosing: a run in review, a list, a request, an overdue offer."""

from __future__ import annotations

from sqlalchemy import select

from app.core.database import end_reading, reading
from app.programs.jobs import run_match
from app.programs.models import (
    Cohort,
    MatchRequest,
    MatchRun,
    PairDecision,
    Program,
    RulesVersion,
)
from app.programs.rules import CohortState, Decision, RequestState, RunState
from tests.client import Browser


def test_the_demo_shows_a_run_in_review_a_list_a_request_and_something_overdue(demo):
    with demo.app_context():
        db = reading()
        in_review = select(MatchRun).where(MatchRun.state == RunState.REVIEW)
        run = db.scalars(in_review.where(MatchRun.joint_id.is_(None))).one()
        together = db.scalars(in_review.where(MatchRun.joint_id.is_not(None))).all()
        joint_id = together[0].joint_id
        kinds = set(db.scalars(select(PairDecision.kind)))
        versions = db.scalars(
            select(RulesVersion).where(RulesVersion.cohort_id == run.cohort_id)
        ).all()
        waiting = db.scalars(select(MatchRequest.state)).all()
        cohort_id, run_id = run.cohort_id, run.id
        end_reading()
    assert kinds == {Decision.LOCK, Decision.VETO} and versions
    assert waiting == [RequestState.ASKED]
    bo = Browser(demo).sign_in("bo@demo.example")
    assert bo.get("/").has("Your list of mentors waits for your own order")
    chen = Browser(demo).sign_in("chen@demo.example")
    assert chen.get("/").has("would like to meet you")
    amara = Browser(demo).sign_in("amara@demo.example")
    amara.get(f"/programs/cohorts/{cohort_id}/overdue")
    assert amara.has("Waiting for an answer") and amara.has("Waiting for the mentor")
    assert amara.get(f"/programs/runs/{run_id}/").has("Mentees are choosing")
    assert len(together) == 2
    amara.get(f"/programs/joint-runs/{joint_id}/")
    assert amara.has("Engineering across Borders") and amara.has("Data and Research")


def test_the_matching_that_a_visitor_starts_tells_how_many_wishes_were_met(demo):
    amara = Browser(demo).sign_in("amara@demo.example")
    with demo.app_context():
        cohort = (
            reading()
            .scalars(
                select(Cohort)
                .join(Program, Program.id == Cohort.program_id)
                .where(Program.template == "career_growth", Cohort.state == CohortState.MATCHING)
            )
            .one()
        )
        end_reading()
    amara.get(f"/programs/{cohort.program.slug}/manage/").submit("Find matches")
    with demo.app_context():
        run_id = reading().scalar(select(MatchRun.id).where(MatchRun.cohort_id == cohort.id))
        end_reading()
        run_match(str(run_id))
        end_reading()
    amara.get(f"/programs/runs/{run_id}/")
    amara.get(f"/programs/runs/{run_id}/?q=Bo+Lindqvist")
    assert amara.has("Bo Lindqvist – Chen Li-hua"), "the pair whose way the guide tells"
    amara.get(f"/programs/runs/{run_id}/")
    assert amara.has("Wishes met") and amara.has("could be met among people who said")
    assert not amara.has("Too few people to say") and not amara.has("Deniable answers were left")
    bo = Browser(demo).sign_in("bo@demo.example")
    bo.get(f"/programs/{cohort.program.slug}/")
    assert "woman" not in bo.text and "woman" not in amara.text
