"""Where both sides rank each other: `trellis match` on rankings, and many people at once."""

from __future__ import annotations

import csv
import json
import time

import numpy as np
import pytest

from app.matching.stable import Projects, blocking_pairs, stable
from tests.judge import parse
from tests.matching.test_formats import student_projects
from tests.matching.test_match_command import refused, run, sheet

RANKED = "code,who,role,places,likes\n" + "".join(
    f"{line}\n"
    for line in (
        "a,Ann,mentee,,x;y",
        "b,Ben,mentee,,x;y",
        "c,Cem,mentee,,x",
        "x,Xia,mentor,1,b;a;c",
        "y,Yan,mentor,2,a;b",
    )
)
RULES = """objective = "stable"
separator = ";"
[columns]
id = "code"
name = "who"
role = "role"
capacity = "places"
ranking = "likes"
"""
MORE = "minimum = 1\n" + RULES


def test_rankings_of_both_sides_give_pairs_that_nobody_would_leave(tmp_path):
    path, toml = sheet(tmp_path, RANKED, RULES)
    files = ["--out", tmp_path / "o.csv", "--report", tmp_path / "r.html"]
    answer = json.loads(run(path, "--rules", toml, "--json", *files).stdout)
    assert answer["pairs"] == [
        {"mentee": "a", "mentor": "y", "choice": 2, "ranked": 1},
        {"mentee": "b", "mentor": "x", "choice": 1, "ranked": 1},
    ]
    assert (answer["blocking_pairs"], answer["certified"]) == (0, True)
    assert answer["unmatched"] == ["c"]
    told = run(path, "--rules", toml).stdout
    assert "Matched 2 of 3 mentees; 0 blocking pairs" in told and "Cem: not matched" in told
    rows = list(csv.DictReader((tmp_path / "o.csv").open(encoding="utf-8-sig")))
    assert [(row["mentee name"], row["mentor"]) for row in rows] == [("Ann", "y"), ("Ben", "x")]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    parse(page, fragment=False)
    assert "0 blocking pairs" in page and "Cem" in page


@pytest.mark.parametrize(
    ("said", "rules", "text"),
    [
        ("No mentor ranks anybody", RULES, RANKED.replace("b;a;c", "").replace("a;b", "")),
        ("No mentee ranks anybody", RULES, RANKED.replace("x;y", "").replace(",x\n", ",\n")),
        ("a ranks zoe, who is not in the sheet", RULES, RANKED.replace("x;y", "x;zoe", 1)),
        ("needs the columns id and ranking", RULES.replace('ranking = "likes"', ""), RANKED),
        ("is of pairs", 'format = "groups"\n' + RULES, RANKED),
        ("Leave out: factor, minimum", MORE + "[[factor]]\ncolumn = 'who'", RANKED),
        ("Leave out: missed", RULES + 'missed = "places"\n', RANKED),
        ("goes with objective", RULES.replace('"stable"', '"total"'), RANKED),
    ],
)  # fmt: skip
def test_rankings_that_cannot_decide_alone_are_refused(said, rules, text, tmp_path):
    path, toml = sheet(tmp_path, text, rules)
    assert said in refused(run(path, "--rules", toml))


def test_options_about_scores_are_refused_with_rankings(tmp_path):
    path, toml = sheet(tmp_path, RANKED, RULES)
    told = refused(run(path, "--rules", toml, "--objective", "fair"))
    assert "--objective and --previous go with scores" in told


def test_the_published_93_student_projects_are_matched_from_a_sheet(outside_data, tmp_path):
    """Projects share their supervisor's places and ranking."""
    wishes, projects = student_projects(outside_data / "matching_lib")
    lines = [f"{person},mentee,,,,{';'.join(order)}" for person, order in wishes.items()]
    for code, host in projects.host.items():
        likes, most = ";".join(projects.ranking[host]), projects.host_places[host]
        lines.append(f"{code},mentor,{projects.places[code]},{host},{most},{likes}")
    text = "code,role,places,host,most,likes\n" + "\n".join(lines) + "\n"
    pools = 'pool = "host"\npool_capacity = "most"\n'
    path, toml = sheet(tmp_path, text, RULES.replace('name = "who"\n', pools))
    answer = json.loads(run(path, "--rules", toml, "--json").stdout)
    found = {pair["mentee"]: pair["mentor"] for pair in answer["pairs"]}
    assert found == stable(wishes, projects) and len(found) == 93
    assert answer["blocking_pairs"] == 0
    path, toml = sheet(tmp_path, text.replace(lines[-1], lines[-1].rpartition(";")[0]),
                       RULES.replace('name = "who"\n', pools))  # fmt: skip
    assert "one and the same ranking" in refused(run(path, "--rules", toml))


def test_a_thousand_mentees_and_three_hundred_mentors_with_full_lists_have_no_blocking_pair():
    rng = np.random.default_rng(1)
    people, mentors = [f"p{at}" for at in range(1_000)], [f"h{at}" for at in range(300)]
    orders = np.argsort(rng.random((1_000, 300))).tolist()
    likes = np.argsort(rng.random((300, 1_000))).tolist()
    wishes = {one: [mentors[at] for at in order] for one, order in zip(people, orders, strict=True)}
    ranking = {h: [people[at] for at in order] for h, order in zip(mentors, likes, strict=True)}
    hosts = Projects.of_hosts(dict.fromkeys(mentors, 3), ranking)
    start = time.perf_counter()
    mate = stable(wishes, hosts)
    print(f"1,000 x 300 in {time.perf_counter() - start:.2f} s")
    assert len(mate) == 900 and blocking_pairs(wishes, hosts, mate) == []
    one, other = list(mate)[:2]
    assert blocking_pairs(wishes, hosts, {**mate, one: mate[other], other: mate[one]})
