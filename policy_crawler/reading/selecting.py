"""Elements by their names: long lists of selectors, answered by one look at a page's ids and classes.

lexbor tries every selector of a list on every element, which takes longer than parsing once there are dozens. Here the
selectors of one name each are looked up among the names the page has.
"""

import re
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from policy_crawler.reading.tree import Attributes, Tree

_TAGS = frozenset({"article", "ucapcontent", "ucaptitle", "publishtime"})
_NAMED = ("itemprop", "ergodic")  # attributes that a selector asks for by their value
_NUMBERED = "vsb_content"  # the one id that a family numbers
_SPACE = re.compile(r"[ \t\n\f\r]+")
_WANTED: Final[set[str]] = set()  # every name of every list, small: what no list asks for is not kept


class Selectors:
    """A list of selectors of one name: #id, .class, [attribute=value], and what `Index` gives besides.

    Lists are made when modules are imported, before any page is looked at.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = frozenset(part.strip() for part in text.split(","))
        self.small = frozenset(name.lower() for name in self.names)
        _WANTED.update(self.small)
        _wanted_classes.cache_clear()


class Index:
    """The elements of one page by the selectors that match them."""

    def __init__(self, tree: Tree, parser: LexborHTMLParser) -> None:
        self._parser = parser
        self._places: dict[str, list[int]] = {}
        for place, attributes in enumerate(tree.attributes):
            if attributes:
                self._look_at(tree.tags[place], place, attributes)
        for tag in _TAGS.intersection(tree.tags):
            for place in tree.named(tag):
                self._add(tag, place)
                for word in (tree.attributes[place].get("class") or "").split():
                    self._add(f"{tag}.{word}", place)
        self._spellings: dict[str, list[str]] = {}
        for name in self._places:
            self._spellings.setdefault(name.lower(), []).append(name)

    def _look_at(self, tag: str, place: int, attributes: Attributes) -> None:
        """Note the selectors that match an element by its attributes."""
        classes, identity = attributes.get("class"), attributes.get("id")
        for name in _wanted_classes(classes) if classes else ():
            self._add(name, place)
        if identity and f"#{identity}".lower() in _WANTED:
            self._add(f"#{identity}", place)
        if identity and identity.startswith(_NUMBERED):
            self._add(f"[id^={_NUMBERED}]", place)
        for key in _NAMED:
            if key in attributes:
                self._add(f"[{key}={attributes[key]}]", place)
        if "datetime" in attributes:
            self._add(f"{tag}[datetime]", place)

    def _add(self, name: str, place: int) -> None:
        self._places.setdefault(name, []).append(place)

    def find(self, selector: str) -> list[int]:
        """The places of the elements that match one selector, in the order of the page."""
        small = selector.lower()
        names = [name for name in self._spellings.get(small, ()) if name == selector or self._matches(selector, name)]
        return sorted({place for name in names for place in self._places[name]})

    def select(self, selectors: Selectors) -> list[int]:
        """The places of the elements that match any of `selectors`, in the order of the page."""
        found: set[int] = set()
        for small in selectors.small & self._spellings.keys():
            for name in self._spellings[small]:
                if name in selectors.names or self._matches(small, name):
                    found.update(self._places[name])
        return sorted(found)

    def _matches(self, selector: str, name: str) -> bool:
        """Whether a selector matches a name that is spelt in another case: on pages without a doctype most do.

        lexbor knows the page's kind. It is asked with a spelling that no element has.
        """
        spellings = (f"{selector[:at]}{selector[at:].swapcase()}" for at in range(len(selector)))
        foreign = next((spelt for spelt in spellings if spelt not in self._spellings[selector.lower()]), selector)
        return name.isascii() and self._parser.css_first(foreign) is not None


@lru_cache(maxsize=4096)
def _wanted_classes(classes: str) -> tuple[str, ...]:
    """The selectors of a class attribute's words, without those that no list asks for. Pages repeat few attributes."""
    words = classes.split() if classes.isascii() else _SPACE.split(classes)
    return tuple(f".{word}" for word in words if f".{word}".lower() in _WANTED)
