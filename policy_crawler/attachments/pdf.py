"""PDF by PDFium: the text of each page in reading order; pages that are pictures are drawn for OCR, where asked for."""

import re
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw

from policy_crawler.attachments.model import MAX_PAGES, SCANNED_BELOW, Budget, FileState, FileText, Part, Refused

# PDFium marks a hyphen at a line's end with U+FFFE and a character without a mapping with U+0000 or U+FFFD.
_MARKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ufeff]")


DOTS_PER_INCH = 200  # what a page is drawn with for OCR


@dataclass(slots=True)
class _Pages:
    """The numbers of pages that are no plain text."""

    pictures: list[int] = field(default_factory=list)  # whose words are still to be recognised
    recognised: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


def read(payload: bytes, budget: Budget) -> FileText:
    """The text with page numbers; SCANNED where the pages are pictures."""
    document = _open(payload)
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise Refused(FileState.TOO_LARGE, f"{pages:,} pages; the limit is {MAX_PAGES:,}")
        parts: list[Part] = []
        odd = _Pages()
        for number in range(1, pages + 1):
            try:
                parts.extend(budget.within(_parts(document, number, budget, odd)))
            except pypdfium2.PdfiumError:
                odd.unreadable.append(number)
    finally:
        document.close()
    return _judged(tuple(parts), pages, odd)


def _parts(document: pypdfium2.PdfDocument, number: int, budget: Budget, odd: _Pages) -> list[Part]:
    """The page's own text, and beside it what OCR reads where it is a picture."""
    text, pictured = _page(document, number - 1)
    own = [Part(text, page=number)]
    if not pictured or len(re.sub(r"\s", "", text)) >= SCANNED_BELOW:
        return own
    seen = budget.words(lambda: draw(document, number - 1))
    if seen is None:
        odd.pictures.append(number)
        return own
    odd.recognised.append(number)
    return [*own, Part(seen[0], page=number, confidence=seen[1])]


def _judged(parts: tuple[Part, ...], pages: int, odd: _Pages) -> FileText:
    waiting, scanned = len(odd.pictures), len(odd.pictures) + len(odd.recognised)
    if odd.unreadable and not parts:
        return FileText("pdf", FileState.DAMAGED, f"none of its {pages} pages can be read", pages=pages)
    if scanned and scanned + len(odd.unreadable) == pages and (waiting or not parts):
        reason = f"its {pages} pages are pictures without text"
        if odd.recognised:
            reason = f"{reason}; OCR read {len(odd.recognised)} of them" if parts else "OCR found no text on its pages"
        return FileText("pdf", FileState.SCANNED, reason, parts, pages, waiting=waiting)
    if not parts:
        return FileText("pdf", FileState.EMPTY, f"its {pages} pages have neither text nor pictures", pages=pages)
    notes = [f"pages that are pictures: {_some(odd.pictures)}"] if odd.pictures else []
    if odd.recognised:
        which = "" if len(odd.recognised) == pages else f"pages {_some(odd.recognised)} "
        notes.append(f"{which}read by OCR, which may err")
    notes += [f"pages that cannot be read: {_some(odd.unreadable)}"] if odd.unreadable else []
    return FileText("pdf", FileState.TEXT, "; ".join(notes), parts, pages, waiting=waiting)


def _some(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")


def _open(payload: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(payload)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise Refused(FileState.ENCRYPTED, "the PDF needs a password") from error
        if error.err_code == pypdfium2.raw.FPDF_ERR_SECURITY:
            raise Refused(FileState.ENCRYPTED, "the PDF is protected in a way that PDFium does not know") from error
        raise Refused(FileState.DAMAGED, f"the PDF cannot be opened: {error}") from error


def _page(document: pypdfium2.PdfDocument, index: int) -> tuple[str, bool]:
    """A page's text, and whether it shows a picture."""
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            text = text_page.get_text_bounded()
        finally:
            text_page.close()
        text = "\n".join(line.strip() for line in _MARKS.sub("", text.replace("\r\n", "\n")).split("\n"))
        pictured = len(text) < 2 * SCANNED_BELOW and any(
            page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
        )
        return text.strip(), pictured
    finally:
        page.close()


def draw(document: pypdfium2.PdfDocument, index: int) -> bytes:
    """A page as PNG for OCR. Needs Pillow (the extra `ocr`)."""
    import io  # noqa: PLC0415 - with Pillow, only for OCR

    page = document[index]
    try:
        # A page of a poster's size is drawn smaller: OCR gains nothing from more than 25 million points.
        scale = min(DOTS_PER_INCH / 72, (25_000_000 / max(page.get_width() * page.get_height(), 1.0)) ** 0.5)
        picture = page.render(scale=scale).to_pil()
    finally:
        page.close()
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
