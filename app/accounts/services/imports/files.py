"""Uploaded files on disk: readable by the app alone, gone once the import is done."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO

import flask

from app.accounts.models import PeopleImport
from app.core import ids


def _folder() -> Path:
    folder: Path = flask.current_app.extensions["settings"].data_dir / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep_file(stream: IO[bytes]) -> str:
    """Store an upload under a random name of ours; returns the name."""
    name = ids.token("people_import", size=18)
    target = os.open(_folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
    return name


def path_of(row: PeopleImport) -> Path:
    """The stored file of an import."""
    return _folder() / row.stored_as


def faulty_path(row: PeopleImport) -> Path:
    """The rows that were refused, with the reasons, as CSV."""
    return _folder() / f"{row.stored_as}.faulty.csv"


def forget_files(row: PeopleImport, *, faulty_too: bool) -> None:
    """Delete the stored file, which holds identity values in the clear."""
    path_of(row).unlink(missing_ok=True)
    if faulty_too:
        faulty_path(row).unlink(missing_ok=True)
