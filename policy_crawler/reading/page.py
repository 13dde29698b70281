"""One parsed page: its tree, meta tags, addresses and texts. Parsed once, by lexbor, and walked once (`tree.py`).

lxml loses everything past 2,048 nested tags without a word; lexbor keeps it (tested). What lexbor is slow at (nesting
of tens of thousands, unclosed formatting times many blocks) is refused before parsing.
"""

import re
from collections import Counter
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from policy_crawler.errors import Unreadable
from policy_crawler.reading.selecting import Index, Selectors
from policy_crawler.reading.structured import structured
from policy_crawler.reading.text import clean, squeezed
from policy_crawler.reading.tree import Attributes, Tree

MAX_BYTES = 8 * 1024 * 1024  # I3: above this a page is no document, and memory is what it costs
_SEEN = 100_000  # characters of a page's texts that are looked at when it is judged
_MAX_DEPTH = 10_000  # parse time is quadratic in depth: 0.1 s here, 2.8 s at 50,000
_BORNE = 200  # unclosed formatting tags that any page may have
_MAX_WORK = 3_000_000  # unclosed formatting tags x tags: what the parser would have to rebuild

_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
_FORMATTING = ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
_FORMATTING_TAG = re.compile(rf"<(/?(?:{'|'.join(f'{name}|{name.upper()}' for name in _FORMATTING)}))(?![a-zA-Z0-9])")
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
REPEATED = 400  # characters of an attribute that may be remembered: longer ones carry pictures, and are not repeated
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset(
    {"ng-hide", "hide", "hidden", "hid", "none", "d-none", "displaynone", "sr-only", "visually-hidden"}
)


class Page:
    """A parsed HTML text with its address. `encoded` is the same text in UTF-8, where the caller has it."""

    def __init__(self, text: str, url: str, encoded: bytes | None = None) -> None:
        _refuse_costly(text)
        self.source = text
        self.url = url
        parser = LexborHTMLParser(encoded or text.replace("\x00", "").encode("utf-8", "replace"))
        if parser.root is None:  # pragma: no cover  (lexbor makes html and body for anything)
            raise Unreadable(f"no tree for {url}")
        self.parser = parser
        self.tree = Tree(parser.root)
        self.document_title = clean((self.tree.title or "")[:4000])
        self.body = next(iter(self.tree.named("body")), 0)  # the place of the body, or of the root where there is none
        bases = (self.tree.attributes[place] for place in self.tree.named("base"))
        base = next((attributes["href"] or "" for attributes in bases if "href" in attributes), None)
        self.base = url if base is None else joined(url, base.strip())
        # Every text of the page that is not white space, in order, with its place.
        printed = enumerate(self.tree.texts)
        self.texts = [(place, text) for place, text in printed if text and not text.isspace()]
        self.marked = False  # True when a tag ContentStart stands on the page
        self.metas = self._metas()

    def _metas(self) -> dict[str, list[str]]:
        """Meta tags by small name, each with its non-empty contents in order; the tags may stand anywhere."""
        found: dict[str, list[str]] = {}
        for place in self.tree.named("meta"):
            attributes = self.tree.attributes[place]
            name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
            self.marked = self.marked or attributes.get("name") == "ContentStart"
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

    def select(self, selectors: Selectors) -> list[int]:
        """The places of the elements that match any of these selectors, in order."""
        return self.index.select(selectors)

    @cached_property
    def index(self) -> Index:
        """The page's elements by their names."""
        return Index(self.tree, self.parser)

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
        links = [self.tree.attributes[place] for place in self.tree.named("link")]
        return next(
            (link.get("href") or None for link in links if (link.get("rel") or "").lower() == "canonical"), None
        )

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

    def visible(self, enough: int = _SEEN) -> str:
        """The words of the page, white space folded; of a page that says much only the first, `enough` or more.

        Cut at 100,000 characters of its texts.
        """
        parts: list[str] = []
        length, looked_at = 0, enough
        for _, text in self.texts:
            parts.append(text)
            length += len(text)
            if length > _SEEN:
                break
            if length > 1.2 * looked_at:  # texts are longer than their words by the white space in them
                words = _words(parts)
                if len(words) >= enough:
                    return words
                looked_at = length
        return _words(parts)

    @cached_property
    def short_texts(self) -> frozenset[str]:
        """The squeezed texts of all short text nodes: what a title is confirmed by."""
        return frozenset(squeezed(text) for _, text in self.texts if len(text) <= 400)


def _words(texts: list[str]) -> str:
    return " ".join(" ".join(texts).split())


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


def hides(attributes: Attributes) -> bool:
    """True when these attributes hide their element."""
    if not attributes:
        return False
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    classes = attributes.get("class")
    return bool((style and _hidden_by_style(style)) or (classes and _hidden_by_class(classes)))


def _hidden_by_style(style: str) -> bool:
    return _short_style_hides(style) if len(style) <= REPEATED else bool(_HIDDEN_STYLE.search(style))


@lru_cache(maxsize=4096)
def _short_style_hides(style: str) -> bool:
    return bool(_HIDDEN_STYLE.search(style))


@lru_cache(maxsize=4096)
def _hidden_by_class(classes: str) -> bool:
    return not _HIDDEN_CLASSES.isdisjoint(classes.split())


def is_hidden(tree: Tree, place: int) -> bool:
    """True when the attributes of an element or of one it stands in hide it."""
    return hides(tree.attributes[place]) or any(hides(tree.attributes[above]) for above in tree.ancestors(place))


def is_data_table(tree: Tree, table: int) -> bool:
    """True for a table of data: two rows and columns, short cells. A layout table holds paragraphs or other tables."""
    if len(tree.named("table", table)) > 1:
        return False
    rows = tree.named("tr", table)
    if len(rows) < 2:
        return False
    counts = [sum(tree.tags[cell] in {"td", "th"} for cell in tree.children(row)) for row in rows[:40]]
    return sum(count >= 2 for count in counts) >= max(2, len(counts) // 2)


def shown_text(tree: Tree, place: int) -> str:
    """All text in a node, white space folded."""
    return clean(tree.text(place))


def _refuse_costly(text: str) -> None:
    """Raise Unreadable for nesting and unclosed formatting that the parser would take minutes for."""
    most = text.count("<")  # no fewer than the tags
    if most < _MAX_DEPTH and (most <= _BORNE or most * most <= _MAX_WORK):
        return
    counts = Counter(_FORMATTING_TAG.findall(text))
    unclosed = sum(
        max(0, counts[name] + counts[name.upper()] - counts[f"/{name}"] - counts[f"/{name.upper()}"])
        for name in _FORMATTING
    )
    if unclosed <= _BORNE and most < _MAX_DEPTH:
        return
    tags = _TAG.findall(text)
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
