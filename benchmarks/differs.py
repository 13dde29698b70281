"""One way to compare two texts, in a process of its own: `python differs.py NAME CASES.json`, answers JSON.

Run by the Python that has it. Each case is compared once to warm up and once on the clock.
"""

import difflib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Differ = Callable[[list[str], list[str]], int]


def ours() -> Differ:
    """Clauses changed, added, removed, moved and renumbered, each with its label; tables by row."""
    from storage.diff import compare  # noqa: PLC0415

    def blocks(lines: list[str]) -> list[tuple[str, str]]:
        if "\t" in lines[0]:
            return [("table", "\n".join(lines))]
        return [("paragraph", line) for line in lines]

    def differ(before: list[str], after: list[str]) -> int:
        return len(compare(blocks(before), blocks(after)))

    return differ


def ndiff() -> Differ:
    """difflib's answer to the same question: which paragraphs went, came, or became which."""
    return lambda before, after: sum(line[0] != " " for line in difflib.ndiff(before, after))


def unified() -> Differ:
    """difflib's plain list of paragraphs that went and came; nothing is paired."""
    return lambda before, after: sum(1 for _ in difflib.unified_diff(before, after))


def match_patch() -> Differ:
    """diff-match-patch on the characters, with its own limit of a second, after which it answers roughly."""
    from diff_match_patch import diff_match_patch  # noqa: PLC0415

    return lambda before, after: len(diff_match_patch().diff_main("\n".join(before), "\n".join(after)))


DIFFERS = {
    "ours": ours,
    "difflib.ndiff": ndiff,
    "difflib.unified_diff": unified,
    "diff-match-patch": match_patch,
}


def main() -> None:
    """Compare every case; {case: [CPU seconds, differences]}."""
    differ = DIFFERS[sys.argv[1]]()
    for name, (before, after) in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")).items():
        start = time.process_time()
        found = differ(before, after)
        taken = time.process_time() - start
        if taken < 1:  # a second run is dearer than a cold one is wrong
            start = time.process_time()
            differ(before, after)
            taken = time.process_time() - start
        print(json.dumps([name, taken, found]), flush=True)


if __name__ == "__main__":
    main()
