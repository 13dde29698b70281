"""One file to text: the kind by its content, then its reader. Pure, and never raises for odd bytes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from policy_crawler.attachments import archives, doc, docx, ocr, ofd, pdf, plain, rtf, sheets, slides
from policy_crawler.attachments.model import Budget, FileState, FileText, Refused
from policy_crawler.attachments.packages import Package
from policy_crawler.attachments.sniff import sniff

_SAID = {  # kinds that give no text, and why
    "executable": (FileState.EXECUTABLE, "a program, not a document"),
    "encrypted": (FileState.ENCRYPTED, "the Office document needs a password"),
    "ceb": (FileState.UNSUPPORTED, "a CEB file of Founder Apabi, whose format is not published"),
    "ole": (FileState.UNSUPPORTED, "an OLE file that holds no Word, Excel or PowerPoint document"),
    "empty": (FileState.EMPTY, "the file is empty"),
}
_READERS: dict[str, Callable[[bytes, Budget], FileText]] = {
    "pdf": pdf.read,
    "doc": doc.read,
    "ppt": slides.read_ppt,
    "rtf": rtf.read,
    "xls": lambda payload, budget: sheets.read(payload, budget, "xls"),
    "picture": ocr.read_picture,
}


def extract(
    payload: bytes, name: str = "", declared: str = "", *, recogniser: ocr.Recogniser | None = None
) -> FileText:
    """The text of a file; with a `recogniser` also that of its pictures, else they are counted as waiting.

    `name` is what people call it and `declared` what the link or the server says it is (an extension); both only tell
    an HTML error page from a web page, and CSV from text. Limits: docs/attachments.md. A file made to harm can still
    cost memory and time here; `extract_safely` bounds those too.
    """
    called = f"{name}.{declared}" if declared and "." not in name else name
    found = _extract(payload, called, Budget(recogniser), 0)
    return replace(found, recognised=tuple(recogniser.done)) if recogniser else found


def _extract(payload: bytes, name: str, budget: Budget, depth: int) -> FileText:
    kind = sniff(payload)
    try:
        return _read(kind, payload, name, budget, depth)
    except Refused as error:
        kind = {"package": "zip", "bytes": "unknown"}.get(kind, kind)
        return FileText(kind, error.state, error.reason, members=error.members)
    except RecursionError:
        return FileText(kind, FileState.TOO_LARGE, "nested too deep")


def _read(kind: str, payload: bytes, name: str, budget: Budget, depth: int) -> FileText:
    if kind in _SAID:
        state, reason = _SAID[kind]
        return FileText("ole" if kind in {"encrypted", "ole"} else kind, state, reason)
    if kind in _READERS:
        return _READERS[kind](payload, budget)
    if kind in archives.COMPRESSED:
        return archives.read_compressed(kind, payload, budget, depth, _extract)
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lstrip(".").lower()
    if kind == "package":
        return _package(payload, budget, depth)
    if kind == "html":
        return plain.read_html(payload, budget, extension)
    return plain.read_text(payload, budget, extension)


def _package(payload: bytes, budget: Budget, depth: int) -> FileText:
    package = Package(payload, budget)
    names = {name.lower().lstrip("/") for name in package.names}
    if docx.MAIN in names:
        return docx.read(package, budget)
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return sheets.read(payload, budget, "xlsx")
    if "ppt/presentation.xml" in names:
        return slides.read_pptx(package, budget)
    if "OFD.xml" in package.names:
        return ofd.read(package, budget)
    return archives.read_zip(package, budget, depth, _extract)
