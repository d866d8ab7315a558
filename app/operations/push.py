"""`trellis push test EMAIL`: ring a person's devices once and say what the services answered."""

from __future__ import annotations

import click
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core import ids
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.locale import speaking
from app.core.outbox import Message
from app.notifications import push_channel, push_keys, push_message, queries, services
from app.notifications.models import PushKey
from app.operations.cli import in_app


@click.group("push")
def push_group() -> None:
    """Web push."""


@push_group.command("test")
@click.argument("email")
def push_test(email: str) -> None:
    """Send one push message to every device of a person."""
    with in_app():
        for line in ring_once(email):
            click.echo(line)


def ring_once(email: str) -> list[str]:
    """Ring, forget what is gone, and report; raises Refused when nothing arrived."""
    db = reading()
    person = db.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower()))
    if person is None:
        raise Refused(f"Nobody here has the address {email}.")
    key, person_id = db.get(PushKey, 1), person.id
    rows = list(db.scalars(queries.live_devices(person_id)))
    if key is None or not rows:
        raise Refused(f"{email} has no device that agreed to push: Settings, Push to this device.")
    devices, pair = [push_keys.open_device(key, row) for row in rows], push_keys.pair_of(key)
    delivery_id = ids.new_id("push_test", person_id)
    with speaking(person.locale, person.zone, person.hour_cycle):
        message = Message(_("A test"), (), "/notifications/push", headline=_("This is a test."))
        content = push_message.payload(delivery_id, message, shows_titles=True)
    end_reading()
    reached, gone, failed = push_channel.ring(devices, pair, delivery_id, content)
    with writing() as written:
        services.reached(written, device_ids=reached, delivery_id=delivery_id)
        services.forget(written, gone)
    lines = [
        f"{len(reached)} of {len(devices)} devices rang.",
        *(f"Not reached: {error}." for error in failed),
        *(["A device was gone and is forgotten."] if gone else []),
    ]
    if not reached:
        raise Refused(" ".join(lines))
    return lines
