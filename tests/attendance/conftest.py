"""A group with its lead, people with places, and a date that is about to begin."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.attendance import services
from app.core import clock
from app.core.database import writing
from app.ergs.models import Erg
from app.ergs.rules import RoleName, Visibility
from app.events.models import Rsvp
from tests.factories.accounts import make_person
from tests.factories.attendance import make_date, make_place, scan_of
from tests.factories.ergs import make_erg, make_member, make_role

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


class Door:
    """Short words for what happens at a door."""

    def __init__(self) -> None:
        with writing() as db:
            self.lead = make_person(db, "Dalia Lead", "lead@t.example", "trellis-demo").id
            self.helper = make_person(db, "Hind Helper", "helper@t.example", "trellis-demo").id
            self.people = [make_person(db, f"Person {n}").id for n in range(9)]
            erg = make_erg(db, "women", lead=self.lead, roster=Visibility.COMPANY)
            make_member(db, erg, self.helper, visibility=Visibility.COMPANY)
            make_role(db, erg, self.helper, RoleName.CHECK_IN)
            self.erg = erg.id

    def date(self, hours: float = 0.5, **traits):
        with writing() as db:
            self.id = make_date(db, db.get(Erg, self.erg), hours=hours, **traits).id
        return self.id

    def place(self, n: int, **traits):
        from app.events.models import Occurrence

        with writing() as db:
            return make_place(db, db.get(Occurrence, self.id), self.people[n], **traits).id

    def scan(self, *scans, by=None, sent_at=None):
        with writing() as db:
            results = services.merge(
                db,
                by or self.helper,
                occurrence_id=self.id,
                scans=scans,
                sent_at=sent_at or clock.now(),
            )
        return [result.outcome for result in results]

    def state(self, rsvp_id) -> str:
        with writing() as db:
            return db.get(Rsvp, rsvp_id).state


@pytest.fixture
def door(context):
    with clock.frozen(NOW):
        yield Door()


@contextmanager
def later(**delta):
    with clock.frozen(clock.now() + timedelta(**delta)):
        yield


__all__ = ["NOW", "Door", "later", "scan_of"]
