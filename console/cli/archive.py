"""`show`: a document as the archive has it."""

from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, shown
from console.installation import Installation
from policy_crawler.errors import OperatorError
from storage.rows import DocumentRow, VersionRow
from storage.validity import Validity

Reference = Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document's id, URL or number (发文字号).")]


def add_to(app: typer.Typer) -> None:
    app.command("show")(show)


def days(number: int | None) -> str:
    """How long after its target something came out: 3 days after it, 1 day before it, the same day."""
    if number is None:
        return ""
    if number == 0:
        return "the same day"
    count = f"{abs(number)} {'day' if abs(number) == 1 else 'days'}"
    return f"{count} {'after' if number > 0 else 'before'} it"


def find_one(here: Installation, reference: str) -> DocumentRow:
    """The one document meant. Raises OperatorError where there is none, or several."""
    found = here.queries.find_documents(reference)
    if not found:
        raise OperatorError(
            f"no document {reference!r} in the archive. Search for it: policy-crawler search '{reference}'; "
            "or read it now: policy-crawler crawl --url URL"
        )
    if len(found) > 1:
        several = "\n".join(f"  {row.id}  {row.number or '–'}  {row.title}" for row in found)
        raise OperatorError(f"{reference!r} is {len(found)} documents; name one by its id:\n{several}")
    if reference.strip().isdecimal() and found[0].id != int(reference):
        err().print(f"#{int(reference)} was merged into #{found[0].id} ('policy-crawler documents decisions' says why)")
    return found[0]


def show(
    reference: Reference,
    version: Annotated[int | None, typer.Option(min=1, help="The version to show; the newest if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a document: metadata, text, attachments, copies, references, and the news about it.

    Example: policy-crawler show 工信部信管〔2026〕12号
    """
    here = Installation()
    document = find_one(here, reference)
    chosen = find_version(here, document, version)
    copies = here.queries.copies(document.id)
    attachments = here.queries.attachments(document.id)
    references = here.queries.references_from(document.id)
    cited_by = here.queries.references_to(document.id)
    news = here.queries.news_about(document.id)
    validity = here.queries.validity(document.id, here.clock.today())
    if as_json:
        json_line(
            {
                "document": document,
                "version": chosen,
                "validity": validity,
                "copies": copies,
                "attachments": attachments,
                "references": references,
                "cited_by": cited_by,
                "news": news,
            }
        )
        return
    _heading(document, chosen, validity)
    for copy in copies:
        note = "" if copy.is_original else " (copy, text differs)" if copy.differs else " (copy)"
        gone = f" [red]missing since {shown(copy.missing_since)}[/red]" if copy.missing_since else ""
        _line("url", copy.url + note, gone)
    for file in attachments:
        kept = f"{file.bytes:,} bytes" if file.bytes is not None else "not fetched"
        if file.text_state == "text":
            kept += f"; {len(file.text):,} characters" + (f" ({file.text_reason})" if file.text_reason else "")
        elif file.bytes is not None:
            kept += f"; {file.text_state}" + (f": {file.text_reason}" if file.text_reason else "")
        _line("attachment", f"{file.name} ({file.type}, {kept})")
    for item in references:
        known = (
            f" → #{item.target_document_id} {item.target_title} (by {item.resolved_by})"
            if item.target_document_id
            else " (not in the archive)"
        )
        name = " ".join(filter(None, (item.title and f"《{item.title}》", item.number))) or item.url or ""
        _line(item.relation, name + known)
    for report in news:
        after = (report.published - document.published).days if report.published and document.published else None
        when = ", ".join(filter(None, (shown(report.published), days(after))))
        _line("reported by", f"#{report.id} {when}, {report.issuer or report.source_id}: {report.title}")
    for item in cited_by:
        if item.relation != "reports":
            _line("cited by", f"#{item.document_id} {item.document_title} ({item.relation})")
    out().print()
    out().print(escape(chosen.body or "(no text)"), soft_wrap=True)


def _line(label: str, text: str, suffix: str = "") -> None:
    out().print(f"  [dim]{label:12}[/dim] {escape(text)}{suffix}", soft_wrap=True)


def find_version(here: Installation, document: DocumentRow, number: int | None) -> VersionRow:
    """The version of that number, the newest for None. Raises OperatorError where there is none."""
    versions = here.queries.versions(document.id)
    if number is None:
        return max(versions, key=lambda row: row.seq)
    for row in versions:
        if row.seq == number:
            return row
    raise OperatorError(f"document {document.id} has no version {number}; it has 1 to {len(versions)}")


def _heading(document: DocumentRow, chosen: VersionRow, validity: Validity | None) -> None:
    out().print(f"[bold]{escape(chosen.title or '(no title)')}[/bold]", soft_wrap=True)
    _line("document", f"#{document.id}, {document.type}, version {chosen.seq} of {document.versions}")
    if document.state != "current":
        _line("state", document.state)
    for label, value in (
        ("number", chosen.number or (f"{document.number} (list row)" if document.number else None)),
        ("normal form", chosen.number_normal if chosen.number_normal != chosen.number else None),
        ("issuer", "、".join(chosen.issuers) or chosen.issuer),
        ("organs", _organs(chosen)),
        ("kind", chosen.kind),
        ("index number", chosen.index_number),
        ("written", chosen.written),
        ("published", chosen.published_at or chosen.published),
        ("effective", chosen.effective),
        ("expires", chosen.expires),
        ("comments", _until(chosen)),
        ("validity", _judged(validity)),
        ("but", _disagreeing(validity)),
        ("author", chosen.author),
        ("reprinted", chosen.reprinted_from),
        ("pictures", "the text is in the body's pictures" if chosen.images_carry_text else None),
        ("seen", chosen.seen_at),
        ("snapshot", f"{chosen.snapshot.file} at {chosen.snapshot.offset}, sha256 {chosen.snapshot.digest}"),
    ):
        if value is not None:
            _line(label, shown(value))


def _judged(validity: Validity | None) -> str | None:
    if validity is None:
        return None
    return f"{validity.chosen.state.replace('_', ' ')}: {validity.chosen.reason} ({validity.chosen.rule})"


def _disagreeing(validity: Validity | None) -> str | None:
    """The judgement that was not chosen, where it says otherwise."""
    if validity is None or not validity.disagree or validity.stated is None or validity.derived is None:
        return None
    other = validity.stated if validity.chosen is validity.derived else validity.derived
    return f"{other.reason} ({other.state.replace('_', ' ')})"


def _organs(chosen: VersionRow) -> str | None:
    """The issuing organs by their one names, the lead first; in brackets the code that the number has of it."""
    joint = len(chosen.organs) > 1
    told = []
    for place, organ in enumerate(chosen.organs):
        notes = ["lead" if place == 0 else "joint"] if joint else []
        notes += [organ.code] if organ.code else []
        told.append(organ.name + (f" ({', '.join(notes)})" if notes else ""))
    return "; ".join(told) or None


def _until(chosen: VersionRow) -> str | None:
    deadline = chosen.deadline_at or chosen.deadline
    return f"until {shown(deadline)}" if deadline else None
