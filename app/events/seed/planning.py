"""How events of the demo company are planned: a question to host, an approval, one put off."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.approvals import services as approvals
from app.approvals.rules import Decider, Stage
from app.core import clock
from app.ergs import queries as ergs
from app.ergs.rules import TextStatus
from app.events import services
from app.events.models import EventText, Occurrence
from app.events.rules import Access, Audience, EventKind
from app.events.services import Plan

ASKS = (
    ("Family day at the park", "parents", "women"),
    ("One table, many feasts", "interfaith", "latinx"),
)
POSTPONED = {
    "Cooking together: okonomiyaki": (
        "The kitchen is being rebuilt until the new year. We look for a day after it opens again."
    )
}
STALE = (("From bystander to ally", "ar"), ("Speaking up across cultures", "es"))
QUIET = ("Family day at the park", "From bystander to ally", "Storytelling by the fire")
SIGNED = ("Town hall: sponsorship, one year on", "From bystander to ally")
BEFOREHAND = ("Your service in words a recruiter knows", "From bystander to ally")
INVITED = (("Evening circle: back from parental leave", "parents", "early-career"),)


def seed(db: Session) -> None:
    """After all events are planned and answered; the lead of each group acts."""
    dates = _dates(db)
    for title, group, other in ASKS:
        erg, helper = ergs.by_slug(db, group), ergs.by_slug(db, other)
        if erg and helper:
            services.ask_host(db, _lead(db, erg.id), occurrence_id=dates[title], erg_id=helper.id)
    for title, group, other in INVITED:
        erg, guest = ergs.by_slug(db, group), ergs.by_slug(db, other)
        if erg and guest:
            services.invite_group(
                db, _lead(db, erg.id), occurrence_id=dates[title], erg_id=guest.id
            )
    for title, reason in POSTPONED.items():
        host = db.get_one(Occurrence, dates[title]).event.first_host
        services.postpone(db, _lead(db, host.id), occurrence_id=dates[title], reason=reason)
    _words_and_facts(db, dates)
    _under_approval(db)


def _dates(db: Session) -> dict[str, UUID]:
    """The dates by the English title of their events."""
    rows = db.execute(
        select(EventText.title, Occurrence.id)
        .join(Occurrence, Occurrence.event_id == EventText.event_id)
        .where(EventText.locale == "en")
        .order_by(Occurrence.starts_at.desc())
    )
    return dict(rows.tuples().all())


def _lead(db: Session, erg_id: UUID) -> UUID:
    return ergs.leads_of(db, erg_id)[0]


def _words_and_facts(db: Session, dates: dict[str, UUID]) -> None:
    for title, locale in STALE:
        for text in db.get_one(Occurrence, dates[title]).event.texts:
            if text.locale == locale:
                text.status = TextStatus.STALE
    for titles, name, answer in (
        (QUIET, "quiet_room", Access.YES),
        (SIGNED, "sign_language", Access.ON_REQUEST),
        (BEFOREHAND, "materials", Access.YES),
    ):
        for title in titles:
            setattr(db.get_one(Occurrence, dates[title]).event, name, answer)
    db.flush()


def _under_approval(db: Session) -> None:
    """Early career approves its events; one with a guest speaker waits for the sponsor."""
    erg = ergs.by_slug(db, "early-career")
    if erg is None:
        return
    approvals.set_chain(db, None, erg_id=erg.id, kind="event", stages=[Stage(Decider.SPONSOR, 3)])
    day = (clock.now() + timedelta(days=26)).date()
    day -= timedelta(days=max(0, day.weekday() - 4))
    with clock.frozen(clock.now() - timedelta(days=1)):
        plan = Plan(
            title="How I found my second career",
            description=(
                "Three short stories and an open round. Our guest, Wanjiru Kamau, teaches at the "
                "coding school next door and was a nurse before."
            ),
            wall_start=datetime.combine(day, time(16)),
            zone="Africa/Nairobi",
            kind=EventKind.WEBINAR,
            audience=Audience.COMPANY,
            minutes=45,
            seats_in_person=0,
            seats_online=None,
            online_link="https://meet.demo.example/second-career",
            captions=Access.YES,
            step_free=Access.ON_REQUEST,
            access_contact="access@demo.example",
            has_external_speaker=True,
        )
        lead = _lead(db, erg.id)
        occurrence = services.plan(db, lead, erg_id=erg.id, plan=plan)
        services.submit(db, lead, occurrence_id=occurrence.id)
