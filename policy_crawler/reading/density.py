"""General extraction, the last resort: the element in which prose is both much and dense.

Score of an element = prose² / all text under it, prose being the text outside links and furniture that reads like
sentences. A wrapper loses by its menus, a single paragraph by its brothers. What stands before the print of the title,
or is hidden, is no prose, unless the page holds little else.
"""

import re

from policy_crawler.reading.noise import is_boilerplate, is_editor_line, is_source_line, named_noise
from policy_crawler.reading.page import Page, hides
from policy_crawler.reading.text import folded
from policy_crawler.reading.tree import BLOCK_TAGS, TEXT

# Commas and stops of sentences; 、 and : stand in lists and labels as well.
_PROSE = re.compile("[，。；！？]")
_BOXES = frozenset(
    {
        "div",
        "td",
        "article",
        "section",
        "main",
        "body",
        "form",
        "center",
        "dd",
        "li",
        "ucapcontent",
        "pre",
        "blockquote",
        "textarea",
    }
)
_MOSTLY = 0.6  # share of plain text in what the box of a line's brothers adds
_ALIKE = 2  # brothers of one shape that make a line one of a text
_MUCH = 4  # times as much prose hidden as shown: then hiding is how the page is drawn
_NO_PROSE = frozenset({"a", "nav", "footer", "header", "button", "label", "h1", "option", "head"})


