"""`snapshots compact`, `retention`: fewer WARC files, and what need not be kept for ever."""

import re
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, table
from console.installation import Installation
from policy_crawler.errors import OperatorError
from storage import compacting, retention

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done; change nothing.")]
Originals = Annotated[
    bool, typer.Option("--originals", help="Also what retention.originals_days says of the bytes of policies.")
]


def add_to(app: typer.Typer) -> None:
    snapshots = typer.Typer(help="The bytes as fetched, in WARC files.", no_args_is_help=True)
    snapshots.command("compact")(compact)
    app.add_typer(snapshots, name="snapshots")
    rules = typer.Typer(help="What is let go by rule, after so many days.", no_args_is_help=True)
    rules.command("show")(show)
    rules.command("apply")(apply)
    app.add_typer(rules, name="retention")


def compact(
    month: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help="Only this month, even the present one; all that are over if not."),
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="HOST", help="Only this site, e.g. www.miit.gov.cn.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make the closed WARC segments of a month one file for each site. Crawls may go on; what is killed is completed.

    Records are copied byte for byte once their digests are right, and a segment goes when no row names it any more.

    Example: policy-crawler snapshots compact --dry-run
    """
    if month is not None and (match := _MONTH.fullmatch(month)) is None:
        raise OperatorError(f"--month: expected a month as 2026-03, found {month!r}")
    wanted = f"{match[1]}{match[2]}" if month is not None and match is not None else None
    here = Installation()
    if dry_run:
        _tell_plan(compacting.plan(here.archive, month=wanted, site=site), as_json)
        return
    with err().status("compacting") as status:
        done = compacting.compact(
            here.archive, month=wanted, site=site,
            step=lambda group, number, all_: status.update(f"{group.month} {group.site}: {number:,} of {all_:,}"),
        )  # fmt: skip
    if as_json:
        json_line(done)
        return
    saved = done.bytes_before - done.bytes_after
    out().print(
        f"{done.groups:,} months of sites, {done.records:,} records: {done.files_before:,} files became "
        f"{done.files_after:,}, {_size(done.bytes_before)} became {_size(done.bytes_after)} ({_size(saved)} saved)"
    )
    for file, reason in done.left.items():
        out().print(f"left as it is: {escape(file)}: {escape(reason)}", soft_wrap=True)


def show(originals: Originals = False, as_json: AsJson = False) -> None:
    """Tell what each rule of `[retention]` lets go, and how much that is now. Changes nothing.

    Example: policy-crawler retention show
    """
    here = Installation()
    _tell_due(retention.due(here.archive, here.retention_rules, originals=originals), as_json)


def apply(originals: Originals = False, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Let go what the rules of `[retention]` let go by now. Rows stay with their digests, and `verify` accepts it.

    Example: policy-crawler retention apply --dry-run
    """
    here = Installation()
    if dry_run:
        _tell_due(retention.due(here.archive, here.retention_rules, originals=originals), as_json)
        return
    with err().status("letting go") as status:
        done = retention.apply(
            here.archive, here.retention_rules, originals=originals,
            step=lambda rule, rows: status.update(f"{rule}: {rows:,}"),
        )  # fmt: skip
    if as_json:
        for applied in done:
            json_line(applied)
        return
    if not done:
        out().print("no rule is set; docs/configuration.md names them, under retention")
    for applied in done:
        left = f"; {applied.left:,} wait in segments that a crawl writes to" if applied.left else ""
        size = "" if applied.rule == "fetch_log" else f", {_size(applied.bytes)}"
        out().print(f"{applied.rule}: {applied.rows:,} let go{size}{left}")


def _tell_plan(groups: list[compacting.Group], as_json: bool) -> None:
    if as_json:
        for group in groups:
            json_line(group)
        return
    rows = [
        (f"{group.month[:4]}-{group.month[4:]}", group.site, len(group.files), f"{group.records:,}", _size(group.bytes))
        for group in groups
    ]
    if rows:
        table("Would become one file each", ("month", "site", "segments", "records", "bytes"), rows)
    else:
        out().print("nothing to compact: every month that is over is one file for each site")


def _tell_due(found: list[retention.Due], as_json: bool) -> None:
    if as_json:
        for due in found:
            json_line({**_fields(due), "about": retention.ABOUT[due.rule]})
        return
    rows = [
        (due.rule, f"after {due.days} days" if due.days else "kept for ever", due.waiting or f"{due.rows:,}",
         _size(due.bytes) if due.bytes else "", retention.ABOUT[due.rule])
        for due in found
    ]  # fmt: skip
    table("What rules let go", ("rule", "when", "due now", "bytes", "what"), rows)


def _fields(due: retention.Due) -> dict[str, object]:
    return {name: getattr(due, name) for name in ("rule", "days", "before", "rows", "bytes", "oldest", "waiting")}


def _size(count: int) -> str:
    """Bytes for people."""
    size, units = float(count), iter(("B", "KiB", "MiB", "GiB"))
    unit = next(units)
    while abs(size) >= 1024 and unit != "GiB":
        size, unit = size / 1024, next(units)
    return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
