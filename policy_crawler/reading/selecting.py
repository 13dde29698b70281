"""Elements by their names: long lists of selectors, answered by one look at a page's ids and classes.

lexbor tries every selector of a list on every element, which takes longer than parsing once there are dozens. Here the
selectors of one name each are looked up among the names the page has.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import compress
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from policy_crawler.reading.tree import Tree

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
        _wanted_ids.cache_clear()


class Index:
    """The elements of one page by the selectors that match them."""

    def __init__(self, tree: Tree, parser: LexborHTMLParser) -> None:
        self._parser = parser
        self._places: dict[str, list[int]] = {}
        for place, attributes in compress(enumerate(tree.attributes), tree.attributes):
            classes, identity = attributes.get("class"), attributes.get("id")
            if classes and (names := _wanted_classes(classes)):
                self._add(names, place)
            if identity and (names := _wanted_ids(identity)):
                self._add(names, place)
            if "itemprop" in attributes or "ergodic" in attributes or "datetime" in attributes:
                self._add([f"[{key}={attributes[key]}]" for key in _NAMED if key in attributes], place)
                self._add([f"{tree.tags[place]}[datetime]"] if "datetime" in attributes else (), place)
        for tag in _TAGS & tree.kinds:
            for place in tree.named(tag):
                words = (tree.attributes[place].get("class") or "").split()
                self._add([tag, *(f"{tag}.{word}" for word in words)], place)
        self._spellings: dict[str, list[str]] = {}
        for name in self._places:
            self._spellings.setdefault(name.lower(), []).append(name)

    def _add(self, names: Iterable[str], place: int) -> None:
        for name in names:
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


@lru_cache(maxsize=4096)
def _wanted_ids(identity: str) -> tuple[str, ...]:
    """The selectors of an id, without those that no list asks for."""
    names = (f"#{identity}", f"[id^={_NUMBERED}]" if identity.startswith(_NUMBERED) else "")
    return tuple(name for name in names if name.lower() in _WANTED)
