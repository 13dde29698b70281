"""Tables that got or lost a column, or have them in another order: told as that, the rows by what both have. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage.diff.structure import Clause
from storage.normal import fold
from storage.records import ClauseChange

FEWEST = 2  # columns that two tables must both have to be one
SHARE = 0.5  # of the columns of the narrower one


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that came or went. `at`: the position of its table in the later text."""

    at: int
    change: ClauseChange


def projected(old: list[Clause], new: list[Clause]) -> tuple[list[Clause], list[Clause], list[ColumnChange]]:
    """Both texts with the rows of such tables keyed by the columns that both have, and what became of the others."""
    changes: list[ColumnChange] = []
    tables_old, tables_new = _tables(old), _tables(new)
    for one, other in _paired(old, tables_old, new, tables_new):
        header, later = old[one[0]].header, new[other[0]].header
        shared = [name for name in header if name in later]
        counted = bool(old[one[-1]].number) and bool(new[other[-1]].number) and header[0] == later[0]
        compared = tuple(shared[1:] if counted else shared)
        reordered = shared != [name for name in later if name in header]
        for places, clauses in ((one, old), (other, new)):
            for place in places:
                if place != places[0] or not reordered:  # another order is told as a change of the header
                    clauses[place] = _keyed(clauses[place], compared, counted=counted)
        changes += _told("removed", old, one, [name for name in header if name not in later], other[0])
        changes += _told("added", new, other, [name for name in later if name not in header], other[0])
    return old, new, changes


def _tables(clauses: Sequence[Clause]) -> list[list[int]]:
    """The rows of each table that has a header of distinct names and no row of another width."""
    tables: dict[int, list[int]] = {}
    for at, clause in enumerate(clauses):
        if clause.kind == "row" and clause.header:
            tables.setdefault(clause.table, []).append(at)
    return [
        places
        for places in tables.values()
        if len(set(clauses[places[0]].header)) == len(clauses[places[0]].header)
        and all(clauses[at].text.count("\t") + 1 == len(clauses[at].header) for at in places)
    ]


def _paired(
    old: Sequence[Clause], tables_old: list[list[int]], new: Sequence[Clause], tables_new: list[list[int]]
) -> list[tuple[list[int], list[int]]]:
    """Tables that are one under another header: those that share most columns, none of which is whole elsewhere."""
    headers = {old[one[0]].header for one in tables_old} & {new[other[0]].header for other in tables_new}
    ones = [one for one in tables_old if old[one[0]].header not in headers]
    others = [other for other in tables_new if new[other[0]].header not in headers]
    pairs = []
    for one in ones:
        names = set(old[one[0]].header)
        scored = [(len(names & set(new[other[0]].header)), -place) for place, other in enumerate(others)]
        shared, place = max(scored, default=(0, 0))
        if shared >= FEWEST and shared >= SHARE * min(len(names), len(new[others[-place][0]].header)):
            pairs.append((one, others.pop(-place)))
    return pairs


def _keyed(clause: Clause, compared: tuple[str, ...], *, counted: bool) -> Clause:
    cells = dict(zip(clause.header, clause.text.split("\t"), strict=True))
    number = clause.number if counted else ""
    key = "|" + "|".join(fold(cells[name]) for name in compared)
    return replace(clause, key=key, number=number, compared=compared)


def _told(
    operation: str, clauses: Sequence[Clause], places: list[int], names: list[str], at: int
) -> list[ColumnChange]:
    told = []
    for name in names:
        column = clauses[places[0]].header.index(name)
        cells = "\n".join(clauses[place].text.split("\t")[column].strip() for place in places)
        before, after = (cells, None) if operation == "removed" else (None, cells)
        label = f"{clauses[places[0]].whole}“{clauses[places[0]].titles[column]}”列"
        told.append(ColumnChange(at, ClauseChange(operation, label, before, after)))
    return told
