"""Searching 10,000, 100,000 and a million made-up documents: ten shapes of queries, ours and others in turns.

    python -m benchmarks.search [--sizes 10000,100000,1000000] [--postgres 100000] [--folder DIRECTORY] [--keep]

CPU time of all processes that work on a query, files in the cache: what a query takes on a machine that has nothing
else to do. A build that was cut off goes on where it was if the folder is given; else files are made for the run."""

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine, text

from benchmarks import report, search_archive, search_peers
from benchmarks.search_archive import bulk, generated
from benchmarks.search_peers import Asked, Question

sys.path.append(str(report.ROOT / "tests"))

from support import postgres

QUERIES = 20  # of each shape
SHAPES = (
    "rare word", "common word", "two characters", "phrase", "AND, OR, NOT", "number", "issuer and range", "title",
    "by relevance", "no hit",
)  # fmt: skip
BY_DATE, BY_RELEVANCE = 50, 150  # ms, at a million: the aims
TRIGRAM_MOST = 100_000  # above, its index takes hours
CHARACTERS = generated.RARE

Spent = dict[str, tuple[list[float], list[int]]]  # for each shape the CPU ms of its queries, and how many hits they had


def questions(size: int, of: int) -> dict[str, list[Question]]:
    """Twenty of each shape, the same for every run; words and numbers are those of the made-up documents."""
    chance = random.Random(size)  # noqa: S311 - queries, no secrets
    made: dict[str, list[Question]] = {shape: [] for shape in SHAPES}
    two = [word for word in generated.TERMS if len(word) == 2]
    long = [word for word in generated.TERMS if len(word) > 3]
    for _ in range(QUERIES):
        rare, common = chance.choice(CHARACTERS[8_000:]), chance.choice(generated.TERMS[:40])
        made["rare word"].append(_words(f"{rare}{chance.choice(CHARACTERS[8_000:])}"[:4]))
        made["common word"].append(_words(common))
        made["two characters"].append(_words(chance.choice(two[40:])))
        made["phrase"].append(_words(chance.choice(long)) if chance.random() < 0.5 else _phrase(chance, size, of))
        a, b, c, d = chance.sample(generated.TERMS[20:], 4)
        made["AND, OR, NOT"].append(Question(f'"{a}" ("{b}" OR "{c}") NOT "{d}"', (a,), (d,), (b, c)))
        document = _numbered(chance, size, of)
        made["number"].append(Question(f'number:"{document.number}"', number=document.number))
        first = chance.randint(2001, 2024)
        made["issuer and range"].append(
            Question(
                f'issuer:"{document.organs[0]}" published:{first}-03..{first + 1}-06',
                issuer=document.issuer.split()[0],
                days=(f"{first}-03-01", f"{first + 1}-06-30"),
            )
        )  # fmt: skip
        word = chance.choice(generated.TERMS)
        made["title"].append(Question(f'title:"{word}"', title=word))
        a, b = chance.sample(generated.TERMS[30:], 2)
        made["by relevance"].append(Question(f'"{a}" "{b}"', (a, b), relevance=True))
        missing = f"{chance.choice(generated.TERMS)}龘{chance.choice('龖靐齉')}"
        made["no hit"].append(_words(missing))
    return made


def _words(*words: str) -> Question:
    return Question(" ".join(f'"{word}"' for word in words), words)


def _phrase(chance: random.Random, size: int, of: int) -> Question:
    body = generated.document(chance.randrange(size), of=of).blocks[3][1]
    run = max(body.replace("\n", "，").split("，"), key=len)
    start = chance.randrange(max(1, len(run) - 6))
    piece = "".join(char for char in run[start : start + 6] if "\u4e00" <= char <= "\u9fff")
    return _words(piece or "工业互联网")


def _numbered(chance: random.Random, size: int, of: int) -> generated.Made:
    while (made := generated.document(chance.randrange(size), of=of)).number is None or "〔" not in made.number:
        pass
    return made


