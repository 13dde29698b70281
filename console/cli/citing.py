"""`references`, `wanted`, `gaps`: what documents stand on, what they name that is missing, and which numbers are."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.archive import Reference, days, find_one
from console.cli.output import AsJson, json_line, out, shown, table
from console.installation import Installation
from storage import citations
from storage.citations import Series, Step
from storage.rows import ReferenceRow

MOST_RANGES = 40  # of missing serials in one row; --json has all


def add_to(app: typer.Typer) -> None:
    app.command("references")(references)
    app.command("wanted")(wanted)
    app.command("gaps")(gaps)


def references(
    reference: Reference,
    depth: Annotated[int, typer.Option(min=1, max=10, help="Steps to follow: 2 also shows what those refer to.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show what a document refers to and what refers to it: repeals, amends, implements, explains, reports, cites.

    Each with the sentence that says so; of news, how many days after (or before) the document it came out.

    Example: policy-crawler references 工信部信管〔2026〕12号 --depth 2
    """
    here = Installation()
    document = find_one(here, reference)
    steps = citations.walk(here.engine, document.id, depth=depth)
    if as_json:
        for step in steps:
            row = step.reference
            json_line({"document": document.id, "depth": step.depth, "outgoing": step.outgoing,
                       "relation": step.relation, "reference": row, "days_after": row.days_after})  # fmt: skip
        return
    out().print(f"[bold]{escape(document.title or '(no title)')}[/bold]  #{document.id}", soft_wrap=True)
    if not steps:
        out().print("It refers to nothing that is known, and nothing in the archive refers to it.")
    for (level, _, relation), group in groupby(steps, key=lambda step: (step.depth, step.outgoing, step.relation)):
        far = f" [dim](step {level})[/dim]" if level > 1 else ""
        out().print(f"\n[bold]{relation}[/bold]{far}")
        for step in group:
            _print_step(step)


def _print_step(step: Step) -> None:
    row = step.reference
    by = f"#{row.document_id} " if step.depth > 1 and step.outgoing else ""
    to = f" → #{row.target_document_id}" if step.depth > 1 and not step.outgoing else ""
    out().print(f"  {escape(by)}{escape(_target(row) if step.outgoing else _source(row))}{escape(to)}", soft_wrap=True)
    if row.sentence:
        listed = f" (in {row.file})" if row.file else ""
        out().print(f"    [dim]{escape(row.sentence)}{escape(listed)}[/dim]", soft_wrap=True)


def _target(row: ReferenceRow) -> str:
    name = named(row.title, row.number, row.url)
    if row.target_document_id is None:
        return f"{name} (not in the archive)"
    return f"{name} → #{row.target_document_id} {row.target_title or '(no title)'} (by {row.resolved_by})"


def _source(row: ReferenceRow) -> str:
    facts = [row.document_type, shown(row.document_published) if row.document_published else "", days(row.days_after)]
    return f"#{row.document_id} {row.document_title or '(no title)'} ({', '.join(filter(None, facts))})"


def named(title: str | None, number: str | None, url: str | None) -> str:
    """A document as a reference names it."""
    return " ".join(filter(None, (title and f"《{title}》", number))) or url or "(nothing)"


def wanted(
    issuer: Annotated[str | None, typer.Option(help="Only of this issuer, by any of its names (工信部).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Documents to list.")] = 30,
    offset: Annotated[int, typer.Option(min=0, help="Documents to skip.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List the documents that others name and the archive has not, the most named first.

    A reference finds its document as soon as that is crawled, by its URL, its number in any spelling, or its title.

    Example: policy-crawler wanted --issuer 工业和信息化部
    """
    rows = citations.wanted(Installation().engine, issuer=issuer, limit=limit, offset=offset)
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Wanted",
        ("documents", "named", "how"),
        ((row.documents, named(row.title, row.number, row.url), _counts(row.relations.items())) for row in rows),
    )


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts)


def gaps(
    code: Annotated[str | None, typer.Option("--issuer-code", help="Only numbers of this 机关代字, e.g. 国发.")] = None,
    year: Annotated[int | None, typer.Option(min=1949, max=2100, help="Only numbers of this year.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the serial numbers that are missing, for each code (机关代字) and year: 国发〔2026〕1号, 2号, …

    `archived`: the archive has the document; `cited`: another document names it; `missing`: nobody has seen it, which
    may mean that it was never published. Orders (令) are counted through the years.

    Example: policy-crawler gaps --issuer-code 国发 --year 2026
    """
    series = citations.gaps(Installation().engine, code=code, year=year)
    if as_json:
        for one in series:
            json_line({"code": one.code, "year": one.year, "highest": one.highest, "archived": one.archived,
                       "cited": one.cited, "missing": one.missing})  # fmt: skip
        return
    table(
        "Serial numbers",
        ("code", "year", "highest", "archived", "only cited", "missing", "which"),
        (_row(one) for one in series),
    )


def _row(one: Series) -> tuple[object, ...]:
    cited = f"{len(one.cited)} ({ranges(one.cited)})" if one.cited else 0
    return (
        one.code, one.year or "all", one.highest, len(one.archived), cited, len(one.missing), ranges(one.missing)
    )  # fmt: skip


def ranges(serials: Iterable[int]) -> str:
    """Numbers in short: 1–3, 7, 9–12."""
    found: list[list[int]] = []
    for serial in sorted(serials):
        if found and serial == found[-1][1] + 1:
            found[-1][1] = serial
        else:
            found.append([serial, serial])
    told = [f"{first}–{last}" if last > first else str(first) for first, last in found]
    return ", ".join(told[:MOST_RANGES]) + (f", … ({len(told) - MOST_RANGES} more)" if len(told) > MOST_RANGES else "")
