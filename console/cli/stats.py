"""`stats`: what came in, by issuer, month, source or type."""

from enum import StrEnum
from typing import Annotated

import typer

from console.cli.output import AsJson, json_line, out, table
from console.installation import Installation
from storage.stats import stats as count

BARS = "▁▂▃▄▅▆▇█"


class By(StrEnum):
    """What documents are grouped by."""

    ISSUER = "issuer"
    MONTH = "month"
    SOURCE = "source"
    TYPE = "type"


def add_to(app: typer.Typer) -> None:
    app.command("stats")(stats)


def stats(
    by: Annotated[By, typer.Option(help="What to group by.")] = By.ISSUER,
    issuer: Annotated[str | None, typer.Option(help="Only what this body issued, alone or with others.")] = None,
    months: Annotated[int, typer.Option(min=1, max=120, help="Months to show one by one.")] = 12,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Groups to print, the largest first.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Count the archive's documents by the month of their publication, with a sparkline a group.

    Example: policy-crawler stats --issuer 工信部 --by month
    """
    here = Installation()
    found = count(here.engine, here.clock, by=by.value, issuer=issuer, months=months)
    groups = found.groups[:limit]
    if as_json:
        for came in groups:
            spread = dict(zip(found.months, came.months, strict=True))
            json_line({"by": by, "group": came.group or None, "documents": came.documents, "newest": came.newest,
                       **({} if by is By.MONTH else {"months": spread})})  # fmt: skip
        return
    out().print(f"{found.documents} {'document' if found.documents == 1 else 'documents'}")
    if not groups:
        return
    if by is By.MONTH:
        largest = max(came.documents for came in groups)
        table(
            "By month", ("month", "documents", ""),
            ((came.group, came.documents, "█" * max(1, round(40 * came.documents / largest))) for came in groups),
        )  # fmt: skip
        return
    table(
        f"By {by}",
        (by.value, "documents", "newest", f"{found.months[0]} to {found.months[-1]}", "last month"),
        ((came.group, came.documents, came.newest, sparkline(came.months), came.months[-1]) for came in groups),
    )
    if len(found.groups) > len(groups):
        out().print(f"and {len(found.groups) - len(groups)} more; --limit shows them")


def sparkline(numbers: tuple[int, ...]) -> str:
    """A bar a number, the highest for the largest; a dot for none."""
    largest = max(numbers, default=0)
    return "".join("·" if not one else BARS[(one * len(BARS) - 1) // largest] for one in numbers)
