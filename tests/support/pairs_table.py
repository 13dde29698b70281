"""Both corpora of pages seen twice as tables: `make pairs`. Exit code 1 where a pair is told that must not be, or is
not told that must be."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from support import page_changes, page_noise
from support.page_pairs import Pair
from support.recorded_pairs import Door


def table(door: Door, title: str, pairs: list[Pair], *, wanted: bool) -> int:
    """Print how many of each kind were told; answers how many went wrong."""
    told, wrong = Counter[str](), 0
    for pair in pairs:
        seen = door.told(pair)
        told[pair.kind] += seen.count() > 0
        if (seen.count() > 0) is not wanted:
            wrong += 1
            sys.stdout.write(f"wrong: {pair.name}: {seen}\n")
    for kind, count in Counter(pair.kind for pair in pairs).items():
        sys.stdout.write(f"  {kind:40} {told[kind]:3} of {count:3}\n")
    sys.stdout.write(f"{title}: {told.total()} of {len(pairs)} alerted\n")
    return wrong


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder))
        wrong = table(door, "noise", page_noise.pairs(), wanted=False)
        wrong += table(door, "change", page_changes.pairs(), wanted=True)
        door.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
