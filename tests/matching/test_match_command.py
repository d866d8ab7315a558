"""`trellis match` on files: answers as promised, refusals in one sentence, nothing half written."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from app.operations.match import match_command
from tests.judge import parse

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
SHEET, RULES = str(EXAMPLES / "signup_sheet.csv"), str(EXAMPLES / "signup_sheet.toml")


def run(*words: object):
    return CliRunner().invoke(match_command, [str(word) for word in words])


def refused(result, code: int = 1) -> str:
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stderr


def matrix(folder: Path, **arrays) -> Path:
    np.savez(folder / "m.npz", **arrays)
    return folder / "m.npz"


SCORE = np.array([[0.9, 0.8, -1], [0.9, 0.1, -1], [0.5, -1, -1]], np.float32)


def test_a_matrix_is_answered_as_the_contract_says(tmp_path):
    path = matrix(tmp_path, score=SCORE, capacity=np.array([1, 1, 1]))
    answer = json.loads(run("--matrix", path, "--repeat", 2).stdout)
    assert set(answer) == {"pairs", "total", "floor", "matched_share", "certified", "seconds"}
    assert answer["pairs"] == [[0, 1], [1, 0]]
    assert answer["total"] == pytest.approx(1.7, abs=1e-6)
    assert answer["floor"] == pytest.approx(0.8, abs=1e-6)
    assert answer["matched_share"] == pytest.approx(2 / 3)
    assert answer["certified"] is True
    assert answer["seconds"]["fastest"] <= answer["seconds"]["first"]


def test_a_matrix_may_hold_minima_and_fixed_pairs(tmp_path):
    path = matrix(
        tmp_path,
        score=SCORE.astype(float),
        capacity=np.array([2, 1, 1]),
        minimum=np.array([0, 1, 0]),
        locked=np.array([[1, 1]]),
    )
    assert json.loads(run("--matrix", path).stdout)["pairs"] == [[0, 0], [1, 1], [2, 0]]


BAD = {
    "no array named capacity": {"score": SCORE},
    "its shape is": {"score": SCORE[0], "capacity": np.ones(3, int)},
    "real numbers": {"score": SCORE.astype(str), "capacity": np.ones(3, int)},
    "not numbers (NaN): 1": {"score": np.array([[np.nan]]), "capacity": np.ones(1, int)},
    "at most 1": {"score": SCORE * 3, "capacity": np.ones(3, int)},
    "one entry per mentor: 3, not 2": {"score": SCORE, "capacity": np.ones(2, int)},
    "capacity must be whole": {"score": SCORE, "capacity": np.array([1, 2.5, 1])},
    "capacity of 0": {"score": SCORE, "capacity": np.array([1, -2, 1])},
    "nobody to match": {"score": np.zeros((0, 3)), "capacity": np.ones(3, int)},
    "minimum of mentor 0 is above": {
        "score": SCORE, "capacity": np.ones(3, int), "minimum": np.array([2, 0, 0])
    },
    "short of it: 2": {
        "score": SCORE, "capacity": np.ones(3, int), "minimum": np.array([0, 0, 1])
    },
    "fixed pair 0 and 2": {
        "score": SCORE, "capacity": np.ones(3, int), "locked": np.array([[0, 2]])
    },
    "index": {"score": SCORE, "capacity": np.ones(3, int), "locked": np.array([[0, 7]])},
    "fixed to two mentors": {
        "score": SCORE, "capacity": np.ones(3, int), "locked": np.array([[0, 0], [0, 1]])
    },
    "More mentees are fixed": {
        "score": SCORE, "capacity": np.ones(3, int), "locked": np.array([[0, 0], [1, 0]])
    },
}  # fmt: skip


@pytest.mark.parametrize("sentence", [key for key in BAD if key != "capacity of 0"])
def test_a_matrix_that_cannot_be_matched_is_refused_with_a_sentence(sentence, tmp_path):
    assert sentence in refused(run("--matrix", matrix(tmp_path, **BAD[sentence])))


def test_a_negative_capacity_is_refused(tmp_path):
    path = matrix(tmp_path, **BAD["capacity of 0"])
    assert "capacity must be whole numbers of 0 or more" in refused(run("--matrix", path))


@pytest.mark.parametrize("content", [b"", b"not a matrix", b"PK\x03\x04broken", b"\x93NUMPY\x01"])
def test_a_file_that_is_no_npz_is_refused(content, tmp_path):
    (tmp_path / "m.npz").write_bytes(content)
    assert "m.npz" in refused(run("--matrix", tmp_path / "m.npz"))


def test_pickled_arrays_are_never_opened(tmp_path):
    path = matrix(tmp_path, score=np.array([{"a": 1}], object), capacity=np.ones(1, int))
    assert "m.npz" in refused(run("--matrix", path))


def test_a_sheet_is_answered_as_the_contract_says(tmp_path):
    result = run(SHEET, "--rules", RULES, "--json")
    answer = json.loads(result.stdout)
    assert {"pairs", "unmatched", "total", "floor", "matched_share", "certified"} < set(answer)
    assert {"read", "score", "solve", "certify"} <= set(answer["seconds"])
    for pair in answer["pairs"]:
        assert set(pair) == {"mentee", "mentor", "score", "reasons"}
        assert sum(r["points"] for r in pair["reasons"]) == pytest.approx(pair["score"])
        assert all(set(reason) == {"factor", "points", "text"} for reason in pair["reasons"])


def test_a_reader_gets_names_scores_and_reasons():
    result = run(SHEET, "--rules", RULES)
    assert "Matched 20 of 20 mentees with 12 of 12 mentors." in result.stdout
    assert "Þórdís Jónsdóttir" in result.stdout


def test_without_rules_the_guess_is_said():
    assert "no rules given; matched on" in run(SHEET).stderr


def test_pairs_are_written_for_spreadsheets_without_formulas(tmp_path):
    sheet = tmp_path / "s.csv"
    sheet.write_text("name,role,skills\n=1+1,mentor,a\n@evil,mentee,a\n")
    assert run(sheet, "--out", tmp_path / "out.csv").exit_code == 0
    rows = list(csv.reader((tmp_path / "out.csv").open(encoding="utf-8-sig", newline="")))
    assert rows[0] == ["mentee", "mentee name", "mentor", "mentor name", "score", "reasons"]
    assert rows[1][:5] == ["row 3", "'@evil", "row 2", "'=1+1", "1.0000"]


def test_the_report_is_one_valid_file_that_fetches_nothing_and_escapes_names(tmp_path):
    sheet, report = tmp_path / "s.csv", tmp_path / "r.html"
    sheet.write_text(
        "name,role,skills,places\n<script>alert(1)</script>,mentor,a,1\n"
        "Amélie,mentee,a,\nBo & Co,mentee,a,\n"
    )
    assert run(sheet, "--report", report).exit_code == 0
    text = report.read_text(encoding="utf-8")
    parse(text, fragment=False)
    assert "<script" not in text and "&lt;script&gt;" in text
    assert "http" not in text and "url(" not in text
    assert "Without a mentor" in text and text.count("<h1>") == 1


@pytest.mark.parametrize(
    "words",
    [[], [SHEET, "--matrix", "m.npz"], ["--matrix", "m.npz", "--out", "x"], [SHEET, "--repeat", 2],
     ["--matrix", "m.npz", "--objective", "best"]],
)  # fmt: skip
def test_wrong_usage_is_exit_2(words):
    refused(run(*words), code=2)


def test_a_refusal_leaves_no_file_behind(tmp_path):
    gone = tmp_path / "missing" / "out.csv"
    assert "No such file" in refused(run(SHEET, "--rules", RULES, "--out", gone))
    sheet = tmp_path / "s.csv"
    sheet.write_text("role,skills\nmentor,a\n")
    refused(run(sheet, "--out", tmp_path / "out.csv", "--report", tmp_path / "r.html"))
    assert [path.name for path in tmp_path.iterdir()] == ["s.csv"]


def test_the_program_itself_refuses_without_a_traceback(tmp_path):
    (tmp_path / "s.pdf").write_bytes(b"%PDF-1.7\n\0\1\2")
    words = [sys.executable, "-m", "app", "match", str(tmp_path / "s.pdf"), "--json"]
    result = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Error: s.pdf is neither a CSV file nor an .xlsx workbook.\n"
