"""General extraction, the last resort: the element in which prose is both much and dense.

Score of an element = prose² / all text under it, prose being the text outside links and furniture that reads like
sentences. A wrapper loses by its menus, a single paragraph by its brothers.
"""

import re

from selectolax.lexbor import LexborNode

from policy_crawler.reading.noise import is_noise
from policy_crawler.reading.page import Page, is_hidden

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
_NO_PROSE = frozenset({"a", "nav", "footer", "header", "button", "label", "h1", "option", "head"})


class Density:
    """Prose and text under every element of a page, summed in one pass."""

    def __init__(self, page: Page) -> None:
        self._nodes: list[LexborNode] = []
        self._prose: list[int] = []
        self._text: list[int] = []
        self._place: dict[int, int] = {}
        self._sum(page.body)

    def _sum(self, body: LexborNode) -> None:
        parents: list[int] = []
        plain: list[int] = []  # text outside links and furniture, sentences or not
        silent: list[bool] = []  # inside a link or furniture: text, but no prose
        for node in body.traverse(include_text=True):
            parent = node.parent
            above = self._place.get(parent.mem_id, -1) if parent is not None else -1
            if node.tag == "-text":
                if above < 0:
                    continue
                text = node.text_content or ""
                length = len(text.strip())
                self._text[above] += length
                if length and not silent[above]:
                    plain[above] += length
                    if _PROSE.search(text):
                        self._prose[above] += length
                continue
            if not node.is_element_node:
                continue
            place = len(self._nodes)
            self._place[node.mem_id] = place
            self._nodes.append(node)
            self._prose.append(0)
            self._text.append(0)
            plain.append(0)
            parents.append(above)
            silent.append((above >= 0 and silent[above]) or node.tag in _NO_PROSE or is_hidden(node) or is_noise(node))
        if not any(self._prose):  # a page of names, a table: then whatever is no link
            self._prose = plain
        for place in range(len(self._nodes) - 1, 0, -1):
            above = parents[place]
            if above >= 0:
                self._prose[above] += self._prose[place]
                self._text[above] += self._text[place]

    def best(self) -> LexborNode | None:
        """The element with the highest score, the innermost of equals; None when the page has no prose."""
        best, score = None, 0.0
        for place, node in enumerate(self._nodes):
            prose = self._prose[place]
            if not prose or node.tag not in _BOXES:
                continue
            own = prose * prose / max(1, self._text[place])
            if own >= score:
                best, score = node, own
        return best

    def same_text(self, node: LexborNode, other: LexborNode) -> bool:
        """True when the two hold the same prose, within a tenth, and about the same text."""
        one, two = self._place.get(node.mem_id), self._place.get(other.mem_id)
        if one is None or two is None:
            return False
        return (
            0.9 * self._prose[two] <= self._prose[one] <= 1.1 * self._prose[two]
            and self._text[one] <= 1.2 * self._text[two] + 40
        )
