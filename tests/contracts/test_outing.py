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
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.core import clock, delivery, ids, jobs
from app.core.database import writing
from app.core.settings import load
from app.ergs.rules import Admission, Visibility
from app.factory import create_app
from tests import databases
from tests.client import PASSWORD, Browser
from tests.databases import TEST_ENVIRONMENT
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member

DOMAINS = (
    "approvals",
    "budgets",
    "elections",
    "health",
    "membership",
    "plans",
    "posts",
    "resources",
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
