"""Which clause became which: by what they say first, by their numbers second. Pure.

Each step takes what the one before left: equal ends, equal clauses, rows of one name, clauses much alike between two
that are sure, then over any distance. The time is bounded: where everything could be compared with everything, only
those are that share rare words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from storage.diff.structure import Clause

ALIKE = 50  # percent: two clauses between the same neighbours this much alike are one that was changed
ALIKE_BY_NUMBER = 30  # percent: the same of two with one number
STILL_ALIKE = 80  # percent: over a distance, where chance likeness is more likely
HEADINGS = frozenset({"division", "chapter", "section"})
BONUS = 8  # percent, for one number
LONG_ENOUGH = 6  # characters: an equal clause elsewhere that is shorter is chance
LONG_ENOUGH_ALIKE = 16  # the same of one only alike
LINES_ALIGNED = 400_000_000  # clauses times clauses of a gap: 50 MB of bits
PAIRS = 6_000  # all compared with all up to here
FEW = 16  # whatever their length
WORK = 200_000_000  # characters times characters of them
ENDLESS = 200_000_000  # characters times characters of two clauses: some milliseconds
GRAM = 4  # characters that two clauses must share to be compared beyond that
COMMON = 10  # clauses with the same characters: more say nothing
CANDIDATES = 3  # of each, by shared characters

Pairs = list[tuple[int, int]]


def aligned(old: Sequence[Clause], new: Sequence[Clause]) -> tuple[Pairs, set[int]]:
    """(old, new) positions of the clauses that are one, by new; and of the new ones, those in another place."""
    matching = _Matching(old, new)
    matching.names()
    matching.ends()
    matching.once()
    matching.in_order()
    matching.elsewhere()
    matching.rows()
    matching.alike()
    matching.alike_elsewhere()
    pairs = sorted(matching.pairs(), key=lambda pair: pair[1])
    kept = increasing([a for a, _ in pairs], [len(old[a].key) + 1 for a, _ in pairs])
    return pairs, {b for place, (_, b) in enumerate(pairs) if place not in kept}


def increasing(values: Sequence[int], weights: Sequence[int]) -> set[int]:
    """Places of the heaviest strictly increasing subsequence of distinct values; in n log n."""
    rank = {value: place for place, value in enumerate(sorted(values))}
    # Neighbours in both orders go together: what takes one of them can take all.
    runs: list[tuple[int, int, int]] = []  # (place, rank, weight) of the first, the weight of all
    for place, (value, weight) in enumerate(zip(values, weights, strict=True)):
        if runs and rank[value] == runs[-1][1] + place - runs[-1][0]:
            runs[-1] = (runs[-1][0], runs[-1][1], runs[-1][2] + weight)
        else:
            runs.append((place, rank[value], weight))
    best: list[tuple[int, int]] = [(0, -1)] * (len(values) + 1)  # a binary indexed tree of (weight, last run)
    before: list[int] = []
    for number, (_, at_rank, weight) in enumerate(runs):
        heaviest = _heaviest(best, at_rank)
        before.append(heaviest[1])
        here, at = (heaviest[0] + weight, number), at_rank + 1
        while at < len(best):
            best[at] = max(best[at], here)
            at += at & -at
    chosen: set[int] = set()
    number = _heaviest(best, len(values))[1]
    while number >= 0:
        end = runs[number + 1][0] if number + 1 < len(runs) else len(values)
        chosen.update(range(runs[number][0], end))
        number = before[number]
    return chosen


def _heaviest(best: list[tuple[int, int]], below: int) -> tuple[int, int]:
    """The heaviest that ends under rank `below`."""
    heaviest = (0, -1)
    while below > 0:
        heaviest = max(heaviest, best[below])
        below &= below - 1
    return heaviest


def likeness(one: str, other: str, cutoff: float = 0) -> float:
    """Percent of the characters that two keys have in the same order; 0 below `cutoff`. Of endless ones, by the runs
    of characters that they share."""
    if len(one) * len(other) <= ENDLESS:
        return fuzz.ratio(one, other, score_cutoff=cutoff)
    olds, news = _grams(one), _grams(other)
    score = 200 * len(olds & news) / (len(olds) + len(news))
    return score if score >= cutoff else 0


class _Matching:
    """What is matched so far. `sure`: pairs that neither cross nor are chance, by old."""

    def __init__(self, old: Sequence[Clause], new: Sequence[Clause]) -> None:
        self.old, self.new = old, new
        self.new_of: dict[int, int] = {}
        self.old_of: dict[int, int] = {}
        self.sure: Pairs = []

    def pairs(self) -> Pairs:
        return list(self.new_of.items())

    def _match(self, a: int, b: int) -> None:
        self.new_of[a], self.old_of[b] = b, a

    def _free_old(self, within: range) -> list[int]:
        return [a for a in within if a not in self.new_of]

    def _free_new(self, within: range) -> list[int]:
        return [b for b in within if b not in self.old_of]

    def _gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """What is free between sure pairs, in order."""
        a = b = 0
        for end_a, end_b in [*self.sure, (len(self.old), len(self.new))]:
            olds, news = self._free_old(range(a, end_a)), self._free_new(range(b, end_b))
            if olds and news:
                yield olds, news
            a, b = end_a + 1, end_b + 1

    def _be_sure(self) -> None:
        pairs = sorted(self.new_of.items())
        kept = increasing([b for _, b in pairs], [len(self.old[a].key) + 1 for a, _ in pairs])
        self.sure = [pair for place, pair in enumerate(pairs) if place in kept]

    def names(self) -> None:
        """Title and number are what they are, whatever they say."""
        for kind in ("title", "number"):
            olds = [a for a, clause in enumerate(self.old) if clause.kind == kind]
            news = [b for b, clause in enumerate(self.new) if clause.kind == kind]
            for a, b in zip(olds, news, strict=False):
                self._match(a, b)

    def ends(self) -> None:
        """Equal clauses at both ends."""
        olds, news = self._free_old(range(len(self.old))), self._free_new(range(len(self.new)))
        start, most = 0, min(len(olds), len(news))
        while start < most and self._equal(olds[start], news[start]):
            self._match(olds[start], news[start])
            start += 1
        end = 0
        while end < most - start and self._equal(olds[-1 - end], news[-1 - end]):
            self._match(olds[-1 - end], news[-1 - end])
            end += 1

    def _equal(self, a: int, b: int) -> bool:
        old, new = self.old[a], self.new[b]
        return old.key == new.key and old.kind == new.kind and old.number == new.number

    def once(self) -> None:
        """Equal clauses that each text has once; those that cross are left for later where they are short."""
        olds, news = self._free_old(range(len(self.old))), self._free_new(range(len(self.new)))
        counts = Counter(self.old[a].key for a in olds), Counter(self.new[b].key for b in news)
        at = {self.new[b].key: b for b in news}
        for a in olds:
            key = self.old[a].key
            if counts[0][key] == counts[1].get(key) == 1:
                self._match(a, at[key])
        self._be_sure()
        sure = set(self.sure)
        for a, b in self.pairs():
            if (a, b) not in sure and len(self.old[a].key) < LONG_ENOUGH:
                del self.new_of[a], self.old_of[b]

    def in_order(self) -> None:
        """Equal clauses between sure ones, in order, as many as there are."""
        for olds, news in list(self._gaps()):
            one, other = [self.old[a].key for a in olds], [self.new[b].key for b in news]
            if set(one).isdisjoint(other) or len(one) * len(other) > LINES_ALIGNED:
                continue
            for block in Indel.opcodes(one, other).as_matching_blocks():
                for step in range(block.size):
                    self._match(olds[block.a + step], news[block.b + step])
        self._be_sure()

    def elsewhere(self) -> None:
        """Equal clauses that are left, wherever they stand."""
        waiting: dict[str, list[int]] = defaultdict(list)
        for b in reversed(self._free_new(range(len(self.new)))):
            if len(self.new[b].key) >= LONG_ENOUGH:
                waiting[self.new[b].key].append(b)
        for a in self._free_old(range(len(self.old))):
            if found := waiting.get(self.old[a].key):
                self._match(a, found.pop())

    def rows(self) -> None:
        """Rows of one name under one header, between sure ones and then anywhere."""
        for olds, news in [*self._gaps(), (list(range(len(self.old))), list(range(len(self.new))))]:
            waiting: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
            for b in reversed(news):
                row = self.new[b]
                if row.identity and b not in self.old_of:
                    waiting[row.identity, row.compared or row.header].append(b)
            for a in olds:
                row = self.old[a]
                found = waiting.get((row.identity, row.compared or row.header))
                if found and row.identity and a not in self.new_of:
                    self._match(a, found.pop())
        self._be_sure()

    def alike(self) -> None:
        """Clauses much alike between sure ones."""
        for olds, news in list(self._gaps()):
            self._pair(olds, news, ALIKE, ALIKE_BY_NUMBER)

    def alike_elsewhere(self) -> None:
        """Clauses very much alike, wherever they stand."""
        olds = [a for a in self._free_old(range(len(self.old))) if len(self.old[a].key) >= LONG_ENOUGH_ALIKE]
        news = [b for b in self._free_new(range(len(self.new))) if len(self.new[b].key) >= LONG_ENOUGH_ALIKE]
        self._pair(olds, news, STILL_ALIKE, STILL_ALIKE)

    def _pair(self, olds: list[int], news: list[int], alike: int, by_number: int) -> None:
        """The most alike first, near before far."""
        scored = []
        share = len(news) / max(len(olds), 1)
        for i, js in enumerate(_candidates([self.old[a] for a in olds], [self.new[b] for b in news])):
            old = self.old[olds[i]]
            for j in js:
                new = self.new[news[j]]
                score = self._likeness(old, new, alike, by_number)
                if score:
                    scored.append((-score, abs(round(i * share) - j), olds[i], news[j]))
        for _, _, a, b in sorted(scored):
            if a not in self.new_of and b not in self.old_of:
                self._match(a, b)

    @staticmethod
    def _likeness(old: Clause, new: Clause, alike: int, by_number: int) -> float:
        """Percent, with a bonus for one number; 0 where they are two."""
        if (old.kind == "row") != (new.kind == "row") or {old.kind, new.kind} & {"title", "number"}:
            return 0
        same = bool(old.number) and old.number == new.number and old.kind == new.kind
        if same and old.kind in HEADINGS:
            by_number = 0  # a heading is known by its number, whatever it is called now
        cutoff = by_number if same else alike
        if old.kind == "row":
            if old.header and new.header and (old.identity == "|header") != (new.identity == "|header"):
                return 0
            if likeness(old.identity, new.identity) < ALIKE:  # what a row is of decides, not its figures
                return 0
        score = likeness(old.key, new.key, cutoff)
        return score + (BONUS if same else 0) if score >= cutoff else 0


def _candidates(olds: Sequence[Clause], news: Sequence[Clause]) -> Iterator[Sequence[int]]:
    """For each old clause the new ones to compare it with: all, or where that is too many those that share rare
    characters, have its number or stand where it stood."""
    work = sum(len(clause.key) for clause in olds) * sum(len(clause.key) for clause in news)
    pairs = len(olds) * len(news)
    if pairs <= FEW or (pairs <= PAIRS and work <= WORK):
        everything = range(len(news))
        yield from (everything for _ in olds)
        return
    index: dict[str, list[int]] = defaultdict(list)
    numbered: dict[str, list[int]] = defaultdict(list)
    for j, clause in enumerate(news):
        for gram in _grams(clause.key):
            index[gram].append(j)
        if clause.number:
            numbered[clause.number].append(j)
    rare = {gram: found for gram, found in index.items() if len(found) <= COMMON}
    share = len(news) / max(len(olds), 1)
    for i, clause in enumerate(olds):
        votes: list[int] = []
        for gram in _grams(clause.key):
            if gram in rare:
                votes += rare[gram]
        chosen = {j for j, _ in Counter(votes).most_common(CANDIDATES)}
        chosen.update(numbered.get(clause.number, ())[:CANDIDATES])
        middle = round(i * share)
        chosen.update(j for j in (middle - 1, middle, middle + 1) if 0 <= j < len(news))
        yield sorted(chosen)


def _grams(key: str) -> set[str]:
    return {key[at : at + GRAM] for at in range(max(len(key) - GRAM + 1, 1))}
