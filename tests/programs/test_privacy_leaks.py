"""Planted leaks of private answers, each of which the crawl of `test_privacy_outing.py` must catch;
and a private column of a sheet, which nothing that `trellis match` writes may show."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

import app.matching.shielding as shielding
import app.programs.feed.instances as instances
import app.programs.feed.private as private
import app.programs.services.runs.saving as saving
from app.accounts.models import Person
from app.audit import services as audit
from app.core.database import writing
from app.demographics.rules import Attribute, MatchAnswer
from app.demographics.services import own_answers
from app.operations import cli
from app.programs import feed, queries
from tests import databases
from tests.outing import apart
from tests.programs.flips import KINDS
from tests.programs.test_privacy_outing import looked, told_apart


@pytest.fixture
def empty(shared_folder: Path) -> str:
    return databases.template(shared_folder, "sqlite", seeded=False)


def hers(db: Any) -> str:
    """What a mistake would let out: what Maria said."""
    for person_id in db.scalars(select(Person.id).where(Person.email == "maria@t.example")):
        one = own_answers(db, person_id).get(Attribute.GENDER, MatchAnswer())
        return f"{one.value}{one.use or ''}{one.wish}"
    return ""


def forgets_private(asked):
    return lambda stored: replace(asked(stored), private=False)


def counts_wishes(asked):
    """A figure of the review that counts exactly."""

    def counted(outcome, instance, segment=""):
        wishing = sum(bool(one.values.get("wishes")) for one in instance.mentees)
        return {**asked(outcome, instance, segment), "waited": wishing, "waited_matched": wishing}

    return counted


def logs_each(asked):
    """A line of the log for each who said something, as a diligent reader would write it."""

    def diligent(db, actor_id, *, people, subject):
        found = asked(db, actor_id, people=people, subject=subject)
        for person_id, facts in found.items():
            if any((facts.shared, facts.seen, facts.wishes)):
                audit.record(db, actor_id, "identity_read", ("person", person_id))
        return found

    return diligent


def explains_with_all(asked):
    """The page "why not somebody else?" scores with what only the matcher may know."""

    def whole(pool, rules, seed, earlier=()):
        instance = asked(pool, rules, seed, earlier)
        bare = tuple(replace(rule, private=False) for rule in instance.rules)
        with writing() as db:
            told = private.with_private(
                db, instance, rules, cohort_id=pool.cohort.id, subject=("cohort", pool.cohort.id)
            )
        return replace(told, rules=bare, excluded=frozenset(), discreet=False)

    return whole


def tells_by_one(asked):
    """The report of wishes met whose band one wish more can change."""
    return lambda figures, people: "90" if figures.met % 2 else "50"


def puts_first(asked):
    """A list that begins with whoever said something."""

    def ordered(db, *args, **names):
        found = asked(db, *args, **names)
        return replace(found, rows=found.rows[::-1]) if "woman" in hers(db) else found

    return ordered


LEAKS = {
    "a score with what is private": (instances, "rule_of", forgets_private, "/runs/"),
    "an exact count": (saving, "metrics_of", counts_wishes, "/runs/"),
    "a line of the log for each": (private, "for_matching", logs_each, "/programs/lead/"),
    "reasons of other mentors": (feed, "instance_of", explains_with_all, "alternatives"),
    "a figure that one wish changes": (shielding, "_band", tells_by_one, "/runs/"),
    "an order of the pairs": (queries, "candidates_page", puts_first, "/runs/"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(tmp_path, empty, monkeypatch, leak) -> None:
    """Otherwise the test above would say nothing."""
    module, name, mistake, only = LEAKS[leak]
    monkeypatch.setattr(module, name, mistake(getattr(module, name)))
    assert told_apart(tmp_path, empty, {"gender"}, only) != []


def rules_out_openly(asked):
    """Whom somebody does not want to meet, treated like whom an organizer ruled out."""

    def whole(pool, rules, seed, earlier=()):
        instance = asked(pool, rules, seed, earlier)
        return replace(instance, banned=instance.banned | instance.excluded)

    return whole


def test_each_kind_of_answer_would_be_seen(tmp_path, empty, monkeypatch) -> None:
    """With rules that forget what is private, each kind alone tells the companies apart."""
    monkeypatch.setattr(instances, "rule_of", forgets_private(instances.rule_of))
    monkeypatch.setattr(feed, "instance_of", rules_out_openly(feed.instance_of))
    nothing = looked(tmp_path, empty, 0, (), "/runs/")
    for kind in sorted(KINDS):
        folder = tmp_path / kind
        folder.mkdir()
        something = looked(folder, empty, 1, {kind}, "/runs/")
        assert apart(nothing.pages, something.pages) != [], kind


# -- a sheet ------------------------------------------------------------------------------------

SHEET = """Name,Role,Skills,Hope
Ada,mentee,strategy,{hope}
Ben,mentee,writing,
Cy,mentor,strategy,x
Di,mentor,writing,y
"""
RULES = """
[columns]
role = "Role"
name = "Name"
[[factor]]
label = "Skills"
column = "Skills"
weight = 9
[[factor]]
label = "Hope"
column = "Hope"
compare = "equal"
weight = 1
private = true
"""


def test_a_private_column_of_a_sheet_changes_nothing_that_is_written(tmp_path) -> None:
    written = []
    (tmp_path / "rules.toml").write_text(RULES)
    for hope in ("x", "y", ""):
        sheet = tmp_path / "sheet.csv"
        sheet.write_text(SHEET.format(hope=hope))
        out, report = tmp_path / "pairs.csv", tmp_path / "report.html"
        asked = ["match", str(sheet), "--rules", str(tmp_path / "rules.toml"), "--out", str(out)]
        told = CliRunner().invoke(cli.main, [*asked, "--report", str(report)])
        plain = CliRunner().invoke(cli.main, [*asked, "--json"])
        assert told.exit_code == plain.exit_code == 0, told.output
        assert "strategy" in report.read_text()
        spent = re.compile(r"[\d.,]+ ?s(econds)?\b|\"seconds\": \{[^}]*\}")
        texts = (told.output, plain.output, out.read_text(), report.read_text())
        written.append([spent.sub("", text) for text in texts])
    assert written[0] == written[1] == written[2]
