"""Asking all members whether the group need no longer be confidential, and counting once."""

from __future__ import annotations

import json
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.keyring import Wrapped, keyring, seal, wrapped_keys
from app.core.locale import date_text
from app.ergs import queries
from app.ergs.models import Erg, ErgPoll
from app.ergs.queries import polls, snapshots
from app.ergs.rules import ErgState, Visibility, switches_of
from app.ergs.rules.polls import (
    LOTS,
    NOTICE,
    POLL_TRANSITIONS,
    TAKEN_BACK_WITHIN,
    PollState,
    agrees,
    counted_on,
    is_large_enough,
)
from app.ergs.services.holding import hold_erg, hold_shaped

# The sealed list is filled up to a multiple of this, so that its length tells no number.
PAD = 4096


def open_poll(db: Session, actor_id: UUID, *, erg_id: UUID, roster: Visibility) -> ErgPoll:
    """A lead asks every member; they are told in an hour, until then it can be taken back."""
    erg = hold_shaped(db, actor_id, erg_id)
    _require_question(db, erg)
    now = clock.now()
    row = ErgPoll(
        id=ids.new_id("erg_poll", f"{erg_id}|{now.isoformat()}"),
        erg_id=erg_id,
        state=PollState.OPEN,
        roster=roster,
        opened_at=now,
        counts_on=counted_on(now.date()),
    )
    give_key(row)
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "open_poll", row, after=row.state)
    _tell(db, row)
    return row


def _require_question(db: Session, erg: Erg) -> None:
    if not erg.is_sensitive or erg.state is ErgState.DRAFT:
        raise Refused(_("This group is not bound to be confidential: a lead can set its switches."))
    if polls.live_poll(db, erg.id) is not None:
        raise Refused(_("The members are being asked already."))
    if (until := polls.next_poll_from(db, erg.id)) is not None:
        raise Refused(
            _(
                "The members were asked not long ago. You can ask again from %(day)s.",
                day=date_text(until.date()),
            )
        )
    if not is_large_enough(snapshots.bands(db, [erg.id]).get(erg.id)):
        raise Refused(
            _(
                "The group is too small to ask: the outcome could point to somebody. Ask when its "
                "page says that it has ten members or more."
            )
        )


def answer_poll(db: Session, actor_id: UUID, *, poll_id: UUID, is_yes: bool) -> None:
    """Say yes, or take it back. Writes no row, time, log line or number of its own."""
    row, _erg = _held(db, poll_id)
    if not queries.belongs(db, actor_id, [row.erg_id]):
        raise Refused(_("Only members of the group are asked."), 403)
    if row.state not in POLL_TRANSITIONS:
        raise Refused(_("This poll is over."))
    said = polls.consenting(row)
    if is_yes and row.state is PollState.AGREED and actor_id not in said:
        raise Refused(_("The answers have been counted. You can still take a yes back."))
    _keep(row, said | {actor_id} if is_yes else said - {actor_id})
    db.flush()


