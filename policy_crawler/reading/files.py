"""Attachments: which links are files of the document, and what people call them."""

import re
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit

from selectolax.lexbor import LexborNode

from policy_crawler.reading.model import AttachmentLink
from policy_crawler.reading.noise import noise_of
from policy_crawler.reading.page import Page, ancestors
from policy_crawler.reading.text import clean, squeezed

_EXTENSIONS = "pdf|docx?|wps|xlsx?|et|csv|ofd|pptx?|dps|zip|rar|7z|txt|rtf|ceb|tiff?"
_EXTENSION = re.compile(rf"\.({_EXTENSIONS})$", re.IGNORECASE)
_NAMED = re.compile(rf"[.．]({_EXTENSIONS})(?![a-z0-9])", re.IGNORECASE)
# Download services whose path has no extension (Hanweb, JPAAS, VSB and their like).
_SERVICE = re.compile(
    r"downfile\.jsp|download\.jsp|/document/download|downloadfile|filedownload|attachdownload|/attach/down|/download\?",
    re.IGNORECASE,
)
_ONLY_A_VERB = frozenset(
    {"下载", "点击下载", "附件", "查看", "附件下载", "点击查看", "下载附件", "点此下载", "点击这里", "此处", "点击此处"}
)
# What every link to a file has somewhere: asked first, since most links of a page lead to pages.
_MAYBE = re.compile(rf"(?:\.|%2e)(?:{_EXTENSIONS})(?![a-z])|down|attach")
# Boxes that templates keep attachments in, beside the text.
_BOX = re.compile(
    r"fujian|(?:^|[-_ ])fj|attach|appendix|annex|accessory|enclosure|insertfile|pdf-content|xgfj|filelist|file-list",
    re.IGNORECASE,
)
_NEAR_BODY = 4  # elements around the body in which a box for attachments is looked for


def file_type(href: str, text: str = "") -> str | None:
    """The file extension a link leads to ("" when a download service does not say); None when it is no file."""
    href = href.strip()
    if not _MAYBE.search(href.lower()) or href.startswith(("javascript:", "mailto:", "#", "data:")):
        return None
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    match = _EXTENSION.search(unquote(parts.path))
    if match:
        return match[1].lower()
    if not _SERVICE.search(href):
        return None
    for values in parse_qs(parts.query).values():
        for value in values:
            found = _NAMED.search(value)
            if found:
                return found[1].lower()
    named = _NAMED.search(text)
    return named[1].lower() if named else ""


def file_name(href: str, text: str, title: str = "") -> str:
    """What people call the file: the link's words, its title, else the name in the address."""
    for candidate in (text, title):
        name = candidate.strip(" :：;；[]【】")
        if name and name not in _ONLY_A_VERB:
            return name[:300]
    parts = urlsplit(href)
    query = [values[-1] for key, values in parse_qs(parts.query).items() if "name" in key.lower()]
    return unquote(query[0] if query else parts.path.rsplit("/", 1)[-1])[:300] or text or href


def find_attachments(page: Page, body: LexborNode | None, links: list[tuple[str, str]]) -> tuple[AttachmentLink, ...]:
    """The document's files: links of the body's lines, then those in boxes for attachments near it, in order."""
    found: dict[str, AttachmentLink] = {}
    for href, text in links:
        _add(found, page, href, text, "")
    if body is not None:
        inside = body.mem_id
        lists: dict[int, bool] = {}  # boxes near the body and whether they hold nothing but files
        outer = {parent.mem_id for parent in islice(ancestors(body), _NEAR_BODY) if parent.tag not in {"body", "html"}}
        for node in page.tree.css("a[href]"):
            href = (node.attributes.get("href") or "").strip()
            if file_type(href) is not None and (_belongs(node, inside, outer) or _in_list(node, outer, lists)):
                _add(found, page, href, clean(node.text(deep=True)[:600]), clean(node.attributes.get("title") or ""))
    return tuple(found.values())


def _add(found: dict[str, AttachmentLink], page: Page, href: str, text: str, title: str) -> None:
    kind = file_type(href, text)
    if kind is None:
        return
    url = page.absolute(href)
    if url not in found or (text and found[url].name == file_name(href, "")):
        found[url] = AttachmentLink(href, url, file_name(href, text, title), kind)


def _belongs(node: LexborNode, body: int, outer: set[int]) -> bool:
    """True when the link stands in the body or, near it, in a box that says it holds attachments."""
    boxed = False
    for depth, parent in enumerate(ancestors(node)):
        if parent.mem_id == body:
            return True
        if parent.tag in {"nav", "footer"}:
            return False
        boxed = boxed or bool(_BOX.search(f"{parent.attributes.get('class') or ''} {parent.id or ''}"))
        boxed = boxed or (
            depth < 3 and squeezed(parent.text(deep=True)[:60]).startswith(("附件", "相关附件", "【附件"))
        )
        if parent.mem_id in outer:
            return boxed
    return False


def _in_list(node: LexborNode, outer: set[int], lists: dict[int, bool]) -> bool:
    """True when the link stands in a box beside the body that holds links to files and nothing else."""
    box = node
    for parent in ancestors(node):
        if parent.tag in {"nav", "footer"}:
            return False
        if parent.mem_id in outer:
            if box.mem_id not in lists:
                lists[box.mem_id] = box.tag != "a" and not noise_of(box) and _is_list_of_files(box)
            return lists[box.mem_id]
        box = parent
    return False


def _is_list_of_files(box: LexborNode) -> bool:
    links = box.css("a[href]")
    if not all(file_type(link.attributes.get("href") or "") is not None for link in links):
        return False
    words = len(squeezed(box.text(deep=True)))
    return words - sum(len(squeezed(link.text(deep=True))) for link in links) <= 12 + 4 * len(links)
