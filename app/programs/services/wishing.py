"""What people say of who they are for matching, and what a run may say of wishes met."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.demographics import services as demographics
from app.demographics.rules import Attribute, MatchAnswer
from app.demographics.services import Notice
from app.matching.shielding import Report, reported
from app.matching.types import Instance, Outcome
from app.matching.wishes import wishes_met
from app.programs import feed
from app.programs.models import MatchRun, WishReport
from app.programs.services.replays import forget_person


def say(
    db: Session, actor_id: UUID, *, answers: dict[Attribute, MatchAnswer], notice: Notice
) -> None:
    """Keep one's answers; what runs were given before goes when an answer was taken back."""
    before = demographics.own_answers(db, actor_id)
    demographics.say_for_matching(db, actor_id, answers=answers, notice=notice)
    if any(one not in (answers.get(key), None) for key, one in before.items() if key in answers):
        forget_person(db, actor_id)
    db.flush()


def take_back(db: Session, actor_id: UUID, *, attribute: Attribute, notice: Notice) -> None:
    """The next run knows nothing of it any more, and no record of a former run holds it."""
    demographics.stop_matching(db, actor_id, attribute=attribute, notice=notice)
    forget_person(db, actor_id)
    db.flush()


def told_of_wishes(
    db: Session, run: MatchRun, instance: Instance, outcome: Outcome
) -> dict[str, Any]:
    """What may be told of wishes in a run, as JSON; nothing where people are not asked."""
    if not feed.asks_identity(run.rules) or run.is_trial:
        return {}
    kept = db.scalars(
        select(WishReport)
        .where(WishReport.cohort_id == run.cohort_id)
        .order_by(WishReport.made_at.desc(), WishReport.id)
    ).all()
    former = {Report(row.share, frozenset(row.people)): row for row in kept}
    people = {one.id for one in (*instance.mentees, *instance.mentors)}
    report = reported(wishes_met(instance, outcome), people, list(former))
    row = former.get(report)
    if row is None:
        row = WishReport(cohort_id=run.cohort_id, share=report.share, people=sorted(people))
        row.made_at = clock.now()
        db.add(row)
    hints = feed.hints_count(instance)
    return {"share": row.share, "since": row.made_at.isoformat(), "hints": all(hints)}
