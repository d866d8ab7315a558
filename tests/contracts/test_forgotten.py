"""Whoever was forgotten stands in no row of any table any more, but for what is listed with why.

The word is planted by the schema: in every free text of every row that bears somebody's id, in the
demo company and in the scenes of the access matrix. A new table is in here without being named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import flask
import pytest
from sqlalchemy import Column, Enum, Row, String, Table, Text, inspect, select, text, update

from app.accounts.jobs import erase_people
from app.accounts.models import Person
from app.accounts.services import erasing
from app.core import clock
from app.core.database import writing
from app.schema import metadata
from tests.contracts.access_world import open_world
from tests.databases import lay_files

CANARY = "zyxwvut"
FORGOTTEN = ("bo", "dalia", "chen", "amara", "elena", "person40")
SHORTEST = 100  # of a column for words; what is shorter names a kind, a zone, a language
MACHINE = {"token_hash", "state", "kind", "slug", "file_name", "stored_as", "url", "online_link"}
# Rows of texts that bear nobody's id, and the row that does.
PARTS = {"post_text": "post", "goal_step": "goal", "note_version": "note"}
FINAL = {"budget_entry"}  # a ledger that the database itself lets nobody change
# Whoever stands in one of these wrote nothing in the row; and what is not theirs in their rows.
ANSWERERS = {"confirmed_by", "decided_by", "removed_by", "closed_by", "answered_by", "granted_by"}
BY_OTHERS = {
    ("thread_post", "reason"),
    ("thread_appeal", "removal_reason"),
    ("thread_appeal", "answer"),
    ("outside_invitation", "name"),
    ("outside_invitation", "email"),
}
# What outlives its author, and why.
OF_GROUP = "published by a group or a program in its own name"
OF_TWO = "shared with a partner, who keeps it"
OF_OFFICE = "a decision of an office about somebody else, who may ask why"
KEPT = {
    "approval_step": OF_OFFICE,
    "recommendation_answer": OF_OFFICE,
    "budget_request": OF_GROUP,
    "initiative": OF_GROUP,
    "event": OF_GROUP,
    "event_material": OF_GROUP,
    "partner_organization": OF_GROUP,
    "program": OF_GROUP,
    "recommendation": OF_GROUP,
    "post_text": OF_GROUP,
    "goal": OF_TWO,
    "goal_step": OF_TWO,
    "note": OF_TWO,
    "note_version": OF_TWO,
    "look_back": OF_TWO,
    "mentoring_session": OF_TWO,
}


@pytest.fixture(scope="module")
def world(seeded_sqlite: Path, shared_folder: Path, tmp_path_factory) -> Iterator[flask.Flask]:
    folder = tmp_path_factory.mktemp("forgotten")
    lay_files(shared_folder, folder)
    app, _scenes = open_world(seeded_sqlite, folder)
    yield app
    app.extensions["database"].dispose()
    clock.configure(None)


def is_free_text(column: Column) -> bool:
    if isinstance(column.type, Enum) or column.primary_key or column.unique:
        return False
    if column.foreign_keys or column.name in MACHINE:
        return False
    kind = column.type
    return isinstance(kind, Text) or (isinstance(kind, String) and (kind.length or 0) >= SHORTEST)


def words_of(table: Table) -> dict[str, str]:
    """The word for each free text of a row."""
    texts = [c.name for c in table.c if is_free_text(c)]
    return {name: CANARY for name in texts if (table.name, name) not in BY_OTHERS}


def whose(table: Table) -> list[Column]:
    """The columns that name a person."""
    people = [c for c in table.c if any(k.column.table.name == "person" for k in c.foreign_keys)]
    return [column for column in people if column.name not in ANSWERERS]


def plant(app: flask.Flask) -> set[str]:
    """Write the word wherever the people may have written; returns the tables."""
    planted = set()
    with writing() as db:
        people = db.scalars(select(Person).where(Person.email.in_(addresses())))
        for person in people:
            person.name = f"{person.name} {CANARY}"
        ids = list(db.scalars(select(Person.id).where(Person.email.in_(addresses()))))
        for table in metadata.sorted_tables:
            words = words_of(table)
            if table.name == "person" or table.name in FINAL or not words:
                continue
            for column in whose(table):
                done = db.execute(update(table).where(column.in_(ids)).values(words))
                planted |= {table.name} if done.rowcount else set()
        for name, parent in PARTS.items():
            planted |= plant_part(db, metadata.tables[name], metadata.tables[parent], ids)
        for person in db.scalars(select(Person).where(Person.id.in_(ids))):
            person.email = f"{CANARY}-{person.email}"
    return planted


def plant_part(db, table: Table, parent: Table, ids) -> set[str]:
    author = whose(parent)[0]
    [key] = [c for c in table.c if any(k.column.table is parent for k in c.foreign_keys)]
    theirs = select(parent.c.id).where(author.in_(ids))
    words = words_of(table)
    done = db.execute(update(table).where(key.in_(theirs)).values(words))
    return {table.name} if done.rowcount else set()


def addresses() -> list[str]:
    return [f"{name}@demo.example" for name in FORGOTTEN]


def tables_with_it(app: flask.Flask) -> dict[str, list[Row]]:
    with app.extensions["database"].engine.connect() as connection:
        found = {}
        for name in inspect(connection).get_table_names():
            rows = connection.execute(text(f'select * from "{name}"')).all()
            if hits := [row for row in rows if CANARY in repr(row).lower()]:
                found[name] = hits
        return found


def test_no_row_of_any_table_holds_a_word_of_somebody_who_was_forgotten(world) -> None:
    with world.app_context():
        planted = plant(world)
        assert planted <= tables_with_it(world).keys()
        with writing() as db:
            for person_id in db.scalars(select(Person.id).where(Person.name.contains(CANARY))):
                erasing.ask(db, None, person_id=person_id)
        with clock.frozen(clock.now() + timedelta(days=8)):
            erase_people()
        left = tables_with_it(world)
    told = {name: rows[:1] for name, rows in left.items() if name not in KEPT}
    assert not told, f"{sorted(told)} {told}"
    assert KEPT.keys() <= left.keys(), "what is listed has become clean: take it off the list"
    assert len(planted) >= 32, sorted(planted)
