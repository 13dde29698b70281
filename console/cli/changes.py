"""`history`, `diff`: what differs between versions, and between a consultation draft and its final text."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.archive import Reference, find_one, find_version
from console.cli.output import AsJson, json_line, out, shown
from console.installation import Installation
from policy_crawler.errors import OperatorError
from storage import changes as archive_changes
from storage.diff import marks, summary
from storage.drafting import is_draft
from storage.records import ClauseChange
from storage.rows import DocumentRow, VersionRow

SIGNS = {
    "changed": "~", "added": "+", "removed": "-", "moved": ">", "renumbered": "#", "split": "<", "merged": "&",
}  # fmt: skip
MARKED = frozenset({"changed", "split", "merged"})  # operations whose words differ
CONTEXT = 40  # characters of what is the same, shown on each side of a difference
_VERSIONS = re.compile(r"([0-9]{0,9})\.\.([0-9]{0,9})|([0-9]{1,9})")


def add_to(app: typer.Typer) -> None:
    app.command("history")(history)
    app.command("diff")(diff)


def history(reference: Reference, as_json: AsJson = False) -> None:
    """List a document's versions and what happened to it, oldest first.

    Example: policy-crawler history 工信部信管〔2026〕12号
    """
    here = Installation()
    document = find_one(here, reference)
    versions = sorted(here.queries.versions(document.id), key=lambda row: row.seq)
    told = [
        archive_changes.between(here.engine, before, row) if before else ()
        for before, row in zip([None, *versions], versions, strict=False)
    ]
    if as_json:
        for row, changes in zip(versions, told, strict=True):
            json_line({"document": document.id, "version": row.seq, "seen": row.seen_at, "run": row.run_id,
                       "title": row.title, "reason": row.reason, "snapshot": row.snapshot,
                       "summary": _summaries(changes), "changes": changes})  # fmt: skip
        return
    out().print(
        f"[bold]{escape(document.title or '(no title)')}[/bold]  #{document.id}, {document.state}", soft_wrap=True
    )
    for row, changes in zip(versions, told, strict=True):
        file = "  (the text of an attachment changed)" if row.reason == "attachment" else ""
        out().print(f"version {row.seq}  seen {shown(row.seen_at)}  run {row.run_id}{file}")
        if changes:
            out().print(f"  [dim]{escape(summary(changes))}[/dim]", soft_wrap=True)
        for change in changes:
            out().print(f"  {_heading(change)}", soft_wrap=True)


def diff(
    reference: Reference,
    other: Annotated[
        str | None, typer.Argument(metavar="OTHER", help="Another document: the final text of a draft, next year's.")
    ] = None,
    versions: Annotated[
        str | None, typer.Option(help="Two versions, 1..3; the last two if not given. 2.. is up to the newest.")
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Compare a consultation draft with its final text; name either of them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two versions of a document, or between two documents, clause by clause.

    Two documents are compared by the texts, body or file, that share most.

    Example: policy-crawler diff 工信部信管〔2026〕12号 --versions 1..3
    """
    here = Installation()
    document = find_one(here, reference)
    if other is not None or draft:
        if versions is not None:
            raise OperatorError("--versions compares two versions of one document; name one document only")
        pair = (document, find_one(here, other)) if other is not None else _draft_and_final(here, document)
        _tell_documents(here, *pair, as_json=as_json)
        return
    old, new = _wanted(versions)
    after = find_version(here, document, new)
    if old is None and after.seq == 1:
        if not as_json:
            out().print(f"#{document.id} has one version; nothing changed since {shown(after.seen_at)}")
        return
    _tell_versions(here, document, find_version(here, document, old or after.seq - 1), after, as_json=as_json)


def _wanted(versions: str | None) -> tuple[int | None, int | None]:
    """The older and the newer of `1..3`; None where it leaves one open."""
    if versions is None:
        return None, None
    match = _VERSIONS.fullmatch(versions.strip())
    if match is None or versions.strip() == "..":
        raise OperatorError(f"--versions {versions!r}: expected two versions, as 1..3, or one that was newer, as 3")
    if match[3]:
        return None, int(match[3])
    return int(match[1]) if match[1] else None, int(match[2]) if match[2] else None


