"""What the catalog costs a command: read from its TOML files, and as it is kept between commands.

    python -m benchmarks.catalog_load [--rounds 7] [--keep]

Each figure is of a process of its own, since every command and every crawl is one: CPU milliseconds, the least of the
rounds'. Importing the catalog's modules is not in it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import report
from policy_crawler.catalog import SHIPPED, load_catalog

AIM_MS = 60
MEASURE = """
import time
from policy_crawler.catalog import load_catalog
start = time.process_time()
catalog = load_catalog()
{then}
print((time.process_time() - start) * 1000)
"""
STEPS = {
    "kept, one source asked for": "catalog.get('miit-wjfb-tz')",
    "kept, those that are on": "catalog.enabled()",
    "kept, a pack chosen": "catalog.select(pack='finance')",
    "kept, every source made": "list(catalog.sources.values())",
}


def spent(then: str, cache: Path) -> float:
    """CPU milliseconds of loading the catalog in a process of its own, and of `then`."""
    code = MEASURE.format(then=then)
    environment = {**os.environ, "PYTHONPATH": str(report.ROOT), "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    taken: dict[str, list[float]] = {"from the files": [], **{name: [] for name in STEPS}}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            taken["from the files"].append(spent("", Path(folder)))
            for name, then in STEPS.items():
                taken[name].append(spent(then, Path(folder)))
    report.write("catalog load", _section(taken, options.rounds), keep=options.keep)


def _section(taken: dict[str, list[float]], rounds: int) -> str:
    files = list(SHIPPED.rglob("*.toml"))
    size = sum(file.stat().st_size for file in files)
    one = min(taken["kept, one source asked for"])
    reached = "reached" if one < AIM_MS else "NOT reached"
    holds = f"{len(load_catalog().select()):,} sources in {len(files)} files of {size / 1000:,.0f} kB"
    aim = f"Less than {AIM_MS} ms for what a crawl asks for: {reached} ({one:.1f} ms)."
    return "\n".join(
        [
            report.table(["catalog", "CPU ms"], [[name, f"{min(ms):.1f}"] for name, ms in taken.items()]),
            "",
            f"{holds}; best of {rounds} rounds. {aim}",
            f"\nTaken {report.circumstances()}, {report.versions('pydantic')}.",
        ]
    )


if __name__ == "__main__":
    main()
