"""All benchmarks in turn: `python -m benchmarks [--quick] [--keep]`; each also runs alone, `python -m benchmarks.diff`.

--quick takes fewer rounds and smaller sizes; --keep writes the tables into docs/performance.md.
"""

import subprocess
import sys

BENCHMARKS = {
    "reading": ["--rounds", "1"],
    "crawl_start": ["--rounds", "2"],
    "diff": ["--rounds", "1"],
    "matching": ["--most", "1000"],
    "search": ["--sizes", "2000"],
    "catalog_load": ["--rounds", "2"],
    "day": ["--sources", "20", "--hours", "4", "--watches", "50"],
    "publication_to_mail": ["--sources", "12", "--minutes", "1", "--cron", "* * * * *", "--pause", "5"],
}
"""Each benchmark and what makes it quick."""


def main() -> int:
    """Run them one after the other; answers the number that failed."""
    quick, keep = "--quick" in sys.argv, "--keep" in sys.argv
    failed = 0
    for name, less in BENCHMARKS.items():
        arguments = [*(less if quick else []), *(["--keep"] if keep else [])]
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
