"""Reading a sign-up sheet (CSV in any dialect, or .xlsx) into headers and rows of text.

Nothing here prints; every refusal is a SheetError with a code and values, and what was guessed
about the file (its encoding) is told in ``notes``.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

from app.core.csv_rows import BadRow, csv_rows

from .text import MatchingError, Message

LARGEST_FILE = 50_000_000  # bytes
LARGEST_UNPACKED = 400_000_000  # bytes an .xlsx may unpack to
LONGEST_HEADER_LINE = 100_000  # characters
LONGEST_CELL = 100_000
MOST_COLUMNS = 1_000
MOST_ROWS = 100_000
DELIMITERS = ",;\t|"


class SheetError(MatchingError):
    """The file cannot be read as a sheet, or a column cannot be found in it."""


@dataclass(frozen=True)
class Sheet:
    """A table of text: one header row, then rows of the same width."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Message, ...] = ()

    def column(self, wanted: str | int) -> int:
        """The index of a column by exact header, unique part of it in any case, or 1-based place.

        Raises SheetError when none or several fit.
        """
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            if not 1 <= wanted <= len(self.headers):
                raise SheetError("no_such_place", place=wanted, count=len(self.headers))
            return wanted - 1
        return self._named(str(wanted))

    def _named(self, wanted: str) -> int:
        needle = _folded(wanted)
        titles = [_folded(header) for header in self.headers]
        every = range(len(titles))
        from_strict_to_loose = (
            [at for at in every if self.headers[at] == wanted],
            [at for at in every if titles[at] == needle],
            [at for at in every if needle and titles[at].startswith(needle)],
            [at for at in every if needle and needle in titles[at]],
        )
        found = next((fits for fits in from_strict_to_loose if fits), [])
        if len(found) > 1:
            names = listed(self.headers[at] for at in found)
            raise SheetError("ambiguous_column", wanted=wanted, found=names)
        if not found:
            raise SheetError("missing_column", wanted=wanted, found=listed(self.headers))
        return found[0]

    def values(self, column: int) -> list[str]:
        """One column's cells."""
        return [row[column] for row in self.rows]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _short(header: str) -> str:
    flat = " ".join(header.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."


def listed(headers: Iterable[str]) -> str:
    """Headers for a sentence, each cut short."""
    return "; ".join(_short(header) for header in headers if header.strip())


def read_sheet(path: Path) -> Sheet:
    """The first sheet of an .xlsx workbook, or a CSV file of any delimiter and usual encoding."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SheetError("file_too_large", path=path.name)
        data = path.read_bytes()
    except OSError as error:
        raise SheetError("no_file", path=path.name, why=error.strerror or "unknown") from error
    return parse_sheet(data, path.name)


def parse_sheet(data: bytes, name: str) -> Sheet:
    """A sheet from a file's bytes; ``name`` is for messages only."""
    if len(data) > LARGEST_FILE:
        raise SheetError("file_too_large", path=name)
    if not data.strip():
        raise SheetError("empty_sheet", path=name)
    if data.startswith(b"PK\x03\x04"):
        return _framed(_workbook_rows(data, name), (), name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError("old_workbook", path=name)
    text, notes = _decoded(data, name)
    return _framed(_csv_rows(text, name), notes, name)


# -- text ---------------------------------------------------------------------------------------


def _decoded(data: bytes, name: str) -> tuple[str, tuple[Message, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(data, "utf-16", name), ()
    if data.startswith(b"\xef\xbb\xbf"):
        return _decode(data, "utf-8-sig", name), ()
    if b"\0" in data[:4_096]:
        return _bare_utf16(data, name), ()
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        text = _decode(data, "cp1252", name)
        return text, (Message("read_as_cp1252", {"path": name}),)


def _bare_utf16(data: bytes, name: str) -> str:
    """UTF-16 without a mark: every other byte of plain text is zero."""
    head = data[:4_096]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) < len(head) // 4:
        raise SheetError("not_a_sheet", path=name)
    return _decode(data, "utf-16-le" if odd > even else "utf-16-be", name)


def _decode(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SheetError("bad_encoding", path=name, encoding=encoding) from error
    if any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text[:LONGEST_HEADER_LINE]):
        raise SheetError("not_a_sheet", path=name)
    return text


def _csv_rows(text: str, name: str) -> list[list[str]]:
    first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    if len(first) > LONGEST_HEADER_LINE:
        raise SheetError("header_too_long", path=name, most=LONGEST_HEADER_LINE)
    if "\0" in text:
        raise SheetError("not_a_sheet", path=name)
    try:
        return list(csv_rows(io.StringIO(text, newline=""), _delimiter(text)))
    except BadRow as error:
        raise SheetError(error.code, path=name, line=error.line) from error


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same number of pieces, as many as possible."""
    best = (0, 0, ",")
    for sign in DELIMITERS:
        rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=sign)
        widths = [len(row) for row in _first(rows) if row]
        if len(widths) > 2:
            widths = widths[:-1]  # the last may be cut off
        if not widths or widths[0] < 2:
            continue
        alike = Counter(widths)[widths[0]] * 100 // len(widths)
        best = max(best, (alike, widths[0], sign))
    return best[2]


def _first(rows: Iterator[list[str]]) -> list[list[str]]:
    """Some rows, as far as a cell too long for the reader."""
    found: list[list[str]] = []
    with suppress(csv.Error):
        found.extend(islice(rows, 50))
    return found


# -- workbooks ----------------------------------------------------------------------------------


def _workbook_rows(data: bytes, name: str) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise SheetError("file_too_large", path=name)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return _cells(book.worksheets[0].iter_rows(values_only=True))
    except SheetError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise SheetError("bad_workbook", path=name) from error


def _cells(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    found: list[list[str]] = []
    for row in rows:
        found.append([_as_text(cell) for cell in row])
        if len(found) > MOST_ROWS + 1:
            break
    return found


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


# -- both ---------------------------------------------------------------------------------------


def _framed(cells: list[list[str]], notes: tuple[Message, ...], name: str) -> Sheet:
    """Rows of one width under one header row; empty rows and nameless empty columns dropped."""
    filled = [(at, row) for at, row in enumerate(cells, 1) if any(cell.strip() for cell in row)]
    if not filled:
        raise SheetError("empty_sheet", path=name)
    head, rows = filled[0][1], filled[1:]
    if len(head) > MOST_COLUMNS or sum(map(len, head)) > LONGEST_HEADER_LINE:
        raise SheetError("header_too_long", path=name, most=LONGEST_HEADER_LINE)
    if not rows:
        raise SheetError("no_rows", path=name)
    if len(rows) > MOST_ROWS:
        raise SheetError("too_many_rows", path=name, most=MOST_ROWS)
    width = max(at + 1 for at, title in enumerate(head) if title.strip())
    body = tuple(_fitted(row, width, line, name) for line, row in rows)
    return Sheet(tuple(title.strip() for title in head[:width]), body, notes)


def _fitted(row: list[str], width: int, line: int, name: str) -> tuple[str, ...]:
    if any(cell.strip() for cell in row[width:]):
        raise SheetError("row_too_wide", path=name, line=line, width=width)
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise SheetError("cell_too_long", path=name, line=line)
    return tuple(row[:width]) + ("",) * (width - len(row))


def guarded(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
