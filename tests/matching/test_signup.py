"""Rules in TOML say what the columns of a sign-up sheet mean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.matching import MatchingError, describe, solve
from app.matching.guessing import guess
from app.matching.sheets import parse_sheet, read_sheet
from app.matching.signup import build, parse_rules, read_rules

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
OUTSIDE = Path(os.environ.get("TRELLIS_TEST_DATA", ROOT / ".." / "shared" / "data"))
VT = OUTSIDE / "vt_mentoring" / "mentoring-submissions-clean.xlsx"


@pytest.mark.skipif(not VT.exists(), reason="outside data vt_mentoring is absent")
@pytest.mark.parametrize(
    ("rules", "optimum"), [("vt_mentoring.toml", 11.7333), ("vt_mentoring_published.toml", 8.9)]
)
def test_the_real_sign_up_sheet_reaches_its_known_optimum(rules, optimum):
    outcome = solve(build(read_sheet(VT), read_rules(EXAMPLES / rules)).instance)
    assert outcome.total == pytest.approx(optimum, abs=5e-5)
    assert (len(outcome.pairs), outcome.metrics["mentors_used"]) == (19, 14)


def test_the_example_sheet_matches_everybody_under_its_rules():
    people = build(
        read_sheet(EXAMPLES / "signup_sheet.csv"), read_rules(EXAMPLES / "signup_sheet.toml")
    )
    outcome = solve(people.instance)
    assert outcome.matched_share == 1
    assert outcome.metrics["mentors_used"] == 12
    managers = {("T01", "M10"), ("T03", "M01"), ("T14", "M03"), ("T19", "M07")}
    assert not managers & set(outcome.mate.items())
    rosa = next(pair for pair in outcome.pairs if pair.mentee == "T18")
    assert rosa.mentor in ("M04", "M11")  # the only ones who share a language with her


def test_the_example_sheet_can_be_guessed_without_rules():
    sheet = read_sheet(EXAMPLES / "signup_sheet.csv")
    people = build(sheet, guess(sheet))
    assert people.names["M05"] == "久保田 美咲"
    assert {m.id: m.capacity for m in people.instance.mentors}["M03"] == 3
    assert {rule.comparator for rule in people.instance.rules} == {"overlap", "language"}


@pytest.mark.parametrize(
    ("text", "code"),
    [("a,b\n1,2\n", "cannot_guess_role"), ("role,size\nmentor,1\nmentee,2\n",
      "cannot_guess_factors")],
)  # fmt: skip
def test_what_cannot_be_guessed_is_refused_with_the_columns_found(text, code):
    with pytest.raises(MatchingError) as refusal:
        guess(parse_sheet(text.encode(), "s.csv"))
    assert refusal.value.message.code == code
    assert text.split(",")[0] in str(refusal.value)


@pytest.mark.parametrize("twin", ["B@x.y", " b@x.y ", "b@X.Y"])
@pytest.mark.parametrize("header", ["Email", "id", "Email (at work)"])
def test_an_address_is_one_person_however_it_is_spelled(header, twin):
    text = f"{header},role,skills\na@x.y,mentor,a\nb@x.y,mentee,a\n{twin},mentee,a\n"
    sheet = parse_sheet(text.encode(), "s.csv")
    if header == "Email (at work)":
        assert guess(sheet).id is None, "what holds somebody twice names nobody"
        return
    with pytest.raises(MatchingError, match=r"in line 3 and line 4"):
        guess(sheet)


def test_ids_that_are_no_addresses_are_told_apart_by_case():
    sheet = parse_sheet(b"id,role,skills\nE1,mentor,a\ne1,mentee,a\n", "s.csv")
    assert guess(sheet).id == 1


@pytest.mark.parametrize("header", ["Email", "E-mail address", "id", "Employee no.", "Your email"])
def test_nobody_is_counted_twice_without_rules(header):
    text = "{},role,skills\na@x.y,mentor,a\nb@x.y,mentee,a\nb@x.y,mentee,a\n"
    with pytest.raises(MatchingError) as refusal:
        guess(parse_sheet(text.format(header).encode(), "s.csv"))
    assert refusal.value.message.code == "duplicate_row_id" and "b@x.y" in str(refusal.value)
    sheet = parse_sheet(text.format("Email of your manager").encode(), "s.csv")
    assert len(build(sheet, guess(sheet)).instance.mentees) == 2


RULES = """
[columns]
role = "role"
id = "id"
capacity = "places"
[[factor]]
label = "Skills"
column = "skills"
"""
SHEET = "id,role,places,skills,level,zone\n1,mentor,2,a;b,Senior,UTC+05:30\n2,mentee,,a,Junior,{}\n"


def matched(extra: str = "", sheet: str = SHEET, zone: str = "Asia/Kolkata"):
    signup = parse_rules(RULES + 'separator = ";"\n' + extra)
    return solve(build(parse_sheet(sheet.format(zone).encode(), "s.csv"), signup).instance)


def test_levels_follow_the_order_given_and_zones_take_names_or_offsets():
    extra = """
