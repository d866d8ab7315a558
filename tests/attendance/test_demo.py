"""The demo company shows all of it: a date that goes on now, and what is left of the last ones."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.attendance.models import AccessNeed, DoorScan, EventMaterial, FeedbackBox
from app.attendance.rules import NeedState
from app.core import clock
from app.core.database import writing
from app.events.models import Event, EventText, Occurrence, Rsvp
from app.events.rules import RsvpState


@pytest.fixture
def dates(demo):
    """(a date that goes on now, the last one of the past with notes, one ahead with needs)."""
    with demo.app_context(), writing() as db:
        named = (
            select(Occurrence.id)
            .join(Event, Event.id == Occurrence.event_id)
            .join(EventText, EventText.event_id == Event.id)
        )
        live = db.scalars(named.where(EventText.title.like("Open house%"))).one()
        past = db.scalars(named.where(EventText.title.like("Negotiating%"))).one()
        ahead = db.scalars(named.where(EventText.title.like("Kickoff: women%"))).one()
    return live, past, ahead


def test_every_part_shows_in_the_demo_company(demo, dates) -> None:
    with demo.app_context(), writing() as db:
        states = set(db.scalars(select(Rsvp.state).distinct()))
        shown = [len(box.shown) for box in db.scalars(select(FeedbackBox))]
        given = [len(box.answers) for box in db.scalars(select(FeedbackBox))]
        needs = set(db.scalars(select(AccessNeed.state)))
        live = db.get(Occurrence, dates[0])
        assert live.starts_at <= clock.now() < live.ends_at
        assert (db.scalar(select(func.count()).select_from(DoorScan)) or 0) > 12
        assert (db.scalar(select(func.count()).select_from(EventMaterial)) or 0) >= 4
    assert {RsvpState.CHECKED_IN, RsvpState.ATTENDED, RsvpState.NO_SHOW} <= states
    assert any(number >= 5 for number in shown)
    assert any(0 < number < 5 for number in given)
    assert needs == set(NeedState)
