"""Notes: whoever saves says from which revision they started, and no text is ever overwritten."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Note, NoteVersion
from app.mentoring.rules import NoteScope
from app.mentoring.rules.notes import KEPT_DELETED, MAY_GO, ONE_VERSION, lost, plain
from app.mentoring.services.holding import held, held_kept


def write(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    text: str,
    scope: NoteScope,
    key: str = "",
    turn: int = 1,
) -> NoteVersion:
    """Write a note for oneself or for all members; the same key goes on with the same note.

    Whoever has left writes for themselves alone.
    """
    is_here = held_kept(db, relationship_id, actor_id).has(actor_id)
    scope, known = scope if is_here else NoteScope.OWN, _known(db, actor_id, key)
    if known is None:
        return _begin(db, actor_id, relationship_id, plain(text), scope, key, turn)
    note, is_latest = known.note, known.number == known.note.revision
    is_later = not _is_past(known, plain(text), turn)
    if is_here and is_later and note.author_id == actor_id and note.deleted_at is None:
        share(db, actor_id, note_id=note.id, scope=scope)
    seen = note.revision if is_latest else 0
    return save(db, actor_id, note_id=note.id, text=text, seen=seen, key=key, turn=turn)


def save(
    db: Session,
    actor_id: UUID,
    *,
    note_id: UUID,
    text: str,
    seen: int,
    key: str = "",
    turn: int = 1,
) -> NoteVersion:
    """Save a text that started from revision `seen`; a version without a number stands aside.

    Sent twice it is saved once. What was written for a note that is gone, or for one of a group
    that the writer has left, becomes a note of its own.
    """
    text, known = plain(text), _known(db, actor_id, key)
    note, is_open = _found(db, actor_id, known.note_id if known else note_id)
    known = _known(db, actor_id, key)  # as it is under the lock
    if known is not None:
        if _is_past(known, text, turn):
            return known
        turn = max(turn, known.turn + 1)
    if note.deleted_at is not None or not is_open:
        return _begin(db, actor_id, note.relationship_id, text, NoteScope.OWN, key, turn)
    latest = _latest(db, note)
    if text == note.text:
        if known is not None:
            known.turn = turn
            db.flush()
        return latest
    if known is not None and known.number is None and known.settled_at is None:
        return _go_on_aside(db, note, known, text, turn)
    if seen != note.revision and known is not latest:
        return _add(db, note, actor_id, text, None, key, turn)
    return _adopt(db, actor_id, note, latest, text, key, turn)


def settle(
    db: Session, actor_id: UUID, *, version_id: UUID, seen: int, text: str | None = None
) -> NoteVersion:
    """Decide about a text that stands aside: none leaves the note as it is, else this is saved.

    When the note has changed once more, the text stands aside in its turn.
    """
    aside = db.get(NoteVersion, version_id)
    if aside is None or aside.author_id != actor_id or aside.number is not None:
        raise Refused(_("Only the person who wrote this text can decide about it."), 403)
    note = _held(db, actor_id, aside.note_id)
    if note.deleted_at is not None:
        raise Refused(_("This note was deleted. Your text stays among its versions."))
    aside.settled_at = clock.now()
    db.flush()
    if text is None:
        return _latest(db, note)
    return save(db, actor_id, note_id=note.id, text=text, seen=seen)


def restore(db: Session, actor_id: UUID, *, version_id: UUID) -> NoteVersion:
    """Make an earlier text the current one; what stood there stays among the versions."""
    chosen = db.get(NoteVersion, version_id)
    if chosen is None or not chosen.is_read_by(actor_id):
        raise Refused(_("This version is not there any more."))
    note = _held(db, actor_id, chosen.note_id)
    if note.deleted_at is not None:
        raise Refused(_("This note was deleted. Bring it back first."))
    if chosen.number is None and chosen.settled_at is None:
        chosen.settled_at = clock.now()
    return save(db, actor_id, note_id=note.id, text=chosen.text, seen=note.revision)


def share(db: Session, actor_id: UUID, *, note_id: UUID, scope: NoteScope) -> Note:
    """Let all members read one's note from now on, or keep it to oneself again."""
    note = _own(db, actor_id, note_id)
    if note.scope is scope:
        return note
    held(db, note.relationship_id, actor_id)
    others = select(NoteVersion.id).where(
        NoteVersion.note_id == note.id, NoteVersion.author_id != actor_id
    )
    if scope is NoteScope.OWN and db.scalar(others.limit(1)) is not None:
        raise Refused(_("Somebody else has written in this note, so it stays with all of you."))
    latest = _latest(db, note)
    note.scope = scope
    note.revision += 1
    if scope is NoteScope.SHARED:  # from here on; what was written before stays with its writer
        _add(db, note, actor_id, note.text, note.revision, "", 1)
    else:
        latest.number = note.revision
    audit.record(db, actor_id, f"note_{scope.value}", note)
    db.flush()
    return note


def delete_note(db: Session, actor_id: UUID, *, note_id: UUID) -> None:
    """Delete one's own note; it can be brought back for thirty days."""
    note = _own(db, actor_id, note_id)
    if note.deleted_at is None:
        note.deleted_at = clock.now()
        audit.record(db, actor_id, "note_deleted", note)
        db.flush()


def bring_back(db: Session, actor_id: UUID, *, note_id: UUID) -> None:
    """Undo a deletion."""
    note = _own(db, actor_id, note_id)
    if note.deleted_at is not None:
        note.deleted_at = None
        audit.record(db, actor_id, "note_brought_back", note)
        db.flush()


