"""What a run found is written down once, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import hold
from app.matching.types import Instance, Outcome, Pair, input_hash
from app.programs.figures import metrics_of
from app.programs.forming import advice_for, group_numbers, hosts_of
from app.programs.models import Candidate, MatchRun
from app.programs.rules import RECALL_MINUTES, CandidateState, RunState, form_from
from app.programs.services import choosing, replays, wishing
from app.programs.services.moving import move


def save_outcome(
    db: Session,
    run_id: UUID,
    outcome: Outcome,
    instance: Instance,
    ranked: choosing.Ranked | None = None,
) -> None:
    """Write down what a run found; a second worker's late result changes nothing."""
    run = hold(db, MatchRun, run_id)
    if run is None or run.state is not RunState.RUNNING:
        return
    has_lists = choosing.is_asked(run.rules) and not ranked and not run.is_trial
    form = form_from(run.rules)
    told = metrics_of(outcome, instance, run.rules.get("segment", ""))
    numbers = group_numbers(form, outcome)
    told["groups"] = max(numbers.values(), default=0)
    if told_advice := advice_for(form, instance):
        told["advice"] = message_json(told_advice)
    wishes = wishing.told_of_wishes(db, run, instance, outcome)
    run.metrics = {**told, "ranked": len(ranked or {}), "lists": has_lists, "honored": wishes}
    run.input_hash = input_hash(instance)
    if not run.is_trial:
        _keep_result(db, run, outcome, numbers)
        replays.keep_input(db, run, instance, ranked or {})
        if has_lists:
            listed = hosts_of(form, instance)
            choosing.keep_lists(db, run, listed, outcome, contribution_json)
    run.finished_at, run.lease_until, run.phase, run.progress = clock.now(), None, "", 100
    move(db, None, run, RunState.DISCARDED if run.is_trial else RunState.REVIEW)
    if run.is_wave:
        _send_by_itself(db, run, outcome)
    db.flush()


def _send_by_itself(db: Session, run: MatchRun, outcome: Outcome) -> None:
    """A wave is reviewed by nobody; it can be recalled for as long as any other run."""
    if not outcome.pairs:
        move(db, None, run, RunState.DISCARDED, reason="nobody fits")
        return
    move(db, None, run, RunState.PUBLISHING, reason="wave")
    run.publish_at = clock.now() + timedelta(minutes=RECALL_MINUTES)


def _keep_result(db: Session, run: MatchRun, outcome: Outcome, groups: Mapping[str, int]) -> None:
    db.execute(delete(Candidate).where(Candidate.run_id == run.id))
    db.add_all(_candidate(run.id, pair, groups.get(pair.mentee)) for pair in outcome.pairs)
    run.certificate, run.prices = outcome.certificate.serialized(), dict(outcome.prices)
    run.unmatched = [
        {"mentee": one.mentee, "why": [message_json(why) for why in one.why]}
        for one in outcome.unmatched
    ]


def _candidate(run_id: UUID, pair: Pair, group_no: int | None) -> Candidate:
    state = CandidateState.LOCKED if pair.locked else CandidateState.PROPOSED
    return Candidate(
        run_id=run_id,
        mentee_id=UUID(pair.mentee),
        mentor_id=UUID(pair.mentor),
        state=state,
        score=pair.score,
        reasons=[contribution_json(c) for c in pair.contributions],
        group_no=group_no,
    )


def message_json(message: Any) -> dict[str, Any]:
    """A message of the matcher as JSON."""
    return {"code": message.code, "params": {k: _plain(v) for k, v in message.params.items()}}


def contribution_json(part: Any) -> dict[str, Any]:
    """One factor's share of a score as JSON."""
    return {
        "label": part.label,
        "points": float(part.points),
        "weight": float(part.weight),
        "reason": message_json(part.reason),
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)
