"""`documents`: which pages show one document, by a person's word, and where a person should look."""

import getpass
from collections.abc import Callable
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.archive import find_one
from console.cli.erasing import erase
from console.cli.output import FAILED, AsJson, err, json_line, out, shown
from console.installation import Installation
from storage import merged
from storage import possible as possible_copies
from storage.deciding import Decisions
from storage.engine import reading
from storage.merging import Regrouped
from storage.possible import Difference

Which = Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document's id, URL or number (发文字号).")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the decision.")]
By = Annotated[str | None, typer.Option(help="Who decides; your login if not given.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go where, and keep nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    documents = typer.Typer(
        help="Documents by hand: which are one and which are not, and those to be erased.", no_args_is_help=True
    )
    for command in (possible, merge, split, distinct, decisions, undo, erase):
        documents.command(command.__name__)(command)
    app.add_typer(documents, name="documents")


def possible(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Pairs to list.")] = 30,
    offset: Annotated[int, typer.Option(min=0, help="Pairs to leave out first: pages on.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List the documents that may be one and that nobody has decided on, the newest first, with what differs.

    Nothing contradicts that they are one, and yet too little agrees: one text under two titles, of two issuers or on
    two days, a text that is cut, or one too short to tell. `documents merge` and `documents distinct` decide.

    Example: policy-crawler documents possible --json
    """
    with reading(Installation().engine) as session:
        rows = possible_copies.listed(session, limit, offset)
        count = possible_copies.count(session)
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        out().print("No documents that may be one." if not count else f"There are {count}; none after {offset}.")
        return
    for row in rows:
        out().print(f"[bold]{escape(row.reason)}[/bold]", soft_wrap=True)
        for number, title, url in (
            (row.document_id, row.title, row.url),
            (row.other_id, row.other_title, row.other_url),
        ):
            out().print(f"  #{number} {escape(title or '(no title)')} {escape(url)}", soft_wrap=True)
        for difference in row.differences:
            _print_difference(difference)
    if offset + len(rows) < count:
        out().print(f"{offset + 1} to {offset + len(rows)} of {count}; --offset {offset + len(rows)} shows the next.")


def _print_difference(one: Difference) -> None:
    mine, theirs = escape(one.one or "–"), escape(one.other or "–")
    out().print(f"    {one.field}: [green]{mine}[/green] | [yellow]{theirs}[/yellow]", soft_wrap=True)


def merge(
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT…", help="Two or more: ids, URLs or numbers.")],
    into: Annotated[str | None, typer.Option(metavar="DOCUMENT", help="The one that stays.")] = None,
    reason: Reason = "",
    by: By = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make documents one: copies, versions, files, references and alerts of the others become those of one.

    The one whose page stands nearest to the issuer stays, or else the one known longest; --into names another. The
    others' ids lead to it from now on, and their later copies are its copies. Nobody is told. `documents undo` takes
    it back.

    Example: policy-crawler documents merge 4711 4712 --reason 'the reprint of a city' --dry-run
    """
    here = Installation()
    ids = [find_one(here, one).id for one in documents]
    stays = find_one(here, into).id if into is not None else None
    _decide(
        here, lambda decider: decider.merge(ids, stays), "Merge them?", by=by, reason=reason, dry_run=dry_run, yes=yes,
        as_json=as_json,
    )  # fmt: skip


def split(
    document: Which,
    copy: Annotated[str, typer.Option(metavar="URL", help="The copy that is another document.")],
    reason: Reason = "",
    by: By = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Split a copy off a document: the URL becomes a document of its own, with its versions, files and references.

    It is never again taken for a copy of the document that it was split from. Nobody is told. `documents undo` takes
    it back.

    Example: policy-crawler documents split 4711 --copy https://www.example.gov.cn/art/1.html
    """
    here = Installation()
    found = find_one(here, document).id
    _decide(
        here, lambda decider: decider.split(found, copy), "Split it?", by=by, reason=reason, dry_run=dry_run, yes=yes,
        as_json=as_json,
    )  # fmt: skip


def distinct(document: Which, other: Which, reason: Reason = "", by: By = None, as_json: AsJson = False) -> None:
    """Say that two documents are two, however alike: they are never merged, and nobody is asked again.

    Example: policy-crawler documents distinct 4711 4712 --reason 'two batches'
    """
    here = Installation()
    one, two = find_one(here, document).id, find_one(here, other).id
    _decide(here, lambda decider: decider.distinct(one, two), "", by=by, reason=reason, yes=True, as_json=as_json)


def undo(
    decision: Annotated[int, typer.Argument(help="The decision's number, as `documents decisions` lists it.")],
    by: By = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take a decision back: all is as if it had not been, and what came since goes where it belongs.

    Example: policy-crawler documents undo 12
    """
    _decide(
        Installation(), lambda decider: decider.undo(decision), "Undo it?", by=by, dry_run=dry_run, yes=yes,
        as_json=as_json,
    )  # fmt: skip


def decisions(
    document: Annotated[str | None, typer.Argument(metavar="[DOCUMENT]", help="Only those about this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Decisions to list.")] = 30,
    as_json: AsJson = False,
) -> None:
    """List what was decided about which documents are one, the newest first: who, when and why.

    Example: policy-crawler documents decisions 4711
    """
    here = Installation()
    found = find_one(here, document).id if document is not None else None
    with reading(here.engine) as session:
        if found is None:
            rows = merged.listed(session, limit)
        else:
            ids = [found, *merged.merged_into(session, found)]
            rows = merged.of_documents(session, ids)[::-1][:limit]
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        out().print("Nobody has decided anything.")
    for row in rows:
        said = {
            "merge": f"#{row.other_id} was merged into #{row.document_id}",
            "split": f"{row.url} was split off #{row.document_id}, as #{row.other_id}",
            "distinct": f"#{row.document_id} and #{row.other_id} are two",
        }[row.kind]
        why = f": {row.reason}" if row.reason else ""
        back = f" [dim](undone by {escape(row.undone_by or '')}, {shown(row.undone_at)})[/dim]" if row.undone_at else ""
        out().print(f"[bold]{row.id}[/bold]  {shown(row.at)}  {escape(row.by)}  {escape(said + why)}{back}",
                    soft_wrap=True)  # fmt: skip


def _decide(
    here: Installation,
    work: Callable[[Decisions], list[Regrouped]],
    question: str,
    *,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
    yes: bool = False,
    as_json: bool = False,
) -> None:
    """Show what would be done, ask, and do it."""
    now, who = here.clock.now(), by or getpass.getuser()
    if dry_run or not yes:
        for one in work(Decisions(here.engine, now, by=who, reason=reason, preview=True)):
            if as_json and dry_run:
                json_line(one)
            else:
                _say(one, would=True, to_err=not dry_run)
        if dry_run:
            return
        if not typer.confirm(question, err=True):
            raise typer.Exit(FAILED)
    for one in work(Decisions(here.engine, now, by=who, reason=reason)):
        if as_json:
            json_line(one)
        else:
            _say(one)


_DONE = {
    "merge": "#{one.other_id} {other} {is_} merged into #{one.document_id} {title}",
    "unmerge": "#{one.other_id} {other} {is_} a document of its own again, beside #{one.document_id} {title}",
    "split": "{url} {is_} split off #{one.document_id} {title}, as #{one.other_id}",
    "unsplit": "#{one.other_id} {other} {is_} a copy of #{one.document_id} {title} again",
    "distinct": "#{one.document_id} {title} and #{one.other_id} {other} {are} two documents",
    "undistinct": "whether #{one.document_id} {title} and #{one.other_id} {other} are one {is_} open again",
}


def _say(one: Regrouped, *, would: bool = False, to_err: bool = False) -> None:
    console = err() if to_err else out()
    words = {
        "title": f"《{one.title}》" if one.title else "", "other": f"《{one.other_title}》" if one.other_title else "",
        "url": one.urls[0] if one.urls else "", "is_": "would be" if would else "is",
        "are": "would be" if would else "are",
    }  # fmt: skip
    console.print(escape(_DONE[one.kind].format(one=one, **words)), soft_wrap=True)
    if one.note:
        console.print(f"  [yellow]{escape(one.note)}[/yellow]")
    counted = {
        "copy": (len(one.urls), "copies"), "version": (one.versions, "versions"), "file": (one.files, "files"),
        "reference": (one.references, "references"), "reference to it": (one.named_by, "references to it"),
        "event": (one.events, "events"),
    }  # fmt: skip
    went = [f"{number} {name if number == 1 else many}" for name, (number, many) in counted.items() if number]
    if went:
        console.print(f"  {', '.join(went)}")
    if not would and one.kind in {"merge", "split", "distinct"}:
        console.print(f"  decision {one.decision}: 'policy-crawler documents undo {one.decision}' takes it back")
