"""Short-lived links, and the one answer with which content leaves the house."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from app.core import clock
from app.core.files.models import StoredFile
from app.core.files.storing import open_clean
from app.core.policies import Actor, guarded_by, signed_in

LINK_MINUTES = 5
SANDBOX = "sandbox; default-src 'none'"

bp = flask.Blueprint("files", __name__, url_prefix="/files")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(flask.current_app.secret_key or "", salt="file-link")


def link(file: StoredFile, actor: Actor) -> str:
    """An address of a clean file for one person and some minutes; the caller has checked them."""
    ends = clock.now() + timedelta(minutes=LINK_MINUTES)
    signed = _signer().dumps([str(file.id), str(actor.person_id), int(ends.timestamp())])
    return flask.url_for("files.show", token=signed)


def file_for(db: Session, actor: Actor, token: str) -> StoredFile | None:
    """The clean file of a link that is this person's and still good; all else is not there."""
    try:
        file_id, person_id, ends = cast(list[str], _signer().loads(token))
    except (BadData, ValueError, TypeError):
        return None
    if person_id != str(actor.person_id) or clock.now().timestamp() >= float(ends):
        return None
    row = db.get(StoredFile, UUID(file_id))
    return row if row is not None and row.is_clean else None


@bp.get("/<token>")
@guarded_by(signed_in, find=file_for)
def show(file: StoredFile) -> flask.Response:
    """The content of a file."""
    return answer_with(file)


def answer_with(file: StoredFile) -> flask.Response:
    """A clean file as an answer: a picture inline, all else as an attachment, in a sandbox."""
    content = open_clean(file)
    if content is None:
        flask.abort(404)
    answer = flask.send_file(
        content,
        mimetype=file.media_type,
        as_attachment=not file.is_image,
        download_name=file.name,
        etag=file.sha256,
        max_age=LINK_MINUTES * 60 if file.is_image else None,
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if file.is_image:
        answer.headers["Cache-Control"] = f"private, max-age={LINK_MINUTES * 60}"
    else:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer
