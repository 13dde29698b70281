"""One parsed page: its tree, meta tags, addresses and text nodes. Parsed once, by lexbor.

lxml loses everything past 2,048 nested tags without a word; lexbor keeps it (tested). What lexbor is slow at (nesting
of tens of thousands, unclosed formatting times many blocks) is refused before parsing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from policy_crawler.errors import Unreadable
from policy_crawler.reading.selecting import Index, Selectors
from policy_crawler.reading.structured import structured
from policy_crawler.reading.text import clean, squeezed

MAX_BYTES = 8 * 1024 * 1024  # I3: above this a page is no document, and memory is what it costs
_MAX_DEPTH = 10_000  # parse time is quadratic in depth: 0.1 s here, 2.8 s at 50,000
_BORNE = 200  # unclosed formatting tags that any page may have
_MAX_WORK = 3_000_000  # unclosed formatting tags x tags: what the parser would have to rebuild

_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
_FORMATTING = ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
_NO_END = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "tr",
        "option",
        "optgroup",
        "thead",
        "tbody",
        "tfoot",
        "colgroup",
        "rp",
        "rt",
        "html",
        "body",
        "head",
    ]
)
DROPPED = ("script", "style", "noscript", "template", "iframe", "svg", "select", "object", "embed", "audio", "video")

BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "ucapcontent",
        "ucaptitle",
    ]
)
TEXT = 2  # tag_id of lexbor's text nodes: a number is compared where a tag would be decoded
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset(
    {"ng-hide", "hide", "hidden", "hid", "none", "d-none", "displaynone", "sr-only", "visually-hidden"}
)


class Page:
    """A parsed HTML text with its address. `scripts` keeps nothing: scripts and styles are dropped at once."""

    def __init__(self, text: str, url: str) -> None:
        _refuse_costly(text)
        self.source = text
        self.url = url
        tree = LexborHTMLParser(text.replace("\x00", "").encode("utf-8", "replace"))
        if tree.root is None:  # pragma: no cover  (lexbor makes html and body for anything)
            raise Unreadable(f"no tree for {url}")
        self.document_title = _first_text(tree, "title")
        base = tree.css_first("base[href]")
        tree.strip_tags([*DROPPED, "title"], recursive=False)
        self.tree = tree
        self.root: LexborNode = tree.root
        self.base = joined(url, (base.attributes.get("href") or "").strip()) if base is not None else url
        self.marked = False  # True when a tag ContentStart stands on the page
        self.metas = self._metas()

    def _metas(self) -> dict[str, list[str]]:
        """Meta tags by small name, each with its non-empty contents in order; the tags may stand anywhere."""
        found: dict[str, list[str]] = {}
        for node in self.tree.css("meta"):
            attributes = node.attributes
            name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
            self.marked = self.marked or (attributes.get("name") or "").lower() == "contentstart"
            content = clean(attributes.get("content") or "")
            if name and content:
                found.setdefault(name.strip().strip("”“").casefold(), []).append(content)
        return found

    def meta(self, *names: str) -> str | None:
        """The first content of the first of these tags that has one."""
        for name in names:
            values = self.metas.get(name)
            if values:
                return values[0]
        return None

    @property
    def body(self) -> LexborNode:
        """The body, or the root where there is none."""
        return self.tree.body or self.root

    def select(self, selectors: Selectors) -> list[LexborNode]:
        """The elements that match any of these selectors, in order."""
        return self.index.select(selectors)

    @cached_property
    def index(self) -> Index:
        """The page's elements by their names."""
        return Index(self.tree)

    @cached_property
    def own_url(self) -> str:
        """The page's address: as asked, or as the page gives it when it was read from a file."""
        if is_web(self.url):
            return self.url
        for candidate in (self.meta("url"), self.meta("og:url"), self._canonical()):
            if candidate and is_web(candidate):
                return candidate
        return self.url

    def _canonical(self) -> str | None:
        node = self.tree.css_first('link[rel="canonical"]')
        return (node.attributes.get("href") or None) if node is not None else None

    def absolute(self, href: str) -> str:
        """`href` as an absolute URL; an href no URL can be made of is given back as printed."""
        href = href.strip().replace("\n", "").replace("\r", "").replace("\t", "")
        return joined(self._root, href)

    @cached_property
    def _root(self) -> str:
        """What links are relative to."""
        return self.base if is_web(self.base) else self.own_url

    @cached_property
    def structured(self) -> dict[str, str]:
        """What the page's JSON-LD says of its article, {} without one."""
        return structured(self.source)

    @cached_property
    def texts(self) -> list[tuple[LexborNode, str]]:
        """Every text node of the page that is not white space, in order, with its text."""
        return [
            (node, text)
            for node in self.root.traverse(include_text=True, skip_empty=True)
            if node.tag_id == TEXT and (text := node.text_content) and not text.isspace()
        ]

    @cached_property
    def visible(self) -> str:
        """The words of the page, white space folded; cut at 100,000 characters of its texts."""
        length = 0
        parts = []
        for _, text in self.texts:
            parts.append(text)
            length += len(text)
            if length > 100_000:
                break
        return " ".join(" ".join(parts).split())

    @cached_property
    def short_texts(self) -> frozenset[str]:
        """The squeezed texts of all short text nodes: what a title is confirmed by."""
        return frozenset(squeezed(text) for _, text in self.texts if len(text) <= 400)


def is_web(url: str) -> bool:
    """True for an absolute http or https URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def joined(base: str, href: str) -> str:
    """`href` resolved against `base`; as printed where the two make no URL."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def _first_text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return clean(node.text(deep=True)[:4000]) if node is not None else ""


def attribute(node: LexborNode, name: str) -> str:
    """An attribute's value, "" where there is none."""
    return node.attributes.get(name) or ""


def is_hidden(node: LexborNode) -> bool:
    """True when the element's own attributes hide it."""
    return hides(node.attributes)


def hides(attributes: dict[str, str | None]) -> bool:
    """True when these attributes hide their element."""
    if not attributes:
        return False
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if style:
        small = style.lower()  # the words alone are found far faster than the pattern
        if ("none" in small or "hidden" in small) and _HIDDEN_STYLE.search(style):
            return True
    classes = attributes.get("class")
    return bool(classes and not _HIDDEN_CLASSES.isdisjoint(classes.split()))


def ancestors(node: LexborNode | None) -> Iterator[LexborNode]:
    """The node's parents, nearest first."""
    parent = node.parent if node is not None else None
    while parent is not None:
        yield parent
        parent = parent.parent


def after(node: LexborNode, within: LexborNode) -> Iterator[LexborNode]:
    """The nodes behind `node` in document order that stand inside `within`; children of `node` are left out."""
    current: LexborNode | None = node
    end = within.mem_id
    while current is not None and current.mem_id != end:
        following = current.next
        if following is None:
            current = current.parent
            continue
        current = following
        yield from _down(current)


def _down(node: LexborNode) -> Iterator[LexborNode]:
    yield from node.traverse(include_text=True)


def is_data_table(table: LexborNode) -> bool:
    """True for a table of data: two rows and columns, short cells. A layout table holds paragraphs or other tables."""
    if len(table.css("table")) > 1:
        return False
    rows = table.css("tr")
    if len(rows) < 2:
        return False
    counts = [sum(cell.tag in {"td", "th"} for cell in row.iter()) for row in rows[:40]]
    return sum(count >= 2 for count in counts) >= max(2, len(counts) // 2)


def shown_text(node: LexborNode) -> str:
    """All text under `node`, white space folded."""
    return clean(node.text(deep=True))


def _refuse_costly(text: str) -> None:
    """Raise Unreadable for nesting and unclosed formatting that the parser would take minutes for."""
    most = text.count("<")  # no fewer than the tags
    if most < _MAX_DEPTH and (most <= _BORNE or most * most <= _MAX_WORK):
        return
    tags = _TAG.findall(text)
    counts = Counter(tags)
    unclosed = sum(
        max(0, counts[name] + counts[name.upper()] - counts[f"/{name}"] - counts[f"/{name.upper()}"])
        for name in _FORMATTING
    )
    if unclosed > _BORNE and unclosed * len(tags) > _MAX_WORK:
        raise Unreadable(f"{unclosed} unclosed formatting tags among {len(tags)} tags: too costly to parse")
    if len(tags) < _MAX_DEPTH:
        return
    depth = deepest = 0
    for tag in tags:
        name = tag.lower()
        if name.lstrip("/") in _NO_END:
            continue
        depth = max(0, depth - 1) if name[0] == "/" else depth + 1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH:
        raise Unreadable(f"tags nested {deepest} deep, limit {_MAX_DEPTH}: no document is")
