"""Nobody is outed: two companies that differ in one confidential membership answer alike.

Each company is built from nothing with the same seed and clock; in one of them Maria belongs to
the group, seen by nobody, from before anything else happens in it. Then the sweeps run, mails go
out, and everybody without the right reads every address that a domain says it has.
`tests/ergs/test_outing.py` asks the same of one company before and after such a row.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import flask
import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import reading, writing
from app.ergs.models import Membership
from app.ergs.rules import Admission, RoleName, Visibility
from app.ergs.rules.snapshots import Band
from tests import databases
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role
from tests.outing import OBSERVERS, Answers, apart, company, heard, make_people, opens, read

DOMAINS = (
    "approvals",
    "attendance",
    "budgets",
    "elections",
    "ergs",
    "events",
    "health",
    "membership",
    "mentoring",
    "plans",
    "posts",
    "resources",
    "speed",
    "threads",
)
GROUPS: dict[str, dict[str, Any]] = {
    "women": {"roster": Visibility.COMPANY},
    "pride": {
        "roster": Visibility.NOBODY,
        "says_sensitive": True,
        "admission": Admission.APPROVAL,
    },
}
# A group whose roster is open to all has less to hide: there those look who stand near to it.
FAR = ("analyst", "auditor", "external", "nobody")
NEAR = tuple(name for name in OBSERVERS if name not in FAR)
SHARED = (
    "/",
    "/ergs/",
    "/ergs/desk/",
    "/ergs/{slug}/",
    "/ergs/{slug}/members/",
    "/notifications/",
    "/settings/",
)
# Endpoints, or all of a blueprint but those that are read, that know nothing of who belongs.
UNREAD = {
    "The same bytes for everybody, from the program itself": (
        "asset",
        "static",
        "operations.healthz",
        "operations.readyz",
        "shell.manifest",
        "shell.offline",
        "shell.service_worker",
        "shell.styleguide",
    ),
    "For people who are not signed in, about an account": (
        "accounts.forgotten",
        "accounts.new_password",
        "accounts.sign_in_page",
    ),
    "For machines: counts of jobs, compared by line shape where they are made": (
        "operations.metrics",
    ),
    "The reader's own device": ("notifications.push",),
    "A link that names one file and was drawn for one reader": ("files.show",),
    "The calendar of the organization, which knows no people": ("holidays.index",),
    "About pairs and cohorts; the pages there that show events or resources of groups are read": (
        "mentoring.*",
        "programs.*",
        "outside.*",
    ),
    "Between somebody and those they chose; no group takes part": ("concerns.*",),
    "Files of people from elsewhere, in which no group stands": ("admin.*",),
}
# What not even the lead opens, with the answer. Invitation and role are Maria's own; the picture's
# content lies nowhere; where no roster is shown there is nobody to write to, and no file of names.
SHUT = {
    "women": {"ergs.invitation": "404", "ergs.own_role": "404", "ergs.picture": "404"},
    "pride": {
        "ergs.invitation": "404",
        "ergs.own_role": "404",
        "ergs.picture": "404",
        "ergs.write_first": "404",
        "events.people_csv": "409",
        "events.people_xlsx": "409",
    },
}


class Look(NamedTuple):
    """What one company says: its answers by observer and address, its mails by recipient."""

    pages: Answers
    mails: dict[str, list[str]]
    endpoints: dict[str, str]
    unread: list[str]
    shut: dict[str, str]


def built(slug: str, domains: tuple[str, ...], *, belongs: bool) -> list[str]:
    with writing() as db:
        people = make_people(db)
        erg = make_erg(db, slug, lead=people["lead"], **GROUPS[slug])
        for name in ("member", "treasurer", "chapter_lead"):
            make_member(db, erg, people[name], visibility=Visibility.COMPANY)
        place = make_chapter(db, erg, "place")
        make_role(db, erg, people["treasurer"], RoleName.MODERATOR)
        make_role(db, erg, people["chapter_lead"], RoleName.LEAD, place)
        if belongs:
            make_member(db, erg, people["maria"], visibility=Visibility.NOBODY)
    paths = [path.format(slug=slug) for path in SHARED]
    for domain in domains:
        factory = importlib.import_module(f"tests.factories.{domain}")
        with writing() as db:
            held = db.merge(erg, load=True)
            other = people["treasurer" if domain == "budgets" else "member"]
            paths += factory.outing_paths(db, held, people["lead"], other)
    return list(dict.fromkeys(paths))


def look(
    folder: Path, source: str, slug: str, domains=DOMAINS, *, belongs: bool, among="", by=OBSERVERS
) -> Look:
    """Build a company, listen to it and read it."""
    place = folder / f"{slug}-{belongs}"
    with company(place, source, partial(built, slug, domains, belongs=belongs)) as (app, own):
        mails = heard(app, place)
        paths = [path for path in own if among in path]
        assert paths, among
        pages = read(app, paths, by)
        endpoints = {path: _endpoint_of(app, path) for path in own}
        return Look(pages, mails, endpoints, _unread(app, set(endpoints.values())), SHUT[slug])


def _endpoint_of(app: flask.Flask, path: str) -> str:
    return app.url_map.bind("localhost").match(path.partition("?")[0])[0]


def _unread(app: flask.Flask, read: set[str]) -> list[str]:
    """What can be fetched but was not."""
    fetched = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())}
    return sorted(fetched - read)


def told_apart(folder: Path, source: str, slug: str, domains, among: str) -> list[Any]:
    """Where the company in which Maria belongs differs from the one in which she does not."""
    without, within = (
        look(folder, source, slug, domains, belongs=belongs, among=among, by=("member", "lead"))
        for belongs in (False, True)
    )
    return apart(without.pages, within.pages) + apart(without.mails, within.mails)


@pytest.fixture(scope="module")
def empty(shared_folder: Path) -> str:
    """The template of an empty company."""
    return databases.template(shared_folder, "sqlite", seeded=False)


@pytest.fixture(scope="module", params=GROUPS)
def looks(request, empty, tmp_path_factory) -> tuple[Look, Look]:
    """All that is said without and with Maria in a group."""
    folder = tmp_path_factory.mktemp("outing")
    by = OBSERVERS if request.param == "pride" else NEAR
    without, within = (
        look(folder, empty, request.param, belongs=belongs, by=by) for belongs in (False, True)
    )
    return without, within


def test_a_confidential_membership_changes_nothing_that_others_get(looks) -> None:
    without, within = looks
    assert apart(without.pages, within.pages) == []
    assert apart(without.mails, within.mails) == []


def test_every_endpoint_is_opened_by_somebody(looks) -> None:
    """What nobody opens would be compared in vain."""
    without, _within = looks
    opened: dict[str, bool] = defaultdict(bool)
    for (_observer, path), answer in without.pages.items():
        if path in without.endpoints:
            opened[without.endpoints[path]] |= opens(answer)
    shut = {endpoint for endpoint, somebody in opened.items() if not somebody}
    answers = {
        (without.endpoints[path], answer[:3])
        for (observer, path), answer in without.pages.items()
        if observer == "lead" and without.endpoints.get(path) in shut
    }
    assert answers == set(without.shut.items())


def test_every_address_of_the_app_is_read_or_listed_with_a_reason(looks) -> None:
    without, _within = looks
    listed = [name for names in UNREAD.values() for name in names]
    missing = [e for e in without.unread if not any(fnmatch(e, name) for name in listed)]
    needless = [name for name in listed if not any(fnmatch(e, name) for e in without.unread)]
    assert (missing, needless) == ([], [])


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
