"""Narrow accounts: opened by a yes to an invitation, closed when nothing is left to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.programs.models import Cohort, Enrollment, Offer, OutsideAccount
from app.programs.rules.outside import KEEPS_ACCOUNT, KEEPS_ACCOUNTS, NOTICE
from app.programs.services.offers import holds_a_place

SOURCE = "outside account"
ENDING = "outside_account_ending"


def open_account(db: Session, person: Person) -> None:
    """A guest has something to do here: the account is open, again if it had been closed."""
    account = db.get(OutsideAccount, person.id)
    if account is None:
        db.add(OutsideAccount(person_id=person.id))
    elif account.closed_at is not None:
        account.closed_at = None
        _set_status(db, person.id, PersonStatus.ACTIVE)
    if account is not None:
        _keep(db, account)
    db.flush()


def close_accounts(db: Session) -> int:
    """Give notice to guests with nothing left to do, and end the accounts whose notice is over.

    Safe at any time and twice; whoever has something to do again keeps the account. Returns how
    many accounts ended.
    """
    ended = 0
    for person_id, is_busy in db.execute(
        select(OutsideAccount.person_id, _is_busy())
        .where(OutsideAccount.closed_at.is_(None))
        .order_by(OutsideAccount.person_id)
    ).all():
        account = db.get_one(OutsideAccount, person_id)
        if is_busy:
            _keep(db, account)
        elif account.closes_at is None:
            _give_notice(db, account)
        elif account.closes_at <= clock.now():
            ended += _end(db, account)
    db.flush()
    return ended


def _is_busy() -> Any:
    """Whether a guest is enrolled in a cohort that goes on, or has a pair or an open offer."""
    mine = Enrollment.person_id == OutsideAccount.person_id
    enrolled = exists().where(
        mine,
        Enrollment.state.in_(KEEPS_ACCOUNT),
        Cohort.id == Enrollment.cohort_id,
        Cohort.state.in_(KEEPS_ACCOUNTS),
    )
    paired = exists().where(
        mine,
        (Offer.mentor_id == Enrollment.id) | (Offer.mentee_id == Enrollment.id),
        holds_a_place(),
    )
    return enrolled | paired


def _keep(db: Session, account: OutsideAccount) -> None:
    if account.closes_at is not None:
        account.closes_at = None
        outbox.withdraw(db, ENDING, subject=account.person_id)


def _give_notice(db: Session, account: OutsideAccount) -> None:
    account.closes_at = clock.now() + NOTICE
    outbox.put(
        db,
        ENDING,
        subject=account.person_id,
        person=account.person_id,
        occasion=account.closes_at.date().isoformat(),
        expires=account.closes_at,
    )
    audit.record(db, None, "outside_account_notice", ("person", account.person_id))


def _end(db: Session, account: OutsideAccount) -> int:
    person = hold(db, Person, account.person_id)
    if person is not None and person.status is not PersonStatus.LEFT:
        _set_status(db, account.person_id, PersonStatus.LEFT)
    account.closed_at = clock.now()
    audit.record(db, None, "outside_account_ended", ("person", account.person_id))
    return 1


def _set_status(db: Session, person_id: UUID, status: PersonStatus) -> None:
    """Through the history; that somebody left ends their sessions and whatever else they hold."""
    facts = {"status": status.value, "left_on": None}
    if status is PersonStatus.LEFT:
        facts["left_on"] = clock.now().date().isoformat()
    accounts.record_facts(db, None, person_id, facts, clock.now().date(), SOURCE)
