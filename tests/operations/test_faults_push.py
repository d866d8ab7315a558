"""Devices ring for everything that was laid into inboxes, whatever is killed meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from app.accounts import services as accounts
from app.accounts.models import Person
from app.core import outbox
from app.core.database import writing
from app.notifications import services
from tests.notifications.push_world import PushService
from tests.operations import crew as crew_module
from tests.operations.stage import until
from tests.operations.test_faults import Scene, scene

__all__ = ["scene"]
PEOPLE, KILLS = 60, 3


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


def with_phones(service: PushService, count: int) -> list[UUID]:
    """People each of whom has a phone that rings."""
    keys = [uuid4() for _ in range(count)]
    with writing() as db:
        db.add_all(Person(id=key, name="P", email=f"{key.hex}@example.org") for key in keys)
        db.flush()
        for key in keys:
            session = accounts.open_session(db, key, device="").session_id
            device = service.device(key.hex)
            services.subscribe(db, key, session_id=session, **device, is_allowed=True)
    return keys


def test_killing_workers_loses_no_push_and_shows_none_twice(
    scene: Scene, service: PushService
) -> None:
    people = with_phones(service, PEOPLE)
    scene.crew.hire("tick")
    hired = [scene.crew.hire("work") for _ in range(2)]
    subject = uuid4()
    with writing() as db:
        for person in people:
            outbox.put(db, crew_module.Reminder.name, subject=subject, person=person)
    total = 3 * PEOPLE  # inbox, mail and push
    for kill in range(KILLS):
        goal = total * (kill + 1) // (KILLS + 2)
        until(lambda goal=goal: scene.sent() >= goal, 60, f"progress before kill {kill + 1}")
        scene.crew.murder(hired.pop(0))
        hired.append(scene.crew.hire("work"))
    until(lambda: scene.states() == {"sent": total}, 60, "everything sent")
    shown = {(got.path, service.opened(got)["tag"]) for got in service.got}
    assert len(shown) == PEOPLE, "none is lost, and none has two tags, so none is shown twice"
    assert {path for path, _ in shown} == {f"/{person.hex}" for person in people}
    repeated = Counter(got.path for got in service.got)
    assert sum(repeated.values()) - PEOPLE <= KILLS, "a repeated push is rare"