def forget_answer(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Whoever leaves takes their answer with them."""
    row = polls.live_poll(db, erg_id)
    if row is not None:
        _keep(row, polls.consenting(row) - {person_id})


def withdraw_poll(db: Session, actor_id: UUID, *, poll_id: UUID) -> ErgPoll:
    """A lead ends the question, until the day on which its outcome holds."""
    row, erg = _held(db, poll_id)
    if not queries.shapes(db, actor_id, erg):
        raise Refused(_("Only the leads of the group can change it."), 403)
    was_told = clock.now() - row.opened_at >= TAKEN_BACK_WITHIN
    outbox.withdraw(db, "erg_poll", subject=row.id)
    _close(db, actor_id, erg, row, PollState.WITHDRAWN)
    if was_told:
        _tell(db, row)
    return row


def advance_poll(db: Session, poll_id: UUID) -> ErgPoll:
    """Count on the day of counting, open the group when the notice is over; twice is harmless."""
    row, erg = _held(db, poll_id)
    today = clock.now().date()
    if erg.state is ErgState.ARCHIVED and row.state in POLL_TRANSITIONS:
        _close(db, None, erg, row, PollState.WITHDRAWN)
    elif row.state is PollState.OPEN and row.counts_on <= today:
        _count(db, erg, row)
    elif row.state is PollState.AGREED and row.holds_from is not None and row.holds_from <= today:
        _carry_out(db, erg, row)
    return row


def _count(db: Session, erg: Erg, row: ErgPoll) -> None:
    lot = ids.random_bytes(1, "erg_poll_lot", row.id)[0] % LOTS
    band = snapshots.bands(db, [erg.id]).get(erg.id)
    row.counted_at = clock.now()
    if not agrees(polls.members_of(db, erg.id), polls.consenting(row), band, lot):
        _close(db, None, erg, row, PollState.STAYS)
    else:
        _move(db, None, row, PollState.AGREED)
        row.holds_from = erg.opens_on = row.counted_at.date() + NOTICE
        db.flush()
    _tell(db, row)


def _carry_out(db: Session, erg: Erg, row: ErgPoll) -> None:
    """Each who belonged at the count must still agree; who came since was told when joining."""
    needed = polls.members_of(db, erg.id, until=row.counted_at)
    if not needed <= polls.consenting(row):
        _close(db, None, erg, row, PollState.STAYS)
        return _tell(db, row)
    before = switches_of(erg)
    erg.says_sensitive = False
    if erg.roster in (Visibility.NOBODY, Visibility.LEADS):
        erg.roster = row.roster
    _close(db, None, erg, row, PollState.DONE)
    audit.record(db, None, "set_switches", erg, before=str(before), after=str(switches_of(erg)))
    return _tell(db, row)


def _held(db: Session, poll_id: UUID) -> tuple[ErgPoll, Erg]:
    known = db.get(ErgPoll, poll_id)
    if known is None:
        raise Refused(_("This poll is over."), 404)
    erg = hold_erg(db, known.erg_id)
    row = hold(db, ErgPoll, poll_id)
    assert row is not None
    return row, erg


def _move(db: Session, actor_id: UUID | None, row: ErgPoll, to: PollState) -> None:
    if to not in POLL_TRANSITIONS.get(row.state, frozenset()):
        raise Refused(_("This poll is over."))
    before, row.state = row.state, to
    audit.record(db, actor_id, "move_poll", row, before=before, after=to)
    db.flush()


def _close(db: Session, actor_id: UUID | None, erg: Erg, row: ErgPoll, to: PollState) -> None:
    """End it for good; what was answered is erased."""
    _move(db, actor_id, row, to)
    row.closed_at = clock.now()
    row.sealed = row.wrapped = row.root_id = None
    erg.opens_on = None
    db.flush()


def _tell(db: Session, row: ErgPoll) -> None:
    due = row.opened_at + TAKEN_BACK_WITHIN if row.state is PollState.OPEN else None
    outbox.put_all(
        db,
        "erg_poll",
        subject=row.id,
        people=sorted(polls.members_of(db, row.erg_id)),
        due=due,
        occasion=row.state,
    )


def give_key(row: ErgPoll) -> None:
    """A fresh key, and an empty list under it."""
    _wrap(row, ids.random_bytes(32, "erg_poll_key", row.id))
    _keep(row, set())


def _keep(row: ErgPoll, said: set[UUID]) -> None:
    text = json.dumps(sorted(str(one) for one in said)).encode()
    padded = text.ljust(-(-len(text) // PAD) * PAD)
    row.sealed = seal(polls.data_key(row), padded, polls.value_aad(row), "erg_poll")


def _wrap(row: ErgPoll, key: bytes) -> None:
    ring = keyring()
    row.root_id = ring.current
    row.wrapped = seal(ring.roots[ring.current], key, polls.key_aad(row, ring.current), "wrap")


def _roots(db: Session) -> set[str]:
    return set(db.scalars(select(ErgPoll.root_id).where(ErgPoll.root_id.is_not(None)).distinct()))


def _rewrap(db: Session) -> int:
    old = db.scalars(
        select(ErgPoll).where(ErgPoll.root_id != keyring().current).order_by(ErgPoll.id)
    ).all()
    for row in old:
        _wrap(row, polls.data_key(row))
    db.flush()
    return len(old)


wrapped_keys.add("erg_polls", Wrapped(_roots, _rewrap))
