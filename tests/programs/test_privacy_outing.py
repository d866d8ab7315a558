"""Nobody is outed by the matching: with the pairs held fixed, what one says for it changes no byte.

Three companies are built alike from nothing, with the same seed and clock, but for what Maria says
for the matching alone: nothing, one thing of every kind, another. Everybody else reads every page
and mail, before anything is sent and after, tries weights and fixes pairs; `flips.py` says what.
Where they differ, `told_apart` with one kind after the other says which answer it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core.database import end_reading, reading
from app.demographics.rules import OPTIONS, MatchAnswer
from app.programs.feed.private import FIELDS
from app.programs.models import Cohort
from app.programs.rules import Purpose
from app.programs.templates import BY_KEY, IDENTITY, QUESTIONS
from app.programs.weights import preferences
from tests import databases
from tests.client import Browser
from tests.outing import apart, heard, opens, read
from tests.programs.flips import (
    KINDS,
    SAID,
    World,
    addresses,
    companies,
    further,
    scenes_of,
    send,
    tempting,
)

REVIEW = ("/programs/runs/", "/programs/joint-runs/")
DESK = (*REVIEW, "/programs/cohorts/", "/mentoring/cohorts/")
NEAR = ("partner", "mentee")  # Maria's partner, and a mentee who asks her
FAR = ("outsider", "mentor", "lead", "admin", "analyst", "auditor", "external", "nobody")
SPENT = re.compile(r"[\d.,]+ seconds|\('Content-Length', '\d+'\)")
# Where a pair looks for a time, hours count by design: both are shown times that suit both.
OF_THE_WEEK = ("mentoring.times", "mentoring.series_form")
# What the solver compares and nobody reads, by what Maria says of it.
COMPARED = {
    "personality": {"personality"},
    "affiliation": {"groups"},
    "windows": {"windows"},
    **{value: set(OPTIONS) for value in FIELDS},
}
UNREAD = {
    "What two people write for each other, which no answer for the matching reaches": (
        "mentoring.beside",
        "mentoring.change_post",
        "mentoring.goal",
        "mentoring.message",
        "mentoring.note*",
    ),
    "One question of a mail, asked of whoever holds its link": (
        "mentoring.met",
        "mentoring.still_going",
        "outside.invitation",
    ),
    "What is amiss with one pair": ("mentoring.risk",),
    "A file of people who are not enrolled yet": ("programs.map_sheet",),
}
# Of pairs that end, of other formats and of invited guests: there is none in these companies.
SHUT = {
    "mentoring.certificate",
    "mentoring.commitments",
    "mentoring.seats",
    "mentoring.sponsorship",
    "mentoring.survey",
    "outside.answers",
    "programs.listening",
}


@dataclass
class Look:
    """What one company says: its answers, its mails and its log; and where they stand."""

    pages: dict[Any, str] = field(default_factory=dict)
    mails: dict[str, Any] = field(default_factory=dict)
    endpoints: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    pairs: list[Any] = field(default_factory=list)
    matched: set[Any] = field(default_factory=set)  # of the two large cohorts, without their runs


def looked(
    folder: Path, source: str, which: int, kinds: Collection[str] = KINDS, only: str | None = None
) -> Look:
    """All that is said where Maria says the `which`th thing of these kinds; ``only`` asks for some
    pages of the review alone."""
    place = folder / f"world-{which}"
    with companies(place, source, which, kinds) as world:
        matched = {(mentee, mentor) for run, mentee, mentor in world.pairs if run in world.runs}
        found = Look(pairs=world.pairs, matched=matched)
        scenes = scenes_of(world)
        found.endpoints, found.left = addresses(world, scenes)
        more = further(world)
        paths = [path for path in (*found.endpoints, *more) if (only or "") in path]
        assert paths, only
        _read(found, world, [one for one in paths if one.startswith(REVIEW)], ["manager"], "before")
        _log(found, world, "before")
        if only is not None:
            return found
        _tried(found, world)
        scenes += send(world)
        found.mails = heard(world.app, place)
        _log(found, world, "after")
        found.endpoints, found.left = addresses(world, scenes)
        theirs = [path for path in (*found.endpoints, *more) if not path.startswith(DESK)]
        few = [path for path in theirs if not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", path)]
        _read(found, world, [*found.endpoints, *more], ["manager"], "after")
        _read(found, world, theirs, NEAR, "after")
        _read(found, world, few, FAR if which < 2 else (), "after")
        return found


def _read(found: Look, world: World, paths: list[str], observers: Any, when: str) -> None:
    """Pages at a time, without how long the solver took (and what that adds to the length)."""
    answers = read(world.app, paths, observers)
    found.pages |= {(when, *key): SPENT.sub("", text) for key, text in answers.items()}


def _log(found: Look, world: World, when: str) -> None:
    """The log of acts, as whoever may read it would see it."""
    columns = ("actor_id", "verb", "subject_type", "subject_id", "before", "after", "reason")
    with world.app.app_context():
        rows = reading().scalars(select(AuditEvent)).all()
        lines = sorted(" ".join(str(getattr(row, name)) for name in columns) for row in rows)
    found.pages[when, "log", ""] = "\n".join(lines)


def _tried(found: Look, world: World) -> None:
    """What an organizer learns by asking: weights tried, and a pair fixed with a reason and
    without one, of people of whom one may not want it."""
    browser = Browser(world.app).sign_in("manager@t.example")
    for cohort_id in world.cohorts:
        address = f"/programs/cohorts/{cohort_id}/weights"
        with world.app.app_context():
            rules = tempting(reading().get_one(Cohort, cohort_id).rules)
            weights = {f"w_{one.at}": str(one.weight) for one in preferences(rules)}
            end_reading()
        browser.get(address).submit("Preview", action=address, **weights)
        assert browser.has("What a run would find")
        found.pages["tried", "manager", address] = _plain(browser)
    mentee, mentor = map(str, world.ruled_out)
    address = f"/programs/runs/{world.runs[1]}/"
    for reason in ("", "They asked for it"):
        token = browser.get(address).html.partition('name="csrf_token" value="')[2].split('"')[0]
        data = {"csrf_token": token, "mentee": mentee, "mentor": mentor, "kind": "lock"}
        answer = browser.client.post(f"{address}decisions", data={**data, "reason": reason})
        text = f"{answer.status_code} {answer.get_data(as_text=True)}"
        found.pages["fixed", "manager", reason] = _without_token(text)
        found.pages["then", "manager", reason] = _plain(browser.get(address))
    found.pages["decided", "manager", ""] = _undone(browser, address)


def _undone(browser: Browser, address: str) -> str:
    browser.get(address).submit("Undo")
    return _plain(browser)


def _plain(browser: Browser) -> str:
    return f"{browser.status} {_without_token(browser.html)}"


def _without_token(text: str) -> str:
    return SPENT.sub("", re.sub(r'(name="csrf_token" value=|X-CSRFToken": )"[^"]+"', r"\1", text))


def told_apart(folder: Path, source: str, kinds: Collection[str], only: str) -> list[Any]:
    """Where companies differ in which Maria says nothing, or something of these kinds."""
    nothing, something = (looked(folder, source, which, kinds, only) for which in (0, 1))
    assert nothing.matched == something.matched, "the matching is held fixed"
    return apart(nothing.pages, something.pages)


@pytest.fixture(scope="module")
def empty(shared_folder: Path) -> str:
    return databases.template(shared_folder, "sqlite", seeded=False)


@pytest.fixture(scope="module")
def looks(empty, tmp_path_factory) -> list[Look]:
    """All that is said where Maria says nothing, one thing and another."""
    folder = tmp_path_factory.mktemp("flips")
    return [looked(folder, empty, which) for which in range(3)]


@pytest.mark.parametrize("which", [1, 2])
def test_with_the_pairs_held_fixed_an_answer_changes_no_byte_for_anybody_else(looks, which) -> None:
    nothing, something = looks[0], looks[which]
    assert len(nothing.mails) > 5 and nothing.pairs == something.pairs
    assert something.pages.keys() == {k for k in nothing.pages if which == 1 or k[1] not in FAR}
    differing = apart({key: nothing.pages[key] for key in something.pages}, something.pages)
    assert [one for one in differing if not _looks_for_a_time(nothing, *one)] == []
    assert apart(nothing.mails, something.mails) == []


def _looks_for_a_time(found: Look, _when: str, who: str, path: str) -> bool:
    return who == "partner" and found.endpoints.get(path) in OF_THE_WEEK


def test_every_address_is_opened_by_somebody_or_listed_with_a_reason(looks) -> None:
    listed = [name for names in UNREAD.values() for name in names]
    left = looks[0].left
    assert [one for one in left if not any(fnmatch(one, name) for name in listed)] == []
    assert [name for name in listed if not any(fnmatch(one, name) for one in left)] == []
    opened = {
        looks[0].endpoints[path]
        for (_when, _who, path), answer in looks[0].pages.items()
        if path in looks[0].endpoints and opens(answer)
    }
    assert {*looks[0].endpoints.values()} - opened == SHUT


def test_every_kind_of_answer_that_only_the_matching_reads_is_flipped() -> None:
    """A question, an attribute, a use of one or a factor more is flipped too, or this fails."""
    quiet = {one.key for one in QUESTIONS.values() if one.purpose is Purpose.MATCHING_ONLY}
    assert quiet | set(OPTIONS) | {"windows", "exclusions"} == KINDS
    assert set(IDENTITY) == set(OPTIONS)
    private = {one for factor in BY_KEY.values() if factor.private for one in _sides(factor)}
    assert private == COMPARED.keys() and set().union(*COMPARED.values()) <= KINDS
    for aspect in fields(MatchAnswer):
        said = {getattr(one, aspect.name) for key in OPTIONS for one in SAID[key]}
        assert len(said) > 1, aspect.name
    assert all(len({repr(one) for one in SAID[kind]}) == 3 for kind in KINDS)


def _sides(factor: Any) -> tuple[str, str]:
    return factor.mentee, factor.mentor