class Density:
    """Prose and text under every element of a page, summed in one pass."""

    def __init__(self, page: Page, tables: frozenset[int] = frozenset()) -> None:
        self._tree = page.tree
        self._tables = tables  # disclosure tables: labels and values, no text
        self._top, self._end = page.body, page.tree.ends[page.body]
        # Of the text right in each element, later of all text in it; by the places of the tree.
        self._prose: list[int] = []
        self._text: list[int] = []
        self._plain: list[int] = []  # text outside links and furniture, sentences or not
        self._sum(_title_print(page))

    def _sum(self, start: int | None) -> None:
        lost, hidden, before = self._pass(start, names=True)
        kept = sum(self._prose)
        # Furniture's name on the wrapper of the text, a title behind its text, a text that a script shows (WeChat):
        # then names, the title's place, hiding are not to be believed, each only where the others leave too little.
        plain = sum(self._plain)
        names, placed = lost <= kept, before <= max(kept, lost, plain)
        kept += (0 if names else lost) + (0 if placed else before)
        styles = hidden <= _MUCH * max(kept, plain)
        if not (names and placed and styles):
            self._pass(start if placed else None, names=names, styles=styles)
        self._add_up()

    def _pass(self, start: int | None, *, names: bool, styles: bool = True) -> tuple[int, int, int]:
        """Weigh every element's own text.

        The prose that the name of one tool, hiding, and standing before the text `start` keep out is returned.
        """
        tags, above, texts = self._tree.tags, self._tree.above, self._tree.texts
        size = len(tags)
        self._prose, self._text, self._plain = [0] * size, [0] * size, [0] * size
        state = [0] * size  # 0 text, 1 under the name of a tool, 2 hidden, 3 a link or surely furniture
        tools = [-1] * size  # the outermost element named like a tool above each element, -1 without one
        kept_out = [0, 0, 0, 0]  # by state; 0 is before the title
        in_tool: dict[int, int] = {}
        open_ = start is None
        for place in range(self._top, self._end):
            parent = above[place]
            if tags[place] == TEXT:
                text = texts[place].strip()
                if not text:
                    continue
                if place == start:
                    open_ = True
                length = len(text)
                self._text[parent] += length
                prose = length if _PROSE.search(text) and not is_boilerplate(text) else 0
                if state[parent] or not open_:
                    kept_out[state[parent]] += prose
                    if state[parent] == 1:
                        in_tool[tools[parent]] = in_tool.get(tools[parent], 0) + prose
                    continue
                self._prose[parent] += prose
                if prose or not (is_source_line(text) or is_editor_line(text)):
                    self._plain[parent] += length
            else:
                own = 3 if place in self._tables else self._state_of(place, names=names, styles=styles)
                inside = place > self._top
                state[place] = max(state[parent], own) if inside else own
                outer = tools[parent] if inside else -1
                tools[place] = outer if outer >= 0 or own != 1 else place
        return max(in_tool.values(), default=0), kept_out[2], kept_out[0]

    def _state_of(self, place: int, *, names: bool, styles: bool) -> int:
        """What keeps an element's prose out, as `state` counts it; names and styles only where they are believed."""
        tag, attributes = self._tree.tags[place], self._tree.attributes[place]
        if tag in _NO_PROSE:
            return 3
        if not attributes:
            return 0
        if styles and hides(attributes):
            return 2
        noise = named_noise(tag, attributes)
        return 3 if noise == 2 else noise if names else 0

    def _add_up(self) -> None:
        if 10 * sum(self._prose) < sum(self._plain):  # a page of names, a table: then whatever is no link
            self._prose = list(self._plain)
        for place in range(self._end - 1, self._top, -1):
            if self._text[place]:
                above = self._tree.above[place]
                self._prose[above] += self._prose[place]
                self._text[above] += self._text[place]
                self._plain[above] += self._plain[place]

    def best(self) -> int | None:
        """The element with the highest score, the innermost of equals; None when the page has no prose.

        A single line of a short text (boxes for paragraphs) gives way to the box of its brothers.
        """
        best, score = -1, 0.0
        for place in range(self._top, self._end):
            prose = self._prose[place]
            if not prose or self._tree.tags[place] not in _BOXES:
                continue
            own = prose * prose / max(1, self._text[place])
            if own >= score:
                best, score = place, own
        return self._with_brothers(best) if best >= 0 else None

    def _with_brothers(self, place: int) -> int:
        while self._is_line(place) and (above := self._tree.above[place]) > self._top:
            text, plain = self._text[above] - self._text[place], self._plain[above] - self._plain[place]
            if plain < _MOSTLY * text and self._alike(place, above) < _ALIKE:
                break
            place = above
        return place

    def _alike(self, place: int, above: int) -> int:
        """How many brothers of an element are lines of plain text with the same tag and class."""
        tags, attributes = self._tree.tags, self._tree.attributes
        wanted = (tags[place], attributes[place].get("class"))
        return sum(
            other != place and self._plain[other] > 0 and (tags[other], attributes[other].get("class")) == wanted
            for other in self._tree.children(above)
        )

    def _is_line(self, place: int) -> bool:
        """True when an element holds no lines of its own: no box with text in it, and no line break."""
        tags = self._tree.tags
        return not any(
            tags[child] == "br" or (tags[child] in BLOCK_TAGS and self._text[child])
            for child in self._tree.children(place)
        )

    def same_text(self, one: int, two: int) -> bool:
        """True when two elements hold the same prose, within a tenth, and about the same text."""
        if not self._top <= one < self._end:
            return False
        return (
            0.9 * self._prose[two] <= self._prose[one] <= 1.1 * self._prose[two]
            and self._text[one] <= 1.05 * self._text[two] + 20
        )


def _title_print(page: Page) -> int | None:
    """The place of the first text that prints most of the title, or begins to (<br> parts it); None where none does."""
    titles = [title for title in (page.meta("articletitle"), page.meta("og:title"), page.document_title) if title]
    for title in titles:
        wanted = folded(title)
        most = max(8, len(wanted) // 2)
        before: tuple[int, str] | None = None  # the text before, where it is a piece of the title
        for place, text in page.texts:
            linked = page.tree.tags[page.tree.above[place]] == "a"
            piece = folded(text) if 4 <= len(text) <= 400 and not linked else ""
            if len(piece) < 4 or piece not in wanted:
                before = None
                continue
            if len(piece) >= most:
                return place
            if before and len(before[1]) + len(piece) >= most and before[1] + piece in wanted:
                return before[0]
            before = (place, piece)
    return None
