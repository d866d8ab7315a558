"""Making files clean: pictures are drawn anew, documents looked into; then they may be served."""

from __future__ import annotations

import hashlib
import shutil
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import after_commit, end_reading, hold, reading, writing
from app.core.files.kinds import Problem, inspect_package, kind_of
from app.core.files.models import FileState, StoredFile
from app.core.files.storing import clean_path, folder, raw_path
from app.core.jobs import job, sweep

log = structlog.get_logger()

MAX_PIXELS = 40_000_000
MAX_SIDE = 4096
BATCH = 50
ORPHAN_SECONDS = 86_400
# What a picture becomes: moving ones stand still, and no format brings anything but its pixels.
_DRAWN: dict[str, tuple[str, dict[str, Any]]] = {
    "PNG": ("PNG", {"optimize": True}),
    "GIF": ("PNG", {"optimize": True}),
    "JPEG": ("JPEG", {"quality": 88, "optimize": True}),
    "WEBP": ("WEBP", {"quality": 88}),
}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What the clean copy is."""

    media_type: str
    name: str
    size: int
    sha256: str


@job("clean_file", queue="slow", timeout=120)
def _clean_file(file_id: str) -> None:
    clean_one(UUID(file_id))


@sweep("clean_files", every=60)
def clean_due() -> None:
    """Make clean what a lost wake-up left raw, and drop content that no row knows."""
    waiting = list(
        reading().scalars(
            select(StoredFile.id)
            .where(StoredFile.state == FileState.RAW)
            .order_by(StoredFile.received_at, StoredFile.id)
            .limit(BATCH)
        )
    )
    for file_id in waiting:
        clean_one(file_id)
    _drop_orphans()


def clean_one(file_id: UUID) -> None:
    """Make one file clean or refuse it; harmless to run twice or at once twice.

    The work is done outside of the transaction: nobody waits for a large picture.
    """
    row = reading().get(StoredFile, file_id)
    if row is None or row.state is not FileState.RAW:
        return
    name, media_type = row.name, row.media_type
    end_reading()
    outcome = _clean(file_id, media_type, name)
    with writing() as db:
        held = hold(db, StoredFile, file_id)
        if held is None or held.state is not FileState.RAW:
            return
        _note(db, held, outcome)


def clean_here(db: Session, row: StoredFile) -> None:
    """Make a file clean within the transaction that received it: for seeds, which nobody awaits."""
    _note(db, row, _clean(row.id, row.media_type, row.name))
    db.flush()


def _note(db: Session, row: StoredFile, outcome: Cleaned | Problem) -> None:
    file_id = row.id
    if isinstance(outcome, Problem):
        row.state, row.problem = FileState.REFUSED, outcome.value
    else:
        row.state, row.name = FileState.CLEAN, outcome.name
        row.media_type, row.size = outcome.media_type, outcome.size
        row.sha256 = outcome.sha256
    after_commit(db, lambda: raw_path(file_id).unlink(missing_ok=True))


def _clean(file_id: UUID, media_type: str, name: str) -> Cleaned | Problem:
    raw, kind = raw_path(file_id), kind_of(media_type)
    if kind is None or not raw.exists():
        return Problem.BROKEN
    target = clean_path(file_id)
    draft = target.with_suffix(".draft")
    try:
        if kind.image:
            name, media_type = _draw(raw, draft, kind.image, name)
        else:
            problem = inspect_package(raw, kind) if kind.main_part else None
            if problem is not None:
                return problem
            shutil.copyfile(raw, draft)
        size, digest = _measure(draft)
        draft.replace(target)
    except Unfit as unfit:
        return unfit.problem
    finally:
        draft.unlink(missing_ok=True)
    return Cleaned(media_type, name, size, digest)


class Unfit(Exception):
    """A picture that is not taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def _draw(raw: Path, draft: Path, shape: str, name: str) -> tuple[str, str]:
    """Draw a picture anew from its pixels alone: no metadata, profile, comment or second frame."""
    wanted, options = _DRAWN[shape]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(raw, formats=[shape]) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise Unfit(Problem.BOMB)
                plain = _pixels_of(picture, wanted)
        plain.save(draft, format=wanted, **options)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Unfit(Problem.BOMB) from bomb
    except Unfit:
        raise
    except Exception as error:  # a decoder may raise anything on hostile bytes
        log.info("file_broken", error=type(error).__name__)
        raise Unfit(Problem.BROKEN) from error
    ending = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}[wanted]
    return Path(name).stem + ending, f"image/{wanted.lower()}"


def _pixels_of(picture: Image.Image, wanted: str) -> Image.Image:
    picture.seek(0)
    picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
    upright = ImageOps.exif_transpose(picture) or picture
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    mode = "RGBA" if has_alpha and wanted != "JPEG" else "RGB"
    upright = upright.convert(mode)
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    return Image.frombytes(mode, upright.size, upright.tobytes())


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def discard(db: Session, file_id: UUID) -> None:
    """Delete a file that nothing names any more, and its content once that is committed."""
    row = db.get(StoredFile, file_id)
    if row is not None:
        db.delete(row)
        db.flush()
    after_commit(db, lambda: _unlink(file_id))


def _unlink(file_id: UUID) -> None:
    for path in (raw_path(file_id), clean_path(file_id)):
        path.unlink(missing_ok=True)


def _drop_orphans() -> None:
    """Content whose transaction was rolled back, and drafts of a killed process."""
    old = [
        path
        for path in folder().iterdir()
        if path.is_file() and time.time() - path.stat().st_mtime > ORPHAN_SECONDS
    ]
    named = {path: _id_in(path) for path in old}
    for path in (path for path, file_id in named.items() if file_id is None):
        path.unlink(missing_ok=True)
    kept = {path: file_id for path, file_id in named.items() if file_id is not None}
    for start in range(0, len(kept), 500):
        _drop_unknown(dict(list(kept.items())[start : start + 500]))


def _drop_unknown(paths: dict[Path, UUID]) -> None:
    known = set(
        reading().scalars(select(StoredFile.id).where(StoredFile.id.in_(set(paths.values()))))
    )
    for path, file_id in paths.items():
        if file_id not in known:
            path.unlink(missing_ok=True)


def _id_in(path: Path) -> UUID | None:
    if path.suffix not in (".raw", ".clean"):
        return None
    try:
        return UUID(path.stem)
    except ValueError:
        return None
