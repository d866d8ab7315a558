"""Full-text search behind one port: an inverted index of normalized words, one table.

Words are normalized here, in Python, so that no database's own rules matter: case folded,
diacritics of alphabetic scripts dropped, Arabic letter variants unified, text written without
spaces (Han, kana, Thai) cut into overlapping pairs. A query finds a document when each of its
words begins a word of the document. SQLite and PostgreSQL run the same range scan, so they find
the same things by construction; FTS5 and tsvector would need two dialects and agree only by luck.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Index, Select, String, delete, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.database import Base, insert_rows

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_FOLDS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "ى": "ي",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
        "ـ": None,
        "'": None,
        "\u2019": None,
    }
)
_ARTICLE = "ال"
_KEPT_MARKS = ("\u3099", "\u309a")  # the voicing marks of kana change the letter
_LAST = "\U0010ffff"
LONGEST_WORD = 60
MAX_QUERY_WORDS = 8


class SearchWord(Base):
    """One word by which one thing of one collection is found."""

    __tablename__ = "search_word"
    __table_args__ = (Index(None, "collection", "subject_id"),)

    collection: Mapped[str] = mapped_column(String(30), primary_key=True)
    word: Mapped[str] = mapped_column(
        String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql"),
        primary_key=True,
    )
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)


def put(db: Session, collection: str, subject_id: UUID, *texts: str | None) -> None:
    """Make a thing findable by these texts, replacing what it was found by before."""
    drop(db, collection, subject_id)
    words = sorted(index_words(" ".join(part for part in texts if part)))
    if words:
        db.execute(
            insert(SearchWord),
            [{"collection": collection, "word": w, "subject_id": subject_id} for w in words],
        )


def put_new(db: Session, collection: str, texts: Mapping[UUID, Iterable[str | None]]) -> None:
    """Make many things findable that were not before, in one statement (imports, seeds)."""
    rows = [
        {"collection": collection, "word": word, "subject_id": subject_id}
        for subject_id, parts in texts.items()
        for word in sorted(index_words(" ".join(part for part in parts if part)))
    ]
    if rows:
        insert_rows(db, SearchWord, rows)


def drop(db: Session, collection: str, subject_id: UUID) -> None:
    """Make a thing unfindable."""
    db.execute(
        delete(SearchWord).where(
            SearchWord.collection == collection, SearchWord.subject_id == subject_id
        )
    )


def add_many(db: Session, collection: str, texts: Mapping[UUID, Iterable[str | None]]) -> None:
    """Make many things findable in one statement; what they were found by must be dropped first."""
    rows = [
        {"collection": collection, "word": word, "subject_id": subject_id}
        for subject_id, parts in texts.items()
        for word in sorted({word for part in parts if part for word in _words_of(part)})
    ]
    if rows:
        insert_rows(db, SearchWord, rows)


@lru_cache(maxsize=4096)
def _words_of(text: str) -> frozenset[str]:
    """The words of one text; departments and sites repeat by the thousand."""
    return frozenset(index_words(text))


def drop_many(db: Session, collection: str, subject_ids: Collection[UUID]) -> None:
    """Make many things unfindable, at most some hundred at a time."""
    if subject_ids:
        db.execute(
            delete(SearchWord).where(
                SearchWord.collection == collection, SearchWord.subject_id.in_(subject_ids)
            )
        )


def ids(collection: str, query: str | None) -> Select[UUID] | None:
    """A select of the ids that match, for `.where(Model.id.in_(...))`; None for an empty query."""
    words = query_words(query or "")
    if not words:
        return None
    found = select(SearchWord.subject_id).where(_begins(collection, words[0]))
    for word in words[1:]:
        found = found.where(
            SearchWord.subject_id.in_(
                select(SearchWord.subject_id).where(_begins(collection, word))
            )
        )
    return found


def by_any(collection: str, beginnings: Collection[str]) -> Select[UUID, int]:
    """The ids of what holds any of these beginnings of words, with how many of its words do."""
    return (
        select(SearchWord.subject_id.label("subject_id"), func.count().label("hits"))
        .where(or_(*(_begins(collection, word) for word in sorted(beginnings))))
        .group_by(SearchWord.subject_id)
    )


def _begins(collection: str, word: str):  # type: ignore[no-untyped-def]
    return (
        (SearchWord.collection == collection)
        & (SearchWord.word >= word)
        & (SearchWord.word < word + _LAST)
    )


def index_words(value: str) -> set[str]:
    """The words a text is found by; an Arabic word also without its article."""
    words: set[str] = set()
    for part in _parts(value):
        if _UNSPACED.fullmatch(part):
            words.update(part[i : i + 2] for i in range(len(part)))
        else:
            words.add(part[:LONGEST_WORD])
            if part.startswith(_ARTICLE) and len(part) > 4:
                words.add(part[2:LONGEST_WORD])
    return words


def query_words(value: str) -> list[str]:
    """The words a query asks for, at most eight, each to be found as a beginning."""
    words: list[str] = []
    for part in _parts(value):
        if _UNSPACED.fullmatch(part) and len(part) > 1:
            words += [part[i : i + 2] for i in range(len(part) - 1)]
        else:
            words.append(part[:LONGEST_WORD])
    return list(dict.fromkeys(words))[:MAX_QUERY_WORDS]


def matches(text: str, query: str) -> bool:
    """Whether a text answers a query as the index would: for what no index of words should hold."""
    there = index_words(text)
    return all(any(one.startswith(word) for one in there) for word in query_words(query))


def normalize(value: str) -> str:
    """A text in the form in which it is compared, words apart by single blanks."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", value).casefold())
    plain = "".join(c for c in folded if not _is_dropped(c))
    plain = unicodedata.normalize("NFC", plain).translate(_FOLDS)
    return " ".join("".join(c if _is_letter(c) else " " for c in plain).split())


def _parts(value: str) -> list[str]:
    return [
        part
        for word in normalize(value).split()
        for part in re.split(f"({_UNSPACED.pattern})", word)
        if part
    ]


def _is_letter(char: str) -> bool:
    """Letters, digits, and the marks with which Indic scripts write vowels."""
    return char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")


def _is_dropped(char: str) -> bool:
    is_mark = unicodedata.category(char) == "Mn"
    return is_mark and not "\u0900" <= char <= "\u0eff" and char not in _KEPT_MARKS
