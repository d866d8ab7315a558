"""Guests of the demo company: an alumna, a mentor whom a partner lends, and one who is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.programs.models import Cohort, Program
from app.programs.rules import CohortState
from app.programs.services import offers, outside
from app.programs.services.enrollment import Reply
from app.programs.services.outside import Guest, Terms

People = Mapping[str, Any]
LENA = "You built the product school with us; many still speak of your feedback."
NADIA = "Your talk on calm decisions in a hard year is what our people ask for."
TOMAS = "We met at the harbor meetup. Could you spare an hour every other week?"


def seed(db: Session, people: People, reply: Callable[[Person], Reply]) -> None:
    """An exchange with one organization, and mentors from outside in the cohort to be matched."""
    cohort = db.scalar(
        select(Cohort)
        .join(Program)
        .where(Program.template == "career_growth", Cohort.state == CohortState.MATCHING)
        .limit(1)
    )
    lena = db.get_one(Person, people["lena"])
    if cohort is None or lena.email is None:
        return
    today = clock.now().date()
    partner = outside.add_partner(
        db,
        people["amara"],
        terms=Terms(
            name="Harbor Trust Lisboa",
            seats_lent=2,
            seats_borrowed=3,
            agreement="Each side lends mentors for one term. Travel is paid by whoever invites.",
            agreed_on=today - timedelta(days=60),
            ends_on=today + timedelta(days=300),
            contact_name="Inês Carvalho",
            contact_email="ines@harbor.example",
        ),
    )
    by = (today + timedelta(days=9),)
    with clock.frozen(clock.now() - timedelta(days=10)):
        _come(db, people, cohort, Guest(lena.email, *by, lena.name or "", LENA))
        nadia = Guest("nadia@harbor.example", *by, "Nadia Haddad", NADIA, partner_id=partner.id)
        guest = _come(db, people, cohort, nadia)
        person = db.get_one(Person, guest.person_id)
        outside.enroll_invited(db, person.id, enrollment_id=guest.id, reply=reply(person))
    _ask(db, people, cohort, by[0])
    offers.choose_places(db, people["chen"], at_most=4)
    outside.lend(db, people["chen"], partner_id=partner.id)


def _come(db: Session, people: People, cohort: Cohort, guest: Guest) -> Any:
    invitation = outside.invite(db, people["amara"], cohort_id=cohort.id, guest=guest)
    return outside.accept(db, invitation_id=invitation.id)


def _ask(db: Session, people: People, cohort: Cohort, answer_by: date) -> None:
    """One more is asked and has not answered yet."""
    tomas = Guest("tomas@neighbors.example", answer_by, "Tomás Quispe", TOMAS, locale="es")
    outside.invite(db, people["amara"], cohort_id=cohort.id, guest=tomas)
