"""One digest a day for all groups, exactly once, naming nothing that must stay unsaid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from app.core import clock, delivery
from app.core.database import reading, writing
from app.core.outbox import Delivery, DeliveryState
from app.ergs import services as ergs
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.posts import links, queries, services
from app.posts.jobs import digests
from app.posts.models import Digest
from app.posts.rules import Rhythm
from app.posts.services import Words
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.posts import make_post, make_sent

TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)  # 11:00 in Madrid


@pytest.fixture
def world(context):
    """Bo in Madrid reads Spanish and belongs to an open and a hidden group."""
    with clock.frozen(TUESDAY), writing() as db:
        lia = make_person(db, "Lia Lead", email=None).id
        bo = make_person(db, "Bo", "bo@t.example", locale="es", zone="Europe/Madrid").id
        ids = {"lia": lia, "bo": bo}
        for slug, traits in (
            ("women", {"roster": Visibility.COMPANY}),
            ("quiet-circle", {"discovery": Discovery.HIDDEN, "roster": Visibility.NOBODY}),
        ):
            erg = make_erg(db, slug, lead=lia, **traits)
            make_member(db, erg, bo, visibility=Visibility.NOBODY)
            ids[slug] = erg.id
    return ids


def say(world, slug: str, title: str, ago: timedelta, **traits) -> None:
    with writing() as db:
        make_sent(db, db.get(Erg, world[slug]), world["lia"], title, ago=ago, **traits)


def compile_at(at: datetime) -> None:
    with clock.frozen(at):
        digests()


def rows(person) -> list[Delivery]:
    found = select(Delivery).where(Delivery.kind == "digest", Delivery.person_id == person)
    return list(reading().scalars(found.order_by(Delivery.created_at)))


def mails(context) -> list:
    folder = context.extensions["settings"].data_dir / "outbox"
    files = sorted(folder.iterdir()) if folder.exists() else []
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


def test_one_digest_for_all_groups_and_a_second_run_changes_nothing(context, world) -> None:
    with clock.frozen(TUESDAY):
        say(world, "women", "Breakfast", timedelta(hours=5))
        say(world, "quiet-circle", "Whispers", timedelta(hours=4))
        digests()
        digests()
        assert len(rows(world["bo"])) == 1
        delivery.deliver("mail")
        digests()
    compile_at(TUESDAY + timedelta(hours=3))
    compile_at(TUESDAY + timedelta(days=1))
    assert [row.state for row in rows(world["bo"])] == [DeliveryState.SENT]


def test_a_worker_that_dies_before_the_commit_leaves_nothing_half(context, world) -> None:
    with clock.frozen(TUESDAY):
        say(world, "women", "Breakfast", timedelta(hours=5))
        waiting = queries.awaiting_digest(reading())
        with pytest.raises(RuntimeError, match="killed"), writing() as db:
            services.compile_digests(db, waiting)
            raise RuntimeError("killed")
        assert rows(world["bo"]) == [] == list(reading().scalars(select(Digest)))
        for _worker in range(2):
            with writing() as db:
                services.compile_digests(db, waiting)
        assert len(rows(world["bo"])) == 1, "two workers with the same list write one"


def test_what_comes_after_the_hour_waits_for_the_next_digest(context, world) -> None:
    with clock.frozen(TUESDAY):
        say(world, "women", "After nine", timedelta(minutes=30))
        digests()
        assert rows(world["bo"]) == []
    compile_at(TUESDAY + timedelta(days=1))
    assert [row.occasion for row in rows(world["bo"])] == ["2026-11-25"]


def test_the_mail_is_neutral_names_no_hidden_group_and_speaks_the_readers_language(
    context, world
) -> None:
    with clock.frozen(TUESDAY), writing() as db:
        erg = db.get(Erg, world["women"])
        post = make_post(db, erg, world["lia"], "Breakfast")
        services.translate(
            db, None, post_id=post.id, locale="es", words=Words("Desayuno", "Con **café**.")
        )
        services.submit(db, world["lia"], post_id=post.id)
        with clock.frozen(TUESDAY - timedelta(hours=5)):
            services.send_now(db, None, post_id=post.id)
            services.send(db, post.id)
    with clock.frozen(TUESDAY):
        say(world, "quiet-circle", "Whispers", timedelta(hours=4))
        digests()
        delivery.deliver("mail")
    (mail,) = mails(context)
    whole = "\n".join(part.get_content() for part in mail.walk() if not part.is_multipart())
    assert "Desayuno" in whole and "Con café." in whole
    for unsaid in ("Whispers", "Quiet", "quiet-circle", "women/"):
        assert unsaid not in whole and unsaid not in str(mail), unsaid
    assert "Women" not in mail["Subject"] and "Desayuno" not in mail["Subject"]


def test_the_headers_offer_one_click_and_a_long_address_stays_readable(context, world) -> None:
    with clock.frozen(TUESDAY):
        say(world, "women", "Breakfast", timedelta(hours=5))
        digests()
        delivery.deliver("mail")
    folder = context.extensions["settings"].data_dir / "outbox"
    (file,) = folder.iterdir()
    head = file.read_bytes().split(b"\r\n\r\n")[0].decode()
    address = f"<http://localhost/unsubscribe/{links.token(world['bo'])}>"
    assert f"List-Unsubscribe: {address}\r\n" in head + "\r\n"
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head


def test_who_left_or_unsubscribed_meanwhile_gets_nothing(context, world) -> None:
    with clock.frozen(TUESDAY):
        say(world, "women", "Breakfast", timedelta(hours=5))
        digests()
        with writing() as db:
            ergs.leave(db, world["bo"], erg_id=world["women"])
        delivery.deliver("mail")
        assert [row.outcome for row in rows(world["bo"])] == ["nothing new"]
        say(world, "quiet-circle", "Whispers", timedelta(minutes=1))
    compile_at(TUESDAY + timedelta(days=1))
    with clock.frozen(TUESDAY + timedelta(days=1)):
        with writing() as db:
            services.unsubscribe(db, world["bo"])
        delivery.deliver("mail")
    assert rows(world["bo"])[1].outcome == "unsubscribed"
    assert mails(context) == []


def test_the_chosen_hour_holds_and_never_means_never(context, world) -> None:
    with clock.frozen(TUESDAY), writing() as db:
        services.choose_digest(db, world["bo"], rhythm=Rhythm.DAILY, hour=18, weekday=0)
    with clock.frozen(TUESDAY):
        say(world, "women", "Breakfast", timedelta(hours=5))
        digests()
        assert rows(world["bo"]) == []
    compile_at(TUESDAY + timedelta(hours=7, minutes=1))
    assert len(rows(world["bo"])) == 1
    with writing() as db:
        services.choose_digest(db, world["bo"], rhythm=Rhythm.NONE, hour=9, weekday=0)
    with clock.frozen(TUESDAY + timedelta(days=1)):
        say(world, "women", "Lunch", timedelta(hours=3))
        assert [row[0] for row in queries.awaiting_digest(reading())] == [world["lia"]]
