"""Push: sealed for one device, neutral, once; what is gone is forgotten, who signs out is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import SignIn
from app.core import clock, delivery, outbox
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery, DeliveryState, Message
from app.demographics import services as demographics
from app.notifications import push_keys, services
from app.notifications.models import Notification, PushKey, PushSubscription
from app.notifications.push_keys import encoded
from app.operations.push import ring_once
from tests.client import PASSWORD, Browser
from tests.core.outbox_world import SUBJECT, Note
from tests.factories.accounts import make_person
from tests.notifications.push_world import PushService


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def note(monkeypatch: pytest.MonkeyPatch) -> Note:
    """A kind of message about events, by inbox."""
    text = Message("Neutral", ("Night of stories",), "/events/", headline="Night of stories")
    note = Note(text=text)
    monkeypatch.setattr(outbox.kinds, "_items", {**dict(outbox.kinds), note.name: note})
    return note


@pytest.fixture
def bo(app, write) -> UUID:
    with write() as db:
        hours = {"quiet_from": time(20), "quiet_to": time(8)}
        return make_person(db, "Bo", "bo@t.example", PASSWORD, **hours).id


@pytest.fixture
def phone(app, bo, service, note) -> Browser:
    """Bo's phone, which agreed to ring."""
    browser = Browser(app).sign_in("bo@t.example")
    agree(browser, service)
    return browser


def agree(browser: Browser, service: PushService, name: str = "phone") -> int:
    """What the script sends after the button."""
    browser.get("/notifications/push").submit(
        "Turn on for this device", action="/notifications/push/device", **service.device(name)
    )
    return browser.status


def tell(app, *people: UUID, **options) -> None:
    with app.app_context():
        with writing() as db:
            for person in people:
                outbox.put(db, "test_note", subject=SUBJECT, person=person, **options)
        run(app)


def run(app) -> None:
    with app.app_context():
        for channel in ("in_app", "push"):
            delivery.deliver(channel)
        end_reading()


def pushes(app) -> list[Delivery]:
    with app.app_context():
        rows = list(reading().scalars(select(Delivery).where(Delivery.channel == "push")))
        end_reading()
        return rows


def test_a_device_gets_one_neutral_message_that_it_alone_can_open(app, bo, phone, service) -> None:
    tell(app, bo)
    [got] = service.got
    said = service.opened(got)
    [row] = pushes(app)
    assert row.state is DeliveryState.SENT
    assert said["tag"] == row.id.hex and said["link"] == "/events/"
    assert said["body"] == "You have news in Trellis"
    assert b"stories" not in got.body and got.headers["content-encoding"] == "aes128gcm"
    assert got.headers["topic"] == push_keys.encoded(row.id.bytes)
    run(app)
    assert len(service.got) == 1, "once"


