"""Nobody is outed: two companies that differ in one confidential membership answer alike.

Each company is built from nothing with the same seed and clock; in one of them Maria belongs to
the group, seen by nobody, from before anything else happens in it. Then the sweeps run, mails go
out, and everybody without the right reads every address that a domain says it has.
`tests/ergs/test_outing.py` asks the same of one company before and after such a row.
"""

from __future__ import annotations

import importlib
import re
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock, delivery, ids, jobs
from app.core.database import reading, writing
from app.core.settings import load
from app.ergs.models import Membership
from app.ergs.rules import Admission, Visibility
from app.ergs.rules.snapshots import Band
from app.factory import create_app
from tests import databases
from tests.client import PASSWORD, Browser
from tests.databases import TEST_ENVIRONMENT
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member

DOMAINS = (
    "approvals",
    "attendance",
    "budgets",
    "elections",
    "events",
    "health",
    "membership",
    "plans",
    "posts",
    "resources",
    "speed",
    "threads",
)
PEOPLE = {
    "outsider": (),
    "member": (),
    "lead": (),
    "admin": ("org_admin",),
    "analyst": ("hr_analyst",),
    "auditor": ("auditor",),
    "maria": (),
}
OBSERVERS = tuple(name for name in PEOPLE if name != "maria")
GROUPS: dict[str, dict[str, Any]] = {
    "women": {"roster": Visibility.COMPANY},
    "pride": {
        "roster": Visibility.NOBODY,
        "says_sensitive": True,
        "admission": Admission.APPROVAL,
    },
}
SHARED = ("/", "/ergs/", "/ergs/desk/", "/ergs/{slug}/", "/ergs/{slug}/members/", "/notifications/")
AT = "2026-11-21T09:00Z"


@contextmanager
def company(folder: Path, source: str, slug: str, domains: tuple[str, ...], *, belongs: bool):
    """An app on a company of its own; yields it with the addresses of its domains."""
    folder.mkdir()
    environment = {
        **TEST_ENVIRONMENT,
        "DATABASE_URL": databases.copy(source, folder),
        "DATA_DIR": str(folder / "data"),
        "TRELLIS_NOW": AT,
        "TRELLIS_SEED": "worlds",
    }
    app = create_app(load(environment))
    try:
        with app.app_context(), ids.seeded("worlds"):
            paths = _built(slug, domains, belongs=belongs)
        yield app, paths
    finally:
        app.extensions["database"].dispose()
        ids.configure(None)
        clock.configure(None)


def _built(slug: str, domains: tuple[str, ...], *, belongs: bool) -> list[str]:
    with writing() as db:
        people: dict[str, UUID] = {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                roles,
                id=ids.new_id("person", name),
            ).id
            for name, roles in PEOPLE.items()
        }
        erg = make_erg(db, slug, lead=people["lead"], **GROUPS[slug])
        make_member(db, erg, people["member"], visibility=Visibility.COMPANY)
        if belongs:
            make_member(db, erg, people["maria"], visibility=Visibility.NOBODY)
    paths = [path.format(slug=slug) for path in SHARED]
    for domain in domains:
        factory = importlib.import_module(f"tests.factories.{domain}")
        with writing() as db:
            held = db.merge(erg, load=True)
            paths += factory.outing_paths(db, held, people["lead"], people["member"])
    return list(dict.fromkeys(paths))


def heard(app, folder: Path) -> dict[str, list[str]]:
    """What everybody but Maria is sent, once all sweeps have run."""
    with app.app_context():
        for _name, sweep in jobs.sweeps:
            sweep.run()
        for channel in ("in_app", "mail"):
            while not delivery.deliver(channel):
                pass
    mails: dict[str, list[str]] = {}
    for file in sorted((folder / "data" / "outbox").glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        lines = [f"{name}: {value}" for name, value in mail.items() if name != "Date"]
        body = mail.get_body(("plain",))
        mails.setdefault(str(mail["To"]), []).append(
            "\n".join([*lines, body.get_content() if body else ""])
        )
    return {to: sorted(found) for to, found in mails.items() if "maria" not in to}


def read(app, paths: list[str], observers: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Every answer to every observer, as far as it may be compared."""
    answers = {}
    for observer in (*observers, "nobody"):
        browser = Browser(app)
        if observer != "nobody":
            browser.sign_in(f"{observer}@t.example")
        for path in paths:
            answer = browser.client.get(path)
            assert answer.status_code < 500, path
            answers[observer, path] = _comparable(answer)
    return answers


def _comparable(answer) -> str:
    headers = sorted((k, v) for k, v in answer.headers if k not in ("Date", "Set-Cookie"))
    body = answer.get_data()
    if answer.mimetype.endswith("sheet"):
        body = _unzipped(body)
    text = re.sub(rb'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', rb"\1", body)
    return f"{answer.status_code} {headers} {text!r}"


def _unzipped(body: bytes) -> bytes:
    """A workbook without the time at which it was packed."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return b"".join(
            packed.read(name) for name in sorted(packed.namelist()) if "core" not in name
        )


def told_apart(
    folder: Path, source: str, slug: str, domains: tuple[str, ...], paths=None, observers=OBSERVERS
) -> list[Any]:
    """Where the company in which Maria belongs differs from the one in which she does not."""
    seen, sent = [], []
    for belongs in (False, True):
        place = folder / f"{slug}-{belongs}"
        with company(place, source, slug, domains, belongs=belongs) as (app, own):
            sent.append(heard(app, place))
            seen.append(read(app, paths or own, observers))
    assert seen[0].keys() == seen[1].keys(), "the same addresses"
    pages = [key for key in seen[0] if seen[0][key] != seen[1][key]]
    mails = [to for to in sent[0].keys() | sent[1].keys() if sent[0].get(to) != sent[1].get(to)]
    return pages + mails


@pytest.fixture
def empty(shared_folder: Path) -> str:
    """The template of an empty company."""
    return databases.template(shared_folder, "sqlite", seeded=False)


@pytest.mark.parametrize("slug", GROUPS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_confidential_membership_changes_nothing_that_others_get(
    tmp_path, empty, domain, slug
) -> None:
    assert told_apart(tmp_path, empty, slug, (domain,)) == []


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
    with company(tmp_path / "look", empty, slug, (domain,), belongs=False) as (_app, own):
        paths = [path for path in own if address and address in path]
    assert paths or not address
    found = told_apart(tmp_path, empty, slug, (domain,), paths or ["/"], ("member", "lead"))
    assert found != []
