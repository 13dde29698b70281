"""Which pictures of a page are files of its document: those that say what the page does not say in words."""

import posixpath
import re
from urllib.parse import urldefrag, urlsplit

from selectolax.lexbor import LexborHTMLParser

from policy_crawler.errors import Unreadable
from policy_crawler.reading.charset import decode
from policy_crawler.reading.kinds import kind_of
from policy_crawler.reading.model import AttachmentLink, Reading

MOST = 20  # pictures of one document; a plan or a list scanned page by page has seldom more
MOST_BYTES = 10 << 20  # of one picture
TYPES = frozenset({"png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"})
_ANNEX = re.compile(r"\s*附(?:件|表|图)")
_SHORTEST_TITLE = 8  # characters; 通知 alone is a button
_SMALLEST = 100  # points, where the page says a width or height: less is an icon or a code to scan
_SOURCES = ("data-original", "data-src", "src")
_NUMBER = re.compile(r"\d+")


def pictures_of(reading: Reading, page: bytes) -> tuple[AttachmentLink, ...]:
    """The pictures of the body that are to be kept and read, at most MOST, in order.

    Those that it links as 附件 or by the title of a document; all that it shows where the body is pictures; beside a
    text those whose alternative text is the title of an official document (a report that shows the plan it is about),
    the page's own title aside."""
    urls = [url for url in dict.fromkeys(reading.images) if url.startswith(("http://", "https://"))]
    words = re.sub(r"\s+", "", reading.body or "")
    files = {link.url for link in reading.attachments}
    chosen = [
        (url, text)
        for url, text in reading.links
        if _type(url) and url not in files and (_ANNEX.match(text) or _is_title(text, reading.title or "", words))
    ]
    shown = _shown(page) if urls else []
    for url in urls:
        alternative, size = next((found for source, found in shown if _same(url, source)), ("", None))
        if size is not None and size < _SMALLEST:
            continue
        if reading.images_carry_text or _is_title(alternative, reading.title or "", words):
            chosen.append((url, alternative))
    chosen = list({url: (url, name) for url, name in reversed(chosen)}.values())[::-1][:MOST]
    return tuple(
        AttachmentLink(url, urldefrag(url).url, _name(alternative, number, len(chosen)), _type(url))
        for number, (url, alternative) in enumerate(chosen, 1)
    )


def _shown(page: bytes) -> list[tuple[str, tuple[str, int | None]]]:
    """The page's pictures: source as printed, alternative text, and the smaller side where the page gives it."""
    try:
        text, _ = decode(page, None)
    except Unreadable:
        return []
    found = []
    for node in LexborHTMLParser(text).css("img"):
        sides = [
            int(side[0]) for name in ("width", "height") if (side := _NUMBER.match(node.attributes.get(name) or ""))
        ]
        alternative = " ".join((node.attributes.get("alt") or "").split())
        found += [
            (source.strip(), (alternative, min(sides, default=None)))
            for name in _SOURCES
            if (source := node.attributes.get(name))
        ]
    return found


def _same(url: str, source: str) -> bool:
    return url == source or url.endswith("/" + source.removeprefix("./").lstrip("/"))


def _is_title(alternative: str, own: str, words: str) -> bool:
    """Whether it is the title of a document: the words of the page have it in 《》, or it ends in an official kind."""
    folded = _folded(alternative)
    if len(folded) < _SHORTEST_TITLE or folded == _folded(own):
        return False
    return f"《{folded}》" in words or kind_of(alternative) is not None


def _folded(title: str) -> str:
    return re.sub(r"[\s《》]+", "", title)


def _name(alternative: str, number: int, of: int) -> str:
    return f"{alternative or '图片'}（图{number}）" if of > 1 or not alternative else alternative


def _type(url: str) -> str:
    ending = posixpath.splitext(urlsplit(url).path)[1].lstrip(".").lower()
    return ending if ending in TYPES else ""
