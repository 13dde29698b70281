"""Reading, side by side: the labelled pages of POLICY_CORPUS read by us and by general extractors, in the same run.

    POLICY_CORPUS=../pages-and-labels python -m benchmarks.reading [--rounds 5] [--keep]

Each reader is a process of its own, warmed by one round that does not count; then they take turns, round by round, so
that what else the machine does hits all of them alike. CPU time, not wall time. A ratio is the median of the rounds'.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import judging, report
from benchmarks.readers import READERS
from policy_crawler.reading import decode

PEERS = report.ROOT / ".bench" / "peers" / "bin" / "python"
OWN = {"ours", "parse alone"}
_UNDER = (
    "{pages} labelled pages of {size:.0f},000 characters on average; CPU time: the best round's a page, and the median "
    "of {rounds} rounds' ratios; shares right, every site counting alike; – is what a reader does not offer. The "
    "labels were at hand when our rules were written; the peers never saw them."
)
GOAL = 10.0  # times as fast as trafilatura


class Process:
    """A reader at work."""

    def __init__(self, name: str, pages: Path) -> None:
        self.name = name
        self.seconds: list[float] = []
        python = sys.executable if name in OWN else str(PEERS)
        self._child = subprocess.Popen(
            [python, str(Path(__file__).with_name("readers.py")), name, str(pages)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=report.ROOT,
            env={**os.environ, "PYTHONPATH": str(report.ROOT) if name in OWN else ""},
            text=True,
        )
        self.version: str = self._answer()["version"]

    def ask(self, what: str) -> dict[str, Any]:
        """One round; `read` also answers the records."""
        assert self._child.stdin is not None  # noqa: S101
        print(what, file=self._child.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        """Let the reader end."""
        assert self._child.stdin is not None  # noqa: S101
        self._child.stdin.close()
        self._child.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._child.stdout is not None  # noqa: S101
        line = self._child.stdout.readline()
        if not line:
            raise EOFError(self.name)
        answer: dict[str, Any] = json.loads(line)
        return answer


def main() -> None:
    """Read, judge, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    corpus = os.environ.get("POLICY_CORPUS")
    if not corpus:
        print("reading: skipped. It needs the labelled pages; set POLICY_CORPUS to the folder that holds pages/.")
        return
    labels, sites, pages = _pages(Path(corpus) / "pages")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "pages.json")
        listed.write_text(json.dumps(pages), encoding="utf-8")
        readers, missing = _start(listed)
        scores = {}
        for reader in readers:  # the round that does not count
            verdicts = zip(labels, reader.ask("read")["records"], strict=True)
            scores[reader.name] = judging.shares(
                (sites[label["file"]], judging.right(label, record)) for label, record in verdicts
            )
        for _ in range(options.rounds):
            for reader in readers:
                reader.seconds.append(reader.ask("round")["seconds"])
        for reader in readers:
            reader.close()
    report.write("reading", _section(readers, missing, scores, pages), keep=options.keep)


def _pages(folder: Path) -> tuple[list[dict[str, Any]], dict[str, str], list[dict[str, str]]]:
    """The labels, each page's site, and what the readers are handed."""
    labels = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines() if line]
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    known = {row["file"]: row for row in map(json.loads, filter(None, lines))}
    pages = []
    for label in labels:
        path = folder / label["file"]
        url = known.get(label["file"], {}).get("url") or "http://www.example.org/page.html"
        pages.append({"path": str(path.resolve()), "text": decode(path.read_bytes(), None)[0], "url": url})
    sites = {label["file"]: known.get(label["file"], {}).get("site") or "?" for label in labels}
    return labels, sites, pages


def _start(pages: Path) -> tuple[list[Process], list[str]]:
    readers, missing = [], []
    for name in READERS:
        try:
            readers.append(Process(name, pages))
        except (OSError, EOFError):
            missing.append(name)
    return readers, missing


def _section(
    readers: list[Process], missing: list[str], scores: dict[str, dict[str, float]], pages: list[dict[str, str]]
) -> str:
    ours = next(reader for reader in readers if reader.name == "ours")
    rows = []
    ratios = {}
    for reader in readers:
        ratio = statistics.median(theirs / own for theirs, own in zip(reader.seconds, ours.seconds, strict=True))
        ratios[reader.name] = ratio
        got = scores[reader.name]
        offered = judging.FIELDS if reader is ours else _offered(reader.name)
        shown = [f"{got[field]:.3f}" if field in offered else "–" for field in judging.FIELDS]
        label = reader.name if reader is ours else f"{reader.name} ({reader.version})"
        rows.append([label, f"{min(reader.seconds) / len(pages) * 1000:.2f}", f"{ratio:.2f}", *shown])
    rows.extend([name, "missing: could not be installed or started", *[""] * 8] for name in missing)
    size = sum(len(page["text"]) for page in pages) / len(pages) / 1000
    text = [
        report.table(["reader", "ms a page", "× ours", *judging.FIELDS], rows),
        "",
        _UNDER.format(pages=len(pages), size=size, rounds=len(ours.seconds)),
    ]
    for name, what in (("trafilatura, fields", "trafilatura with its fields"), ("trafilatura, text", "its text alone")):
        if against := ratios.get(name):
            verdict = "reached" if against >= GOAL else "NOT reached"
            text.append(f"At least {GOAL:.0f} times as fast as {what}: {verdict} ({against:.1f} times).")
    text.append(f"\nTaken {report.circumstances()}.")
    return "\n".join(text)


def _offered(name: str) -> tuple[str, ...]:
    if name == "parse alone":
        return ()
    return ("body",) if name == "trafilatura, text" else ("title", "published", "issuer", "body")


if __name__ == "__main__":
    main()
