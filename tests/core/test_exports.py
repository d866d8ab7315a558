"""Files to download: whatever people typed, no cell becomes a formula, and types survive."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core import clock
from app.core.exports import csv_file, guarded, xlsx_file

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SIGNS = "=+-@\t\r\n"
NASTY = (
    st.text(st.sampled_from(list("=+-@＝＠\t\r\n\"'`  \u200b\u202e\ufeffaz1;,|\0é"))) | st.text()
)


def starts_a_formula(text: str) -> bool:
    """What spreadsheets do, told independently of the guard: they trim, then look at one sign."""
    trimmed = text.strip().strip("\ufeff\u200b\u202e").strip()
    return text[:1] in tuple(SIGNS) or trimmed[:1] in tuple("=+-@＝＋－＠")


@given(NASTY)
@example("=1+1")
@example("\t=1")
@example('"=HYPERLINK("http://x")')
@example("  +SUM(A1)")
@example("\u200b@x")
@example("'=1")
@example("\0=1")
def test_no_text_starts_like_a_formula_and_nothing_is_lost(text: str) -> None:
    cell = guarded(text)
    assert not starts_a_formula(cell)
    assert not starts_a_formula(cell.lstrip("'\"`")) or cell.startswith("'")
    kept = [c for c in text if c.isalnum()]
    assert [c for c in cell if c.isalnum()] == kept


@pytest.mark.parametrize("harmless", ["", "Bo", "a = b", "3-2", "O'Neil", "داليا", "x@y.example"])
def test_harmless_text_stays_as_it_is(harmless: str) -> None:
    assert guarded(harmless) == harmless


def test_guarding_twice_and_quotes_do_not_open_a_way_through() -> None:
    for text in ("=1", "'=1", "\"'=1", "' =1", "''@x"):
        assert guarded(text).startswith("'") and guarded(text) == f"'{text}"


ROWS = [
    ("=cmd|' /C calc'!A0", 3, Decimal("-12.50"), date(2026, 1, 31), NOW, True, None),
    ("http://x.example", -2, Decimal("0.10"), None, None, False, "0123"),
]
COLUMNS = ("Name", "=n", "Sum", "Day", "Instant", "Sure", "Code")


def test_csv_is_utf8_with_a_mark_and_can_be_read_back(app) -> None:
    with app.test_request_context():
        answer = csv_file("groups 2026", COLUMNS, iter(ROWS))
        data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf") and answer.mimetype == "text/csv"
    assert 'filename="groups-2026.csv"' in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    head, one, two = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head[:3] == ["Name", "'=n", "Sum"]
    assert one[0] == "'=cmd|' /C calc'!A0" and one[1:3] == ["3", "-12.50"]
    assert one[3:5] == ["2026-01-31", "2026-11-21T09:30:00+00:00"] and one[6] == ""
    assert two[6] == "0123"


def test_a_long_csv_is_sent_in_pieces(app) -> None:
    with app.test_request_context():
        answer = csv_file("n", ["n"], ((n,) for n in range(1200)))
        pieces = list(answer.iter_encoded())
    assert len(pieces) == 3 and b"".join(pieces).decode("utf-8-sig").count("\r\n") == 1201


def test_xlsx_keeps_types_and_holds_no_formula_and_no_link(app) -> None:
    with app.test_request_context():
        answer = xlsx_file("money", COLUMNS, iter(ROWS))
        book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    sheet = book.active
    assert not sheet.sheet_view.rightToLeft
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    one, two = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert one == [
        "'=cmd|' /C calc'!A0",
        3,
        -12.5,
        datetime(2026, 1, 31),
        datetime(2026, 11, 21, 9, 30),
        True,
        None,
    ]
    assert two[6] == "0123" and two[1] == -2


def test_the_sheet_reads_from_the_right_in_arabic_and_is_the_same_each_time(app) -> None:
    files = []
    for _ in range(2):
        with app.test_request_context("/?lang=ar"), clock.frozen(NOW):
            app.preprocess_request()
            files.append(xlsx_file("n", ["الاسم"], [("داليا",)]).get_data())
    assert openpyxl.load_workbook(io.BytesIO(files[0])).active.sheet_view.rightToLeft
    assert files[0] == files[1]


def test_the_files_name_is_plain_whatever_is_asked(app) -> None:
    with app.test_request_context():
        headers = csv_file('x"\r\nSet-Cookie: a', ["n"], []).headers
    assert headers["Content-Disposition"] == 'attachment; filename="x---Set-Cookie--a.csv"'
