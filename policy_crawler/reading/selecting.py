"""Long lists of selectors, answered by one look at a page's ids and classes.

lexbor tries every selector of a list on every element, which takes longer than parsing once there are dozens. Here the
selectors of one name each are looked up among the names the page has.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_NAMED = "[id], [class], [itemprop], [ergodic], [datetime], article, ucapcontent, ucaptitle, publishtime"
_NUMBERED = "vsb_content"  # the one id that a family numbers
_SPACE = re.compile(r"[ \t\n\f\r]+")


class Selectors:
    """A list of selectors of the shapes that `_names_of` gives."""

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
        for place, node in enumerate(self._nodes):
            for name in _names_of(node):
                if name in self._places:
                    self._places[name].append(place)
                else:
                    self._places[name] = [place]
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


def _names_of(node: LexborNode) -> list[str]:
    """The selectors of one name that match an element: #id, .class, tag, tag.class, [attribute=value]."""
    attributes = node.attributes
    tag = node.tag or ""
    names = [tag]
    identity = attributes.get("id")
    if identity:
        names.append(f"#{identity}")
        if identity.startswith(_NUMBERED):
            names.append(f"[id^={_NUMBERED}]")
    classes = attributes.get("class")
    if classes:
        words = classes.split() if classes.isascii() else _SPACE.split(classes)
        names += [f".{word}" for word in words]
        if tag == "article":
            names += [f"article.{word}" for word in words]
    if len(attributes) > (identity is not None) + (classes is not None):
        names += [f"[{name}={attributes[name]}]" for name in ("itemprop", "ergodic") if name in attributes]
        if "datetime" in attributes:
            names.append(f"{tag}[datetime]")
    return names
