"""Reading tables people upload: CSV in any delimiter and encoding, or a sheet of a workbook.

Rows are streamed; nothing here holds more than one of them. What cannot be read raises
`BadFile` with a code that `messages.problem_text` words.
"""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from app.core.csv_rows import BadRow, csv_rows

LONGEST_HEADER = 200_000
MOST_COLUMNS = 500
LARGEST_UNPACKED = 1_000_000_000
DELIMITERS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BLOCK = 1 << 20


class BadFile(ValueError):
    """A file that cannot be imported at all; code and values, worded for the reader elsewhere."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written, and its column names."""

    kind: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    is_guess: bool = False


def layout_of(path: Path) -> Layout:
    """Find out how a file is written; raises BadFile when it holds no table."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise BadFile("empty")
    if start.startswith(b"PK\x03\x04"):
        return _workbook(path)
    if start.startswith(
        (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
    ):
        raise BadFile("not_a_table")
    encoding, is_guess = _encoding(path, start)
    return _text(path, encoding, is_guess)


def _encoding(path: Path, start: bytes) -> tuple[str, bool]:
    """(codec, whether it is only a guess)."""
    for mark, name in BOMS:
        if start.startswith(mark):
            return _checked(path, name), False
    if b"\0" in start:
        even, odd = start[::2].count(0), start[1::2].count(0)
        if max(even, odd) < len(start) // 5:
            raise BadFile("not_a_table")
        return _checked(path, "utf-16-be" if even > odd else "utf-16-le"), True
    try:
        return _checked(path, "utf-8"), False
    except BadFile:
        return _checked(path, "cp1252"), True


def _checked(path: Path, encoding: str) -> str:
    """The codec, if the whole file can be read with it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                if encoding == "cp1252" and block.translate(None, _PRINTABLE):
                    raise BadFile("not_a_table")
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise BadFile("encoding") from error
    return encoding


_PRINTABLE = bytes([9, 10, 12, 13, *range(32, 256)])


def _text(path: Path, encoding: str, is_guess: bool) -> Layout:
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(LONGEST_HEADER + 1)
        if len(line) > LONGEST_HEADER:
            raise BadFile("header_too_long")
        delimiter = max(DELIMITERS, key=lambda mark: (_outside_quotes(line, mark), mark == ","))
    rows = _csv_rows(path, encoding, delimiter)
    return Layout("csv", encoding, delimiter, _header(next(rows, (0, []))[1]), is_guess)


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])


def _header(cells: list[str]) -> tuple[str, ...]:
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not any(names):
        raise BadFile("no_header")
    if len(names) > MOST_COLUMNS:
        raise BadFile("too_many_columns", number=len(names), most=MOST_COLUMNS)
    return tuple(names)


def _workbook(path: Path) -> Layout:
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise BadFile("not_a_table")
            if sum(item.file_size for item in archive.infolist()) > LARGEST_UNPACKED:
                raise BadFile("too_large")
        first = next(_sheet_rows(path), (0, []))
    except BadFile:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise BadFile("broken_workbook") from error
    if not first[1]:
        raise BadFile("empty")
    return Layout("xlsx", "", "", _header(first[1]))


def rows_of(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """(row number as a spreadsheet shows it, cells) of every row below the header.

    Short rows are filled up, blank ones left out; surplus cells that are not blank stay, so that
    the row can be refused.
    """
    rows = (
        _sheet_rows(path)
        if layout.kind == "xlsx"
        else _csv_rows(path, layout.encoding, layout.delimiter)
    )
    next(rows, None)
    width = len(layout.header)
    for number, cells in rows:
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if any(cell.strip() for cell in cells):
            yield number, cells + [""] * (width - len(cells))


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=encoding, newline="") as file:
        try:
            for number, cells in enumerate(csv_rows(file, delimiter), 1):
                yield number, [unguarded(cell) for cell in cells]
        except BadRow as bad:
            raise BadFile(bad.code, line=bad.line) from bad


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # costs a third of a second, which only workbooks should pay

    with path.open("rb") as file:  # given by name it must end in .xlsx
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield number, [_cell_text(cell) for cell in cells]


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def unguarded(cell: str) -> str:
    """A cell as it was before `guarded`, so that refused rows can be mended and sent again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULAS) else cell


def guarded(cell: str) -> str:
    """A cell no spreadsheet runs as a formula when the file is opened."""
    return "'" + cell if cell.startswith(FORMULAS) else cell
