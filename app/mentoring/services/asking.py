"""Private questions to the people of a relationship: asked, answered, taken together, forgotten."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, true
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.mentoring.models import PrivateAnswer, Relationship, TrialEnding
from app.mentoring.rules import AskedQuestion, RelationshipState
from app.mentoring.rules.lifecycle import settling_of
from app.mentoring.services.telling import tell_all


def ask_trial(db: Session, pair: Relationship) -> None:
    """After the first session that was held, ask everybody for themselves: go on?

    An ending that was ordered before waits for the same instant, so that it looks like an answer.
    """
    if pair.state is not RelationshipState.TRIAL or pair.trial_asked_at is not None:
        return
    pair.trial_asked_at = clock.now()
    pair.settles_at = settling_of(pair.trial_asked_at)
    audit.record(db, None, "trial_asked", pair)
    tell_all(db, pair, "trial_question", expires=pair.settles_at)
    db.flush()


def keep(
    db: Session, actor_id: UUID, pair: Relationship, question: AskedQuestion, says_yes: bool
) -> None:
    """Keep one person's answer in place of their last one; the log learns that, never what.

    Nor who: when one alone has answered, the end of a trial would say what they said.
    """
    key = {"relationship_id": pair.id, "person_id": actor_id, "question": question}
    db.merge(PrivateAnswer(says_yes=says_yes, **key))
    audit.record(db, None, f"{question.value}_answered", pair)
    db.flush()


def take_back(db: Session, actor_id: UUID, pair: Relationship, question: AskedQuestion) -> None:
    """Forget one person's answer, if there is one; the log reads the same either way."""
    mine = (PrivateAnswer.relationship_id == pair.id) & (PrivateAnswer.person_id == actor_id)
    db.execute(
        delete(PrivateAnswer)
        .where(mine, PrivateAnswer.question == question)
        .execution_options(synchronize_session="fetch")
    )
    audit.record(db, None, f"{question.value}_answered", pair)
    db.flush()


def answers(db: Session, pair: Relationship, question: AskedQuestion) -> dict[UUID, bool]:
    """What the people said, to be taken together at once."""
    rows = db.execute(
        select(PrivateAnswer.person_id, PrivateAnswer.says_yes).where(
            PrivateAnswer.relationship_id == pair.id, PrivateAnswer.question == question
        )
    )
    return dict(rows.tuples().all())


def forget(db: Session, pair: Relationship, question: AskedQuestion | None = None) -> None:
    """Delete the private answers to one question; without one all, and that its trial was to
    end."""
    asked = PrivateAnswer.question == question if question else true()
    db.execute(
        delete(PrivateAnswer)
        .where(PrivateAnswer.relationship_id == pair.id, asked)
        .execution_options(synchronize_session="fetch")
    )
    if question is None:
        db.execute(
            delete(TrialEnding)
            .where(TrialEnding.relationship_id == pair.id)
            .execution_options(synchronize_session="fetch")
        )
