"""The people import: upload, mapping, dry run, brake, batches; one path for web and shell."""

from app.accounts.services.imports.applying import add_batch, apply_batch, apply_missing
from app.accounts.services.imports.files import faulty_path, forget_files, keep_file, path_of
from app.accounts.services.imports.flow import (
    choose_mapping,
    claim,
    discard,
    fail,
    finish,
    finish_check,
    forget_diff,
    progressed,
    start,
    upload,
)
from app.accounts.services.imports.proposals import (
    Proposal,
    explained,
    mapped_by_file,
    propose,
)
from app.accounts.services.imports.sinks import identity_sinks
from app.accounts.services.imports.staging import stage_batch, stage_missing

__all__ = [
    "Proposal",
    "add_batch",
    "apply_batch",
    "apply_missing",
    "choose_mapping",
    "claim",
    "discard",
    "explained",
    "fail",
    "faulty_path",
    "finish",
    "finish_check",
    "forget_diff",
    "forget_files",
    "identity_sinks",
    "keep_file",
    "mapped_by_file",
    "path_of",
    "progressed",
    "propose",
    "stage_batch",
    "stage_missing",
    "start",
    "upload",
]
