"""Scans: PDF files whose pages are pictures. Needs Pillow, which the extra `ocr` brings."""

import io

from PIL import Image


def scan_of(picture: bytes, pages: int) -> bytes:
    """A PDF of so many pages that show the picture."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        page = image.convert("RGB")
        page.save(buffer, "PDF", save_all=True, append_images=[page] * (pages - 1))
    return buffer.getvalue()