def main() -> None:
    """Build, measure, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="documents, with commas between")
    parser.add_argument("--postgres", type=int, default=100_000, help="the most documents that PostgreSQL is given")
    parser.add_argument("--others", type=int, default=1_000_000, help="the most documents at which others are asked")
    parser.add_argument("--of", type=int, help="the documents are the first of so many; usually of the size")
    parser.add_argument("--folder", type=Path, help="where the archives are kept and gone on with")
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        missing: set[str] = set()
        sizes = [int(size) for size in options.sizes.split(",")]
        sections = [
            _measured(Making(size, options.of or size, folder, options.postgres, options.others), missing)
            for size in sizes
        ]
    text_ = "\n\n".join([*sections, _under(missing), f"Taken {report.circumstances()}."])
    report.write("search", text_, keep=options.keep)


class Making(NamedTuple):
    """An archive to build: the first `size` documents of `of`."""

    size: int
    of: int
    folder: Path
    postgres: int  # the most that PostgreSQL is given
    others: int  # the most at which the others are asked

    def notes(self, database: str) -> Path:
        """Where the times of a build are kept."""
        return self.folder / f"{database}-{self.size}.json"


def _measured(making: Making, missing: set[str]) -> str:
    size, folder = making.size, making.folder
    path = folder / f"archive-{size}.db"
    engine, took = search_archive.build(f"sqlite:///{path}", size, making.of, making.notes("sqlite"))
    asked = questions(size, making.of)
    rows: dict[str, Spent] = {}
    built = [_built("ours, SQLite", size, took, search_archive.sizes(engine), bulk.characters(engine))]
    rows["ours, SQLite"] = _ask(search_peers.ours(engine), asked, QUERIES)
    few = 5 if size <= 100_000 else 1
    if size <= making.others:
        rows["LIKE"] = _ask(search_peers.like(engine), asked, few)
        with search_peers.datasette(path) as served:
            if served:
                rows["Datasette, LIKE"] = _ask(served, asked, few)
            else:
                missing.add("Datasette could not be installed or started")
    if size <= min(making.others, TRIGRAM_MOST):
        other = folder / f"trigram-{size}.db"
        cpu = search_peers.build_trigram(path, other)
        built.append(["SQLite trigram", f"{size / cpu:,.0f}", "–", f"{other.stat().st_size / 1e6:,.0f}", "", ""])
        rows["SQLite trigram"] = _ask(search_peers.trigram(other), asked, QUERIES)
    if size > making.postgres:
        missing.add(f"PostgreSQL was not asked at {size:,} documents")
    else:
        with _postgres() as url:
            if url is None:
                missing.add("there is no PostgreSQL here")
            else:
                rows |= _on_postgres(url, making, few, built)
    engine.dispose()
    return _section(size, rows, built)


@contextlib.contextmanager
def _postgres() -> Iterator[str | None]:
    binaries = postgres.find_binaries()
    if binaries is None:
        yield None
        return
    with postgres.running(binaries) as server:
        engine = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        engine.dispose()
        yield server.format("bench")


def _on_postgres(url: str, making: Making, few: int, built: list[list[str]]) -> dict[str, Spent]:
    notes = making.notes("postgres")
    notes.unlink(missing_ok=True)  # the server is new
    engine, took = search_archive.build(url, making.size, making.of, notes)
    asked = questions(making.size, making.of)
    sizes = search_archive.sizes(engine)
    built.append(
        _built("ours, PostgreSQL (without the server's time)", making.size, took, sizes, bulk.characters(engine))
    )
    rows = {
        "ours, PostgreSQL": _ask(search_peers.ours(engine), asked, QUERIES),
        "PostgreSQL ILIKE": _ask(search_peers.like(engine), asked, few),
    }
    engine.dispose()
    return rows


def _ask(ask: Asked, asked: dict[str, list[Question]], queries: int) -> Spent:
    """For each shape the CPU ms of the queries, after one that does not count, and how many hits each had."""
    found = {}
    for shape, some in asked.items():
        if queries == QUERIES:
            ask(some[0])
        answers = [ask(question) for question in some[:queries]]
        found[shape] = ([answer.cpu * 1000 for answer in answers], [answer.count for answer in answers])
    return found


def _built(name: str, size: int, took: dict[str, float], bytes_: dict[str, int], characters: int) -> list[str]:
    """Documents a second; MB of the index, of the texts beside it; both as a share of the documents' texts in UTF-8."""
    both = bytes_["index"] + bytes_["texts"]
    return [
        name, f"{size / took['index cpu']:,.0f}", f"{bytes_['index'] / 1e6:,.0f}", f"{bytes_['texts'] / 1e6:,.0f}",
        f"{both / (3 * characters):.2f}", f"{bytes_['whole'] / 1e6:,.0f}",
    ]  # fmt: skip


def _section(size: int, rows: dict[str, Spent], built: list[list[str]]) -> str:
    own = rows["ours, SQLite"]
    lines = []
    for name, shapes in rows.items():
        cells = []
        for shape, (spent, counts) in shapes.items():
            if all(count < 0 for count in counts):
                cells.append("–")
                continue
            usual = statistics.median(spent)
            cell = f"{usual:.1f} / {_p95(spent):.1f}" if name.startswith("ours") else f"{usual:,.1f}"
            if name not in {"ours, SQLite", "ours, PostgreSQL"}:
                cell += f" ({usual / statistics.median(own[shape][0]):,.1f} ×)"
                lost = sum(count < right for count, right in zip(counts, own[shape][1], strict=False))
                cell += f", {lost} of {len(counts)} wrong" if lost else ""
            cells.append(cell)
        lines.append([name, *cells])
    header = ["CPU ms", *SHAPES]
    parts = [
        f"### {size:,} documents",
        report.table(header, lines),
        report.table(["index", "documents a CPU second", "index MB", "texts MB", "÷ text", "archive MB"], built),
        _aims(own),
    ]
    return "\n\n".join(parts)


def _aims(own: Spent) -> str:
    by_date = max(_p95(spent) for shape, (spent, _) in own.items() if shape != "by relevance")
    relevant = _p95(own["by relevance"][0])
    return (
        f"p95 of the slowest shape by date {by_date:.0f} ms ({'reached' if by_date <= BY_DATE else 'NOT reached'}: "
        f"{BY_DATE} ms at a million), by relevance {relevant:.0f} ms "
        f"({'reached' if relevant <= BY_RELEVANCE else 'NOT reached'}: {BY_RELEVANCE} ms)."
    )


def _p95(spent: Sequence[float]) -> float:
    return sorted(spent)[max(0, round(0.95 * len(spent)) - 1)]


def _under(missing: set[str]) -> str:
    said = (
        f"CPU time of all processes that worked on a query, files in the cache; median / p95 of {QUERIES} queries a "
        "shape for ours and the trigrams, the median for the others, which were asked 5 times up to 100,000 documents "
        "and once above; in brackets × ours on SQLite. All answer with the newest 20 documents and a count to 1,001; "
        "ours also with snippets, marks, and about how many there are above that. `wrong`: fewer hits than there are "
        "(trigrams find no word of two characters and say nothing of it). ÷ text: index and texts beside it, by the "
        "documents' texts in UTF-8. Documents are made up (`tests/support/generated.py`) and written straight into the "
        "tables in the order of their dates; the index is made by the archive's own code, in batches."
    )
    return said + "".join(f" Not in it: {what}." for what in sorted(missing))


if __name__ == "__main__":
    main()
