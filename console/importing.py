"""Lists of addresses to add: OPML files of feeds, and plain lists of URLs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parsel import Selector

from policy_crawler.errors import OperatorError

LARGEST = 8 << 20  # bytes of an import file
_URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One address of an import, with the name the file gives it."""

    url: str
    name: str = ""


def read_import(file: Path) -> list[Wanted]:
    """The addresses of an OPML file (`outline` with xmlUrl, else htmlUrl) or of a text with one URL a line.

    Each once, in order. Raises OperatorError where there are none."""
    try:
        with file.open("rb") as opened:
            body = opened.read(LARGEST + 1)
    except OSError as error:
        raise OperatorError(f"{file}: cannot be read: {error.strerror}") from error
    if len(body) > LARGEST:
        raise OperatorError(f"{file}: expected at most {LARGEST >> 20} MiB")
    text = body.decode("utf-8-sig", errors="replace")
    found = list(_opml(text)) if re.search(r"<opml\b", text[:2000], re.IGNORECASE) else list(_lines(text))
    if not found:
        raise OperatorError(f"{file}: expected an OPML file with xmlUrl, or one http(s) URL a line; found neither")
    return list({wanted.url: wanted for wanted in reversed(found)}.values())[::-1]


def _opml(text: str) -> Iterator[Wanted]:
    page = Selector(text=re.sub(r"^\s*<\?xml[^>]*\?>", "", text), type="xml")
    for outline in page.xpath("//*[local-name()='outline']"):
        names = {name.lower(): value.strip() for name, value in outline.attrib.items()}
        url = names.get("xmlurl") or names.get("htmlurl") or ""
        if _URL.fullmatch(url):
            yield Wanted(url, names.get("title") or names.get("text") or "")


def _lines(text: str) -> Iterator[Wanted]:
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        if match := _URL.search(line):
            yield Wanted(match[0], line[: match.start()].strip(" \t,;|-"))
