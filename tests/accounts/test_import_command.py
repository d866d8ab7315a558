"""`trellis people import`: exit codes, one sentence for bad input, JSON, nothing half-written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core.database import end_reading, reading
from app.operations.people import people_group
from tests.accounts.test_import import BAD


@pytest.fixture
def trellis(context, environ, monkeypatch):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str):
        return CliRunner().invoke(people_group, ["import", *arguments])

    return call


def count() -> int:
    end_reading()
    return reading().scalar(select(func.count()).select_from(Person)) or 0


def test_the_attrition_file_needs_no_mapping(trellis, outside_data) -> None:
    file = str(outside_data / "ibm_attrition" / "emp_attrition.csv")
    dry = trellis(file, "--dry-run", "--json", "--as-of", "2026-11-21")
    report = json.loads(dry.stdout)
    assert dry.exit_code == 0 and count() == 0 and report["imported"] is False
    assert (report["added"], report["added_left"], report["error"]) == (1470, 237, 0)
    assert report["columns"]["Attrition"] == "status" and not report["needs_confirmation"]
    done = trellis(file)
    assert done.exit_code == 0 and "1,470 added (237 of them left already)" in done.stdout
    assert count() == 1470


@pytest.mark.parametrize(("code", "content"), BAD, ids=[f"{c}-{i}" for i, (c, _) in enumerate(BAD)])
def test_bad_input_is_refused_with_one_sentence(trellis, tmp_path, code, content) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    answer = trellis(str(path))
    assert answer.exit_code == 1 and count() == 0
    assert answer.stderr.splitlines()[-1].startswith("Error: ") and "Traceback" not in answer.output
    assert not list((Path(os.environ["DATA_DIR"]) / "imports").glob("*"))


def test_wrong_usage_is_told_apart(trellis) -> None:
    assert trellis("/nowhere/at/all.csv").exit_code == 2
    assert trellis().exit_code == 2


def test_a_mapping_file_says_what_columns_hold(trellis, tmp_path) -> None:
    people, mapping = tmp_path / "people.csv", tmp_path / "map.toml"
    people.write_text("Nr;Wer;Zustand;Egal\n7;Ada;da;x\n8;Bo;weg;y\n")
    mapping.write_text(
        'as_of = 2026-01-31\n[columns]\nNr = "external_id"\nWer = "name"\nZustand = "status"\n'
        '[values.Zustand]\nda = "active"\nweg = "left"\n'
    )
    assert trellis(str(people)).exit_code == 1
    answer = trellis(str(people), "--map", str(mapping), "--json")
    report = json.loads(answer.stdout)
    assert (answer.exit_code, report["added"], report["added_left"]) == (0, 2, 1)
    assert report["as_of"] == "2026-01-31" and "Egal" not in report["columns"]
    mapping.write_text('[columns]\nNummer = "external_id"\n')
    wrong = trellis(str(people), "--map", str(mapping))
    assert wrong.exit_code == 1 and "no column named “Nummer”" in wrong.stderr


def test_many_leavers_need_the_flag(trellis, tmp_path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("id,name,status\n" + "".join(f"{n},P {n},active\n" for n in range(30)))
    assert trellis(str(people)).exit_code == 0
    people.write_text("id,name,status\n" + "".join(f"{n},P {n},left\n" for n in range(30)))
    refused = trellis(str(people))
    assert refused.exit_code == 1 and "would deactivate 30 of 30 people" in refused.stderr
    assert trellis(str(people), "--confirm-leavers").exit_code == 0


def test_a_guessed_encoding_is_refused_until_somebody_says_it(trellis, tmp_path) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes("id,name\n1,山田 太郎\n".encode("shift_jis"))
    for words in ([], ["--dry-run"], ["--encoding", "klingon"], ["--encoding", "utf-8"]):
        refused = trellis(str(people), *words)
        assert refused.exit_code == 1 and count() == 0 and "othing was imported" in refused.stderr
    said = trellis(str(people), "--encoding", "shift_jis", "--json")
    assert said.exit_code == 0 and json.loads(said.stdout)["encoding"] == "shift_jis"
    assert count() == 1 and reading().scalar(select(Person.name)) == "山田 太郎"


def test_refused_rows_are_written_where_asked(trellis, tmp_path) -> None:
    people, refused = tmp_path / "people.csv", tmp_path / "refused.csv"
    people.write_text("id,name,hire date\n1,Ada,2020-01-01\n2,Bo,someday\n")
    answer = trellis(str(people), "--refused", str(refused))
    assert answer.exit_code == 0 and "Row 3: “someday” is not a date" in answer.stderr
    assert (
        refused.read_text("utf-8-sig").splitlines()[1].startswith("2,Bo,someday,") and count() == 1
    )
