"""Two companies that differ in one confidential membership, over all domains.

Each company is built from nothing with the same seed and clock; in one of them Maria belongs to
the group, seen by nobody, from before anything else happens in it. Then the sweeps run, mails go
out, and everybody without the right reads every address that a domain says it has.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import flask

from app.core.database import writing
from app.ergs.rules import Admission, RoleName, Visibility
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
# A group whose roster is open to all has less to hide: there those look who do something near it.
FAR = ("outsider", "analyst", "auditor", "external", "nobody")
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
    "What a pair or circle says to each other, counts and settles; no group is loaded there": (
        "mentoring.beside",
        "mentoring.board",
        "mentoring.certificate",
        "mentoring.change_post",
        "mentoring.commitments",
        "mentoring.goal",
        "mentoring.goals_list",
        "mentoring.going_on",
        "mentoring.message",
        "mentoring.messages",
        "mentoring.my_hours",
        "mentoring.newer_messages",
        "mentoring.newer_version",
        "mentoring.note",
        "mentoring.note_versions",
        "mentoring.notes_list",
        "mentoring.our_group",
        "mentoring.sponsorship",
        "mentoring.survey",
        "mentoring.topics",
    ),
    "One question of a mail, asked of whoever holds its link": (
        "mentoring.met",
        "mentoring.still_going",
        "outside.invitation",
    ),
    "How pairs fare and who waits for one, by cohort; the pairs themselves are read": (
        "mentoring.circles",
        "mentoring.cohort_goals",
        "mentoring.cohort_risks",
        "mentoring.end_for",
        "mentoring.rematch_list",
        "mentoring.risk",
        "mentoring.risks",
        "mentoring.seats",
        "mentoring.totals",
        "programs.overdue",
    ),
    "The matching, which knows open memberships alone; test_privacy_outing compares the rest": (
        "programs.add_rule",
        "programs.alternatives",
        "programs.compare",
        "programs.edit_rule",
        "programs.graph",
        "programs.joint_run",
        "programs.relaxed",
        "programs.rules",
        "programs.run",
        "programs.together",
        "programs.weights",
    ),
    "Somebody's own way into a program, between them and who they ask": (
        "outside.answers",
        "programs.ask",
        "programs.availability",
        "programs.listening",
        "programs.offer",
        "programs.private_answers",
        "programs.request",
        "programs.requests",
        "programs.shortlist",
    ),
    "What organizers type in: words, files, and the seats of partners": (
        "outside.edit_partner",
        "outside.new_partner",
        "outside.partner",
        "programs.map_sheet",
        "programs.new",
        "programs.settings",
        "programs.sheet",
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
        return Look(pages, mails, endpoints, _unread(app, set(endpoints.values())))


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


def both(folder: Path, source: str, slug: str, by=OBSERVERS) -> tuple[Look, Look]:
    """All that is said without and with Maria in a group."""
    without, within = (
        look(folder, source, slug, belongs=belongs, by=by) for belongs in (False, True)
    )
    return without, within


def unopened(found: Look) -> set[tuple[str, str]]:
    """(endpoint, answer to the lead) of what nobody opens, which would be compared in vain."""
    opened: dict[str, bool] = defaultdict(bool)
    for (_observer, path), answer in found.pages.items():
        if path in found.endpoints:
            opened[found.endpoints[path]] |= opens(answer)
    shut = {endpoint for endpoint, somebody in opened.items() if not somebody}
    return {
        (found.endpoints[path], answer[:3])
        for (observer, path), answer in found.pages.items()
        if observer == "lead" and found.endpoints.get(path) in shut
    }


def unlisted(found: Look) -> tuple[list[str], list[str]]:
    """Endpoints that are neither read nor listed in UNREAD, and lines of it that are needless."""
    listed = [name for names in UNREAD.values() for name in names]
    missing = [e for e in found.unread if not any(fnmatch(e, name) for name in listed)]
    needless = [name for name in listed if not any(fnmatch(e, name) for e in found.unread)]
    return missing, needless