[[factor]]
label = "Level"
column = "level"
compare = "gap"
order = ["Junior", "Mid", "Senior"]
low = 2
[[factor]]
label = "Clock"
column = "zone"
compare = "zone"
"""
    pair = matched(extra).pairs[0]
    assert pair.score == 1
    assert [describe(part.reason) for part in pair.contributions] == [
        "Skills in common: a",
        "Level: 2 steps apart",
        "Clock: clocks 0 h apart",
    ]
    assert matched(extra, zone="-03:30").pairs[0].score < 1


def test_one_person_may_hold_both_roles_but_is_never_matched_with_themselves():
    sheet = "id,role,places,skills\n1,both,1,a\n2,both,1,a\n"
    assert matched(sheet=sheet).mate == {"1": "2", "2": "1"}
    alone = matched(sheet="id,role,places,skills\n1,both,1,a\n")
    assert alone.pairs == ()


BAD_RULES = {
    "bad_toml": "columns = [",
    "unknown_key": RULES + "wieght = 3",
    "bad_setting": "minimum = 'one'\n" + RULES,
    "no_role_column": "[columns]\nid = 'id'",
    "rule_without_column": RULES + "[[rule]]\nlabel = 'x'",
    "bad_comparator": RULES + "compare = 'vibes'",
    "bad_weight": RULES + "weight = '9'",
    "bad_kind": RULES + "[[rule]]\nkind = 'must'\ncolumn = 'skills'",
    "weight_on_hard_rule": RULES + "[[rule]]\nkind = 'forbid'\ncolumn = 'skills'\nweight = 10",
    "missing_column": RULES.replace('"skills"', '"abilities"'),
    "bad_objective": "objective = 'best'\n" + RULES,
    "minimum_impossible": "minimum = 2\n" + RULES,
    "bad_value": RULES + "[[factor]]\ncolumn = 'zone'\ncompare = 'zone'",
    "no_preference": RULES.split("[[factor]]")[0],
}


@pytest.mark.parametrize("code", BAD_RULES)
def test_rules_that_cannot_be_used_are_refused_with_a_sentence(code):
    with pytest.raises(MatchingError) as refusal:
        signup = parse_rules(BAD_RULES[code])
        solve(build(parse_sheet(SHEET.format("Narnia").encode(), "s.csv"), signup).instance)
    assert refusal.value.message.code == code
    assert "%(" not in str(refusal.value)


BAD_SHEETS = {
    "duplicate_row_id": SHEET + "2,mentee,,a,Junior,0\n",
    "row_without_id": SHEET + ",mentee,,a,Junior,0\n",
    "unknown_role": SHEET + "3,sponsor,,a,Junior,0\n",
    "bad_capacity_cell": SHEET + "3,mentor,many,a,Junior,0\n",
    "one_sided": SHEET.replace("mentee", "mentor"),
}


@pytest.mark.parametrize("code", BAD_SHEETS)
def test_rows_that_cannot_be_used_are_refused_with_a_sentence(code):
    with pytest.raises(MatchingError) as refusal:
        matched(sheet=BAD_SHEETS[code])
    assert refusal.value.message.code == code
