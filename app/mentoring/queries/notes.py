"""Notes as their readers may see them; there is no other way to a note."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.accounts.queries.directory import PAGE, Page, paged
from app.core.policies import Actor
from app.core.search import index_words, query_words
from app.mentoring.models import Note, NoteVersion
from app.mentoring.queries.relationships import ids_of, kept_for, relationship_for
from app.mentoring.rules import NoteScope


def notes_page(
    db: Session, actor: Actor, relationship_id: UUID, *, q: str, show: str, number: int
) -> Page:
    """One's own notes and what the others share, the last changed first; `show` narrows it."""
    chosen = _readable(actor, relationship_id, show).order_by(Note.changed_at.desc(), Note.id)
    words = query_words(q)
    if not words:
        return paged(db, chosen, number)
    texts = db.execute(chosen.with_only_columns(Note.id, Note.text)).all()
    found = [note_id for note_id, text in texts if _matches(text, words)]
    last = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), last)
    here = found[(number - 1) * PAGE : number * PAGE]
    rows = db.scalars(chosen.where(Note.id.in_(here))).all()
    return Page(list(rows), number, last, len(found))


def last_note(db: Session, actor: Actor, relationship_id: UUID) -> Note | None:
    """The note that changed last of those the actor may read."""
    chosen = _readable(actor, relationship_id, "").order_by(Note.changed_at.desc(), Note.id)
    return db.scalars(chosen.limit(1)).first()


def _matches(text: str, words: list[str]) -> bool:
    """Whether each word begins a word of the text: as everywhere, but without an index of words.

    An index would hold the words of private notes a second time.
    """
    there = index_words(text)
    return all(any(one.startswith(word) for one in there) for word in words)


def _readable(actor: Actor, relationship_id: UUID, show: str) -> Select[Any]:
    """Whoever has left reads what is theirs alone; what was shared is with those who are here."""
    is_here = Note.relationship_id.in_(ids_of(actor.person_id))
    shared = (Note.scope == NoteScope.SHARED) & is_here
    mine = (Note.author_id == actor.person_id) & ((Note.scope == NoteScope.OWN) | is_here)
    chosen = select(Note).where(Note.relationship_id == relationship_id)
    if show == "deleted":
        return chosen.where(mine, Note.deleted_at.is_not(None))
    narrowed = {"own": mine & (Note.scope == NoteScope.OWN), "shared": shared}
    return chosen.where(Note.deleted_at.is_(None), narrowed.get(show, or_(mine, shared)))


def any_note_for(db: Session, actor: Actor, note_id: UUID) -> Note | None:
    """A note the actor may read, or could until it was deleted or they left: texts on their way
    need a place."""
    found = db.get(Note, note_id)
    if found is None or not found.is_read_by(actor.person_id):
        return None
    return found if kept_for(db, actor, found.relationship_id) is not None else None


def note_for(db: Session, actor: Actor, note_id: UUID) -> Note | None:
    """A note the actor may read; whoever has left, their own alone."""
    found = db.get(Note, note_id)
    if found is None or found.deleted_at is not None or not found.is_read_by(actor.person_id):
        return None
    finder = kept_for if found.scope is NoteScope.OWN else relationship_for
    return found if finder(db, actor, found.relationship_id) is not None else None


def version_for(db: Session, actor: Actor, note_id: UUID, version_id: UUID) -> NoteVersion | None:
    """A text of a note the actor may read."""
    found = db.get(NoteVersion, version_id)
    if found is None or found.note_id != note_id or not found.is_read_by(actor.person_id):
        return None
    return found if note_for(db, actor, note_id) is not None else None


def aside_for(db: Session, actor: Actor, note_id: UUID, version_id: UUID) -> NoteVersion | None:
    """A text of the actor's own that stands beside a note."""
    found = version_for(db, actor, note_id, version_id)
    return found if found is not None and found.number is None else None


def asides_of(db: Session, actor: Actor, note_id: UUID) -> list[NoteVersion]:
    """The actor's texts that stand beside a note until they decide."""
    return list(
        db.scalars(
            select(NoteVersion)
            .where(
                NoteVersion.note_id == note_id,
                NoteVersion.author_id == actor.person_id,
                NoteVersion.number.is_(None),
                NoteVersion.settled_at.is_(None),
            )
            .order_by(NoteVersion.written_at)
            .limit(5)
        )
    )


def versions_page(db: Session, actor: Actor, note: Note, number: int) -> Page:
    """What was saved in a note, as far as the actor may read it, the last first."""
    is_mine = NoteVersion.author_id == actor.person_id
    is_shared = NoteVersion.number.is_not(None) & (NoteVersion.scope == NoteScope.SHARED)
    query = (
        select(NoteVersion)
        .where(NoteVersion.note_id == note.id, is_mine | is_shared)
        .order_by(NoteVersion.written_at.desc(), NoteVersion.number.desc(), NoteVersion.id)
    )
    return paged(db, query, number)
