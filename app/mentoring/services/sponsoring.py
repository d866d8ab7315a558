"""The ledger of a sponsorship: two private yeses open it, and only the two write and read."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import PrivateAnswer, Relationship, SponsorAction
from app.mentoring.queries.sponsorship import counted_at, has_ledger, is_asked, settled_at
from app.mentoring.rules import AskedQuestion, RelationshipState
from app.mentoring.rules.sponsorship import (
    ASKED_FOR,
    LONGEST_RESULT,
    LONGEST_WHOM,
    RETURNS_WITHIN,
    SponsorAct,
    is_due,
)
from app.mentoring.services import asking
from app.mentoring.services.holding import held, held_live
from app.mentoring.services.telling import tell_all
from app.programs.models import Cohort, Program
from app.programs.rules import Format


def ask(db: Session) -> int:
    """In the middle of a term and at its renewal ask each of a pair; returns how many pairs."""
    open_ones = db.execute(
        select(
            Relationship.id,
            Program.months,
            Relationship.ends_on,
            Relationship.sponsorship_asked_at,
            Relationship.renewal_asked_at,
        )
        .join(Cohort, Cohort.id == Relationship.cohort_id)
        .join(Program, Program.id == Cohort.program_id)
        .where(
            Relationship.state == RelationshipState.ACTIVE,
            Relationship.format == Format.ONE_TO_ONE,
            Relationship.sponsorship_opened_at.is_(None),
        )
        .order_by(Relationship.id)
    ).all()
    today, asked = clock.now().date(), 0
    for pair_id, months, ends_on, asked_at, renewal_asked_at in open_ones:
        if ends_on is None or not is_due(today, ends_on, months, asked_at, renewal_asked_at):
            continue
        pair = hold(db, Relationship, pair_id)
        if pair is None or not _is_due(pair, months):
            continue
        _forget(db, pair.id)
        pair.sponsorship_asked_at = clock.now()
        audit.record(db, None, "sponsorship_asked", pair)
        expires = pair.sponsorship_asked_at + ASKED_FOR
        revision = (pair.sponsorship_asked_at.date() - date(2020, 1, 1)).days
        tell_all(db, pair, "sponsorship_question", revision=revision, expires=expires)
        asked += 1
    db.flush()
    return asked


def _is_due(pair: Relationship, months: int) -> bool:
    """The same once more, as things stand under the lock."""
    if pair.state is not RelationshipState.ACTIVE or has_ledger(pair) or pair.ends_on is None:
        return False
    today, asked_at = clock.now().date(), pair.sponsorship_asked_at
    return is_due(today, pair.ends_on, months, asked_at, pair.renewal_asked_at)


def _forget(db: Session, relationship_id: UUID) -> None:
    db.execute(
        delete(PrivateAnswer)
        .where(
            PrivateAnswer.relationship_id == relationship_id,
            PrivateAnswer.question == AskedQuestion.SPONSORSHIP,
        )
        .execution_options(synchronize_session="fetch")
    )


def forget_unanswered(db: Session) -> int:
    """When the time for answering is over, what was said is deleted; returns how many pairs."""
    late = (
        select(PrivateAnswer.relationship_id)
        .join(Relationship, Relationship.id == PrivateAnswer.relationship_id)
        .where(
            PrivateAnswer.question == AskedQuestion.SPONSORSHIP,
            Relationship.sponsorship_asked_at <= clock.now() - ASKED_FOR,
        )
        .distinct()
    )
    found = db.scalars(late).all()
    for pair_id in found:
        _forget(db, pair_id)
    return len(found)


def answer(db: Session, actor_id: UUID, *, relationship_id: UUID, says_yes: bool) -> bool:
    """Say in private whether one goes on as sponsorship; returns whether the ledger opened."""
    pair = held_live(db, relationship_id, actor_id)
    if not is_asked(pair):
        raise Refused(_("This question is closed. Reload the page to see how things stand."))
    asking.keep(db, actor_id, pair, AskedQuestion.SPONSORSHIP, says_yes)
    said = asking.answers(db, pair, AskedQuestion.SPONSORSHIP)
    if not all(said.get(member.person_id) for member in pair.members if member.left_at is None):
        return False
    _forget(db, pair.id)
    pair.sponsorship_opened_at = clock.now()
    audit.record(db, None, "sponsorship_opened", pair)
    tell_all(db, pair, "sponsorship_opened", but=actor_id)
    db.flush()
    return True


def note_action(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    act: SponsorAct,
    acted_on: date,
    whom: str = "",
    result: str = "",
) -> SponsorAction:
    """Write down what was done and when."""
    pair = held_live(db, relationship_id, actor_id)
    if not has_ledger(pair):
        raise Refused(_("This pair keeps no ledger."), 403)
    if acted_on > clock.now().date() + RETURNS_WITHIN:
        raise Refused(_("Choose a day that has come."), 422)
    row = SponsorAction(
        relationship_id=pair.id,
        author_id=actor_id,
        act=act,
        acted_on=acted_on,
        whom=whom.strip()[:LONGEST_WHOM],
        result=result.strip()[:LONGEST_RESULT],
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "sponsor_action_noted", row)
    return row


def tell_result(db: Session, actor_id: UUID, *, action_id: UUID, result: str, before: str) -> None:
    """Say what came of it, as either of the two, in place of the words that stood `before`."""
    row, said = _held_action(db, actor_id, action_id), result.strip()[:LONGEST_RESULT]
    if row.removed_at is not None:
        raise Refused(_("This line does not exist any more."))
    if said == row.result:
        return
    if before.strip() != row.result:
        raise Refused(
            _("These words have changed meanwhile. Read them; save once more to replace them.")
        )
    row.result = said
    audit.record(db, actor_id, "sponsor_action_changed", row)
    db.flush()


def remove_action(db: Session, actor_id: UUID, *, action_id: UUID) -> None:
    """Take one's own line out; it can come back for a day."""
    row = _own_action(db, actor_id, action_id)
    if row.removed_at is None:
        row.removed_at = clock.now()
        audit.record(db, actor_id, "sponsor_action_removed", row)
    db.flush()


