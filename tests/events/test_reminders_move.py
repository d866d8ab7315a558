"""A moved event reminds once, at the new time, by every channel; killed workers lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.core import clock, delivery
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery, DeliveryState
from app.ergs.rules import Visibility
from app.events import services
from app.events.rules import Reply
from app.notifications.models import Notification
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event, make_plan
from tests.notifications.push_world import PushService

START = datetime(2026, 12, 2, 18, tzinfo=UTC)
NOW = START - timedelta(days=10)
LATER = START + timedelta(hours=21)
CHANNELS = ("in_app", "mail", "push")


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def world(app, write, service):
    """(lead, Bo, Cy, occurrence): both go and have a phone; Cy withdraws before the move."""
    with clock.frozen(NOW):
        with write() as db:
            lead = make_person(db, "Dalia").id
            bo = make_person(db, "Bo", "bo@t.example", PASSWORD).id
            cy = make_person(db, "Cy", "cy@t.example", PASSWORD).id
            erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
            occurrence_id = make_event(db, erg, "Night of stories", starts_at=START).id
            for person in (bo, cy):
                services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
        for name in ("bo", "cy"):
            browser = Browser(app).sign_in(f"{name}@t.example").get("/notifications/push")
            browser.submit(action="/notifications/push/device", **service.device(name))
        with write() as db:
            services.answer(db, cy, occurrence_id=occurrence_id, reply=Reply.NO)
            plan = make_plan("Night of stories", starts_at=LATER)
            services.revise(db, lead, occurrence_id=occurrence_id, plan=plan)
    return lead, bo, cy, occurrence_id


def run(app, at: datetime) -> None:
    """What sweeps and workers do at an instant."""
    with app.app_context(), clock.frozen(at):
        for channel in CHANNELS:
            while not delivery.deliver(channel):
                pass
        end_reading()


def mails(app) -> list[tuple[str, str]]:
    folder = Path(app.extensions["settings"].data_dir) / "outbox"
    found = [message_from_bytes(file.read_bytes()) for file in sorted(folder.glob("*.eml"))]
    return [(str(mail["To"]), str(mail["Subject"])) for mail in found]


def reminded(app, service) -> dict[str, list[str]]:
    """Who was reminded by which channel so far."""
    with app.app_context():
        rows = reading().scalars(
            select(Delivery).where(
                Delivery.kind.in_(("event_tomorrow", "event_soon")),
                Delivery.state == DeliveryState.SENT,
            )
        )
        found = [(row.kind, row.channel, row.person_id) for row in rows]
        inbox = len(reading().scalars(select(Notification)).all())
        end_reading()
    return {
        "sent": sorted(f"{kind} {channel}" for kind, channel, _ in found),
        "people": sorted({str(person) for _, _, person in found}),
        "mails": sorted(s for _, s in mails(app) if "reminder" in s or "starts" in s),
        "inbox": [str(inbox)],
        "pushed": [got.path for got in service.got],
    }


def test_after_a_move_everybody_is_reminded_once_at_the_new_time(app, world, service) -> None:
    _, bo, _, _ = world
    run(app, NOW)
    news = len(service.got)
    for hour in range(-46, 0):
        run(app, LATER + timedelta(hours=hour))
        before_new_time = hour < -24
        if before_new_time:
            assert reminded(app, service)["sent"] == [], "nothing at the old time"
    run(app, LATER + timedelta(hours=1))
    found = reminded(app, service)
    assert found["sent"] == [
        f"{kind} {channel}" for kind in ("event_soon", "event_tomorrow") for channel in CHANNELS
    ]
    assert found["people"] == [str(bo)], "whoever withdrew hears nothing"
    assert len(found["mails"]) == 2
    rung = service.got[news:]
    assert [got.path for got in rung] == ["/bo", "/bo"]
    assert len({service.opened(got)["tag"] for got in rung}) == 2


def test_a_worker_killed_at_any_point_loses_no_reminder(app, world, service) -> None:
    """What it held comes back when its lease ends; each is shown once."""
    _, bo, _, _ = world
    run(app, NOW)
    at = LATER - timedelta(hours=24)
    with app.app_context(), clock.frozen(at):
        for channel in CHANNELS:
            abandoned = delivery._Shift(delivery.channels[channel], ends=10**9)
            held = abandoned.claim()
            if channel == "mail":
                with abandoned.channel.opened():  # sent, but killed before it was marked
                    _send_unmarked(abandoned, held)
            with writing() as db:  # the lease runs out, as it does 20 seconds later
                gone = clock.machine_now() - timedelta(seconds=1)
                db.execute(
                    update(Delivery)
                    .where(Delivery.state == DeliveryState.CLAIMED)
                    .values(lease_until=gone)
                )
            end_reading()
    run(app, at)
    found = reminded(app, service)
    assert found["sent"] == [f"event_tomorrow {channel}" for channel in CHANNELS]
    assert found["people"] == [str(bo)]
    assert len(found["mails"]) == 1, "a repeated mail is the same mail"


def _send_unmarked(shift: delivery._Shift, held: list) -> None:
    for each in shift._prepare(held):
        end_reading()
        if each.to is not None and each.message is not None:
            shift.channel.send(each.id, each.to, each.message)


def test_canceling_leaves_no_reminder(app, world, service, write) -> None:
    lead, _, _, occurrence_id = world
    with clock.frozen(NOW), write() as db:
        services.cancel(db, lead, occurrence_id=occurrence_id)
    for hour in (-24, -1):
        run(app, LATER + timedelta(hours=hour))
    assert reminded(app, service)["sent"] == []
