"""What differs between two texts, clause by clause, as a list of operations that make the one of the other. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.diff.aligning import Pairs, aligned, likeness
from storage.diff.columns import ColumnChange, projected
from storage.diff.numerals import value_of
from storage.diff.structure import ARTICLE, Clause, Folding, parse
from storage.normal import Blocks
from storage.records import ClauseChange

TOGETHER = 85  # percent: two clauses that together are this much like one are its parts
BETTER = 10  # percent: and more so than either alone


@dataclass(frozen=True, slots=True)
class Operation:
    """One change, with the clauses of both texts that it is about, by their positions; none for a table's column.

    Clauses that no operation names are equal and in the same order: taking `olds` away and putting `news` where they
    stand makes the later text of the earlier one."""

    change: ClauseChange
    olds: tuple[int, ...]
    news: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two texts as clauses, and what makes the later one of the earlier, in the order of the later one."""

    old: tuple[Clause, ...]
    new: tuple[Clause, ...]
    operations: tuple[Operation, ...]
    kept: int  # clauses that both have, word for word

    @property
    def changes(self) -> tuple[ClauseChange, ...]:
        """The operations without positions."""
        return tuple(operation.change for operation in self.operations)


def compare(before: Blocks, after: Blocks) -> tuple[ClauseChange, ...]:
    """What differs between two bodies, in the order of the later one; see `difference`."""
    return difference(before, after).changes


def difference(before: Blocks, after: Blocks) -> Difference:
    """Compare two bodies, each (role, text) blocks.

    A clause is `changed`, `added`, `removed`, `moved` (the same words in another place), `renumbered` (the same words
    under another number), `split` into two or `merged` of two. A clause that is new, gone or moved with all that
    belongs to it is one change."""
    folding = Folding()
    old, new = parse(before, folding), parse(after, folding)
    old, new, columns = projected(old, new)
    pairs, moved = aligned(old, new)
    operations = _Telling(old, new, pairs, moved).operations(columns)
    kept = sum(1 for a, b in pairs if old[a].key == new[b].key)
    return Difference(tuple(old), tuple(new), tuple(operations), kept)


@dataclass(slots=True)
class _Found:
    operation: str
    olds: tuple[int, ...]
    news: tuple[int, ...]
    at: float  # by the later text


