"""How crawls ended, in words, as JSON, and as an exit code."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from console.cli.output import DONE, FAILED, REFUSED, err, json_line, out
from schedules.jobs import Crawl, CrawlError
from storage.records import RunSummary, Verdict

Result = RunSummary | CrawlError
REFUSALS = {Verdict.BLOCKED, Verdict.QUARANTINED}
# Counts of a run in the words of the summary, where the count's own name is not one for any number.
PLURALS = {"request": "requests", "listing": "listings", "entry": "entries", "attachment": "attachments"}
SINGULARS = {many: one for one, many in PLURALS.items()}


def exit_code(results: list[Result]) -> int:
    """0 all done; 1 anything failed; 3 nothing failed but a source is blocked or quarantined."""
    verdicts = {result.verdict if isinstance(result, RunSummary) else Verdict.FAILED for result in results}
    if verdicts - REFUSALS - {Verdict.OK}:
        return FAILED
    return REFUSED if verdicts & REFUSALS else DONE


def summarise(
    crawls: list[Crawl], results: Mapping[str, Result], documents: Mapping[str, list[dict[str, Any]]], as_json: bool
) -> None:
    """Say how each crawl ended."""
    for crawl in crawls:
        result = results.get(crawl.source_id)
        if result is None:
            err().print(f"{escape(crawl.source_id)}: not begun", soft_wrap=True)
        elif as_json:
            json_line(_summary_json(crawl, result, documents.get(crawl.source_id, [])))
        elif isinstance(result, CrawlError):
            out().print(f"{escape(crawl.source_id)}: [red]failed[/red]: {escape(str(result))}", soft_wrap=True)
        else:
            out().print(_summary_line(result), soft_wrap=True)


def _summary_json(crawl: Crawl, result: Result, documents: list[dict[str, Any]]) -> dict[str, Any]:
    if isinstance(result, CrawlError):
        return {
            "source": crawl.source_id,
            "run": None,
            "verdict": "failed",
            "reason": str(result),
            "documents": documents,
        }
    return {
        "source": result.source_id,
        "run": result.id,
        "verdict": result.verdict,
        "reason": result.reason,
        "backlog": result.backlog,
        "started": result.started_at,
        "finished": result.finished_at,
        "counts": result.counts,
        "documents": documents,
    }


def _summary_line(result: RunSummary) -> str:
    colour = {Verdict.OK: "green", Verdict.BLOCKED: "yellow", Verdict.QUARANTINED: "yellow"}.get(
        result.verdict or Verdict.FAILED, "red"
    )
    shown = ", ".join(counted(number, name) for name, number in result.counts.items() if number) or "nothing to do"
    line = f"{escape(result.source_id)}: [{colour}]{result.verdict or 'unjudged'}[/{colour}]: {escape(shown)}"
    if result.reason:
        line += f"\n  {escape(result.reason)}"
    if result.verdict not in {Verdict.OK, Verdict.INTERRUPTED}:
        line += f"\n  [dim]its requests one by one: policy-crawler runs show {result.id}[/dim]"
    elif result.backlog:
        line += "\n  [dim]first crawl or backfill: what it added is told only where a watch asks for backlog[/dim]"
    return line


def counted(number: int, name: str) -> str:
    """A count of a run in words: 1 listing, 2 listings, 3 added."""
    return f"{number} {SINGULARS.get(name, name) if number == 1 else PLURALS.get(name, name)}"
