"""What a file is, told by its content; its name is only believed where it agrees."""

from __future__ import annotations

import codecs
import unicodedata
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MAX_NAME = 120
MAX_UNPACKED = 200 * 1024 * 1024
MAX_PARTS = 5000
MAX_RATIO = 200
# A few large blank sheets pack very well; below this size the ratio says nothing.
RATIO_FROM = 10 * 1024 * 1024
MAX_CONTENT_TYPES = 1024 * 1024
HEAD = 64


class Problem(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    QUOTA = "quota"
    UNKNOWN = "unknown"
    MISNAMED = "misnamed"
    BROKEN = "broken"
    BOMB = "bomb"
    MACROS = "macros"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file that is taken; `suffixes` are the endings its name may have."""

    media_type: str
    suffixes: tuple[str, ...]
    image: str | None = None
    main_part: str | None = None


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "pdf": Kind("application/pdf", (".pdf",)),
    "png": Kind("image/png", (".png",), image="PNG"),
    "jpeg": Kind("image/jpeg", (".jpg", ".jpeg"), image="JPEG"),
    "webp": Kind("image/webp", (".webp",), image="WEBP"),
    "gif": Kind("image/gif", (".gif",), image="GIF"),
    "docx": Kind(f"{_OFFICE}wordprocessingml.document", (".docx",), main_part="word/"),
    "xlsx": Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",), main_part="xl/"),
    "pptx": Kind(f"{_OFFICE}presentationml.presentation", (".pptx",), main_part="ppt/"),
    "csv": Kind("text/csv", (".csv",)),
    "text": Kind("text/plain", (".txt", ".md")),
}
_MAGIC = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}
_ACTIVE_PARTS = (
    "vbaproject",
    "vbadata",
    "activex/",
    "macrosheets/",
    "embeddings/oleobject",
    "dialogsheets/",
)


def kind_of(media_type: str) -> Kind | None:
    """The kind behind a media type that we gave."""
    return next((kind for kind in KINDS.values() if kind.media_type == media_type), None)


def recognize(path: Path, name: str) -> Kind | Problem:
    """What a received file is; a name of another kind is refused, not corrected."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return Problem.EMPTY
    suffix = Path(name).suffix.lower()
    found = _by_magic(head, suffix) or (_text(path, suffix))
    if found is None:
        return Problem.UNKNOWN
    return found if suffix in found.suffixes else Problem.MISNAMED


def _by_magic(head: bytes, suffix: str) -> Kind | None:
    for magic, key in _MAGIC.items():
        if head.startswith(magic):
            return KINDS[key]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return KINDS["webp"]
    if head.startswith(b"PK\x03\x04"):
        # Which of the three it is stands inside; the worker looks before anybody gets it.
        return next((k for k in KINDS.values() if k.main_part and suffix in k.suffixes), None)
    return None


def _text(path: Path, suffix: str) -> Kind | None:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 16):
                if not _is_plain(decoder.decode(block)):
                    return None
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return KINDS["csv"] if suffix == ".csv" else KINDS["text"]


def _is_plain(text: str) -> bool:
    return not any(c < " " and c not in "\t\n\r\f" for c in text)


def inspect_package(path: Path, kind: Kind) -> Problem | None:
    """An office document must be what it says, without macros, and small when unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if _is_bomb(parts, path.stat().st_size):
                return Problem.BOMB
            return _judge_parts(package, parts, kind)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
        return Problem.BROKEN


def _is_bomb(parts: list[zipfile.ZipInfo], packed: int) -> bool:
    unpacked = sum(part.file_size for part in parts)
    is_dense = unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1)
    return len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or is_dense


def _judge_parts(
    package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], kind: Kind
) -> Problem | None:
    names = [part.filename.lower().replace("\\", "/") for part in parts]
    if any(word in name for name in names for word in _ACTIVE_PARTS):
        return Problem.MACROS
    if "[content_types].xml" not in names:
        return Problem.UNKNOWN
    if not any(name.startswith(kind.main_part or "") for name in names):
        return Problem.MISNAMED
    types = parts[names.index("[content_types].xml")]
    if types.file_size > MAX_CONTENT_TYPES:
        return Problem.BOMB
    said = package.read(types).lower()
    return Problem.MACROS if b"macroenabled" in said or b"vbaproject" in said else None


def clean_name(name: str | None, fallback: str = "file") -> str:
    """A file's name without paths, controls and bidi overrides; its ending stays."""
    bare = unicodedata.normalize("NFC", name or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in bare if c in "\u200c\u200d" or unicodedata.category(c)[0] != "C")
    kept = " ".join("".join(" " if c in '<>:"|?*\u2028\u2029' else c for c in kept).split())
    kept = kept.lstrip(". ").rstrip(". ")
    stem, dot, suffix = kept.rpartition(".")
    if not dot:
        return kept[:MAX_NAME] or fallback
    return f"{stem[: MAX_NAME - 12].rstrip() or fallback}.{suffix[:10]}"