def purge(db: Session) -> int:
    """Forget notes that were deleted thirty days ago, with all their versions; how many."""
    is_due = Note.deleted_at <= clock.now() - KEPT_DELETED
    claiming = update(Note).where(is_due).values(id=Note.id).returning(Note.id)
    due = db.scalars(claiming.execution_options(synchronize_session=False)).all()
    db.execute(delete(NoteVersion).where(NoteVersion.note_id.in_(due)))
    db.execute(delete(Note).where(Note.id.in_(due)))
    for note_id in due:
        audit.record(db, None, "note_purged", ("note", note_id))
    db.flush()
    return len(due)


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: own notes and what stood aside go; shared words stay with those who share them."""
    own = select(Note.id).where(
        Note.author_id == person_id,
        (Note.scope == NoteScope.OWN) | Note.deleted_at.is_not(None),
    )
    alone = (NoteVersion.number.is_(None)) | (NoteVersion.scope == NoteScope.OWN)
    for statement in (
        delete(NoteVersion).where(NoteVersion.note_id.in_(own)),
        delete(NoteVersion).where(NoteVersion.author_id == person_id, alone),
        delete(Note).where(Note.id.in_(own)),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))


def _held(db: Session, actor_id: UUID, note_id: UUID) -> Note:
    """The note, locked after its relationship, for somebody who may change it."""
    note, is_open = _found(db, actor_id, note_id)
    if not is_open:
        raise Refused(
            _("You have left. What was shared stays with those who are still there."), 403
        )
    return note


def _found(db: Session, actor_id: UUID, note_id: UUID) -> tuple[Note, bool]:
    """The note, locked, for somebody who reads it or did until they left; whether it is open to
    them."""
    found, is_here = db.get(Note, note_id), False
    if found is not None:
        is_here = held_kept(db, found.relationship_id, actor_id).has(actor_id)
        found = hold(db, Note, note_id)
    if found is None or not found.is_read_by(actor_id):
        raise Refused(_("This note is not there any more."), status=404)
    return found, is_here or found.scope is NoteScope.OWN


def _own(db: Session, actor_id: UUID, note_id: UUID) -> Note:
    note = _held(db, actor_id, note_id)
    if note.author_id != actor_id:
        raise Refused(_("Only the person who began a note can do that."), status=403)
    return note


def _known(db: Session, actor_id: UUID, key: str) -> NoteVersion | None:
    """What this opening of the page saved last."""
    mine = select(NoteVersion).where(NoteVersion.author_id == actor_id, NoteVersion.key == key)
    last = mine.order_by(NoteVersion.turn.desc()).limit(1)
    return db.scalars(last.execution_options(populate_existing=True)).first() if key else None


def _is_past(known: NoteVersion, text: str, turn: int) -> bool:
    """Whether a save comes twice, or after a later one of the same page."""
    return turn < known.turn or (turn == known.turn and text == known.text)


def _latest(db: Session, note: Note) -> NoteVersion:
    """The version that is the note's text; a note from before there were versions gets one."""
    found = db.scalars(
        select(NoteVersion).where(
            NoteVersion.note_id == note.id, NoteVersion.number == note.revision
        )
    ).first()
    if found is not None:
        return found
    made = _add(db, note, note.author_id, note.text, note.revision, "", 1)
    made.began_at = made.written_at = note.changed_at
    return made


def _begin(
    db: Session,
    actor_id: UUID,
    relationship_id: UUID,
    text: str,
    scope: NoteScope,
    key: str,
    turn: int,
) -> NoteVersion:
    note = Note(
        relationship_id=relationship_id,
        author_id=actor_id,
        changed_by=actor_id,
        text=text,
        scope=scope,
        revision=1,
    )
    db.add(note)
    db.flush()
    audit.record(db, actor_id, "note_written", note)
    return _add(db, note, actor_id, text, note.revision, key, turn)


def _adopt(
    db: Session, actor_id: UUID, note: Note, latest: NoteVersion, text: str, key: str, turn: int
) -> NoteVersion:
    """Make a text the note's own: the version grows while one types, else it is a new one."""
    now, gone = clock.now(), latest.lost + lost(note.text, text)
    grows = latest.key == key != "" and latest.author_id == actor_id and gone <= MAY_GO
    grows = grows and latest.scope is note.scope  # words typed in private stay private
    note.text, note.changed_by, note.changed_at = text, actor_id, now
    note.revision += 1
    if not grows or now - latest.began_at > ONE_VERSION:
        audit.record(db, actor_id, "note_saved", note)
        return _add(db, note, actor_id, text, note.revision, key, turn)
    latest.text, latest.turn, latest.lost, latest.written_at = text, turn, gone, now
    latest.number = note.revision
    db.flush()
    return latest


def _go_on_aside(db: Session, note: Note, aside: NoteVersion, text: str, turn: int) -> NoteVersion:
    """Somebody types on while their text stands aside; what they delete is kept as well."""
    gone = aside.lost + lost(aside.text, text)
    if gone > MAY_GO:
        aside.settled_at = clock.now()
        return _add(db, note, aside.author_id, text, None, aside.key, turn)
    aside.text, aside.turn, aside.lost, aside.written_at = text, turn, gone, clock.now()
    db.flush()
    return aside


def _add(
    db: Session, note: Note, author_id: UUID, text: str, number: int | None, key: str, turn: int
) -> NoteVersion:
    version = NoteVersion(
        note_id=note.id,
        number=number,
        author_id=author_id,
        scope=note.scope,
        text=text,
        key=key or ids.token("note", note.id, size=12),
        turn=turn,
    )
    version.note = note
    db.add(version)
    db.flush()
    return version
