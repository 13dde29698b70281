"""A document that is a file: its text as a Reading, with the fields that can be read from the words alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape

from policy_crawler.attachments.model import FileText
from policy_crawler.errors import Unreadable
from policy_crawler.reading import read
from policy_crawler.reading.model import Block, Evidence, Reading

FILE_FAMILY = "file"
FROM_NAME = "file name"  # the evidence of a title that is but the name of the file
_BROKEN_FROM = 20  # characters: a shorter line without an end is a heading, and not broken for the page's width
_ENDS = "。；：！？.;:!?"
_BEGINS = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零〇0-9]+[章节条]|[（(]?[一二三四五六七八九十0-9]+[)）、.．]|附件)"
)
_PAGE_NUMBER = re.compile(r"\s*[-—–－]*\s*(?:第\s*)?\d{1,4}(?:\s*页)?\s*[-—–－]*\s*")
# Read from the text as from a page's; the rest (title, dates of the list) is what led to the file.
_TAKEN = (
    "issuer", "issuers", "doc_number", "kind", "type", "written", "effective", "expires", "blocks", "mentions",
)  # fmt: skip


def file_reading(shell: Reading, found: FileText) -> Reading:
    """`shell` with what the file says. `shell` is what is known without it: the address, the list row's title and date.

    A file without text leaves the shell, and says why as the evidence of its body."""
    why = f"file {found.kind}: {found.state}" + (f", {found.reason}" if found.reason else "")
    evidence = {**shell.evidence, "body": Evidence(why, 0.9 if found.parts else 0.0)}
    if not found.parts:
        return replace(shell, evidence=evidence)
    # A name is better than nothing, but no title that the text could be looked for by.
    named = "title" not in shell.evidence or shell.evidence["title"].source != FROM_NAME
    known = shell.title if named else None
    title = f"<title>{escape(known)}</title><h1>{escape(known)}</h1>" if known else ""
    page = f'<html><meta charset="utf-8">{title}<div class="TRS_Editor">{"".join(_blocks(found))}</div></html>'
    try:
        reading = read(page.encode(), shell.url)
    except Unreadable:  # too long for a page; nothing more can be told of it
        return replace(shell, evidence=evidence)
    if not reading.blocks:
        return replace(shell, blocks=tuple(Block("paragraph", part.text) for part in found.parts), evidence=evidence)
    taken = {name: getattr(reading, name) for name in _TAKEN}
    evidence.update({name: value for name, value in reading.evidence.items() if name in _TAKEN and name != "body"})
    return replace(shell, **taken, title=known or reading.title or shell.title, evidence=evidence)


def _blocks(found: FileText) -> Iterator[str]:
    """HTML of the text: rows as tables, and lines that were broken for a page's width as one paragraph."""
    waiting = ""
    rows: list[str] = []
    for line in found.text.split("\n"):
        if not line.strip() or (found.kind in {"pdf", "ofd"} and _PAGE_NUMBER.fullmatch(line)):
            continue
        table = "\t" in line
        if rows and not table:
            yield f"<table>{''.join(rows)}</table>"
            rows = []
        if waiting and (table or not _continues(waiting, line)):
            yield f"<p>{escape(waiting)}</p>"
            waiting = ""
        if table:
            rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line.split("\t")) + "</tr>")
        else:
            waiting += line.strip()
    if rows:
        yield f"<table>{''.join(rows)}</table>"
    if waiting:
        yield f"<p>{escape(waiting)}</p>"


def _continues(before: str, line: str) -> bool:
    return len(before) >= _BROKEN_FROM and before[-1] not in _ENDS and not _BEGINS.match(line)
