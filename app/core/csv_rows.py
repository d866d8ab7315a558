"""Rows of CSV text; a quotation mark left open is refused before it takes in the rows below it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

END = "\x1c\x1c"  # behind the last line: a row of its own, unless a quotation mark is open
FEWEST_COLUMNS = 4  # below, a text of several lines can look like rows
FEWEST_ROWS = 3


class BadRow(ValueError):
    """Text that is no table: `open_quote` or `cell_too_long`, and the line where it begins."""

    def __init__(self, code: str, line: int) -> None:
        super().__init__(code)
        self.code = code
        self.line = line


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of lines that kept their breaks; raises BadRow."""
    record: list[str] = []
    reader = csv.reader(_noted(chain(lines, (END,)), record), delimiter=delimiter)
    first, width = 1, 0
    while True:
        try:
            row = next(reader)
        except csv.Error as error:
            if len(record) == 1:
                raise BadRow("cell_too_long", first) from error
            raise BadRow("open_quote", first + _opened(record[:-1], delimiter)) from error
        if record == [END]:
            return
        width = width or len(row)
        if len(record) > 1 and (fault := _fault(record, row, width, delimiter)) is not None:
            raise BadRow("open_quote", first + fault)
        yield row
        first += len(record)
        record.clear()


def _noted(lines: Iterable[str], record: list[str]) -> Iterator[str]:
    for line in lines:
        record.append(line)
        yield line


def _fault(record: list[str], row: list[str], width: int, delimiter: str) -> int | None:
    """Which line of a row of several holds a quotation mark that is not closed as it should be."""
    if record[-1] == END:
        return _opened(record[:-1], delimiter)
    strictly = csv.reader(record, delimiter=delimiter, strict=True)
    try:
        next(strictly)
    except csv.Error:  # text behind the closing mark, which so was meant to open a cell
        if strictly.line_num > 1:
            return _opened(record[: strictly.line_num - 1], delimiter)
    for at, cell in enumerate(row):
        if _holds_rows(cell, width, delimiter):
            return sum(len(_lines(before)) - 1 for before in row[:at])
    return None


def _opened(record: list[str], delimiter: str) -> int:
    """Which of these lines opens the quotation mark that is open at their end."""
    cell = next(csv.reader(record, delimiter=delimiter))[-1]
    return len(record) - max(1, len(list(io.StringIO(cell, newline=""))))


def _holds_rows(cell: str, width: int, delimiter: str) -> bool:
    """Whether every whole line of a cell has as many columns as the table."""
    whole = _lines(cell)[1:-1]
    return (
        width >= FEWEST_COLUMNS
        and len(whole) >= FEWEST_ROWS
        and all(line.count(delimiter) == width - 1 for line in whole)
    )


def _lines(cell: str) -> list[str]:
    return list(io.StringIO(f"{cell}.", newline=""))
