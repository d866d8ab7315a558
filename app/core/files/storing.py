"""Receiving files and finding their content again."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.core import clock, ids
from app.core.files.kinds import Kind, Problem, clean_name, recognize
from app.core.files.models import FileState, StoredFile
from app.core.files.words import refusal
from app.core.jobs import wake_after
from app.core.settings import Settings

MEGABYTE = 1024 * 1024
BLOCK = 1 << 18


def _settings() -> Settings:
    settings: Settings = flask.current_app.extensions["settings"]
    return settings


def folder() -> Path:
    """Where all content lies; nobody else may look."""
    path = _settings().data_dir / "files"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def raw_path(file_id: UUID) -> Path:
    """The content as it came."""
    return folder() / f"{file_id}.raw"


def clean_path(file_id: UUID) -> Path:
    """The content as it is served."""
    return folder() / f"{file_id}.clean"


def check(upload: FileStorage) -> Problem | None:
    """What would be wrong with an upload, before anything is written; it can be read again."""
    with _drafted(upload) as (draft, size, _digest):
        return _judge(draft, size, clean_name(upload.filename))[0]


def receive(
    db: Session, upload: FileStorage, owner_id: UUID | None, group_id: UUID | None
) -> StoredFile:
    """Take a file in the transaction of its cause; raises Refused(422). The worker makes it clean.

    The caller holds the row of the group, so that two uploads cannot both take the last room.
    """
    name = clean_name(upload.filename)
    with _drafted(upload) as (draft, size, digest):
        problem, kind = _judge(draft, size, name)
        if problem is None and _is_full(db, group_id, size):
            problem = Problem.QUOTA
        if problem is not None or kind is None:
            raise refusal(problem or Problem.UNKNOWN)
        row = StoredFile(
            id=ids.new_id("file", f"{group_id}|{digest}"),
            owner_id=owner_id,
            group_id=group_id,
            name=name,
            media_type=kind.media_type,
            size=size,
            sha256=digest,
            state=FileState.RAW,
            received_at=clock.now(),
        )
        draft.replace(raw_path(row.id))
    db.add(row)
    db.flush()
    wake_after(db, "clean_file", str(row.id))
    return row


def _judge(draft: Path, size: int, name: str) -> tuple[Problem | None, Kind | None]:
    if size > _settings().file_max_mb * MEGABYTE:
        return Problem.TOO_LARGE, None
    found = recognize(draft, name)
    return (found, None) if isinstance(found, Problem) else (None, found)


def _is_full(db: Session, group_id: UUID | None, size: int) -> bool:
    used = db.scalar(
        select(func.coalesce(func.sum(StoredFile.size), 0)).where(
            StoredFile.group_id == group_id, StoredFile.state != FileState.REFUSED
        )
    )
    return int(used or 0) + size > _settings().file_group_quota_mb * MEGABYTE


@contextmanager
def _drafted(upload: FileStorage) -> Iterator[tuple[Path, int, str]]:
    """The upload in a file of its own, one block more than may be; gone afterwards."""
    upload.stream.seek(0)
    most = _settings().file_max_mb * MEGABYTE + BLOCK
    handle, name = tempfile.mkstemp(prefix="draft-", dir=folder())
    size, digest = 0, hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as out:
            while size <= most and (block := upload.stream.read(BLOCK)):
                out.write(block)
                digest.update(block)
                size += len(block)
            out.flush()
            os.fsync(out.fileno())
        yield Path(name), size, digest.hexdigest()
    finally:
        Path(name).unlink(missing_ok=True)
        upload.stream.seek(0)


def open_clean(file: StoredFile) -> BinaryIO | None:
    """The content of a clean file, open for reading; None before it is clean, or when lost."""
    if not file.is_clean:
        return None
    try:
        return clean_path(file.id).open("rb")
    except FileNotFoundError:
        return None
