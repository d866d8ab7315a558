"""Pairs decided by hand and free hours of the week, as a sheet's rules say them."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.matching.week import MINUTES, free_quarters
from app.operations.match import match_command

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SHEET, RULES = EXAMPLES / "free_hours.csv", EXAMPLES / "free_hours.toml"
WEEK = [datetime(2026, 1, 12) + timedelta(minutes=at) for at in range(0, 7 * 24 * 60, MINUTES)]
FIRST_FACTOR = RULES.read_text(encoding="utf-8").partition("[[rule]]")[0]


def match(sheet, rules, folder, *words):
    """The command on rules changed for the case; its files stand in ``folder``."""
    (folder / "rules.toml").write_text(rules, encoding="utf-8")
    asked = [str(sheet), "--rules", str(folder / "rules.toml"), *map(str, words)]
    return CliRunner().invoke(match_command, asked)


def pairs(result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    return {one["mentee"]: one["mentor"] for one in json.loads(result.stdout)["pairs"]}


def told(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def test_the_example_keeps_what_was_decided_and_counts_hours_across_zones(tmp_path):
    mate = pairs(match(SHEET, RULES.read_text(encoding="utf-8"), tmp_path, "--json"))
    assert mate == {"E1": "M1", "E2": "M2", "E3": "M4", "E4": "M3", "E5": "M1"}
    reader = match(SHEET, RULES.read_text(encoding="utf-8"), tmp_path).stdout
    assert "Adaeze Obi (fixed)" in reader
    assert "7.5 h a week suit both" in reader  # Kolkata and Kathmandu, a quarter of an hour apart
    assert "not to meet" not in reader  # a private rule is never named


def test_a_lock_and_a_ban_each_change_who_is_together(tmp_path):
    free = FIRST_FACTOR.replace('lock = [["E5", "M1"]]', "").replace('ban = [["E6", "M2"]]', "")
    mate = pairs(match(SHEET, free, tmp_path, "--json"))
    assert mate["E5"] == "M1"
    locked = pairs(match(SHEET, free.replace("[pairs]", '[pairs]\nlock = [["E5", "M2"]]'),
                         tmp_path, "--json"))  # fmt: skip
    assert locked["E5"] == "M2"
    banned = free.replace("[pairs]", f'[pairs]\nban = [["E4", "{mate["E4"]}"]]')
    assert pairs(match(SHEET, banned, tmp_path, "--json"))["E4"] != mate["E4"]


REFUSED = {
    "names E99, who is not in the sheet": ("E5", "E99"),
    "not as a mentee": ('["E5", "M1"]', '["M1", "E5"]'),
    "breaks the rule An hour a week in common": ('["E5", "M1"]', '["E6", "M4"]'),
    "has been ruled out": ('["E6", "M2"]', '["E5", "M1"]'),
    "More mentees are fixed to M2": ('[["E5", "M1"]]', '[["E2", "M2"], ["E4", "M2"]]'),
    "E5 is fixed to two mentors": ('[["E5", "M1"]]', '[["E5", "M1"], ["E5", "M3"]]'),
    "not ['E5']": ('["E5", "M1"]', '["E5"]'),
    "not [True, 'M1']": ('["E5", "M1"]', '[true, "M1"]'),
    "lock cannot be 'E5'": ('[["E5", "M1"]]', '"E5"'),
    "keep in pairs is not a known setting": ("lock =", "keep ="),
    "days cannot be": ("hours = 3", 'days = ["Mo", "Di"]'),
    "No column fits Zone of time": ('zone_column = "Time zone"', 'zone_column = "Zone of time"'),
}  # fmt: skip


@pytest.mark.parametrize("sentence", REFUSED)
def test_decisions_that_cannot_be_kept_are_refused_and_nothing_is_written(sentence, tmp_path):
    old, new = REFUSED[sentence]
    rules = RULES.read_text(encoding="utf-8")
    assert old in rules
    if "M2" in new and "fixed to M2" in sentence:
        rules = FIRST_FACTOR  # where no rule speaks against the pairs themselves
    result = match(SHEET, rules.replace(old, new, 1), tmp_path,
                   "--out", tmp_path / "pairs.csv", "--report", tmp_path / "r.html")  # fmt: skip
    assert result.exit_code == 1 and sentence in result.stderr, result.output
    assert "Traceback" not in result.output
    assert {one.name for one in tmp_path.iterdir()} == {"rules.toml"}


@pytest.mark.parametrize(
    "hours",
    ["Mon", "Mon 9", "Mon 9-5", "Mon 12-12", "Mon 9-25", "Someday 9-11", "T 9-11", "Mon noonish",
     "Mon 13pm-14pm", "9-11", "Mon 9:75-11"],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_refused_with_the_person_and_the_words(hours, tmp_path):
    text = told("free_hours.csv").replace("Wed afternoon", hours)
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    result = match(tmp_path / "s.csv", told("free_hours.toml"), tmp_path)
    assert result.exit_code == 1 and f"E5 has free hours that cannot be read: {hours}." in (
        result.stderr
    )


ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "America/Lima")


@given(
    zone=st.sampled_from(ZONES),
    days=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    span=st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] < s[1]),
)
def test_free_hours_are_those_of_the_clock_on_the_wall(zone, days, span):
    """Each quarter of a UTC week is free exactly if the whole of it is, by the local clock."""
    names = ("Mon", "Tues", "wed", "Thu", "Friday", "sat.", "Su")
    start, end = (f"{at // 60}:{at % 60:02}" for at in span)
    here = ZoneInfo(zone)
    offset = here.utcoffset(WEEK[0]) / timedelta(hours=1)
    mask = free_quarters([f"{names[days[0]]} - {names[days[1]]} {start}-{end}"], offset)
    meant = {(days[0] + step) % 7 for step in range((days[1] - days[0]) % 7 + 1)}
    for at, moment in enumerate(WEEK):
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(here)
        minute = local.hour * 60 + local.minute
        is_free = local.weekday() in meant and span[0] <= minute and minute + MINUTES <= span[1]
        assert bool(mask >> at & 1) == is_free, (moment, local)


def test_days_may_be_named_in_the_words_of_the_sheet():
    days = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
    assert free_quarters(["mié-Vie 9-10"], 0, days) == free_quarters(["Wed-Fri 9:00-10:00"], 0)
    with pytest.raises(ValueError, match="m 9-10"):
        free_quarters(["m 9-10"], 0, days)  # Tuesday or Wednesday


PEERS = "id,skill\n" + "".join(f"p{n},{'xy'[n % 2]}\n" for n in range(6))
AMONG = """
format = "{format}"
[columns]
id = "id"
[pairs]
{pairs}
[[factor]]
column = "skill"
"""


def together(result) -> set[frozenset[str]]:
    assert result.exit_code == 0, result.output
    return {frozenset(one["people"]) for one in json.loads(result.stdout)["circles"]}


@pytest.mark.parametrize(("format_", "size"), [("peers", 2), ("circles", 3)])
def test_peers_and_circles_keep_and_part_whom_they_are_told_to(format_, size, tmp_path):
    (tmp_path / "s.csv").write_text(PEERS)
    decided = 'lock = [["p0", "p1"]]\nban = [["p4", "p2"]]'
    free = AMONG.format(format=format_, pairs="")
    if format_ == "circles":
        free = "size = [3, 3]" + free
    rules = free.replace("[pairs]", f"[pairs]\n{decided}")
    found = together(match(tmp_path / "s.csv", rules, tmp_path, "--json"))
    assert any({"p0", "p1"} <= group for group in found)
    assert not any({"p2", "p4"} <= group for group in found)
    assert len(found) == 6 // size
    usual = together(match(tmp_path / "s.csv", free, tmp_path, "--json"))
    assert not any({"p0", "p1"} <= group for group in usual)


def test_more_peers_than_a_group_holds_cannot_be_kept_together(tmp_path):
    (tmp_path / "s.csv").write_text(PEERS)
    chain = 'lock = [["p0", "p1"], ["p1", "p2"], ["p2", "p3"]]'
    result = match(tmp_path / "s.csv", AMONG.format(format="peers", pairs=chain), tmp_path)
    assert result.exit_code == 1 and "would be apart" in result.stderr


def test_where_both_rank_nothing_is_decided_by_hand(tmp_path):
    rules = 'objective = "stable"\n[columns]\nid="id"\nrole="role"\nranking="r"\n[pairs]\nban=[]\n'
    (tmp_path / "s.csv").write_text("id,role,r\na,mentee,m\nm,mentor,a\n")
    result = match(tmp_path / "s.csv", rules, tmp_path)
    assert result.exit_code == 1 and "Leave out: pairs" in result.stderr


def test_a_fixed_pair_is_marked_in_the_report_and_stands_in_the_file(tmp_path):
    rules = RULES.read_text(encoding="utf-8")
    assert match(SHEET, rules, tmp_path, "--out", tmp_path / "p.csv",
                 "--report", tmp_path / "r.html").exit_code == 0  # fmt: skip
    rows = list(csv.reader((tmp_path / "p.csv").open(encoding="utf-8-sig", newline="")))
    assert ["E5", "M1"] in [[row[0], row[2]] for row in rows]
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count("Fixed by hand") == 1
