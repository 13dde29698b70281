"""Long lists of selectors, answered by one look at a page's ids and classes.

lexbor tries every selector of a list on every element, which takes longer than parsing once there are dozens. Here the
selectors of one name each are looked up among the names the page has.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAGS = ("article", "ucapcontent", "ucaptitle", "publishtime")
# One selector: of a list, an element is given once for each that it matches.
_NAMED = f":is({', '.join(('[id]', '[class]', '[itemprop]', '[ergodic]', '[datetime]', *_TAGS))})"
_NUMBERED = "vsb_content"  # the one id that a family numbers
_SPACE = re.compile(r"[ \t\n\f\r]+")


class Selectors:
    """A list of selectors of one name: #id, .class, [attribute=value], and what `_names_of` gives besides."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = frozenset(part.strip() for part in text.split(","))
        self.small = frozenset(name.lower() for name in self.names)


class Index:
    """The elements of one page by the selectors that match them."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._nodes: list[LexborNode] = tree.css(_NAMED)
        self._places: dict[str, list[int]] = {}
        classes: dict[str, list[int]] = {}  # by the whole attribute: pages repeat few of them
        for place, node in enumerate(self._nodes):
            attributes = node.attributes
            named = attributes.get("class")
            if named:
                classes.setdefault(named, []).append(place)
            for name in _names_of(node, attributes):
                self._places.setdefault(name, []).append(place)
        for named, places in classes.items():
            for word in named.split() if named.isascii() else _SPACE.split(named):
                self._places.setdefault(f".{word}", []).extend(places)
        self._spellings: dict[str, list[str]] = {}
        for name in self._places:
            self._spellings.setdefault(name.lower(), []).append(name)

    def may_have(self, selector: str) -> bool:
        """False when no element of the page matches."""
        return selector.lower() in self._spellings

    def select(self, selectors: Selectors) -> list[LexborNode]:
        """The elements that match any of `selectors`, in the order of the page.

        Pages without a doctype match in any case: lexbor is asked where case makes the difference.
        """
        printed = [name for small in selectors.small & self._spellings.keys() for name in self._spellings[small]]
        if not selectors.names.issuperset(printed):
            return self._tree.css(selectors.text)
        places = {place for name in printed for place in self._places[name]}
        return [self._nodes[place] for place in sorted(places)]


def _names_of(node: LexborNode, attributes: dict[str, str | None]) -> list[str]:
    """The selectors that match an element but for its classes: #id, tag, tag.class, [attribute=value]."""
    names = []
    identity = attributes.get("id")
    if identity:
        names.append(f"#{identity}")
        if identity.startswith(_NUMBERED):
            names.append(f"[id^={_NUMBERED}]")
    tag = node.tag
    if tag in _TAGS:
        names.append(tag)
        names += [f"{tag}.{word}" for word in (attributes.get("class") or "").split()]
    if "datetime" in attributes:
        names.append(f"{tag}[datetime]")
    for name in ("itemprop", "ergodic"):
        if name in attributes:
            names.append(f"[{name}={attributes[name]}]")
    return names
