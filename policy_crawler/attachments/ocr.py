"""Text of scans and pictures by RapidOCR (PP-OCR models, which its wheel brings): the optional extra `ocr`.

Loaded only where OCR is asked for; runs in the child of sandbox.py, never in a crawl's own process.
"""

import importlib.util
import io
from typing import Any

from policy_crawler.attachments.model import Budget, FileState, FileText, Part, Refused

MAX_OCR_PAGES = 50  # at 3 to 12 s a page
DOTS_PER_INCH = 200
MAX_POINTS = 40_000_000  # of a picture; a poster of more is refused, as it would fill the memory
MISSING = "OCR is not installed: pip install 'policy-crawler[ocr]'"


def available() -> bool:
    """Whether the extra `ocr` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "PIL"))


def recognised(payload: bytes, found: FileText) -> FileText:
    """`found` with the text of its pictures, where its state is PICTURE or a scanned PDF; else as it is."""
    if found.state is FileState.PICTURE:
        pages = [(1, payload)]
    elif found.state is FileState.SCANNED and found.kind == "pdf":
        from policy_crawler.attachments.pdf import render  # noqa: PLC0415

        pages = render(payload, MAX_OCR_PAGES, DOTS_PER_INCH)  # type: ignore[assignment]
    else:
        return found
    if not available():
        return FileText(found.kind, found.state, f"{found.reason}. {MISSING}", found.parts, found.pages)
    engine = _engine()
    paged = found.kind == "pdf"
    budget = Budget()
    try:
        texts = [Part(_text(engine, picture), page=number if paged else None) for number, picture in pages]
        parts = tuple(budget.within(texts))
    except Refused as error:
        return FileText(found.kind, error.state, error.reason, pages=found.pages)
    more = f"; only its first {MAX_OCR_PAGES} of {found.pages} pages" if (found.pages or 0) > MAX_OCR_PAGES else ""
    if not parts:
        return FileText(found.kind, found.state, "OCR found no text", pages=found.pages)
    return FileText(found.kind, FileState.TEXT, f"read by OCR, which may err{more}", parts, found.pages)


def _engine() -> Any:
    import logging  # noqa: PLC0415

    from rapidocr import RapidOCR  # noqa: PLC0415

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR()


def _text(engine: Any, picture: bytes) -> str:
    import numpy as np  # noqa: PLC0415
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MAX_POINTS
    try:
        with Image.open(io.BytesIO(picture)) as image:
            if image.width * image.height > MAX_POINTS:
                raise Refused(FileState.TOO_LARGE, f"a picture of {image.width} × {image.height} points")
            points = np.asarray(image.convert("RGB"))[:, :, ::-1]
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(FileState.DAMAGED, f"the picture cannot be read: {error}") from error
    result = engine(points)
    if result is None or result.txts is None or result.boxes is None:
        return ""
    return "\n".join(lines([(box, text) for box, text in zip(result.boxes.tolist(), result.txts, strict=True)]))


def lines(found: list[tuple[list[list[float]], str]]) -> list[str]:
    """Boxes (four corners each, in points) as lines: those that stand side by side are one, parted by tabs where the
    gap is wider than half a character, as between the cells of a table."""
    rows: list[list[tuple[float, float, float, float, str]]] = []  # top, bottom, left, right, text
    boxes = [
        (min(y for _, y in box), max(y for _, y in box), min(x for x, _ in box), max(x for x, _ in box), text)
        for box, text in found
    ]
    for box in sorted(boxes, key=lambda each: each[0] + each[1]):
        middle = (box[0] + box[1]) / 2
        if (
            rows
            and min(each[0] for each in rows[-1]) <= middle <= max(each[1] for each in rows[-1])
            and all(box[2] >= each[3] - 5 or box[3] <= each[2] + 5 for each in rows[-1])
        ):
            rows[-1].append(box)
        else:
            rows.append([box])
    out = []
    for row in rows:
        line, end = "", None
        for top, bottom, left, right, text in sorted(row, key=lambda each: each[2]):
            gap = "" if end is None else "\t" if left - end > 0.5 * (bottom - top) else " "
            line, end = line + gap + text, right
        out.append(line)
    return out
