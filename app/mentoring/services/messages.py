"""What members write to each other: sending, second thoughts, and what has been read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete as remove
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.mentoring.models import MessageRead, PairMessage, Relationship
from app.mentoring.queries.messages import count_unread, oldest_unread
from app.mentoring.registry import contact_stops
from app.mentoring.rules.messages import LONGEST_MESSAGE, NOTICE_AFTER, SECOND_THOUGHTS, is_fresh
from app.mentoring.services.holding import held, held_live
from app.notifications import services as notifications

KIND = "pair_message"
BATCH = 500
TICK = timedelta(microseconds=1)


def send(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    text: str,
    key: str,
    seen: datetime | None = None,
) -> PairMessage:
    """Write to the others; the same key again is the same message. `seen` is what one answers."""
    pair = _open_pair(db, relationship_id, actor_id)
    sent = db.scalars(
        select(PairMessage).where(PairMessage.author_id == actor_id, PairMessage.key == key)
    ).one_or_none()
    if sent is not None:
        if sent.relationship_id != pair.id:
            raise Refused(_("This page is older than your message. Reload it and send again."))
        return sent
    message = PairMessage(
        relationship_id=pair.id,
        author_id=actor_id,
        text=_words(text),
        key=key,
        sent_at=_next_instant(db, pair.id),
    )
    db.add(message)
    db.flush()
    audit.record(db, actor_id, "message_sent", message)
    if seen is not None:
        _read(db, pair, actor_id, seen)
    _tell(db, pair, message, str(message.id))
    db.flush()
    return message


def _open_pair(db: Session, relationship_id: UUID, person_id: UUID) -> Relationship:
    """The relationship, locked, if this person can write in it now."""
    pair = held_live(db, relationship_id, person_id)
    if pair.is_gathering:
        raise Refused(_("Messages begin when your group does."))
    if is_stopped(db, pair.id, person_id):
        raise Refused(
            _("Messages cannot be sent here at the moment. You can keep your words as a note.")
        )
    return pair


def is_stopped(db: Session, relationship_id: UUID, person_id: UUID) -> bool:
    """Whether anything suspends a person's contact with the others."""
    return any(stops(db, relationship_id, person_id) for _name, stops in contact_stops)


