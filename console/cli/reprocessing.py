"""`reprocess`: reads what is kept again, by the present extractor."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from console.cli.output import FAILED, AsJson, err, json_line, out, table
from console.installation import Installation
from policy_crawler.errors import OperatorError
from storage.clock import CHINA
from storage.reprocessing import Reprocessor, Summary, Wanted
from storage.unmasked import mask_former


def add_to(app: typer.Typer) -> None:
    app.command("reprocess")(reprocess)


def reprocess(
    source: Annotated[str | None, typer.Option(metavar="ID", help="Only this source's documents.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Only versions seen since this day, in China."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Read so many at most; all if not.")] = None,
    masking: Annotated[
        bool, typer.Option("--masking", help="Then mask what was kept before: former readings, lists, events.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would differ; keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the kept bytes of versions and files again, where another extractor read them; nothing is fetched.

    An upgrade: the new reading is appended, the version points to it, and nobody is told. A command that was
    interrupted, even killed, goes on where it was. With `--masking`, after privacy.mask was switched on, what was kept
    before is masked in the same step; the bytes in WARC files stay as published.

    Example: policy-crawler reprocess --source miit-wjfb-tz --dry-run
    """
    from policy_crawler import attachments  # noqa: PLC0415 - loads Scrapy; wrong use need not wait
    from policy_crawler.pipelines.convert import PRESENT, read_file, reread  # noqa: PLC0415

    here = Installation()
    if masking and (source is not None or since is not None or limit is not None):
        raise OperatorError("--masking is for the whole archive; leave --source, --since and --limit out")
    if source is not None:
        here.catalog.get(source)
    day = since.replace(tzinfo=CHINA) if since else None
    wanted = Wanted(PRESENT, attachments.EXTRACTOR_VERSION, source, day)
    work, summary = Reprocessor(here.archive, reread, read_file, wanted), Summary()
    waiting = work.count()
    columns = (TextColumn("reading again"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task("", total=waiting if limit is None else min(waiting, limit))
        for done in work.run(limit, dry=dry_run):
            summary.add(done)
            progress.advance(task)
            if as_json:
                json_line(done)
            elif done.failed:
                err().print(escape(f"#{done.document_id} {done.kind} {done.id}: {done.failed}"), soft_wrap=True)
    summary.left = max(waiting - summary.read, 0)
    former = mask_former(here.archive, dry=dry_run) if masking else None
    if as_json:
        json_line({"summary": summary, "dry_run": dry_run, **({"masking": former} if former else {})})
    else:
        _tell(summary, dry_run)
        if former is not None:
            left = f"; {former.left:,} readings in use could not be read again and stay" if former.left else ""
            would = "would be " if dry_run else ""
            out().print(f"{former.readings:,} former readings {would}emptied, {former.rows:,} rows {would}masked{left}")
    raise typer.Exit(FAILED if summary.failed else 0)


def _tell(summary: Summary, dry_run: bool) -> None:
    if summary.fields:
        table("What differs", ("field", "in"), summary.fields.most_common())
    would = "would be upgraded" if dry_run else "upgraded"
    left = f", {summary.left} left" if summary.left else ""
    failed = f", {summary.failed} stay as they were read" if summary.failed else ""
    out().print(f"{summary.read} read again: {summary.upgraded} {would}{failed}{left}")