def _draft_and_final(here: Installation, document: DocumentRow) -> tuple[DocumentRow, DocumentRow]:
    """The draft first. Raises OperatorError where the other one is not in the archive."""
    known = archive_changes.counterparts(here.engine, document.id)
    found = here.queries.document(known[0]) if known else None
    drafted = is_draft(document.type, document.title)
    if found is None:
        wanted = "final text" if drafted else "consultation draft"
        raise OperatorError(
            f"the archive knows no {wanted} of document {document.id}, by a reference or by title and issuer. "
            "Name it: policy-crawler diff DRAFT FINAL"
        )
    return (document, found) if drafted else (found, document)


def _tell_versions(
    here: Installation, document: DocumentRow, before: VersionRow, after: VersionRow, *, as_json: bool
) -> None:
    changes = archive_changes.between(here.engine, before, after)
    if as_json:
        for change in changes:
            json_line({"document": document.id, "from": before.seq, "to": after.seq, **_fields(change)})
        return
    out().print(
        f"[bold]{escape(after.title or '(no title)')}[/bold]  version {before.seq} → {after.seq}", soft_wrap=True
    )
    _tell(changes)


def _tell_documents(here: Installation, before: DocumentRow, after: DocumentRow, *, as_json: bool) -> None:
    compared = archive_changes.documents(here.engine, before.id, after.id)
    if compared is None:
        raise OperatorError(
            f"no text of document {before.id} and none of {after.id} share anything to speak of. "
            "Files may not be read yet: policy-crawler show ID names what was kept of them"
        )
    if as_json:
        texts = {"from_text": compared.before, "to_text": compared.after}
        for change in compared.changes:
            json_line({"from_document": before.id, "to_document": after.id, **texts, **_fields(change)})
        return
    for sign, row, text in (("-", before, compared.before), ("+", after, compared.after)):
        where = "" if text == "正文" else f"  {text}"
        out().print(
            f"{sign} [bold]{escape(row.title or '(no title)')}[/bold]  #{row.id}{escape(where)}", soft_wrap=True
        )
    out().print(f"[dim]{compared.difference.kept} clauses are the same, word for word[/dim]")
    _tell(compared.changes)


def _tell(changes: Sequence[ClauseChange]) -> None:
    if not changes:
        out().print("nothing differs")
        return
    out().print(escape(summary(changes)), soft_wrap=True)
    out().print(f"[dim]{escape(summary(changes, 'en'))}[/dim]", soft_wrap=True)
    for change in changes:
        print_change(change)


def _summaries(changes: Sequence[ClauseChange]) -> dict[str, str]:
    return {"zh": summary(changes), "en": summary(changes, "en")}


def _fields(change: ClauseChange) -> dict[str, Any]:
    """A change as JSON carries it, with the marks within its words."""
    both = change.operation in MARKED and change.before is not None and change.after is not None
    return {
        "operation": change.operation, "label": change.label, "was": change.was, "columns": change.columns,
        "before": change.before, "after": change.after, "summary": _summaries([change]),
        "marks": marks(change.before or "", change.after or "") if both else (),
    }  # fmt: skip


def _heading(change: ClauseChange) -> str:
    columns = f" ({'、'.join(change.columns)})" if change.columns else ""
    was = f"{change.was} → " if change.was else ""
    return f"{SIGNS[change.operation]} {escape(was + change.label)} {change.operation}{escape(columns)}"


def print_change(change: ClauseChange) -> None:
    """One clause's change, with what differs in its words: [-what went-]{+what came+}."""
    out().print(f"\n{_heading(change)}", soft_wrap=True)
    if change.operation == "renumbered":
        return
    if change.operation in MARKED and change.before is not None and change.after is not None:
        out().print(f"  {marked(change.before, change.after)}", soft_wrap=True)
    elif change.operation == "moved":
        out().print(f"  {escape(change.after or '')}", soft_wrap=True)
    else:
        if change.before is not None:
            out().print(f"  [red]- {escape(change.before)}[/red]", soft_wrap=True)
        if change.after is not None:
            out().print(f"  [green]+ {escape(change.after)}[/green]", soft_wrap=True)


def marked(before: str, after: str) -> str:
    """A clause with its differences marked, as rich's markup; long stretches that are the same are cut."""
    found = marks(before, after)
    parts = []
    for place, (sign, text) in enumerate(found):
        if sign == "=":
            parts.append(escape(_cut(text, first=place == 0, last=place == len(found) - 1)))
        elif sign == "-":
            parts.append(f"[red]{escape(f'[-{text}-]')}[/red]")
        else:
            parts.append(f"[green]{{+{escape(text)}+}}[/green]")
    return "".join(parts)


def _cut(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * CONTEXT + 10:
        return text
    return ("" if first else text[:CONTEXT]) + "…" + ("" if last else text[-CONTEXT:])
