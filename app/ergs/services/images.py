"""Giving a group a picture, describing it, taking it away; and drawing it anew."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import flask
from flask_babel import gettext as _
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.audit import services as audit
from app.core import clock, files, ids
from app.core.database import end_reading, hold, reading, writing
from app.core.errors import Refused
from app.core.files import FileState, StoredFile
from app.core.jobs import wake_after
from app.ergs import queries
from app.ergs.models import ErgImage
from app.ergs.rules import IMAGE_TRANSITIONS, MAX_OUTPUT, WIDTHS, ImageState
from app.ergs.services.holding import hold_shaped

QUALITIES = (80, 65, 50, 35)


def give_image(
    db: Session,
    actor_id: UUID | None,
    *,
    erg_id: UUID,
    upload: FileStorage,
    alt: str,
    alt_locale: str,
) -> ErgImage:
    """Take a picture in; it is shown once a worker has drawn it anew."""
    hold_shaped(db, actor_id, erg_id)
    file = files.receive(db, upload, actor_id, erg_id)
    if not file.is_image:
        raise Refused(_("This is not a picture. Choose a JPEG, PNG or WebP file."), 422)
    image = ErgImage(
        id=ids.new_id("picture", f"{erg_id}|{file.sha256}"),
        erg_id=erg_id,
        alt=alt,
        alt_locale=alt_locale,
        file_id=file.id,
        uploaded_by=actor_id,
        created_at=clock.now(),
    )
    db.add(image)
    db.flush()
    audit.record(db, actor_id, "give_image", image)
    wake_after(db, "draw_picture", str(image.id))
    return image


def describe_image(
    db: Session, actor_id: UUID | None, *, erg_id: UUID, alt: str, alt_locale: str
) -> None:
    """Say in words what the picture shows."""
    hold_shaped(db, actor_id, erg_id)
    image = queries.newest_image(db, erg_id)
    if image is None:
        raise Refused(_("There is no picture yet. Choose a file first."), 422)
    image.alt, image.alt_locale = alt, alt_locale
    db.flush()
    audit.record(db, actor_id, "describe_image", image)


def remove_image(db: Session, actor_id: UUID | None, *, erg_id: UUID) -> ErgImage | None:
    """Take the picture away; it can be brought back."""
    hold_shaped(db, actor_id, erg_id)
    image = queries.newest_image(db, erg_id)
    if image is not None:
        image.removed_at = clock.now()
        db.flush()
        audit.record(db, actor_id, "remove_image", image)
    return image


def restore_image(db: Session, actor_id: UUID | None, *, image_id: UUID) -> ErgImage:
    """Bring a picture back that was taken away."""
    image = db.get(ErgImage, image_id)
    if image is None:
        raise Refused(_("There is no picture yet. Choose a file first."), 404)
    hold_shaped(db, actor_id, image.erg_id)
    if image.removed_at is not None:
        image.removed_at = None
        db.flush()
        audit.record(db, actor_id, "restore_image", image)
    return image


def picture_path(digest: str, width: int) -> Path:
    """Where a drawn picture lies."""
    folder: Path = flask.current_app.extensions["settings"].data_dir / "pictures"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{digest}-{width}.webp"


def draw(image_id: UUID) -> None:
    """Draw one picture in our widths; harmless to run twice, and outside of any transaction."""
    image = reading().get(ErgImage, image_id)
    file_id = image.file_id if image is not None else None
    if image is None or image.state is not ImageState.WAITING or file_id is None:
        return
    end_reading()
    files.clean_one(file_id)
    file = reading().get(StoredFile, file_id)
    content = files.open_clean(file) if file is not None else None
    is_waiting = file is not None and file.state is FileState.RAW
    problem = file.problem if file is not None else None
    end_reading()
    if not is_waiting:
        drawn = _draw(content) if content is not None else None
        _settle(image_id, drawn, problem)


def _draw(content: BinaryIO) -> tuple[str, list[tuple[int, int]]]:
    """The digest and sizes of the new pictures; a narrow one is not made wider."""
    with content, Image.open(content) as original:
        plain = original.convert("RGB")
    widths = sorted({min(width, plain.width) for width in WIDTHS})
    sheets = [plain.resize((w, max(1, round(plain.height * w / plain.width)))) for w in widths]
    packed = [_packed(sheet) for sheet in sheets]
    digest = hashlib.sha256(packed[-1]).hexdigest()
    for sheet, data in zip(sheets, packed, strict=True):
        path = picture_path(digest, sheet.width)
        draft = path.with_suffix(f".{ids.new_id('draft').hex}")
        draft.write_bytes(data)
        draft.replace(path)
    return digest, [sheet.size for sheet in sheets]


def _packed(sheet: Image.Image) -> bytes:
    """A picture as WebP, as good as fits."""
    for quality in QUALITIES:
        out = io.BytesIO()
        sheet.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= MAX_OUTPUT:
            break
    return out.getvalue()


def _settle(
    image_id: UUID, drawn: tuple[str, list[tuple[int, int]]] | None, problem: str | None
) -> None:
    with writing() as db:
        image = hold(db, ErgImage, image_id)
        to = ImageState.READY if drawn else ImageState.FAILED
        if image is None or to not in IMAGE_TRANSITIONS[image.state]:
            return
        image.state, image.problem = to, None if drawn else problem or "broken"
        if drawn:
            image.digest, image.sizes = drawn[0], [list(size) for size in drawn[1]]
        file_id, image.file_id = image.file_id, None
        db.flush()
        if file_id is not None:
            files.discard(db, file_id)
        audit.record(db, None, "draw_image", image, after=to)
