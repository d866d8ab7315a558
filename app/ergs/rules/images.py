"""The life of a group's picture."""

from __future__ import annotations

from enum import StrEnum

MAX_OUTPUT = 1024 * 1024
WIDTHS = (480, 1280)
MAX_ALT = 300


class ImageState(StrEnum):
    """Uploaded, drawn anew by a worker, or not a picture that can be shown."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


IMAGE_TRANSITIONS = {
    ImageState.WAITING: frozenset({ImageState.READY, ImageState.FAILED}),
    ImageState.READY: frozenset[ImageState](),
    ImageState.FAILED: frozenset[ImageState](),
}
