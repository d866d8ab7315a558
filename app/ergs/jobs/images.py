"""Drawing pictures of groups anew, in the widths that pages show."""

from __future__ import annotations

from uuid import UUID

from app.core.database import end_reading, reading
from app.core.jobs import job, sweep
from app.ergs import queries, services

BATCH = 20


@job("draw_picture", queue="slow", timeout=120)
def draw_picture(image_id: str) -> None:
    """Draw one picture."""
    services.draw(UUID(image_id))


@sweep("draw_pictures", every=60)
def draw_pictures() -> None:
    """Draw what a lost wake-up left waiting."""
    waiting = queries.waiting_images(reading(), BATCH)
    end_reading()
    for image_id in waiting:
        services.draw(image_id)
