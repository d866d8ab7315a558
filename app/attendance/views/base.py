"""What the pages of attendance share."""

from __future__ import annotations

from typing import Any

import flask
import segno

from app.attendance import forms
from app.attendance.queries import Filter
from app.core.locale import current_language
from app.ergs.rules import pick_text
from app.events.models import Occurrence

bp = flask.Blueprint("attendance", __name__)


def head(occurrence: Occurrence) -> dict[str, Any]:
    """The event, for the head of every page."""
    text = pick_text(occurrence.event.texts, current_language().tag)
    return {
        "occurrence": occurrence,
        "event": occurrence.event,
        "title": text.title if text else "",
        "title_lang": text.locale if text else "en",
    }


def wanted() -> Filter:
    """What the list at the door is asked for."""
    args = flask.request.args
    known = [value for value, _text in forms.FILTERS]
    status = args.get("status", "")
    return Filter(
        q=args.get("q", "").strip()[:100],
        status=status if status in known else "",
        number=max(1, args.get("page", 1, type=int)),
    )


def qr(text: str) -> str:
    """A QR code as an address of a picture; black on white, whatever the page's colors."""
    code = segno.make(text, error="m", micro=False)
    drawn: str = code.svg_data_uri(border=3, light="#fff", dark="#000", scale=8)
    return drawn
