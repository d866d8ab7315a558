"""Match runs: queued, worked off by a worker, reviewed, published with a recall window."""

from app.programs.services.runs.deciding import decide, undo_decision
from app.programs.services.runs.joint import (
    claim_joint_run,
    complete_joint_publication,
    discard_joint_run,
    due_joint_publications,
    fail_joint_run,
    note_joint_progress,
    publish_joint_run,
    recall_joint_run,
    save_joint_outcome,
    start_joint_run,
    why_not_jointly,
)
from app.programs.services.runs.publishing import (
    complete_publication,
    discard,
    due_publications,
    publish,
    recall,
)
from app.programs.services.runs.saving import contribution_json, message_json, save_outcome
from app.programs.services.runs.starting import start_run
from app.programs.services.runs.working import (
    claim_run,
    fail_run,
    note_progress,
    waiting_joint_runs,
    waiting_runs,
)

__all__ = [
    "claim_joint_run",
    "claim_run",
    "complete_joint_publication",
    "complete_publication",
    "contribution_json",
    "decide",
    "discard",
    "discard_joint_run",
    "due_joint_publications",
    "due_publications",
    "fail_joint_run",
    "fail_run",
    "message_json",
    "note_joint_progress",
    "note_progress",
    "publish",
    "publish_joint_run",
    "recall",
    "recall_joint_run",
    "save_joint_outcome",
    "save_outcome",
    "start_joint_run",
    "start_run",
    "undo_decision",
    "waiting_joint_runs",
    "waiting_runs",
    "why_not_jointly",
]
