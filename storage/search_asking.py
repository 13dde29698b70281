"""Puts a question to the full-text table of either database; rows come newest first.

A document with more tokens than a row holds has several rows, each with the token LARGE (see `search_index`); no single
row answers for it. These few documents are kept out of what the database is asked and answered token by token, so that
nothing is missed and nothing more is found. An archive without one pays for a look at one token."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.search_index import EVERY, LARGE, PARTS
from storage.search_question import Expression, Question

SAMPLED_ABOVE = 5_000  # candidates; fewer are counted
POINTS, WINDOWS = 1_024, 32  # documents that tell where windows stand, and how many there are


class Row(NamedTuple):
    """A row of the index that shows a document's present state; the higher, the newer."""

    rowid: int
    document: int
    version: int


class Index:
    """The full-text table of either database, in one reading session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sqlite = session.get_bind().dialect.name == "sqlite"
        self._having: dict[str, frozenset[int]] = {}

    @cached_property
    def large(self) -> dict[int, Row]:
        """The documents of several rows, by their main row."""
        if not (mains := [rowid for rowid in self._rowids(LARGE) if rowid > 0]):
            return {}
        found: dict[int, Row] = {}
        for start in range(0, len(mains), 500):
            some = ", ".join(str(rowid) for rowid in mains[start : start + 500])
            statement = f"SELECT rowid, document_id, version_id FROM search_map WHERE current AND rowid IN ({some})"  # noqa: S608
            found |= {row[0]: Row(*row) for row in self.session.execute(text(statement))}
        return found

    def large_with(self, expression: Expression) -> frozenset[int]:
        """The main rows of the large documents that have it."""
        match expression:
            case str():
                if expression not in self._having:
                    mains = {
                        rowid if rowid > 0 else -rowid // PARTS
                        for rowid in self._rowids(("and", (LARGE, expression)))
                    }  # fmt: skip
                    self._having[expression] = frozenset(mains & self.large.keys())
                return self._having[expression]
            case ("not", (inner,)):
                return frozenset(self.large) - self.large_with(inner)
            case ("and", operands):
                return frozenset.intersection(*map(self.large_with, operands))
            case (_, operands):
                return frozenset().union(*map(self.large_with, operands))

    def _rowids(self, expression: Expression) -> list[int]:
        if self.sqlite:
            statement, asked = "SELECT rowid FROM document_fts WHERE document_fts MATCH :asked", _fts5(expression)
        else:
            statement = "SELECT rowid FROM document_fts WHERE tokens @@ CAST(:asked AS tsquery)"
            asked = _tsquery(expression)
        return list(self.session.scalars(text(statement), {"asked": asked}))


class Asked:
    """One question within a range of rows, both ends included."""

    def __init__(self, index: Index, question: Question, first: int, last: int) -> None:
        self.session, self.question = index.session, question
        self.bounds: dict[str, int | str] = {"first": first, "last": last}
        expression = question.expression
        self.large: list[Row] = []
        if expression is not None and index.large:
            mains = sorted(index.large_with(expression), reverse=True)
            self.large = [index.large[rowid] for rowid in mains if first <= rowid <= last]
            expression = ("and", (expression, ("not", (LARGE,))))
        self.sqlite, self.matching, self.key = index.sqlite, "", "search_map.rowid"
        if expression is None:
            self.source = "search_map"
        elif index.sqlite:
            # CROSS JOIN: the index leads, so that rows come in its order and the first page ends early.
            self.source = "document_fts CROSS JOIN search_map ON search_map.rowid = document_fts.rowid"
            self.matching, self.key = "document_fts MATCH :asked AND ", "document_fts.rowid"
            self.bounds["asked"] = _fts5(expression)
        else:
            # Materialized: otherwise the planner walks all rows by date and tests each (580 ms to 0.3 ms, measured).
            self.source = (
                "(WITH found AS MATERIALIZED (SELECT rowid FROM document_fts WHERE tokens @@ CAST(:asked AS tsquery))"
                " SELECT search_map.* FROM found JOIN search_map ON search_map.rowid = found.rowid) AS search_map"
            )
            self.bounds["asked"] = _tsquery(expression)
        self.where = f"{self.matching}{self.key} BETWEEN :first AND :last AND search_map.current"

    def batches(self, first: int, further: int, every: int = 1) -> Iterator[list[Row]]:
        """The candidates, the newest first, in lists of `first` and then `further` rows.

        About one in `every` where that is more than 1: those whose row's number it divides. It must not divide the
        numbers of days: a prime that is neither 2 nor 5."""
        large, size, bounds = self.large, first, dict(self.bounds)
        if every > 1:
            large, bounds["every"] = [row for row in large if row.rowid % every == 0], every
        thinned = f" AND {self.key} % :every = 0" if every > 1 else ""
        while True:
            statement = (
                f"SELECT {self.key}, search_map.document_id, search_map.version_id FROM {self.source}"  # noqa: S608
                f" WHERE {self.where}{thinned} ORDER BY {self.key} DESC LIMIT :limit"
            )
            found = [Row(*row) for row in self.session.execute(text(statement), {**bounds, "limit": size}).all()]
            rows = sorted([*found, *large], reverse=True)[:size]
            if rows:
                yield rows
            if len(rows) < size:
                return
            bounds["last"], size = rows[-1].rowid - 1, further
            large = [row for row in large if row.rowid < rows[-1].rowid]

    def about(self) -> int:
        """How many candidates there are: counted up to SAMPLED_ABOVE; beyond, on SQLite, counted in a sixteenth of the
        documents, taken evenly from all times, and rounded to two digits. To count all of 300,000 takes a tenth of a
        second at a million documents."""
        if not self.sqlite or (counted := self.count(SAMPLED_ABOVE + 1)) <= SAMPLED_ABOVE:
            return self.count() if not self.sqlite else counted
        windows, documents = self._windows()
        if not windows:
            return self.count()
        hits, seen = (
            sum(self.session.scalars(text(" UNION ALL ".join(counts)), self.bounds))
            for counts in (
                [f"SELECT count(*) FROM {self.source} WHERE {self._within(*window)}" for window in windows],  # noqa: S608
                [
                    f"SELECT count(*) FROM search_map WHERE rowid BETWEEN {low} AND {high} AND current"  # noqa: S608
                    for low, high in windows
                ],
            )
        )
        return int(float(f"{hits / max(1, seen) * documents:.2g}"))

    def _within(self, low: int, high: int) -> str:
        return f"{self.matching}{self.key} BETWEEN {low} AND {high} AND search_map.current"

    def _windows(self) -> tuple[list[tuple[int, int]], float]:
        """Ranges of rows, evenly among the documents, that hold a sixteenth of those within the bounds; and about how
        many these are. None of an archive that is small, or whose rows are few there."""
        newest = self.session.scalar(text("SELECT max(document_id) FROM search_map")) or 0
        ids = ", ".join(str(newest * place // POINTS) for place in range(1, POINTS + 1))
        at = f"SELECT rowid FROM search_map WHERE current AND document_id IN ({ids})"  # noqa: S608
        points = sorted(self.session.scalars(text(at)))
        inside = [point for point in points if int(self.bounds["first"]) <= point <= int(self.bounds["last"])]
        stretch = len(inside) // WINDOWS
        if newest < 10 * POINTS or stretch < 4:
            return [], 0.0
        wide = max(1, stretch // 16)
        middles = range(stretch // 2, len(inside) - wide, stretch)
        return [(inside[at], inside[at + wide] - 1) for at in middles], newest * len(inside) / len(points)

    def count(self, most: int | None = None) -> int:
        """How many candidates there are; counting goes no further than `most`."""
        inner = f"SELECT 1 FROM {self.source} WHERE {self.where}" + (" LIMIT :most" if most else "")  # noqa: S608
        bounds = {**self.bounds, "most": most} if most else self.bounds
        statement = f"SELECT count(*) FROM ({inner}) AS counted"  # noqa: S608
        rows = self.session.execute(text(statement), bounds).scalar_one()
        found = int(rows) + len(self.large)
        return min(found, most) if most else found


def _fts5(expression: Expression) -> str:
    """An FTS5 query. Every token is quoted; tokens hold no quotation mark, so nothing of the user's is syntax."""
    match expression:
        case str():
            return f'"{expression[:-1]}"*' if expression.endswith("*") else f'"{expression}"'
        case ("not", (inner,)):
            return f'("{EVERY}" NOT {_fts5(inner)})'
        case ("and", operands):
            # NOT takes from what else is asked: from every document it would take 100 ms at 400,000.
            excluded = [_fts5(operand[1][0]) for operand in operands if operand[0] == "not"]
            asked = [_fts5(operand) for operand in operands if operand[0] != "not"] or [f'"{EVERY}"']
            return "(" * (len(excluded) + 1) + " AND ".join(asked) + ")" + "".join(f" NOT {one})" for one in excluded)
        case (operator, operands):
            return "(" + f" {operator.upper()} ".join(_fts5(operand) for operand in operands) + ")"


def _tsquery(expression: Expression) -> str:
    """A tsquery literal, quoted in the same way."""
    match expression:
        case str():
            return f"'{expression[:-1]}':*" if expression.endswith("*") else f"'{expression}'"
        case ("not", (inner,)):
            return f"('{EVERY}' & !{_tsquery(inner)})"
        case (operator, operands):
            sign = "&" if operator == "and" else "|"
            return "(" + f" {sign} ".join(_tsquery(operand) for operand in operands) + ")"
