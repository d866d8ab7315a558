"""The channels with their jobs, and the sweep that wakes those with something due."""

from __future__ import annotations

from app.core import delivery, jobs
from app.core.database import reading, writing
from app.core.mail import Mail
from app.notifications import services
from app.notifications.channel import InApp
from app.notifications.push_channel import Push

delivery.register(InApp())
delivery.register(Mail())
delivery.register(Push())


@jobs.sweep("wake_deliveries", every=10)
def wake_deliveries() -> None:
    """Wake every channel with due or abandoned deliveries: the broker may have lost the call."""
    for name in delivery.due_channels(reading()):
        jobs.wake(f"deliver_{name}")


@jobs.sweep("push_upkeep", every=3600)
def push_upkeep() -> None:
    """Make the keys of push on the first start; drop devices that were signed out."""
    with writing() as db:
        services.ensure_key(db)
        services.drop_ended(db)
