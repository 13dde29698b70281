"""Attachments: which links are files of the document, and what people call them."""

import re
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit

from policy_crawler.reading.model import AttachmentLink
from policy_crawler.reading.noise import named_noise
from policy_crawler.reading.page import Page
from policy_crawler.reading.text import clean, squeezed
from policy_crawler.reading.tree import Tree

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
_PAGES = (".html", ".htm", ".shtml", "/")  # how addresses of pages end, those of download services aside
# Boxes that templates keep attachments in, beside the text.
_BOX = re.compile(
    r"fujian|(?:^|[-_ ])fj|attach|appendix|annex|accessory|enclosure|insertfile|pdf-content|xgfj|filelist|file-list",
    re.IGNORECASE,
)
_NEAR_BODY = 4  # elements around the body in which a box for attachments is looked for
_PAGE = -1  # the place above the root, near to a body that few elements stand around


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


def find_attachments(page: Page, body: int | None, links: list[tuple[str, str]]) -> tuple[AttachmentLink, ...]:
    """The document's files: links of the body's lines, then those in boxes for attachments near it, in order.

    `body` is the place of the body's element.
    """
    found: dict[str, AttachmentLink] = {}
    for href, text in links:
        _add(found, page, href, text, "")
    if body is not None:
        tree = page.tree
        lists: dict[int, bool] = {}  # boxes near the body and whether they hold nothing but files
        near = list(islice(tree.ancestors(body), _NEAR_BODY))
        outer = {above for above in near if tree.tags[above] not in {"body", "html"}}
        if len(near) < _NEAR_BODY:
            outer.add(_PAGE)
        for link, href in tree.links():
            if not _may_be_file(href) or file_type(href) is None:
                continue
            if _belongs(tree, link, body, outer) or _in_list(tree, link, outer, lists):
                title = clean(tree.attributes[link].get("title") or "")
                _add(found, page, href.strip(), clean(tree.text(link)[:600]), title)
    return tuple(found.values())


def _may_be_file(href: str) -> bool:
    """False for most links of a page: they end as pages do, or lead nowhere."""
    small = href.lower()
    if href.startswith(("javascript:", "#")):
        return False
    path = small.partition("?")[0].partition("#")[0]
    return not path.endswith(_PAGES) or "down" in small or "attach" in small


def _add(found: dict[str, AttachmentLink], page: Page, href: str, text: str, title: str) -> None:
    kind = file_type(href, text)
    if kind is None:
        return
    url = page.absolute(href)
    if url not in found or (text and found[url].name == file_name(href, "")):
        found[url] = AttachmentLink(href, url, file_name(href, text, title), kind)


def _belongs(tree: Tree, link: int, body: int, outer: set[int]) -> bool:
    """True when the link stands in the body or, near it, in a box that says it holds attachments."""
    boxed = False
    for depth, above in enumerate(tree.ancestors(link)):
        if above == body:
            return True
        if tree.tags[above] in {"nav", "footer"}:
            return False
        attributes = tree.attributes[above]
        boxed = boxed or bool(_BOX.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"))
        boxed = boxed or (depth < 3 and squeezed(tree.text(above)[:60]).startswith(("附件", "相关附件", "【附件")))
        if above in outer:
            return boxed
    return boxed and _PAGE in outer


def _in_list(tree: Tree, link: int, outer: set[int], lists: dict[int, bool]) -> bool:
    """True when the link stands in a box beside the body that holds links to files and nothing else."""
    box = link
    for above in (*tree.ancestors(link), _PAGE):
        if above != _PAGE and tree.tags[above] in {"nav", "footer"}:
            return False
        if above in outer:
            if box not in lists:
                named = tree.tags[box] == "a" or named_noise(tree.tags[box], tree.attributes[box])
                lists[box] = not named and _is_list_of_files(tree, box)
            return lists[box]
        box = above
    return False


def _is_list_of_files(tree: Tree, box: int) -> bool:
    links = tree.links(box)
    if not all(file_type(href) is not None for _, href in links):
        return False
    words = len(squeezed(tree.text(box)))
    return words - sum(len(squeezed(tree.text(link))) for link, _ in links) <= 12 + 4 * len(links)
