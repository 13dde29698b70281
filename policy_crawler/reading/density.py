"""General extraction, the last resort: the element in which prose is both much and dense.

Score of an element = prose² / all text under it, prose being the text outside links and furniture that reads like
sentences. A wrapper loses by its menus, a single paragraph by its brothers. What stands before the print of the title,
or is hidden, is no prose, unless the page holds little else.
"""

import re

from selectolax.lexbor import LexborNode

from policy_crawler.reading.noise import is_boilerplate, is_editor_line, is_source_line, named_noise
from policy_crawler.reading.page import BLOCK_TAGS, TEXT, Page, hides
from policy_crawler.reading.text import folded

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
        self._tables = tables  # ids of disclosure tables: labels and values, no text
        self._nodes: list[LexborNode] = []
        self._prose: list[int] = []
        self._text: list[int] = []
        self._plain: list[int] = []  # text outside links and furniture, sentences or not
        self._above: list[int] = []
        self._place: dict[int, int] = {}
        self._sum(page.body, _title_print(page))

    def _sum(self, body: LexborNode, start: int | None) -> None:
        lost, hidden, before = self._pass(body, start, names=True)
        kept = sum(self._prose)
        # Furniture's name on the wrapper of the text, a title behind its text, a text that a script shows (WeChat):
        # then names, the title's place, hiding are not to be believed, each only where the others leave too little.
        plain = sum(self._plain)
        names, placed = lost <= kept, before <= max(kept, lost, plain)
        kept += (0 if names else lost) + (0 if placed else before)
        styles = hidden <= _MUCH * max(kept, plain)
        if not (names and placed and styles):
            self._pass(body, start if placed else None, names=names, styles=styles)
        self._add_up()

    def _pass(self, body: LexborNode, start: int | None, *, names: bool, styles: bool = True) -> tuple[int, int, int]:
        """Weigh every element's own text.

        The prose that the name of one tool, hiding, and standing before the text node `start` keep out is returned.
        """
        self._nodes, self._prose, self._text, self._plain, self._above, self._place = [], [], [], [], [], {}
        state: list[int] = []  # 0 text, 1 under the name of a tool, 2 hidden, 3 a link or surely furniture
        kept_out = [0, 0, 0, 0]  # by state; 0 is before the title
        tools: list[int] = []  # the outermost element named like a tool above each element, -1 without one
        in_tool: dict[int, int] = {}
        open_ = start is None
        for node in body.traverse(include_text=True, skip_empty=True):
            parent = node.parent
            above = self._place.get(parent.mem_id, -1) if parent is not None else -1
            if node.tag_id == TEXT:
                text = (node.text_content or "").strip() if above >= 0 else ""
                if not text:
                    continue
                if node.mem_id == start:
                    open_ = True
                length = len(text)
                self._text[above] += length
                prose = length if _PROSE.search(text) and not is_boilerplate(text) else 0
                if state[above] or not open_:
                    kept_out[state[above]] += prose
                    if state[above] == 1:
                        in_tool[tools[above]] = in_tool.get(tools[above], 0) + prose
                    continue
                self._prose[above] += prose
                if prose or not (is_source_line(text) or is_editor_line(text)):
                    self._plain[above] += length
            elif node.is_element_node:
                self._place[node.mem_id] = len(self._nodes)
                self._nodes.append(node)
                self._prose.append(0)
                self._text.append(0)
                self._plain.append(0)
                self._above.append(above)
                inherited = state[above] if above >= 0 else 0
                own = 3 if node.mem_id in self._tables else _state_of(node, names=names, styles=styles)
                state.append(max(inherited, own))
                inherited_tool = tools[above] if above >= 0 else -1
                tools.append(inherited_tool if inherited_tool >= 0 or own != 1 else len(tools))
        return max(in_tool.values(), default=0), kept_out[2], kept_out[0]

    def _add_up(self) -> None:
        if 10 * sum(self._prose) < sum(self._plain):  # a page of names, a table: then whatever is no link
            self._prose = list(self._plain)
        for place in range(len(self._nodes) - 1, 0, -1):
            above = self._above[place]
            if above >= 0:
                self._prose[above] += self._prose[place]
                self._text[above] += self._text[place]
                self._plain[above] += self._plain[place]

    def best(self) -> LexborNode | None:
        """The element with the highest score, the innermost of equals; None when the page has no prose.

        A single line of a short text (boxes for paragraphs) gives way to the box of its brothers.
        """
        best, score = -1, 0.0
        for place, node in enumerate(self._nodes):
            prose = self._prose[place]
            if not prose or node.tag not in _BOXES:
                continue
            own = prose * prose / max(1, self._text[place])
            if own >= score:
                best, score = place, own
        return self._nodes[self._with_brothers(best)] if best >= 0 else None

    def _with_brothers(self, place: int) -> int:
        while self._is_line(place) and (above := self._above[place]) > 0:
            text, plain = self._text[above] - self._text[place], self._plain[above] - self._plain[place]
            if plain < _MOSTLY * text and self._alike(place, above) < _ALIKE:
                break
            place = above
        return place

    def _alike(self, place: int, above: int) -> int:
        """How many brothers of an element are lines of plain text with the same tag and class."""
        node = self._nodes[place]
        wanted = (node.tag, node.attributes.get("class"))
        places = [self._place[child.mem_id] for child in self._nodes[above].iter() if child.mem_id in self._place]
        return sum(
            other != place
            and self._plain[other] > 0
            and (self._nodes[other].tag, self._nodes[other].attributes.get("class")) == wanted
            for other in places
        )

    def _is_line(self, place: int) -> bool:
        """True when an element holds no lines of its own: no box with text in it, and no line break."""
        node = self._nodes[place]
        return not any(
            child.tag == "br" or (child.tag in BLOCK_TAGS and self._text[self._place[child.mem_id]])
            for child in node.iter()
            if child.mem_id in self._place
        )

    def same_text(self, node: LexborNode, other: LexborNode) -> bool:
        """True when the two hold the same prose, within a tenth, and about the same text."""
        one, two = self._place.get(node.mem_id), self._place.get(other.mem_id)
        if one is None or two is None:
            return False
        return (
            0.9 * self._prose[two] <= self._prose[one] <= 1.1 * self._prose[two]
            and self._text[one] <= 1.05 * self._text[two] + 20
        )


def _state_of(node: LexborNode, *, names: bool, styles: bool) -> int:
    """What keeps an element's prose out, as `state` counts it; names and styles only where they are believed."""
    if node.tag in _NO_PROSE:
        return 3
    attributes = node.attributes
    if not attributes:
        return 0
    if styles and hides(attributes):
        return 2
    noise = named_noise(node.tag, attributes)
    return 3 if noise == 2 else noise if names else 0


def _title_print(page: Page) -> int | None:
    """The id of the first text that prints most of the title, or begins to (<br> parts it); None where none does."""
    titles = [title for title in (page.meta("articletitle"), page.meta("og:title"), page.document_title) if title]
    for title in titles:
        wanted = folded(title)
        most = max(8, len(wanted) // 2)
        before: tuple[int, str] | None = None  # the text before, where it is a piece of the title
        for node, text in page.texts:
            piece = folded(text) if 4 <= len(text) <= 400 and (node.parent is None or node.parent.tag != "a") else ""
            if len(piece) < 4 or piece not in wanted:
                before = None
                continue
            if len(piece) >= most:
                return node.mem_id
            if before and len(before[1]) + len(piece) >= most and before[1] + piece in wanted:
                return before[0]
            before = (node.mem_id, piece)
    return None
