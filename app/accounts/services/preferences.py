"""A person's own choices: language, zone, hours, quiet hours, channels per topic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import ChannelChoice, Person
from app.accounts.rules import CHANNELS, FIXED_CHOICES, TOPICS
from app.core.database import hold


def choose_preferences(
    db: Session,
    actor_id: UUID,
    *,
    locale: str | None,
    zone: str,
    hour_cycle: str | None,
    quiet_from: time | None,
    quiet_to: time | None,
) -> None:
    """Keep how a person reads times and words, and when they are left in peace."""
    person = hold(db, Person, actor_id)
    if person is None:
        return
    person.locale, person.zone, person.hour_cycle = locale, zone, hour_cycle
    whole = quiet_from is not None and quiet_to is not None and quiet_from != quiet_to
    person.quiet_from = quiet_from if whole else None
    person.quiet_to = quiet_to if whole else None
    db.flush()


def choose_channels(db: Session, actor_id: UUID, *, wanted: Iterable[tuple[str, str]]) -> None:
    """Keep by which channels a person hears of each topic; only what is off is stored."""
    chosen = set(wanted) | FIXED_CHOICES
    db.execute(delete(ChannelChoice).where(ChannelChoice.person_id == actor_id))
    db.add_all(
        ChannelChoice(person_id=actor_id, topic=topic, channel=channel, is_on=False)
        for topic in TOPICS
        for channel in CHANNELS
        if (topic, channel) not in chosen
    )
    db.flush()
