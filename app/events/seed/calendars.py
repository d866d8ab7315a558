"""Who wants neutral entries or a summary, and events that remind otherwise than usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.ergs import queries as ergs
from app.events import services
from app.events.models import EventText, Occurrence
from app.events.rules import OccurrenceState

# Colleagues look into Juno's calendar; Kai reads mail once a day.
CHOICES = {"juno": (True, False), "kai": (False, True)}
REMINDED = {
    "Family day at the park": (10_080, 1_440, 180),
    "Kickoff: women’s leadership mentoring": (4_320, 60, 15),
}


def seed(db: Session, people: Mapping[str, Any]) -> None:
    """Choices of people, then of organizers."""
    for name, (is_discreet, wants_summary) in CHOICES.items():
        services.choose_usual(
            db, people[name], is_discreet=is_discreet, wants_summary=wants_summary
        )
    for title, minutes in REMINDED.items():
        found = select(Occurrence).join(EventText, EventText.event_id == Occurrence.event_id)
        occurrence = db.scalars(
            found.where(
                EventText.title == title,
                Occurrence.state == OccurrenceState.SCHEDULED,
                Occurrence.starts_at > clock.now(),
            ).order_by(Occurrence.starts_at)
        ).first()
        if occurrence is None:
            continue
        leads = [
            lead for erg in occurrence.event.accepted_hosts for lead in ergs.leads_of(db, erg.id)
        ]
        if leads:
            services.choose_reminders(db, leads[0], occurrence_id=occurrence.id, minutes=minutes)
