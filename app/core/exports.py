"""Lists as files: CSV and XLSX in which no cell of ours is ever a formula.

Whoever exports writes one audit row for it (`audit.services.record(db, actor_id, "export", ...)`)
in the transaction before the file is built: the audit log stands above this module. What may not be
seen on the page may not be in `rows` either; hand over shielded values, never raw ones.
"""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO

import flask
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.core import clock
from app.core.locale import current_language

Cell = str | int | float | Decimal | date | datetime | bool | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_A_CHUNK = 500
CHUNK = 64 * 1024
LONGEST = 32_000  # a cell of Excel holds 32,767 characters
WIDTH = 22
_FORMULA = frozenset("=+-@＝＋－＠")
_CUT = frozenset("\t\r\n")
_QUOTES = frozenset("\"'`")
_FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", Decimal: "#,##0.00"}


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a risky start is put behind an apostrophe."""
    clean = "".join(c for c in text if c in _CUT or unicodedata.category(c) not in ("Cc", "Cs"))
    is_risky = clean[:1] in _CUT or _first_sign(clean) in _FORMULA
    return f"'{clean}" if is_risky else clean


def _first_sign(text: str) -> str:
    """The first character that is neither space, nor invisible, nor a quote."""
    return next((c for c in text if not _is_skipped(c)), "")


def _is_skipped(c: str) -> bool:
    return c in _QUOTES or c.isspace() or unicodedata.category(c) in ("Cf", "Mn")


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> flask.Response:
    """A CSV to download, sent while `rows` are read; instants carry their zone."""
    lines = flask.stream_with_context(_csv_lines(columns, rows))
    return _download(flask.Response(lines, content_type=CSV_TYPE), name, "csv")


def _csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow([guarded(str(column)) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_as_text(cell) for cell in row])
        if number % ROWS_A_CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return guarded(cell) if isinstance(cell, str) else str(cell)


def xlsx_file(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str = "Trellis"
) -> flask.Response:
    """An XLSX to download: dates and numbers typed, instants in UTC, right to left where read so.

    It is written to a temporary file in constant memory, then sent in pieces.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    _write_book(file, columns, rows, sheet)
    file.seek(0)
    pieces = iter(lambda: file.read(CHUNK), b"")
    answer = flask.Response(pieces, content_type=XLSX_TYPE)
    answer.call_on_close(file.close)
    return _download(answer, name, "xlsx")


def _write_book(
    file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]], title: str
) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": clock.now().replace(tzinfo=None), "author": "Trellis"})
    formats = {kind: book.add_format({"num_format": as_}) for kind, as_ in _FORMATS.items()}
    head = book.add_format({"bold": True, "text_wrap": True})
    page = book.add_worksheet(title)
    if current_language().dir == "rtl":
        page.right_to_left()
    page.freeze_panes(1, 0)
    page.set_column(0, max(0, len(columns) - 1), WIDTH)
    for place, column in enumerate(columns):
        page.write_string(0, place, guarded(str(column))[:LONGEST], head)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            _write_cell(page, number, place, cell, formats)
    book.close()


def _write_cell(
    page: Worksheet, row: int, place: int, cell: Cell, formats: dict[type, Format]
) -> None:
    if isinstance(cell, str):
        page.write_string(row, place, guarded(cell)[:LONGEST])
    elif isinstance(cell, bool):
        page.write_boolean(row, place, cell)
    elif isinstance(cell, datetime):
        instant = cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell
        page.write_datetime(row, place, instant, formats[datetime])
    elif isinstance(cell, date):
        page.write_datetime(row, place, cell, formats[date])
    elif cell is not None:
        page.write_number(row, place, cell, formats.get(type(cell)))


def _download(answer: flask.Response, name: str, ending: str) -> flask.Response:
    """Headers of a file that stands in no cache; its name says nothing about anybody."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe or "export"}.{ending}"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
