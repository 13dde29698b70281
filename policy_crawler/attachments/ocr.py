"""Text of scans and pictures by RapidOCR (PP-OCR models, which its wheel brings): the optional extra `ocr`.

Loaded only where OCR is asked for; runs in the child of sandbox.py, never in a crawl's own process.
"""

import importlib.util
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from policy_crawler.attachments.model import Budget, FileState, FileText, Part, Refused

MAX_POINTS = 40_000_000  # of a picture; a poster of more is refused, as it would fill the memory
MIN_SIDE = 24  # points; less is a rule or a dot, and no text
MISSING = "OCR is not installed: pip install 'policy-crawler[ocr]'"
_MODULES = ("rapidocr", "onnxruntime", "PIL")

Words = tuple[str, float]  # lines, and how sure they are, 0 to 1


@dataclass(frozen=True, slots=True)
class Recognition:
    """How much of a file's pictures is recognised in one go. A page takes 3 to 12 s on two busy cores (2026-11).

    `known` is what earlier goes made of the file's first pictures (`FileText.recognised`)."""

    pictures: int = 50
    seconds: float = 1500
    known: tuple[Words, ...] = ()


def available() -> bool:
    """Whether the extra `ocr` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in _MODULES)


class Recogniser:
    """Reads pictures in the order of the file until `asked` is used up; the rest waits. `done` is all that was read."""

    def __init__(self, asked: Recognition) -> None:
        self._known, self._left = asked.known, asked.pictures
        self._until = time.monotonic() + asked.seconds
        self._engine: Any = None
        self._full = False
        self.done: list[Words] = []

    def words(self, picture: Callable[[], bytes]) -> Words | None:
        """See `model.Recogniser`. Once one had to wait all later ones do: what is done is a beginning of the file."""
        if len(self.done) < len(self._known):
            self.done.append(self._known[len(self.done)])
            return self.done[-1]
        if self._full or self._left <= 0 or time.monotonic() >= self._until:
            self._full = True
            return None
        self._left -= 1
        self.done.append(("", 0.0))  # it counts as read, also where it cannot be
        self._engine = self._engine or _engine()
        self.done[-1] = _words(self._engine, picture())
        return self.done[-1]


def read_picture(payload: bytes, budget: Budget) -> FileText:
    """An image file: its words, page by page where it is a TIFF of several."""
    frames = _frames(payload)
    seen = [budget.words(partial(_frame, payload, number, frames)) for number in range(frames)]
    parts = tuple(
        budget.within(
            Part(found[0], page=number if frames > 1 else None, confidence=found[1])
            for number, found in enumerate(seen, 1)
            if found is not None
        )
    )
    waiting = seen.count(None)
    pages = frames if frames > 1 else None
    if waiting:
        reason = "a picture; its text needs OCR" if waiting == frames else f"OCR read {frames - waiting} of its pages"
        return FileText("picture", FileState.PICTURE, reason, parts, pages, waiting=waiting)
    if not parts:
        return FileText("picture", FileState.PICTURE, "a picture on which OCR found no text", pages=pages)
    return FileText("picture", FileState.TEXT, "read by OCR, which may err", parts, pages)


def _frames(payload: bytes) -> int:
    """Pages of a TIFF; 1 for every other picture, and where it is not looked into, as Pillow is not installed."""
    if not payload.startswith((b"II*\0", b"MM\0*")) or importlib.util.find_spec("PIL") is None:
        return 1
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(payload)) as image:
            return max(1, min(int(getattr(image, "n_frames", 1)), 2000))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return 1


def _frame(payload: bytes, number: int, of: int) -> bytes:
    if of == 1:
        return payload
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(payload)) as image:
            image.seek(number)
            buffer = io.BytesIO()
            image.convert("RGB").save(buffer, "PNG", compress_level=1)
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused(FileState.DAMAGED, f"page {number + 1} of the picture cannot be read: {error}") from error
    return buffer.getvalue()


def _engine() -> Any:
    import logging  # noqa: PLC0415

    from rapidocr import RapidOCR  # noqa: PLC0415

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR()


def _words(engine: Any, picture: bytes) -> Words:
    import numpy as np  # noqa: PLC0415
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MAX_POINTS
    try:
        with Image.open(io.BytesIO(picture)) as image:
            if image.width * image.height > MAX_POINTS:
                raise Refused(FileState.TOO_LARGE, f"a picture of {image.width} × {image.height} points")
            if min(image.width, image.height) < MIN_SIDE:
                return "", 0.0
            points = np.asarray(_on_white(image))[:, :, ::-1]
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused(FileState.DAMAGED, f"the picture cannot be read: {error}") from error
    result = engine(points)
    if result is None or result.txts is None or result.boxes is None:
        return "", 0.0
    text = "\n".join(lines([(box, text) for box, text in zip(result.boxes.tolist(), result.txts, strict=True)]))
    return text, _sure(result.txts, result.scores)


def _on_white(image: Any) -> Any:
    """In three colours. What is transparent is shown on a page's white; as black it would swallow black letters."""
    from PIL import Image  # noqa: PLC0415

    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    shown = image.convert("RGBA")
    page = Image.new("RGBA", shown.size, "white")
    page.alpha_composite(shown)
    return page.convert("RGB")


def _sure(texts: Sequence[str], scores: Sequence[float] | None) -> float:
    """The mean of the boxes' scores, by their characters."""
    total = sum(map(len, texts))
    if not total or scores is None:
        return 0.0
    return round(sum(len(text) * float(score) for text, score in zip(texts, scores, strict=True)) / total, 4)


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
