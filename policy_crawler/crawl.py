"""One crawl, in a process of its own: `python -m policy_crawler.crawl --source miit-wjfb-tz`.

The only way a crawl runs, whoever asks. Home, settings and clock come from the environment. It is judged by its run
row; the exit code says the same shortly: 0 done, 1 failed or partial, 2 wrong use, 3 blocked or quarantined,
130/143 interrupted.
"""

import argparse
import gc
import sys
from typing import Any

from policy_crawler.errors import OperatorError

EXIT_CODES = {"ok": 0, "partial": 1, "failed": 1, "blocked": 3, "quarantined": 3}


def main(arguments: list[str] | None = None) -> int:
    """Crawl as told; answers the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["--forks"]:
        from policy_crawler.forks import serve  # noqa: PLC0415

        return serve(int(given[1]), main)
    options = _parser().parse_args(arguments)
    try:
        return _crawl(options)
    except OperatorError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the parent shows it
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m policy_crawler.crawl", description="Crawl one source.")
    parser.add_argument("--source", required=True, help="id of a source, or 'page' with --url")
    parser.add_argument("--run", type=int, default=0, help="the queued run to start; else a new one")
    parser.add_argument("--trigger", default="manual", help="who began it: manual, schedule, backfill")
    parser.add_argument("--url", help="the page to fetch, for the source 'page'")
    parser.add_argument("--since", help="read the list back to this date, 2026-01-31")
    parser.add_argument("--pages", help="read so many pages of the list")
    parser.add_argument("--recheck", choices=("due", "all", "none"), help="known pages to ask again (default: due)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of Scrapy")
    return parser


def _crawl(options: argparse.Namespace) -> int:
    # Scrapy takes half a second to import; wrong use should not wait for it.
    from policy_crawler.catalog import load_catalog  # noqa: PLC0415
    from policy_crawler.config import Home  # noqa: PLC0415

    source = load_catalog(Home.find().sources).get(options.source)
    if not source.ready:
        raise OperatorError(
            f"{source.id} cannot be read yet: no reader for its site; see 'policy-crawler sources show'"
        )
    given = {name: getattr(options, name) for name in ("url", "since", "pages", "recheck") if getattr(options, name)}

    if source.family == "page":
        given.pop("recheck", None)  # a page that is named is always asked

    # In this order: Scrapy's TLS module looks through all modules there are by then, many times.
    from policy_crawler.process import CrawlProcess  # noqa: PLC0415, I001
    from policy_crawler.pipelines.ledger import ArchiveError  # noqa: PLC0415

    process = CrawlProcess({"POLICY_RUN": options.run, "POLICY_TRIGGER": options.trigger, **_settings(options.set)})
    try:
        recorder = process.run(source.id, given)
    except ArchiveError as error:
        print(f"archive error: {error}", file=sys.stderr)  # noqa: T201 - the parent shows it
        return 1
    if process.signal:
        return 128 + process.signal
    if recorder is None or recorder.judgement is None:
        return 1
    return EXIT_CODES.get(recorder.judgement.end.value, 1)


def _settings(pairs: list[str]) -> dict[str, Any]:
    for pair in pairs:
        if "=" not in pair:
            raise OperatorError(f"--set: expected NAME=VALUE, found {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


if __name__ == "__main__":
    # Default 700: nearly all that imports make stays, and looking through it took a tenth of the start (2026-11).
    gc.set_threshold(50_000, 10, 10)
    sys.exit(main())