class _Telling:
    """Operations of what was matched."""

    def __init__(self, old: Sequence[Clause], new: Sequence[Clause], pairs: Pairs, moved: set[int]) -> None:
        self.old, self.new, self.pairs, self.moved = old, new, pairs, moved
        self.new_of, self.old_of = dict(pairs), {b: a for a, b in pairs}
        self.ends_old, self.ends_new = _ends(old), _ends(new)

    def operations(self, columns: Sequence[ColumnChange] = ()) -> list[Operation]:
        """All, in the order of the later text; a table's columns before its rows."""
        parts = list(self._parts())
        taken_old = {a for found in parts for a in found.olds}
        taken_new = {b for found in parts for b in found.news}
        free_old = [a for a in range(len(self.old)) if a not in self.new_of and a not in taken_old]
        free_new = [b for b in range(len(self.new)) if b not in self.old_of and b not in taken_new]
        found = [*parts, *self._matched(taken_new)]
        found += [_Found("added", (), news, news[0]) for news in _whole(self.new, self.ends_new, free_new)]
        found += self._removed(free_old)
        found.sort(key=lambda item: (item.at, item.olds))
        told = [(item.at, self._told(item)) for item in self._runs(found)]
        told += [(item.at - 0.1, Operation(item.change, (), ())) for item in columns]
        return [operation for _, operation in sorted(told, key=lambda item: item[0])]

    def _parts(self) -> Iterator[_Found]:
        """Clauses that became two, and two that became one."""
        for a, b in self.pairs:
            if self.old[a].key == self.new[b].key or self.old[a].kind == "row":
                continue
            alone = likeness(self.old[a].key, self.new[b].key)
            for other in (b + 1, b - 1):
                if other not in self.old_of and 0 <= other < len(self.new) and self.new[other].kind != "row":
                    news = tuple(sorted((b, other)))
                    if self._together(self.old[a].key, [self.new[at].key for at in news], alone):
                        yield _Found("split", (a,), news, news[0])
                        break
            else:
                for other in (a + 1, a - 1):
                    if other not in self.new_of and 0 <= other < len(self.old) and self.old[other].kind != "row":
                        olds = tuple(sorted((a, other)))
                        if self._together(self.new[b].key, [self.old[at].key for at in olds], alone):
                            yield _Found("merged", olds, (b,), b)
                            break

    @staticmethod
    def _together(whole: str, parts: list[str], alone: float) -> bool:
        return likeness(whole, "".join(parts)) >= max(TOGETHER, alone + BETTER)

    def _matched(self, taken: set[int]) -> Iterator[_Found]:
        """Pairs of which something is told."""
        covered: set[int] = set()
        for a, b in self.pairs:
            old, new = self.old[a], self.new[b]
            if b in taken or b in covered:
                continue
            if old.key != new.key:
                yield _Found("changed", (a,), (b,), b)
            elif b in self.moved:
                news = self._moved_with(a, b)
                covered.update(news)
                yield _Found("moved", tuple(self.old_of[at] for at in news), news, b)
            elif old.number != new.number:
                yield _Found("renumbered", (a,), (b,), b)

    def _moved_with(self, a: int, b: int) -> tuple[int, ...]:
        """A moved clause with what belongs to it, where all of it moved and is as it was."""
        end = self.ends_new[b]
        if self.new[b].level < ARTICLE or self.ends_old[a] - a != end - b:
            return (b,)
        for step in range(1, end - b):
            one, other = self.old[a + step], self.new[b + step]
            same = (one.key, one.number, one.kind) == (other.key, other.number, other.kind)
            if not same or self.old_of.get(b + step) != a + step or b + step not in self.moved:
                return (b,)
        return tuple(range(b, end))

    def _removed(self, free: list[int]) -> Iterator[_Found]:
        """What is gone stands where it would come: after what stood before it."""
        kept = sorted((a, b) for a, b in self.pairs if b not in self.moved)
        befores = [a for a, _ in kept]
        for olds in _whole(self.old, self.ends_old, free):
            place = bisect_right(befores, olds[0])
            yield _Found("removed", olds, (), kept[place - 1][1] + 0.5 if place else -0.5)

    def _runs(self, found: list[_Found]) -> list[_Found]:
        """Clauses renumbered one after another, as 第九条至第四十条, are one change."""
        told: list[_Found] = []
        runs: list[list[_Found]] = []
        last: list[_Found] = []
        for item in found:
            if item.operation != "renumbered":
                told.append(item)
            elif last and self._follows(last[-1], item):
                last.append(item)
            else:
                last = [item]
                told.append(item)
                runs.append(last)
        for first, *others in runs:
            first.olds += tuple(one.olds[0] for one in others)
            first.news += tuple(one.news[0] for one in others)
        return told

    def _follows(self, last: _Found, item: _Found) -> bool:
        one, other = self.new[last.news[-1]], self.new[item.news[0]]
        before, after = self.old[last.olds[-1]], self.old[item.olds[0]]
        alike = (one.kind, one.level, one.table) == (other.kind, other.level, other.table)
        if not alike or (before.kind, before.level) != (after.kind, after.level):
            return False
        if one.kind not in {"article", "row"} and (_above(one) != _above(other) or _above(before) != _above(after)):
            return False
        return _next(before.number, after.number) and _next(one.number, other.number)

    def _told(self, item: _Found) -> Operation:
        olds, news = [self.old[a] for a in item.olds], [self.new[b] for b in item.news]
        if item.operation == "renumbered":
            numbers = _span(olds), _span(news)
            printed = numbers if len(olds) > 1 else (olds[0].number or numbers[0], news[0].number or numbers[1])
            return Operation(ClauseChange("renumbered", numbers[1], *printed, numbers[0]), item.olds, item.news)
        before = "\n".join(clause.text for clause in olds) if olds else None
        after = "\n".join(clause.text for clause in news) if news else None
        was: str | None = None
        if item.operation in {"split", "merged"}:
            label, was = (_list(news), _list(olds))
        elif item.operation == "changed":
            label = news[0].label
            numbered = olds[0].number != news[0].number and news[0].kind != "row"
            if item.news[0] in self.moved or numbered:
                was = olds[0].label
        else:
            standing, ends = (news, self.ends_new) if news else (olds, self.ends_old)
            first = (item.news or item.olds)[0]
            label = _called(standing, ends[first] - first)
            was = _called(olds, self.ends_old[item.olds[0]] - item.olds[0]) if item.operation == "moved" else None
        columns = _columns(olds[0], news[0]) if item.operation == "changed" else ()
        return Operation(ClauseChange(item.operation, label, before, after, was, columns), item.olds, item.news)


