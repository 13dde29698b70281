"""The body of a page, from its container to clean blocks, with what hangs on its lines: links, files, pictures."""

import re
from dataclasses import dataclass

from policy_crawler.reading.blocks import Line, body_lines, is_attachment_only, to_blocks
from policy_crawler.reading.containers import Container
from policy_crawler.reading.edges import trim_head, trim_tail
from policy_crawler.reading.files import file_type
from policy_crawler.reading.kinds import kind_of
from policy_crawler.reading.model import Block
from policy_crawler.reading.noise import is_related_line, is_source_line
from policy_crawler.reading.numbers import number_line, order_in
from policy_crawler.reading.page import Page
from policy_crawler.reading.text import squeezed

_ICON = re.compile(
    r"/icons?/|(?:word|pdf|excel|docx?|xlsx?|zip|rar|file)\.(?:png|gif)$|icon_\w+\.(?:png|gif)$", re.IGNORECASE
)
_FILE_END = re.compile(r"[.．](?:pdf|docx?|wps|xlsx?|ofd|zip|rar)$", re.IGNORECASE)
_NO_LINKS = ("javascript:", "#", "mailto:", "data:", "tel:", "vbscript:")


@dataclass(frozen=True, slots=True)
class Body:
    """`all_lines` as the container has them, `lines` without its head and tail furniture."""

    all_lines: list[Line]
    lines: list[Line]
    blocks: tuple[Block, ...]


def first_lines(lines: list[Line]) -> list[str]:
    """The centred lines a text opens with, or a short first line that ends with a kind of document.

    They are the title of pages that print none elsewhere.
    """
    head: list[str] = []
    order = order_in([line.text for line in lines[:8]]) or ""  # 国务院令 / 第707号 heads the paper, and is no title
    for line in lines[:8]:
        text = line.text
        if not text or (not head and (is_source_line(text) or number_line(text) or squeezed(text) in order)):
            continue
        if len(text) > 120 or text.endswith(("。", "：", "；", "，")):
            break
        if not (line.centred or line.tag in {"h1", "h2", "h3"}):
            name = _FILE_END.sub("", text)  # a page of one file may print the file's name for a title
            if not head and kind_of(name) and not line.links:
                head.append(name)
            break
        head.append(text)
    return head


def make_body(lines: list[Line], title: str | None, *, media: bool) -> Body:
    """The lines between head and tail, as blocks; a page of attachment links alone keeps those as its text."""
    kept = trim_tail(trim_head(lines, title, media=media), media=media) or [
        line for line in lines if is_attachment_only(line)
    ]
    return Body(lines, kept, to_blocks(kept))


def read_lines(page: Page, container: Container | None, boxes: frozenset[int]) -> list[Line]:
    """The container's lines; none without a container."""
    return body_lines(page.tree, container, boxes) if container else []


def links_of(page: Page, lines: list[Line]) -> tuple[tuple[str, str], ...]:
    """(absolute URL, text) of the links in `lines` that lead to pages, each URL once, in order."""
    found: dict[str, str] = {}
    for line in lines:
        for href, text in line.links:
            if href and not href.lower().startswith(_NO_LINKS) and file_type(href, text) is None:
                url = page.absolute(href)
                if not found.get(url):
                    found[url] = text
    return tuple(found.items())


def related_links(page: Page, body: Body) -> tuple[tuple[str, str], ...]:
    """The links of lines such as 相关文件：… that were trimmed from the text's end."""
    kept = {id(line) for line in body.lines}
    return links_of(page, [line for line in body.all_lines if id(line) not in kept and is_related_line(line.text)])


def images_of(page: Page, body: Body) -> tuple[str, ...]:
    """Absolute URLs of the body's pictures, each once, in order; those at its edges count, icons do not."""
    kept = {id(line) for line in body.lines}
    shown = [source for line in body.all_lines if id(line) in kept or not line.text for source in line.images]
    return tuple(dict.fromkeys(page.absolute(source) for source in shown if not _ICON.search(source)))
