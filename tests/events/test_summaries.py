"""One mail in the morning instead of a mail for each reminder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import clock
from app.core.locale import speaking
from app.core.outbox import Delivery, DeliveryState, kinds
from app.ergs.models import RoleGrant
from app.ergs.rules import Visibility
from app.events import services
from app.events.calendar_jobs import sum_up
from app.events.rules import Audience, Reply
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event

START = datetime(2026, 12, 1, 18, tzinfo=UTC)
# Seven in the morning in Tokyo, when it is still the day before in Europe.
MORNING = datetime(2026, 11, 30, 22, 5, tzinfo=UTC)


@pytest.fixture
def world(app, write):
    """(Aiko in Tokyo who wants summaries, Bo in Madrid who does not): both go to two events."""
    with clock.frozen(START - timedelta(days=10)), write() as db:
        lead = make_person(db, "Dalia").id
        aiko = make_person(db, "Aiko", "aiko@t.example", zone="Asia/Tokyo").id
        bo = make_person(db, "Bo", "bo@t.example", zone="Europe/Madrid").id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        circle = make_erg(db, "quiet", lead=lead, roster=Visibility.NOBODY, name="Quiet")
        dates = [make_event(db, erg, "Night of stories", starts_at=START).id]
        for person in (aiko, bo):
            make_member(db, circle, person, visibility=Visibility.NOBODY)
        traits = {"starts_at": START + timedelta(hours=1), "audience": Audience.MEMBERS}
        dates.append(make_event(db, circle, "Quiet evening", **traits).id)
        for person in (aiko, bo):
            for occurrence_id in dates:
                services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
        services.choose_usual(db, aiko, is_discreet=False, wants_summary=True)
    return aiko, bo, dates


def summaries(write) -> list[Delivery]:
    with write() as db:
        return list(db.scalars(select(Delivery).where(Delivery.kind == "event_summary")))


def test_it_comes_once_in_the_morning_of_the_reader(app, world, write) -> None:
    aiko, _, _ = world
    with app.app_context():
        with clock.frozen(MORNING - timedelta(minutes=10)):
            sum_up()
        assert summaries(write) == [], "not before seven"
        for minutes in (0, 15, 120):
            with clock.frozen(MORNING + timedelta(minutes=minutes)):
                sum_up()
    assert [row.person_id for row in summaries(write)] == [aiko]


def test_it_names_open_events_and_keeps_hidden_ones_neutral(app, world, write) -> None:
    aiko, _, dates = world
    with app.app_context(), clock.frozen(MORNING):
        sum_up()
        [row] = summaries(write)
        with write() as db:
            to = accounts.recipients(db, [aiko])[aiko]
            with speaking(to.locale, to.zone, to.hour_cycle):
                assert kinds[row.kind].wanted(db, row) is None
                said = kinds[row.kind].message(db, row, to)
        text = " ".join(said.lines)
        assert "Night of stories" in text and "Quiet" not in text and "quiet" not in text
        assert "Something you said you would come to" in text
        with write() as db:
            for occurrence_id in dates:
                services.answer(db, aiko, occurrence_id=occurrence_id, reply=Reply.NO)
            assert kinds[row.kind].wanted(db, row) == "nothing ahead"


def test_single_reminders_by_mail_are_left_out_but_those_of_the_last_hours(world, write) -> None:
    aiko, bo, _ = world
    with clock.frozen(START - timedelta(days=2)), write() as db:
        said = {
            (row.person_id, row.kind, row.channel): kinds[row.kind].wanted(db, row)
            for row in db.scalars(select(Delivery).where(Delivery.kind.like("event_%")))
        }
    assert said[aiko, "event_tomorrow", "mail"] == "in the summary"
    assert said[aiko, "event_tomorrow", "in_app"] is None
    assert said[aiko, "event_soon", "mail"] is None
    assert said[bo, "event_tomorrow", "mail"] is None


def test_a_reminder_that_no_summary_replaces_is_sent(app, world, write) -> None:
    """A week and three days before no summary names it; three hours before one has."""
    aiko, _, (open_id, _hidden) = world
    with clock.frozen(START - timedelta(days=9)), write() as db:
        lead = db.scalar(select(RoleGrant.person_id))
        services.choose_reminders(db, lead, occurrence_id=open_id, minutes=[10_080, 4_320, 180])

    def said() -> dict[str, str | None]:
        with write() as db:
            chosen = select(Delivery).where(
                Delivery.kind == "event_ahead",
                Delivery.person_id == aiko,
                Delivery.channel == "mail",
            )
            return {row.occasion: kinds[row.kind].wanted(db, row) for row in db.scalars(chosen)}

    with clock.frozen(START - timedelta(days=7)):
        assert said() == {"10080": None, "4320": None, "180": None}, "none was written yet"
    with app.app_context(), clock.frozen(MORNING):
        sum_up()
        assert said()["180"] == "in the summary"


def test_a_reminder_of_what_was_answered_after_the_summary_is_sent(app, world, write) -> None:
    aiko, _, (open_id, _hidden) = world
    with app.app_context(), clock.frozen(MORNING):
        sum_up()
    with clock.frozen(MORNING + timedelta(hours=1)), write() as db:
        lead = db.scalar(select(RoleGrant.person_id))
        services.choose_reminders(db, lead, occurrence_id=open_id, minutes=[180])
        for reply in (Reply.NO, Reply.GOING):
            services.answer(db, aiko, occurrence_id=open_id, reply=reply)
        rows = db.scalars(
            select(Delivery).where(
                Delivery.kind == "event_ahead",
                Delivery.person_id == aiko,
                Delivery.state == DeliveryState.PENDING,
            )
        )
        assert {kinds[row.kind].wanted(db, row) for row in rows} == {None}
