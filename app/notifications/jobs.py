"""The channels with their jobs, and the sweep that wakes those with something due."""

from __future__ import annotations

from app.core import delivery, jobs
from app.core.database import reading
from app.core.mail import Mail
from app.notifications.channel import InApp

delivery.register(InApp())
delivery.register(Mail())


@jobs.sweep("wake_deliveries", every=10)
def wake_deliveries() -> None:
    """Wake every channel with due or abandoned deliveries: the broker may have lost the call."""
    for name in delivery.due_channels(reading()):
        jobs.wake(f"deliver_{name}")
