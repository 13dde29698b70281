"""A page's elements and texts as flat lists in document order, walked once.

Every look at a node of lexbor makes an object, so that asking its tree again and again costs more than parsing. Here a
node is its **place**: element and text `i` has its tag in `tags[i]`, its attributes in `attributes[i]`, its text in
`texts[i]`, its parent's place in `above[i]`, and everything inside it stands at `i + 1 … ends[i] - 1`. What stands in
what is a comparison of numbers, the words under an element are a slice.

Scripts, styles and their like, comments and `<title>` are left out with all that they hold.
"""

from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

TEXT: Final = "-text"  # the tag of a text, as lexbor calls it
_TEXT_ID = 2  # lexbor's number of it: a number is compared where a tag would be decoded
Attributes = dict[str, str | None]
_NONE: Final[Attributes] = {}

# fmt: off
BLOCK_TAGS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "menu", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    "ucapcontent", "ucaptitle",
})
_OTHER_TAGS = (
    "html", "head", "meta", "link", "base", "a", "span", "font", "strong", "b", "i", "u", "em", "img", "br", "input",
    "label", "button",
)
_DROPPED = (
    "script", "style", "noscript", "template", "iframe", "svg", "select", "object", "embed", "audio", "video", "title",
)
# fmt: on
_MADE_UP = 1000  # lexbor's own tags have numbers below
_LEFT_OUT = frozenset({*_DROPPED, "-comment", "-doctype", "-document", ""})


class Tree:
    """The lists of one page. Place 0 is the root, whose parent is -1."""

    __slots__ = ("above", "attributes", "ends", "kinds", "tags", "texts", "title")

    def __init__(self, root: LexborNode) -> None:
        self.tags: list[str] = []
        self.attributes: list[Attributes] = []
        self.texts: list[str] = []  # "" for elements
        self.above: list[int] = []
        self.ends: list[int] = []  # the place behind the last node inside
        self.title: str | None = None  # the text of the first <title>
        self._walk(root)
        self.kinds = frozenset(self.tags)  # every tag there is

    def _walk(self, root: LexborNode) -> None:
        """Fill the lists, without recursion: pages nest thousands deep. This loop is run for every node of a page."""
        above, ends = self.above, self.ends
        add_tag, add_attributes, add_text = self.tags.append, self.attributes.append, self.texts.append
        add_above, add_end, name_of = above.append, ends.append, _TAG_OF.get
        node: LexborNode | None = root
        opened: list[LexborNode] = []
        parent, place = -1, 0
        while True:
            if node is None:  # behind the last node of an element
                ends[parent] = place
                parent = above[parent]
                if parent < 0:
                    return
                node = opened.pop().next
                continue
            number = node.tag_id
            if number == _TEXT_ID:
                add_tag(TEXT)
                add_attributes(_NONE)
                add_text(node.text_content or "")
                add_above(parent)
                place += 1
                add_end(place)
            elif (tag := name_of(number) or node.tag or "") not in _LEFT_OUT:
                add_tag(tag)
                add_attributes(node.attributes)
                add_text("")
                add_above(parent)
                child = node.first_child
                if child is not None:
                    opened.append(node)
                    parent = place
                    node = child
                place += 1
                add_end(place)
                if child is not None:
                    continue
            elif tag == "title" and self.title is None:
                self.title = node.text(deep=True)
            node = node.next

    def text(self, place: int) -> str:
        """All text in a node, as printed."""
        return "".join(self.texts[place : self.ends[place]])

    def ancestors(self, place: int) -> Iterator[int]:
        """The parents of a node, nearest first."""
        above = self.above
        place = above[place]
        while place >= 0:
            yield place
            place = above[place]

    def children(self, place: int) -> Iterator[int]:
        """The elements and texts right in an element, in order."""
        ends = self.ends
        end = ends[place]
        place += 1
        while place < end:
            yield place
            place = ends[place]

    def named(self, tag: str, within: int = 0) -> list[int]:
        """The elements with this tag, in order: all, or those in the element `within` and itself."""
        found: list[int] = []
        if tag not in self.kinds:
            return found
        place, end = within, self.ends[within]
        try:
            while True:
                place = self.tags.index(tag, place, end)
                found.append(place)
                place += 1
        except ValueError:
            return found

    def links(self, within: int = 0) -> list[tuple[int, str]]:
        """The elements `a` that have an address, with it: all, or those in the element `within` and itself."""
        return [
            (place, self.attributes[place]["href"] or "")
            for place in self.named("a", within)
            if "href" in self.attributes[place]
        ]

    def next_element(self, place: int) -> int | None:
        """The next element with the same parent."""
        above = self.above[place]
        if above < 0:
            return None
        place, end = self.ends[place], self.ends[above]
        while place < end and self.tags[place] == TEXT:
            place += 1
        return place if place < end else None

    def identity(self, place: int) -> str:
        """What an element is called in evidence: its id, its class, or its tag."""
        attributes = self.attributes[place]
        return attributes.get("id") or attributes.get("class") or self.tags[place]


def _numbers() -> dict[int, str]:
    """lexbor's numbers of the usual tags. Those it makes up for tags of others are other numbers in every page."""
    tree = LexborHTMLParser("")
    numbers = {tree.create_node(tag).tag_id: tag for tag in (*BLOCK_TAGS, *_OTHER_TAGS, *_DROPPED)}
    return {number: tag for number, tag in numbers.items() if number < _MADE_UP}


_TAG_OF = _numbers()