def return_action(db: Session, actor_id: UUID, *, action_id: UUID) -> None:
    """Undo it, for a day; a line that was out when its pair was settled goes on not counting."""
    row = _own_action(db, actor_id, action_id)
    if row.removed_at is not None and row.removed_at <= clock.now() - RETURNS_WITHIN:
        raise Refused(_("This line does not exist any more."), 404)
    if row.removed_at is not None:
        at = settled_at(db.get_one(Relationship, row.relationship_id))
        if at is not None and row.removed_at <= at <= clock.now():
            row.written_at = clock.now()
        row.removed_at = None
        audit.record(db, actor_id, "sponsor_action_returned", row)
    db.flush()


def _held_action(db: Session, actor_id: UUID, action_id: UUID) -> SponsorAction:
    row = db.get(SponsorAction, action_id)
    if row is None:
        raise Refused(_("This line does not exist any more."), 404)
    held(db, row.relationship_id, actor_id)
    db.refresh(row)
    return row


def _own_action(db: Session, actor_id: UUID, action_id: UUID) -> SponsorAction:
    row = _held_action(db, actor_id, action_id)
    if row.author_id != actor_id:
        raise Refused(_("Only the person who wrote a line can take it out."), 403)
    return row


def wipe_removed(db: Session) -> int:
    """Lines that were taken out a day ago are deleted; returns how many.

    Of those that count in a total already their words go, and that something was done stays, seen
    by nobody: else the total would tell of the pair.
    """
    is_old = SponsorAction.removed_at < clock.now() - RETURNS_WITHIN
    old = (
        select(SponsorAction).where(is_old).options(joinedload(SponsorAction.pair, innerjoin=True))
    )
    wiped = 0
    # Held, so that a line that comes back meanwhile is not found.
    for row in db.scalars(old.with_for_update(of=SponsorAction)).unique():
        if not counted_at(row, settled_at(row.pair)):
            db.delete(row)
        elif row.whom or row.result:
            row.whom = row.result = ""
        else:
            continue
        wiped += 1
    db.flush()
    return wiped


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: words in a person's lines go; that and when something was done stays."""
    theirs = update(SponsorAction).where(SponsorAction.author_id == person_id)
    silent = theirs.values(whom="", result="")
    db.execute(silent.execution_options(synchronize_session="fetch"))
