"""Plain text, CSV and web pages."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from policy_crawler.attachments.model import Budget, FileState, FileText, Part, Refused
from policy_crawler.errors import Unreadable
from policy_crawler.reading.charset import decode

_MARKUP = frozenset({"htm", "html", "shtml", "xhtml", "mht"})
# Saved by Word or Excel, or by a form system that calls its HTML table .xls: a file for people and no error page.
_OFFICE = re.compile(r"urn:schemas-microsoft-com:office|ProgId\s+content|WPS Office", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_FEW_CONTROLS = 3  # a stray mark of an old printer is no binary file
_BLOCKS = "p, div, li, h1, h2, h3, h4, h5, h6, tr, br, title"


def read_text(payload: bytes, budget: Budget, extension: str) -> FileText:
    """Bytes of no known kind: text in some charset, or UNSUPPORTED."""
    try:
        text, charset = decode(payload, None)
    except Unreadable as error:
        raise Refused(FileState.UNSUPPORTED, f"a kind of file that is not known here ({error})") from error
    kind = "csv" if extension == "csv" else "text"
    words, controls = _CONTROL.subn("", text)
    if controls > max(_FEW_CONTROLS, len(text) // 100):
        raise Refused(FileState.UNSUPPORTED, "a kind of file that is not known here (binary content)")
    parts = tuple(budget.within(Part(line.strip()) for line in words.splitlines()))
    if not parts:
        return FileText(kind, FileState.EMPTY, "the file has nothing but spaces and control characters")
    return FileText(kind, FileState.TEXT, "" if charset == "utf-8" else f"read as {charset}", parts)


def read_html(payload: bytes, budget: Budget, extension: str) -> FileText:
    """A web page: the file itself where it is named as one or an office program saved it, else an error page."""
    try:
        text, _ = decode(payload, None)
    except Unreadable as error:
        raise Refused(FileState.DAMAGED, str(error)) from error
    tree = LexborHTMLParser(text)
    heading = tree.css_first("title")
    title = " ".join((heading.text() if heading else "").split())[:100]
    if extension and extension not in _MARKUP and not _OFFICE.search(text[:20_000]):
        raise Refused(
            FileState.HTML_ERROR_PAGE, f"a web page came in place of the {extension} file: {title or 'without a title'}"
        )
    parts = tuple(budget.within(Part(line) for line in _html_lines(tree)))
    if parts:
        return FileText("html", FileState.TEXT, parts=parts)
    return FileText("html", FileState.EMPTY, "the web page has no text")


def _html_lines(tree: LexborHTMLParser) -> Iterator[str]:
    tree.strip_tags(["script", "style", "noscript", "template", "head"])
    for cell in tree.css("td, th"):
        cell.insert_after("\t")
    for block in tree.css(_BLOCKS):
        block.insert_after("\n")
    for line in (tree.body.text(deep=True) if tree.body else "").split("\n"):
        cells = [" ".join(cell.split()) for cell in line.split("\t")]
        if any(cells):
            yield "\t".join(cells).strip("\t")