def _words(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_MESSAGE:
        raise Refused(_("Please write something, and not more than fits here."), 422)
    return said


def _next_instant(db: Session, relationship_id: UUID) -> datetime:
    """Later than everything before, so that what was read up to is never in doubt."""
    now = clock.now()
    last = db.scalar(
        select(func.max(PairMessage.sent_at)).where(PairMessage.relationship_id == relationship_id)
    )
    return now if last is None or now > last else last + TICK


def _tell(db: Session, pair: Relationship, message: PairMessage, occasion: str) -> None:
    """One notice, until it is read: whoever was told of something unread already knows."""
    due = clock.now() + NOTICE_AFTER
    for member in pair.others(message.author_id):
        if not member.person.can_sign_in:
            continue
        if not _knows(db, pair, member.person_id, message):
            outbox.put(
                db, KIND, subject=pair.id, person=member.person_id, due=due, occasion=occasion
            )


def _knows(db: Session, pair: Relationship, person_id: UUID, message: PairMessage) -> bool:
    """Whether a notice of something else unread stands; of what was held there is none."""
    oldest = oldest_unread(db, pair.id, person_id, but=message.id)
    if oldest is None:
        return False
    notice = exists().where(
        Delivery.kind == KIND,
        Delivery.subject_id == pair.id,
        Delivery.person_id == person_id,
        Delivery.state != DeliveryState.SKIPPED,
        Delivery.due_at >= oldest,
    )
    return bool(db.scalar(select(notice)))


def _untell(db: Session, pair: Relationship, person_id: UUID, reason: str) -> None:
    """A notice about nothing unread is taken back, also out of the inbox."""
    if count_unread(db, pair.id, person_id) == 0:
        outbox.withdraw(db, KIND, subject=pair.id, person=person_id, reason=reason)
        notifications.mark_about(db, person_id, kind=KIND, subject=pair.id)


def mark_read(db: Session, actor_id: UUID, *, relationship_id: UUID, until: datetime) -> None:
    """Nothing up to an instant is new to the actor any more; nobody else can see that."""
    pair = held(db, relationship_id, actor_id)
    _read(db, pair, actor_id, until)
    db.flush()


def _read(db: Session, pair: Relationship, person_id: UUID, until: datetime) -> None:
    last = db.scalar(
        select(func.max(PairMessage.sent_at)).where(PairMessage.relationship_id == pair.id)
    )
    if last is None:
        return
    own = db.get(MessageRead, (pair.id, person_id))
    upto = min(until, last)
    if own is None:
        db.add(MessageRead(relationship_id=pair.id, person_id=person_id, read_up_to=upto))
    else:
        own.read_up_to = max(own.read_up_to, upto)
    db.flush()
    _untell(db, pair, person_id, "read")


def _own(
    db: Session, actor_id: UUID, message_id: UUID, *, is_writing: bool
) -> tuple[PairMessage, Relationship]:
    """One's own message with its relationship, both locked."""
    seen = db.get(PairMessage, message_id)
    if seen is None or seen.author_id != actor_id:
        raise Refused(_("Only the person who wrote a message can change it."), status=403)
    find = _open_pair if is_writing else held
    pair = find(db, seen.relationship_id, actor_id)
    message = hold(db, PairMessage, message_id)
    assert message is not None, "messages are never removed"
    return message, pair


def edit(db: Session, actor_id: UUID, *, message_id: UUID, text: str) -> PairMessage:
    """Change one's words, for a quarter of an hour; the message says that it was changed."""
    message, _pair = _own(db, actor_id, message_id, is_writing=True)
    if message.deleted_at is not None or not is_fresh(message.sent_at, clock.now()):
        raise Refused(_("A message can be changed for 15 minutes. Write another one instead."))
    said = _words(text)
    if said != message.text:
        message.text, message.edited_at = said, clock.now()
        audit.record(db, actor_id, "message_edited", message)
    db.flush()
    return message


def delete(db: Session, actor_id: UUID, *, message_id: UUID) -> PairMessage:
    """Take one's own message away; a mark stays, and its words for as long as it can come back."""
    message, pair = _own(db, actor_id, message_id, is_writing=False)
    if message.deleted_at is not None:
        return message
    message.deleted_at = clock.now()
    audit.record(db, actor_id, "message_deleted", message)
    db.flush()
    for member in pair.others(actor_id):
        _untell(db, pair, member.person_id, "deleted")
    return message


def restore(db: Session, actor_id: UUID, *, message_id: UUID) -> PairMessage:
    """Undo a deletion, for a quarter of an hour."""
    message, pair = _own(db, actor_id, message_id, is_writing=True)
    if message.deleted_at is None:
        return message
    if not message.text or not is_fresh(message.deleted_at, clock.now()):
        raise Refused(_("This message cannot be brought back any more. You can write it again."))
    occasion = f"{message.id} {message.deleted_at.isoformat()}"
    message.deleted_at = None
    db.flush()
    audit.record(db, actor_id, "message_restored", message)
    _tell(db, pair, message, occasion)
    db.flush()
    return message


def wipe_deleted(db: Session) -> int:
    """When a deleted message cannot come back any more, its words leave the database."""
    is_old = (PairMessage.deleted_at < clock.now() - SECOND_THOUGHTS) & (PairMessage.text != "")
    some = select(PairMessage.id).where(is_old).limit(BATCH)
    wiping = update(PairMessage).where(PairMessage.id.in_(some), is_old).values(text="")
    wiped = wiping.returning(PairMessage.id).execution_options(synchronize_session="fetch")
    return len(db.scalars(wiped).all())


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: a person's words go, marks stay where they stood in a conversation."""
    for message in db.scalars(select(PairMessage).where(PairMessage.author_id == person_id)):
        message.text, message.deleted_at = "", message.deleted_at or clock.now()
    db.execute(remove(MessageRead).where(MessageRead.person_id == person_id))
    db.flush()
