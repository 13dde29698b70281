"""The rows of a table: its header, the column that names a row, the one that only counts. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from storage.normal import fold

MOST_HEADER = 20  # characters of a header's cell: longer ones are contents
MOST_NAME = 20  # characters of a row's name in its label
_FIGURE = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?%?")
_COUNTERS = frozenset({"序号", "序", "编号", "No.", "No", "NO.", "#"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `key`: what it is compared by, its cells folded, without the one that only counts (`number`).

    `identity`: the cells that name it. `label`: 第2行（首台套）. `header`: folded; `titles`: as printed."""

    text: str
    key: str
    number: str
    identity: str
    label: str
    header: tuple[str, ...]
    titles: tuple[str, ...]


def rows_of(text: str) -> Iterator[Row]:
    """The rows of a table's text: one a line, cells parted by tabs. Empty rows are none."""
    lines = text.splitlines()
    cells = [[fold(cell) for cell in line.split("\t")] for line in lines]
    filled = [row for row in cells if any(row)]
    header = header_of(filled)
    body = filled[1:] if header else filled
    counter = _counts(header, body)
    naming = _naming(body, counter)
    printed = tuple(cell.strip() for cell in next((line for line in lines if line.strip()), "").split("\t"))
    first = True
    for place, (line, row) in enumerate(zip(lines, cells, strict=True), 1):
        if not any(row):
            continue
        heads, first = first and bool(header), False
        number = row[0] if counter and not heads else ""
        key = "|".join(row[1:] if counter and not heads else row)
        name = "|".join(row[column] for column in naming if column < len(row))
        said = "/".join(part for part in _names(line, naming) if part)[:MOST_NAME]
        label = "表头" if heads else f"第{place}行" + (f"（{said}）" if said and len(row) > 1 else "")
        yield Row(line, key, number, "|header" if heads else name, label, header, printed if header else ())


def _names(line: str, naming: Sequence[int]) -> list[str]:
    cells = line.split("\t")
    return [" ".join(cells[column].split()) for column in naming if column < len(cells)]


def header_of(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The folded header; empty where the first row is contents: it has a figure, the same cell twice or a long one."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return ()
    first = [cell for cell in rows[0] if cell]
    words = len(first) > 1 and all(len(cell) <= MOST_HEADER and not _FIGURE.fullmatch(cell) for cell in first)
    if not words or len(set(first)) < len(first):
        return ()
    figures = any(_FIGURE.fullmatch(cell) for row in rows[1:] for cell in row if cell)
    return tuple(rows[0]) if figures or len(rows) > 2 or first[0] in _COUNTERS else ()


def _counts(header: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first column only counts the rows: 1, 2, 3 …, where some may have gone."""
    if any(len(row) < 2 for row in body) or not body:
        return False
    if header and header[0] in _COUNTERS:
        return True
    if len(body) < 3 or body[0][0] != "1" or not all(row[0].isdecimal() and len(row[0]) < 8 for row in body):
        return False
    numbers = [int(row[0]) for row in body]
    return numbers[-1] <= 2 * len(numbers) and all(one < other for one, other in pairwise(numbers))


def _naming(body: Sequence[Sequence[str]], counter: bool) -> tuple[int, ...]:
    """The columns that name a row: the first of words in which no two rows are alike, else the first two of words."""
    width = max(map(len, body), default=0)
    words = []
    for column in range(1 if counter else 0, width):
        values = [row[column] for row in body if column < len(row) and row[column]]
        figures = sum(bool(_FIGURE.fullmatch(value)) for value in values)
        if not values or figures * 2 > len(values):
            continue
        if len(set(values)) == len(body):
            return (column,)
        words.append(column)
    return tuple(words[:2])
