"""Solving a run again from its record: the same input must give the same pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, jobs
from app.core.database import hold
from app.matching.joint import joint_hash, solve_jointly
from app.matching.types import Instance, input_hash
from app.programs.forming import formed
from app.programs.models import Candidate, Enrollment, JointRun, MatchRun, RunInput
from app.programs.packing import packed, unpacked
from app.programs.rules import Form, form_from
from app.programs.services import records

KEPT_DAYS = 180
AT_ONCE = (300, 100)  # mentees and mentors up to which nobody needs a worker


@dataclass(frozen=True, slots=True)
class Record:
    """What a run was given and what it found."""

    instance: Instance
    ranked: dict[str, list[str]]
    input_hash: str | None
    pairs: frozenset[tuple[str, str]]
    total: float
    certificate: dict[str, Any]
    form: Form
    key: str = ""
    joined: Mapping[str, Instance] = field(default_factory=dict)  # all that was solved with it
    joint_hash: str | None = None


def keep_input(
    db: Session, run: MatchRun, instance: Instance, ranked: Mapping[str, Sequence[str]]
) -> None:
    """Keep what a run was given, for the matcher alone."""
    db.execute(delete(RunInput).where(RunInput.run_id == run.id))
    until = clock.now() + timedelta(days=KEPT_DAYS)
    db.add(records.sealed(run.id, packed(instance, ranked), until))


def record_of(db: Session, run_id: UUID) -> Record | None:
    """The record of a run; None when its input is no longer kept."""
    kept, run = db.get(RunInput, run_id), db.get(MatchRun, run_id)
    if kept is None or run is None:
        return None
    rows = db.execute(
        select(Candidate.mentee_id, Candidate.mentor_id).where(Candidate.run_id == run_id)
    )
    pairs = frozenset((str(mentee_id), str(mentor_id)) for mentee_id, mentor_id in rows)
    joined, hashed = _joined(db, run) if run.joint_id else ({}, None)
    if joined is None:
        return None
    total = float(run.metrics.get("total", 0))
    return Record(
        *unpacked(records.opened(kept)),
        run.input_hash,
        pairs,
        total,
        run.certificate,
        form_from(run.rules),
        str(run.id),
        joined,
        hashed,
    )


def _joined(db: Session, run: MatchRun) -> tuple[dict[str, Instance] | None, str | None]:
    """What all runs of a joint run were given; None when one of them is no longer kept."""
    rows = db.execute(
        select(MatchRun.id, RunInput)
        .outerjoin(RunInput, RunInput.run_id == MatchRun.id)
        .where(MatchRun.joint_id == run.joint_id)
    ).all()
    if any(kept is None for _run_id, kept in rows):
        return None, None
    found = {str(run_id): unpacked(records.opened(kept))[0] for run_id, kept in rows}
    return found, db.get_one(JointRun, run.joint_id).input_hash


def is_small(*instances: Instance) -> bool:
    """Whether a request can solve it while somebody waits."""
    mentees, mentors = (
        sum(len(getattr(one, side)) for one in instances) for side in ("mentees", "mentors")
    )
    return mentees <= AT_ONCE[0] and mentors <= AT_ONCE[1]


def replay(record: Record | None) -> dict[str, Any]:
    """Solve a record again and say whether the result is the same, else what differs."""
    if record is None:
        return {"state": "gone"}
    if input_hash(record.instance) != record.input_hash:
        return {"state": "altered"}
    if record.joined:
        if joint_hash(record.joined) != record.joint_hash:
            return {"state": "altered"}
        again = solve_jointly(record.joined).outcomes[record.key]
    else:
        again = formed(record.form, record.instance, record.ranked)
    pairs = frozenset(again.mate.items())
    missing, further = len(record.pairs - pairs), len(pairs - record.pairs)
    is_same_proof = again.certificate.serialized() == record.certificate
    is_same_total = abs(again.total - record.total) < 1e-9
    is_equal = not missing and not further and is_same_total and is_same_proof
    return {
        "state": "equal" if is_equal else "different",
        "pairs": len(pairs),
        "missing": missing,
        "further": further,
        "total": again.total - record.total,
        "proof": is_same_proof,
    }


def ask_replay(db: Session, actor_id: UUID | None, *, run_id: UUID) -> None:
    """Have a run solved again by a worker."""
    run = hold(db, MatchRun, run_id)
    if run is not None:
        run.replay = {"state": "queued"}
        audit.record(db, actor_id, "match_run_replay_asked", run)
        db.flush()
        jobs.wake_after(db, "replay_run", str(run_id))


def note_replay(db: Session, actor_id: UUID | None, *, run_id: UUID, found: dict[str, Any]) -> None:
    """Write down what solving a run again gave."""
    run = hold(db, MatchRun, run_id)
    if run is not None:
        run.replay = {**found, "at": clock.now().isoformat()}
        audit.record(db, actor_id, "match_run_replayed", run, after=found["state"])
        db.flush()


def asked_replays(db: Session) -> list[UUID]:
    """Runs that somebody wants to have solved again."""
    rows = db.execute(select(MatchRun.id, MatchRun.replay).where(MatchRun.replay.is_not(None)))
    return [run_id for run_id, found in rows if found and found["state"] == "queued"]


def forget_person(db: Session, person_id: UUID) -> None:
    """What runs were given goes for all cohorts of somebody who takes their answers along."""
    theirs = select(Enrollment.cohort_id).where(Enrollment.person_id == person_id)
    runs = select(MatchRun.id).where(MatchRun.cohort_id.in_(theirs))
    db.execute(delete(RunInput).where(RunInput.run_id.in_(runs)))


def forget_old(db: Session) -> None:
    """What runs were given goes after half a year."""
    db.execute(delete(RunInput).where(RunInput.kept_until <= clock.now()))
