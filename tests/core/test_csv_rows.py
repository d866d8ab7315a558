"""Rows of CSV text: several lines in a cell are read, a quotation mark left open is refused."""

from __future__ import annotations

import io

import pytest

from app.core.csv_rows import BadRow, csv_rows


def rows(text: str) -> list[list[str]]:
    return list(csv_rows(io.StringIO(text, newline=""), ","))


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ('a,b\n1,"x\ny"\n', ["1", "x\ny"]),
        ('a,b\r\n1,"x\r\ny"', ["1", "x\r\ny"]),
        ('a,b\n1,"x\n""y"", z"\n', ["1", 'x\n"y", z']),
        ('a,b\n1,""\n', ["1", ""]),
        ('a,b\n1,5" pipe\n', ["1", '5" pipe']),
        ('a,b\n1,"Ada" Bo\n', ["1", "Ada Bo"]),
        ('a,b,c,d\n1,2,3,"Dear all,\na, b, c and, d\nx\ny, z, and, w\nBo"\n',
         ["1", "2", "3", "Dear all,\na, b, c and, d\nx\ny, z, and, w\nBo"]),
        ('a,b\n1,"x, y\nz, w\nz, w\nz, w\nz"\n', ["1", "x, y\nz, w\nz, w\nz, w\nz"]),
    ],
)  # fmt: skip
def test_what_is_well_written_or_harmless_is_read(text, last):
    assert rows(text)[-1] == last


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"x', 2),
        ('a,b\n1,x\n2,"', 3),
        ('a,b\n1,"x\n2,y\n3,z\n', 2),
        ('a,b\r1,"x\r2,y\r3,z\r', 2),
        ('"a,b\n1,x\n', 1),
        ('a,b\n"1\n2","x\n2,y\n', 3),
        ('a,b\n\n1,"x\n2,"y"\n3,z\n', 3),
        ('a,b\n1,"x\n"2",y\n3,z\n', 2),
        ('a,b\n"1\n2","x\n2,y\n3,"z, w"\n', 3),
        ('a,b,c,d\n1,"x,3,4\n1,2,3,4\n1,2,3,4\n1,2,3,4\n1,y",3,4\n', 2),
        ('a,b\n1,"x\n' + "2,y\n" * 100_000, 2),
    ],
)
def test_an_open_quotation_mark_is_named_by_the_line_where_it_opens(text, line):
    with pytest.raises(BadRow) as refusal:
        rows(text)
    assert (refusal.value.code, refusal.value.line) == ("open_quote", line)


@pytest.mark.parametrize("cell", ["{}", '"{}"', '"{}'])
def test_a_cell_far_too_long_is_named_by_its_line(cell):
    with pytest.raises(BadRow) as refusal:
        rows("a,b\n1,2\n3," + cell.format("y" * 10_000_000) + "\n4,5\n")
    assert (refusal.value.code, refusal.value.line) == ("cell_too_long", 3)
