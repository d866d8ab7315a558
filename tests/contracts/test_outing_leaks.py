"""Planted mistakes that would out somebody: the comparison of two companies catches each."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import reading
from app.ergs.models import Membership
from app.ergs.rules import Visibility
from app.ergs.rules.snapshots import Band
from tests.contracts.outing import told_apart


def belongs_unseen(db) -> bool:
    """What only a mistake would let out: whether somebody belongs whom nobody may see."""
    return bool(db.query(Membership).filter_by(visibility=Visibility.NOBODY).count())


def shifts(change):
    """A query that answers otherwise when somebody belongs unseen."""
    return lambda asked: (
        lambda db, *args, **names: (
            change(asked(db, *args, **names)) if belongs_unseen(db) else asked(db, *args, **names)
        )
    )


def names_all(asked):
    """A list of names that forgot to ask who may be seen."""

    def everybody(db, *_args, **_names):
        chosen = select(Person.id, Person.name).join(Membership, Membership.person_id == Person.id)
        rows = db.execute(chosen.order_by(Person.name)).all()
        return [(row.id, row.name) for row in rows]

    return everybody


def mentions_all(_asked):
    return lambda erg, _viewer: (
        select(Person.id, Person.name, Person.job_title)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.erg_id == erg.id)
    )


def band_of_today(_asked):
    def live(db, erg_ids, **_names):
        counted = db.query(Membership).count()
        return {erg_id: Band(counted, counted) for erg_id in erg_ids}

    return live


def a_row_more(asked):
    return lambda erg: [*asked(erg), ["count", reading().query(Membership).count()]]


def a_word_more(asked):
    """A mail whose subject counts the readers."""

    def message(kind, db, delivery, to):
        said = asked(kind, db, delivery, to)
        return said and replace(said, subject=f"{said.subject} ({db.query(Membership).count()})")

    return message


one_more = shifts(lambda found: replace(found, total=found.total + 21))
backwards = shifts(lambda found: replace(found, rows=found.rows[::-1]))
one_less = shifts(lambda found: found[1:])

# What leaks: (where, what, the mistake, the domain that shows it, the address; None for mails)
LEAKS = {
    "names proposed for a mention": (
        "threads.queries.mentions",
        "_visible",
        mentions_all,
        "threads",
        "/ergs/women/threads/new",
    ),
    "names proposed as owners": (
        "plans.queries",
        "choosable",
        names_all,
        "plans",
        "/initiatives/new",
    ),
    "a band that moves at once": (
        "ergs.queries.snapshots",
        "bands",
        band_of_today,
        "health",
        "/ergs/pride/",
    ),
    "a row of a CSV": ("budgets.views.ledger", "_exported", a_row_more, "budgets", "ledger.csv"),
    "a row of a workbook": (
        "budgets.views.ledger",
        "_exported",
        a_row_more,
        "budgets",
        "ledger.xlsx",
    ),
    "the number of pages": (
        "threads.queries",
        "listing",
        one_more,
        "threads",
        "/ergs/women/threads/",
    ),
    "the order of a list": ("budgets.queries", "requests", backwards, "budgets", "/requests/"),
    "hits of a search": ("posts.queries", "found_by", one_less, "posts", "/search?q=quiet"),
    "the length of the desk": (
        "ergs.views.desk",
        "queries.queue",
        one_more,
        "budgets",
        "/ergs/desk/",
    ),
    "whether a page exists": (
        "resources.queries",
        "resource_for",
        shifts(lambda _found: None),
        "resources",
        "/resources/",
    ),
    "the subject of a mail": (
        "budgets.messages",
        "RequestWaiting.message",
        a_word_more,
        "budgets",
        None,
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(tmp_path, empty, monkeypatch, leak) -> None:
    """Otherwise the test above would say nothing."""
    module, name, mistake, domain, address = LEAKS[leak]
    target: Any = importlib.import_module(f"app.{module}")
    slug = "pride" if "band" in leak else "women"
    *outer, last = name.split(".")
    for part in outer:
        target = getattr(target, part)
    monkeypatch.setattr(target, last, mistake(getattr(target, last)))
    assert told_apart(tmp_path, empty, slug, (domain,), address or "/notifications/") != []
