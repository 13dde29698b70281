"""PDF by PDFium: the text of each page in reading order."""

import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw

from policy_crawler.attachments.model import MAX_PAGES, SCANNED_BELOW, Budget, FileState, FileText, Part, Refused

# PDFium marks a hyphen at a line's end with U+FFFE and a character without a mapping with U+0000 or U+FFFD.
_MARKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ufeff]")


def read(payload: bytes, budget: Budget) -> FileText:
    """The text with page numbers; SCANNED where the pages are pictures."""
    document = _open(payload)
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise Refused(FileState.TOO_LARGE, f"{pages:,} pages; the limit is {MAX_PAGES:,}")
        parts: list[Part] = []
        pictures: list[int] = []
        unreadable: list[int] = []
        for number in range(1, pages + 1):
            try:
                text, pictured = _page(document, number - 1)
            except pypdfium2.PdfiumError:
                unreadable.append(number)
                continue
            parts.extend(budget.within([Part(text, page=number)]))
            if len(re.sub(r"\s", "", text)) < SCANNED_BELOW and pictured:
                pictures.append(number)
    finally:
        document.close()
    return _judged(tuple(parts), pages, pictures, unreadable)


def _judged(parts: tuple[Part, ...], pages: int, pictures: list[int], unreadable: list[int]) -> FileText:
    if unreadable and not parts:
        return FileText("pdf", FileState.DAMAGED, f"none of its {pages} pages can be read", pages=pages)
    if pictures and len(pictures) + len(unreadable) == pages:
        return FileText("pdf", FileState.SCANNED, f"its {pages} pages are pictures without text", parts, pages)
    if not parts:
        return FileText("pdf", FileState.EMPTY, f"its {pages} pages have neither text nor pictures", pages=pages)
    notes = [f"pages that are pictures: {_some(pictures)}"] if pictures else []
    notes += [f"pages that cannot be read: {_some(unreadable)}"] if unreadable else []
    return FileText("pdf", FileState.TEXT, "; ".join(notes), parts, pages)


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


def render(payload: bytes, most: int, dots_per_inch: int) -> Iterator[tuple[int, bytes]]:
    """The first `most` pages as PNG for OCR, each with its number. Needs Pillow (the extra `ocr`)."""
    import io  # noqa: PLC0415 - with Pillow, only for OCR

    document = _open(payload)
    try:
        for index in range(min(len(document), most)):
            page = document[index]
            # A page of a poster's size is drawn smaller: OCR gains nothing from more than 25 million points.
            scale = min(dots_per_inch / 72, (25_000_000 / max(page.get_width() * page.get_height(), 1.0)) ** 0.5)
            picture = page.render(scale=scale).to_pil()
            page.close()
            buffer = io.BytesIO()
            picture.convert("RGB").save(buffer, "PNG", compress_level=1)
            yield index + 1, buffer.getvalue()
    finally:
        document.close()
