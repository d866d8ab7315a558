"""Words of a concern, sealed by data keys of its own that a root key of KEY_FILE wraps."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.concerns.models import Concern, ConcernEntry
from app.concerns.rules import EntryKind
from app.core import ids
from app.core.keyring import Keyring, Wrapped, keyring, seal, unseal, wrapped_keys

BATCH = 500


def _wrap_aad(column: str, concern_id: UUID, root_id: str) -> str:
    return f"concern|{column}|{concern_id}|{root_id}"


def _text_aad(entry_id: UUID, concern_id: UUID) -> str:
    return f"concern_entry|sealed|{entry_id}|{concern_id}"


def _wrapped(ring: Keyring, column: str, concern_id: UUID, key: bytes) -> bytes:
    aad = _wrap_aad(column, concern_id, ring.current)
    return seal(ring.roots[ring.current], key, aad, "wrap")


def give_keys(concern: Concern) -> None:
    """Two fresh data keys: one for what the person reads, one for what handlers note."""
    ring = keyring()
    concern.root_id = ring.current
    words, notes = (ids.random_bytes(32, name, concern.id) for name in ("words_key", "notes_key"))
    concern.wrapped = _wrapped(ring, "wrapped", concern.id, words)
    concern.wrapped_notes = _wrapped(ring, "wrapped_notes", concern.id, notes)


def _key(concern: Concern, kind: EntryKind, ring: Keyring) -> bytes | None:
    column = "wrapped_notes" if kind is EntryKind.NOTE else "wrapped"
    wrapped = getattr(concern, column)
    if wrapped is None:
        return None
    root = ring.roots[concern.root_id]
    return unseal(root, wrapped, _wrap_aad(column, concern.id, concern.root_id))


def sealed_entry(concern: Concern, author_id: UUID, kind: EntryKind, text: str) -> ConcernEntry:
    """A new entry with its text sealed."""
    key = _key(concern, kind, keyring())
    assert key is not None, "words are written only while their key is there"
    entry = ConcernEntry(id=ids.new_id(), concern_id=concern.id, author_id=author_id, kind=kind)
    aad = _text_aad(entry.id, concern.id)
    entry.sealed = seal(key, text.strip().encode(), aad, "concern_text")
    return entry


def opened(concern: Concern, entries: list[ConcernEntry]) -> list[tuple[ConcernEntry, str]]:
    """Entries with their words; what was destroyed is left out."""
    ring, keys, found = keyring(), {}, []
    for entry in entries:
        is_note = entry.kind is EntryKind.NOTE
        if is_note not in keys:
            keys[is_note] = _key(concern, entry.kind, ring)
        if (key := keys[is_note]) is not None:
            text = unseal(key, entry.sealed, _text_aad(entry.id, concern.id)).decode()
            found.append((entry, text))
    return found


def _roots(db: Session) -> set[str]:
    return set(db.scalars(select(Concern.root_id).distinct()))


def _rewrap(db: Session) -> int:
    ring = keyring()
    old = db.scalars(
        select(Concern).where(Concern.root_id != ring.current).order_by(Concern.id).limit(BATCH)
    ).all()
    for row in old:
        words, notes = (_key(row, kind, ring) for kind in (EntryKind.WORDS, EntryKind.NOTE))
        assert notes is not None, "the key of notes stays as long as the row"
        row.wrapped = words and _wrapped(ring, "wrapped", row.id, words)
        row.wrapped_notes = _wrapped(ring, "wrapped_notes", row.id, notes)
        row.root_id = ring.current
    db.flush()
    return len(old)


wrapped_keys.add("concerns", Wrapped(_roots, _rewrap))
