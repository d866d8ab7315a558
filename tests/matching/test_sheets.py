"""A sheet is read whatever program wrote it, or refused in one sentence."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import Workbook

from app.matching.sheets import Sheet, SheetError, guarded, parse_sheet, read_sheet

HEAD, ROW = ["Name", "Role"], ["Zoë Müller", "Mentor"]


def written(rows, delimiter=",") -> str:
    lines = io.StringIO()
    csv.writer(lines, delimiter=delimiter).writerows(rows)
    return lines.getvalue()


def workbook(rows) -> bytes:
    book, data = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_delimiter_and_unicode_encoding_reads_the_same(delimiter, encoding):
    rows = [HEAD, ROW, ["O'Neil; a, b|c", "Mentee"]]
    sheet = parse_sheet(written(rows, delimiter).encode(encoding), "s.csv")
    assert sheet == Sheet(tuple(HEAD), tuple(tuple(row) for row in rows[1:]))


def test_an_old_windows_file_is_read_and_the_guess_is_said():
    sheet = parse_sheet(written([HEAD, ROW]).encode("cp1252"), "s.csv")
    assert sheet.rows[0][0] == "Zoë Müller"
    assert [note.code for note in sheet.notes] == ["read_as_cp1252"]


def test_a_workbook_reads_like_text_numbers_without_decimals():
    sheet = parse_sheet(workbook([["Id", "Level", ""], [1, 2.5, None], [None], [3.0, "x"]]), "s")
    assert sheet.headers == ("Id", "Level")
    assert sheet.rows == (("1", "2.5"), ("3", "x"))


def test_line_breaks_in_quoted_cells_and_blank_lines_are_no_rows():
    sheet = parse_sheet(b'a,b\r\n"x\r\ny",1\r\n\r\n,\r\n', "s.csv")
    assert sheet.rows == (("x\r\ny", "1"),)


LONG = Sheet(
    (
        "Email Address",
        "Which sub-discipline (s) would\nrepresent yours the most?",
        "How many students would you like to mentor?",
        "Do you have any preferences for matching with your mentor?",
    ),
    (("1", "2", "3", "4"),),
)


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("Email Address", 0),
        ("which SUB-discipline (s) would represent", 1),
        ("how many", 2),
        (4, 3),
    ],
)
def test_a_long_header_is_found_by_a_part_of_it_or_its_place(wanted, place):
    assert LONG.column(wanted) == place


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("mentor?", "ambiguous_column"), ("salary", "missing_column"), (9, "no_such_place"),
     ("", "missing_column")],
)  # fmt: skip
def test_a_column_that_is_not_clear_is_refused_with_the_columns_found(wanted, code):
    with pytest.raises(SheetError) as refusal:
        LONG.column(wanted)
    assert refusal.value.message.code == code


def bomb() -> bytes:
    """A small .xlsx whose directory announces a part of two gigabytes."""
    data = bytearray(workbook([["a"], ["1"]]))
    size = data.index(b"PK\x01\x02") + 24
    data[size : size + 4] = (2_000_000_000).to_bytes(4, "little")
    return bytes(data)


BAD = {
    "empty_sheet": b" \n\n",
    "no_rows": b"a,b\n,\n",
    "old_workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "bad_workbook": b"PK\x03\x04 this is not a zip file",
    "not_a_sheet": b"%PDF-1.7\n\0\0\x01\x02binary" + bytes(range(256)) * 20,
    "header_too_long": b"x" * 10_000_000 + b",b\n1,2\n",
    "row_too_wide": b"a,b\n1,2,3\n",
    "cell_too_long": b"a,b\n1," + b"y" * 120_000 + b"\n",
    "open_quote": b'a,b\n1,"' + b"y\n" * 100_000,
    "too_many_rows": b"a,b\n" + b"1,2\n" * 100_001,
    "bad_encoding": b"\xff\xfea\0b\0c",
}


@pytest.mark.parametrize("code", BAD)
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(code, tmp_path):
    (tmp_path / "s.csv").write_bytes(BAD[code])
    with pytest.raises(SheetError) as refusal:
        read_sheet(tmp_path / "s.csv")
    assert refusal.value.message.code == code
    assert "%(" not in str(refusal.value)


def test_a_header_line_of_ten_megabytes_in_quotes_is_refused_too():
    with pytest.raises(SheetError, match=r"longer than|mark opens in line 1 "):
        parse_sheet(b'"' + b"x\n" * 5_000_000 + b'",b\n1,2\n', "s.csv")


def test_a_cell_of_ten_megabytes_is_called_by_its_name():
    with pytest.raises(SheetError, match=r"Line 3 of s\.csv has a cell too long") as refusal:
        parse_sheet(b"a,b\n1,2\n3," + b"y" * 10_000_000 + b"\n", "s.csv")
    assert "quotation" not in str(refusal.value)


def test_a_quotation_mark_that_stays_open_is_refused_with_its_line():
    with pytest.raises(SheetError, match=r"mark opens in line 3 of s\.csv"):
        parse_sheet(b'id,role,skills\n1,mentor,a\n2,"mentee,a\n3,mentee,b\n', "s.csv")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unopened():
    with pytest.raises(SheetError) as refusal:
        parse_sheet(bomb(), "s.xlsx")
    assert refusal.value.message.code == "file_too_large"


def test_a_folder_or_a_missing_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(SheetError, match="cannot be read"):
            read_sheet(path)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_written_cell_can_be_taken_for_a_formula(cell):
    assert guarded(cell) == "'" + cell
    assert guarded("plain = text") == "plain = text"