def test_the_sender_proves_who_it_is(app, bo, phone, service) -> None:
    tell(app, bo)
    scheme, _, rest = service.got[0].headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    with app.app_context():
        row = reading().get(PushKey, 1)
        assert row is not None and parts["k"] == row.public_key
        end_reading()
    head, claims, signature = parts["t"].split(".")
    said = json.loads(push_keys.decoded(claims))
    assert scheme == "vapid" and said["aud"] == service.url and "mailto:" in said["sub"]
    raw = push_keys.decoded(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point = push_keys.decoded(parts["k"])
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


def test_titles_are_shown_to_whoever_asked_and_never_those_of_hidden_things(
    app, bo, phone, service, note
) -> None:
    phone.get("/notifications/push").submit(action="/notifications/push/titles", shows_titles="y")
    tell(app, bo)
    note.text = Message("Neutral", ("Secret evening",), "/events/", headline=None)
    tell(app, bo, occasion="2")
    first, second = (service.opened(got) for got in service.got)
    assert first["body"] == "Night of stories"
    assert second["body"] == "You have news in Trellis"
    assert len({len(got.body) for got in service.got}) == 1, "all have one length"


def test_a_push_service_keeps_it_no_longer_than_it_is_of_use(app, bo, phone, service) -> None:
    with clock.frozen(clock.now()):
        tell(app, bo)
        tell(app, bo, occasion="2", expires=clock.now() + timedelta(minutes=30))
    assert [got.headers["ttl"] for got in service.got] == ["86400", "1800"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(app, bo, phone, service, status) -> None:
    service.answers["/phone"] = (status, {})
    tell(app, bo)
    with app.app_context():
        assert reading().scalars(select(PushSubscription)).all() == []
        end_reading()
    tell(app, bo, occasion="2")
    assert len(service.got) == 1 and len(pushes(app)) == 1, "no further row without a device"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_push_service_is_asked_again_when_it_says(app, bo, phone, service, status) -> None:
    service.answers["/phone"] = (status, {"Retry-After": "300"})
    start = clock.now()
    with clock.frozen(start):
        tell(app, bo)
        [row] = pushes(app)
        assert row.state is DeliveryState.PENDING and row.due_at == start + timedelta(seconds=300)
    service.answers.clear()
    with clock.frozen(start + timedelta(seconds=301)):
        run(app)
    [row] = pushes(app)
    assert row.state is DeliveryState.SENT
    assert len({service.opened(got)["tag"] for got in service.got}) == 1


def test_a_second_try_leaves_devices_alone_that_rang(app, bo, phone, service) -> None:
    laptop = Browser(app).sign_in("bo@t.example")
    agree(laptop, service, "laptop")
    service.answers["/laptop"] = (503, {"Retry-After": "60"})
    start = clock.now()
    with clock.frozen(start):
        tell(app, bo)
    service.answers.clear()
    with clock.frozen(start + timedelta(seconds=61)):
        run(app)
    assert sorted(got.path for got in service.got) == ["/laptop", "/laptop", "/phone"]


def test_after_signing_out_the_device_is_silent(app, bo, phone, service) -> None:
    phone.submit(action="/logout")
    tell(app, bo)
    assert service.got == []
    with app.app_context():
        with writing() as db:
            services.drop_ended(db)
        assert reading().scalars(select(PushSubscription)).all() == []
        end_reading()


def test_a_device_that_changed_hands_rings_for_its_new_owner_alone(
    app, bo, phone, service, write
) -> None:
    with write() as db:
        cy = make_person(db, "Cy", "cy@t.example", PASSWORD).id
    agree(Browser(app).sign_in("cy@t.example"), service)
    tell(app, bo)
    assert service.got == []
    tell(app, cy)
    assert len(service.got) == 1


def test_whoever_left_is_not_rung(app, bo, phone, service, write) -> None:
    with write() as db:
        accounts.deactivate(db, None, person_id=bo)
    tell(app, bo)
    assert service.got == []


def test_topics_and_quiet_hours_hold_for_push_too(app, bo, phone, service, note, write) -> None:
    all_on = {("account", "mail"), ("events", "in_app")}
    with write() as db:
        accounts.choose_channels(db, bo, wanted=all_on)
    tell(app, bo)
    assert service.got == [], "push is off for events"
    with write() as db:
        accounts.choose_channels(db, bo, wanted={("events", "push")})
    tell(app, bo, occasion="2")
    assert len(service.got) == 1, "the inbox is off, push is on"
    with app.app_context():
        shown = reading().scalars(select(Notification)).all()
        end_reading()
        assert len(shown) == 1
    note.is_urgent = False
    night = clock.now().replace(hour=23) + timedelta(days=1)
    with clock.frozen(night):
        tell(app, bo, occasion="3")
        assert len(service.got) == 1, "quiet hours"


def test_what_the_table_keeps_opens_only_with_the_key_file(app, bo, phone, service) -> None:
    with app.app_context():
        [row] = reading().scalars(select(PushSubscription)).all()
        assert service.url.encode() not in row.sealed
        assert b"127.0.0.1" not in row.sealed
        end_reading()


def test_rotating_the_root_key_keeps_devices(app, bo, phone, service) -> None:
    with app.app_context():
        demographics.add_root()
        with writing() as db:
            while demographics.rewrap(db, None):
                pass
        with writing() as db:
            assert demographics.drop_unused_roots(db) == 1
        end_reading()
    tell(app, bo)
    assert len(service.got) == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.evil.example/x",
        "https://169.254.169.254/latest",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "not an address",
    ],
)
def test_a_push_address_off_the_list_is_refused(app, bo, service, endpoint, write) -> None:
    browser = Browser(app).sign_in("bo@t.example")
    wrong = PushService.device
    try:
        PushService.device = lambda self, name: {**wrong(self, name), "endpoint": endpoint}
        assert agree(browser, service) == 422
    finally:
        PushService.device = wrong
    with write() as db:
        assert db.scalars(select(PushSubscription)).all() == []


def test_broken_keys_get_a_sentence(app, bo, service) -> None:
    browser = Browser(app).sign_in("bo@t.example")
    for change in ({"p256dh": "!!"}, {"auth": "AAAA"}, {"p256dh": encoded(b"x" * 65)}):
        browser.get("/notifications/push").submit(
            action="/notifications/push/device", **{**service.device(), **change}
        )
        assert browser.status == 422
        assert "cannot be used" in browser.text


def test_the_command_rings_and_reports(app, bo, phone, service) -> None:
    with app.app_context():
        assert ring_once("BO@t.example") == ["1 of 1 devices rang."]
    assert service.opened(service.got[0])["body"] == "This is a test."
    service.answers["/phone"] = (410, {})
    with app.app_context(), pytest.raises(Exception, match="forgotten"):
        ring_once("bo@t.example")
    with app.app_context(), pytest.raises(Exception, match="no device"):
        ring_once("bo@t.example")
    with app.app_context(), pytest.raises(Exception, match="Nobody"):
        ring_once("nobody@t.example")


def test_the_page_costs_few_statements(app, phone, queries) -> None:
    phone.get("/notifications/push")
    with queries() as seen:
        phone.get("/notifications/push")
    assert len(seen) <= 8, seen
    assert "Turn off on this device" in phone.text


def test_many_messages_ask_for_devices_once_a_batch(app, bo, phone, queries, write) -> None:
    """People without a device cost nothing but one statement a batch."""
    with write() as db:
        others = [make_person(db, f"P{n}", f"p{n}@t.example").id for n in range(25)]
    with app.app_context(), writing() as db:
        for person in others:
            outbox.put(db, "test_note", subject=uuid4(), person=person)
    with app.app_context(), queries() as seen:
        delivery.deliver("in_app")
        end_reading()
    assert len([text for text in seen if "push_subscription" in text]) == 1
    assert pushes(app) == []


def test_sessions_are_what_devices_hang_on(app, bo, phone, service, write) -> None:
    """Signing a device out from another one silences it."""
    with write() as db:
        session = db.scalars(select(SignIn.id).where(SignIn.person_id == bo)).one()
        accounts.revoke_session(db, bo, person_id=bo, session_id=session)
    tell(app, bo)
    assert service.got == []
