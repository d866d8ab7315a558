"""Nothing is lost and nothing is shown twice, whatever is killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from uuid import UUID, uuid4

import flask
import pytest
from redis import Redis
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core import clock, outbox
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery
from app.core.settings import load
from app.factory import create_app
from app.notifications.models import Notification
from tests.operations import crew as crew_module
from tests.operations.stage import Broker, Crew, Sink, until


class Scene:
    """One database, broker, sink and crew."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.broker = Broker(folder / "broker")
        self.broker.start()
        self.sink = Sink()
        self.sink.controller.start()
        self.environ = {
            **environ,
            "REDIS_URL": self.broker.url,
            "MAIL_URL": self.sink.url,
            "TEST_LEASE": "2",
            "TEST_SWEEP_EVERY": "1",
        }
        self.app: flask.Flask = create_app(load(self.environ))

    @cached_property
    def crew(self) -> Crew:
        return Crew(self.environ)

    def remind(self, count: int) -> None:
        """Write reminders that are due now, each by mail and in the app."""
        subject = uuid4()
        with writing() as db:
            keys = [uuid4() for _ in range(count)]
            people = [Person(id=key, name="P", email=f"{key.hex}@example.org") for key in keys]
            db.add_all(people)
            db.flush()
            for person in people:
                outbox.put(db, crew_module.Reminder.name, subject=subject, person=person.id)

    def sent(self) -> int:
        end_reading()
        found = select(func.count()).select_from(Delivery).where(Delivery.state == "sent")
        return reading().scalar(found) or 0

    def states(self) -> dict[str, int]:
        end_reading()
        found = select(Delivery.state, func.count()).group_by(Delivery.state)
        return {state.value: number for state, number in reading().execute(found)}

    def shown(self) -> list[UUID]:
        end_reading()
        return list(reading().scalars(select(Notification.delivery_id)))

    def judge(self, count: int) -> dict[str, int]:
        """Everything arrived; nothing is shown twice; a repeated mail is the same mail."""
        assert self.states() == {"sent": 2 * count}
        shown = self.shown()
        assert len(shown) == len(set(shown)) == count
        assert len(self.sink.seen) == count
        return {"repeated mails": self.sink.seen.total() - count}

    def close(self) -> None:
        if "crew" in self.__dict__:
            self.crew.dismiss()
        self.sink.controller.stop()
        self.broker.stop()
        self.app.extensions["database"].dispose()


@pytest.fixture
def scene(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    scene = Scene(environ, tmp_path)
    known = {**dict(outbox.kinds), crew_module.Reminder.name: crew_module.Reminder()}
    monkeypatch.setattr(outbox.kinds, "_items", known)
    with scene.app.app_context():
        yield scene
        scene.close()
        end_reading()


def kill_workers(scene: Scene, reminders: int, workers: int, kills: int) -> dict[str, float]:
    scene.crew.hire("tick")
    hired = [scene.crew.hire("work") for _ in range(workers)]
    scene.remind(reminders)
    began = time.monotonic()
    for kill in range(kills):
        goal = 2 * reminders * (kill + 1) // (kills + 2)
        until(lambda goal=goal: scene.sent() >= goal, 60, f"progress before kill {kill + 1}")
        scene.crew.murder(hired.pop(0))
        hired.append(scene.crew.hire("work"))
    until(lambda: scene.sent() == 2 * reminders, 60 + reminders / 20, "everything sent")
    return {"seconds": round(time.monotonic() - began, 1), **scene.judge(reminders)}


def test_killing_workers_loses_nothing_and_shows_nothing_twice(scene: Scene) -> None:
    kill_workers(scene, reminders=200, workers=2, kills=5)


@pytest.mark.soak
def test_killing_workers_fifty_times_loses_nothing(scene: Scene) -> None:
    print(kill_workers(scene, reminders=10_000, workers=4, kills=50))


def kill_broker(scene: Scene, due: int, kills: int) -> dict[str, float]:
    scene.crew.hire("tick")
    for _ in range(2):
        scene.crew.hire("work")
    longest = 0.0
    for round_ in range(kills):
        scene.remind(due // kills)
        if round_ % 2:
            Redis.from_url(scene.broker.url).flushall()
        else:
            scene.broker.kill()
            began = time.monotonic()
            scene.remind(1)  # the web keeps writing meanwhile, without waiting
            longest = max(longest, time.monotonic() - began)
            scene.broker.start()
        scene.crew.replace_dead()
    total = 2 * (due // kills * kills + (kills + 1) // 2)

    def all_sent() -> bool:
        scene.crew.replace_dead()
        return scene.sent() == total

    until(all_sent, 60 + due / 20, "everything sent after the broker came back")
    assert longest < 1.0, "a write waited for the broker"
    return {"longest write without broker": round(longest, 3), **scene.judge(total // 2)}


def test_a_flushed_and_killed_broker_loses_nothing(scene: Scene) -> None:
    kill_broker(scene, due=100, kills=4)


@pytest.mark.soak
def test_a_broker_killed_twenty_times_loses_nothing(scene: Scene) -> None:
    print(kill_broker(scene, due=5_000, kills=20))


def test_a_hanging_mail_server_holds_up_no_other_channel(scene: Scene) -> None:
    scene.sink.seconds = 3600
    for _ in range(2):
        scene.crew.hire("work")
    scene.crew.hire("tick")
    scene.remind(10)
    until(lambda: len(scene.shown()) == 10, 30, "the first round in the app")
    slowest = 0.0
    for round_ in range(2, 5):
        began = time.monotonic()
        scene.remind(10)
        until(lambda round_=round_: len(scene.shown()) == 10 * round_, 30, "the next round")
        slowest = max(slowest, time.monotonic() - began)
    assert scene.sink.seen.total() == 0
    assert slowest < 5, "mail's hang (10 s a message) reached the inbox"


def test_without_any_broker_a_sweep_by_hand_delivers_everything(scene: Scene) -> None:
    from app.operations.starting import sweep_once

    scene.broker.kill()
    scene.remind(20)
    assert sweep_once() == []
    scene.judge(20)


def test_a_poison_job_is_kept_after_three_tries_and_holds_nobody_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rq import Queue

    from app.core import jobs

    poison = jobs.Job("no_such_job", lambda: None, "urgent", 10)
    jobs.enqueue(poison)
    scene.remind(5)
    scene.crew.hire("work")
    until(lambda: scene.sent() == 10, 30, "the others' work")
    queue = Queue("urgent", connection=jobs.broker(), serializer="json")
    failed = until(queue.failed_job_registry.get_job_ids, 10, "the poison is set aside")
    assert len(failed) == 1
    kept = queue.fetch_job(failed[0])
    assert kept is not None and kept.retries_left == 0
    assert "LookupError" in str(kept.latest_result().exc_string)


def test_waking_twice_queues_one_job_and_a_begun_job_can_be_waked_again(scene: Scene) -> None:
    from rq import Queue

    from app.core import jobs

    queue = Queue("default", connection=jobs.broker(), serializer="json")
    assert jobs.wake("deliver_mail") and jobs.wake("deliver_mail")
    assert len(queue) == 1
    jobs.begun("deliver_mail")
    assert jobs.wake("deliver_mail")
    assert len(queue) == 2


def test_while_the_broker_is_away_waking_costs_nothing(scene: Scene) -> None:
    from app.core import jobs

    scene.broker.kill()
    began = time.monotonic()
    assert not any(jobs.wake("deliver_mail") for _ in range(100))
    assert time.monotonic() - began < 1
    assert clock.now()