def _ends(clauses: Sequence[Clause]) -> list[int]:
    """For each clause where that begins which no longer belongs to it."""
    ends = [len(clauses)] * len(clauses)
    open_: list[int] = []
    for at, clause in enumerate(clauses):
        while open_ and clauses[open_[-1]].level >= clause.level:
            ends[open_.pop()] = at
        open_.append(at)
    return ends


def _whole(clauses: Sequence[Clause], ends: list[int], free: list[int]) -> Iterator[tuple[int, ...]]:
    """Free clauses, each with what belongs to it where all of that is free; a table with all its rows."""
    available = set(free)
    covered = -1
    for at in free:
        if at <= covered:
            continue
        clause, end = clauses[at], at + 1
        if clause.kind == "row":
            if at == 0 or clauses[at - 1].table != clause.table:
                end = next((to for to in range(at, len(clauses)) if clauses[to].table != clause.table), len(clauses))
        elif clause.level >= ARTICLE:
            end = ends[at]
        if any(inner not in available for inner in range(at + 1, end)):
            end = at + 1
        covered = end - 1
        yield tuple(range(at, end))


def _called(clauses: Sequence[Clause], whole: int) -> str:
    """The label of a clause, or of it with all that belongs to it."""
    first = clauses[0]
    if first.kind == "row":
        return first.whole if len(clauses) > 1 else first.label
    return first.whole if len(clauses) >= whole else first.label


def _next(one: str, other: str) -> bool:
    first, second = value_of(one.strip("第条项章节编().,")), value_of(other.strip("第条项章节编().,"))
    return first is not None and second is not None and second == first + 1


def _above(clause: Clause) -> str:
    """What a clause's own number stands in."""
    return clause.label[: -len(clause.number)] if len(clause.label) > len(clause.number) else ""


def _span(clauses: Sequence[Clause]) -> str:
    """第九条至第四十条."""
    first, last = clauses[0], clauses[-1]
    if len(clauses) == 1:
        return first.label if first.kind == "row" else first.whole
    to = "、" if len(clauses) == 2 else "至"
    if first.kind == "row":
        return f"{first.label}{to}{last.label[len(first.whole) :]}"
    shared = 0
    for one, other in zip(first.whole, last.whole, strict=False):
        if one != other:
            break
        shared += 1
    while shared and last.whole[shared - 1] not in "条款章节编件、）":
        shared -= 1
    return f"{first.whole}{to}{last.whole[shared:]}"


def _list(clauses: Sequence[Clause]) -> str:
    return "、".join(clause.label for clause in clauses)


def _columns(old: Clause, new: Clause) -> tuple[str, ...]:
    """The columns that both tables have in which two rows differ."""
    if not new.header or (old.header != new.header and not new.compared):
        return ()
    cells = [clause.text.split("\t") for clause in (old, new)]
    if len(cells[0]) != len(old.header) or len(cells[1]) != len(new.header):
        return ()
    one, other = (dict(zip(clause.header, row, strict=True)) for clause, row in zip((old, new), cells, strict=True))
    # That the rows are counted anew is told where nothing else is.
    names = new.compared or new.header[1 if new.number else 0 :]
    printed = dict(zip(new.header, new.titles, strict=True))
    return tuple(printed[name] for name in names if name and one[name].strip() != other[name].strip())


__all__ = ["Difference", "Operation", "compare", "difference"]
