"""`read --explain`: each field of a reading with its evidence, the runners-up and the rule that chose."""

from datetime import date
from typing import Any

from rich.markup import escape

from console.cli.output import out, plain
from policy_crawler.reading import Reading, explain, validity_of


def explained_json(reading: Reading, today: date) -> dict[str, Any]:
    """The same as objects: {"fields": {name: {value, source, confidence, rule, alternatives}}, "validity_today": …}."""
    validity, reason = validity_of(reading, today)
    fields = {
        why.field: {
            "value": plain(why.value),
            "source": why.evidence.source,
            "confidence": why.evidence.confidence,
            "rule": why.rule,
            "alternatives": [
                {"value": plain(value), "source": evidence.source, "confidence": evidence.confidence}
                for value, evidence in why.alternatives
            ],
        }
        for why in explain(reading)
    }
    return {"fields": fields, "validity_today": {"validity": validity.value, "reason": reason}}


def print_explained(reading: Reading, today: date) -> None:
    """A block a field: value, where it stood, what else was said, and the order in which sources are believed."""
    console = out()
    for why in explain(reading):
        value = str(plain(why.value))
        shown = value if len(value) <= 120 else f"{value[:100]} … ({len(value)} characters)"
        shown = escape(shown.replace("\n", " / "))
        console.print(f"  [bold]{why.field}[/bold]  {shown}", soft_wrap=True)
        console.print(f"    from   {escape(why.evidence.source)} ({why.evidence.confidence:.2f})", soft_wrap=True)
        for other, evidence in why.alternatives:
            said = escape(str(plain(other)))
            console.print(f"    not    {said}  ({escape(evidence.source)}, {evidence.confidence:.2f})", soft_wrap=True)
        console.print(f"    [dim]order  {escape(why.rule)}[/dim]", soft_wrap=True)
    for printed, organ in zip(reading.issuers, reading.organs, strict=True):
        if printed != organ:
            console.print(f"  [bold]organ[/bold]  {escape(printed)} is {escape(organ)}", soft_wrap=True)
    if reading.images_carry_text:
        console.print("  [bold]pictures[/bold]  the text is in the body's pictures", soft_wrap=True)
    validity, reason = validity_of(reading, today)
    console.print(f"  [bold]validity today[/bold]  {validity.value}: {escape(reason)}", soft_wrap=True)
    console.print()
