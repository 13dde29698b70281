"""One new document against all watches: ours beside evaluating every watch's query in turn.

    python -m benchmarks.matching [--most 100000] [--keep]

Words, documents and watches are made up: 35,000 words of two to four characters, documents of 600 of them. `narrow`
watches want two words of a document, `broad` ones any of three; a tenth of either excludes a word.
"""

import argparse
import random
import statistics
import time
from datetime import UTC, datetime
from itertools import accumulate

from benchmarks import report
from schedules.watches import WatchSet
from storage.query import MatchText, Query, parse
from storage.rows import EventRow
from storage.rows_watch import UnmatchedEvent, WatchRow

SIZES = (10, 1_000, 100_000)
DOCUMENTS = 20
WORDS = 35_000
LENGTH = 600  # words of a document
NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVENT = EventRow(
    id=1, kind="added", state="published", source_id="bench", source_name="bench", run_id=1, document_id=1,
    version_id=1, version_seq=1, title=None, number=None, issuer=None, type="policy", published=None, url=None,
    backlog=False, late=False, at=NOW, published_at=NOW, matched_at=None, reason="", changes=(),
)  # fmt: skip


def vocabulary(chance: random.Random) -> list[str]:
    """Made-up words of the three thousand most usual characters' range."""
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    return ["".join(chance.choices(characters, k=chance.choice((2, 2, 2, 3, 4)))) for _ in range(WORDS)]


def documents(chance: random.Random, words: list[str]) -> list[str]:
    """Bodies in which some words are far more usual than others, as in any language (Zipf)."""
    weights = list(accumulate(1 / (rank + 50) for rank in range(len(words))))
    return ["，".join(chance.choices(words, cum_weights=weights, k=LENGTH)) + "。" for _ in range(DOCUMENTS)]


def watches(chance: random.Random, words: list[str], count: int, kind: str) -> list[WatchRow]:
    """Watches for words from the whole vocabulary, usual or not."""
    made = []
    for number in range(count):
        chosen = chance.sample(words, 4)
        query = f"{chosen[0]} AND {chosen[1]}" if kind == "narrow" else f"({' OR '.join(chosen[:3])})"
        if number % 10 == 0:
            query += f" NOT {chosen[3]}"
        made.append(WatchRow(number, f"w{number}", query, {}, False, True, "local", (), NOW))
    return made


def main() -> None:
    """Measure, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest number of watches")
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    chance = random.Random(8)  # noqa: S311 - texts, no secrets
    words = vocabulary(chance)
    texts = documents(chance, words)
    rows = []
    for kind in ("narrow", "broad"):
        for size in (size for size in SIZES if size <= options.most):
            rows.append(_row(watches(chance, words, size, kind), texts, f"{size:,} {kind}"))  # noqa: PERF401
    header = ["watches", "matching a document", "ms a document", "slowest", "each in turn, ms", "×", "made ready in s"]
    under = (
        f"{DOCUMENTS} documents of {sum(map(len, texts)) // DOCUMENTS:,} characters, CPU time, each document new to "
        "the process; both ways found the same watches. Storing the alerts is not in it."
    )
    text = f"{report.table(header, rows)}\n\n{under}\n\nTaken {report.circumstances()}."
    report.write("matching", text, keep=options.keep)


def _row(made: list[WatchRow], texts: list[str], name: str) -> list[str]:
    start = time.process_time()
    ready = WatchSet(made)
    building = time.process_time() - start
    queries = [(watch.id, parse(watch.query)) for watch in made]
    taken, found, in_turn = [], [], []
    for number, text in enumerate(texts):
        document = _fresh(text)
        start = time.process_time()
        matched = [watch for watch, _ in ready.match(UnmatchedEvent(EVENT, document))]
        taken.append(time.process_time() - start)
        found.append(len(matched))
        if number < 3:  # it takes long, and hardly differs
            start = time.process_time()
            others = _each(queries, _fresh(text))
            in_turn.append(time.process_time() - start)
            if others != matched:
                raise AssertionError(f"{name}: {len(matched)} watches matched, {len(others)} when asked in turn")
    usual, slow = statistics.median(taken), statistics.median(in_turn)
    return [
        name, f"{statistics.mean(found):.1f}", f"{usual * 1000:.2f}", f"{max(taken) * 1000:.2f}",
        f"{slow * 1000:.2f}", f"{slow / usual:.1f}", f"{building:.2f}",
    ]  # fmt: skip


def _each(queries: list[tuple[int, Query]], document: MatchText) -> list[int]:
    return [watch for watch, query in queries if query.matches(document) is not None]


def _fresh(text: str) -> MatchText:
    return MatchText(title=text[:30], number=None, issuer="示例市人民政府", body=text, type="policy")


if __name__ == "__main__":
    main()
