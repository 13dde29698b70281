"""The body as clean blocks: paragraphs with their roles, tables as rows, the edges trimmed of furniture."""

import re
from dataclasses import dataclass
from functools import lru_cache

from policy_crawler.reading.containers import Container
from policy_crawler.reading.dates import is_date_line
from policy_crawler.reading.files import file_type
from policy_crawler.reading.model import Block
from policy_crawler.reading.noise import named_noise
from policy_crawler.reading.page import REPEATED, hides, is_data_table, shown_text
from policy_crawler.reading.text import clean, squeezed
from policy_crawler.reading.tree import BLOCK_TAGS, TEXT, Attributes, Tree

_SKIPPED = frozenset({"button", "input", "textarea", "canvas", "map", "nav", "footer", "meta", "link", "head"})
_NUM = "[〇零一二三四五六七八九十百千两0-9]"
# A role by the number a line opens with; the first that fits.
_ROLES = re.compile(
    rf"(?P<chapter>第{_NUM}{{1,5}}[章编篇分](?!程))|(?P<section>第{_NUM}{{1,5}}节)|"
    rf"(?P<article>第{_NUM}{{1,6}}条(?:之{_NUM}{{1,2}})?)|"
    rf"(?P<item>[（(]{_NUM}{{1,3}}[）)]|\d{{1,2}}[.．、](?!\d)|[①-⑳]|{_NUM}{{1,3}}是)|"
    r"(?P<heading>[一二三四五六七八九十百]{1,4}、)"
)
# What a number opens with, besides digits.
_OPENING = frozenset("第（(〇零一二三四五六七八九十百千两①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_ATTACHMENT = re.compile(
    r"^附\s*(?:件|表|录|图)?\s*[0-9一二三四五六七八九十]{0,2}\s*[:：.．]|^附件\s*[0-9一二三四五六七八九十]{0,2}$|^附件下载"
)
# Atomic: a long run of digits before any other word would be tried in every way there is.
_ATTACHMENT_ALONE = re.compile(
    r"^(?>相关附件[:：]?|附件下载[:：]?|附\s*件?\s*\d{0,2}\s*[:：]?|[\s\d.．、:：;；（）()])*+$"
)
_ORGAN_END = re.compile(r"(?:部|委|局|厅|院|会|署|办|办公室|政府|银行|中心|社|组|处|公司|大学)$")
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_LEFT = BLOCK_TAGS | {"a"}  # elements whose end means something
_PARTING = BLOCK_TAGS | {"br"}  # elements in a cell that part words
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LINK_NOISE = 0.8  # share of link text above which an edge line is a menu line


@dataclass(slots=True)
class Line:
    """One line of the body while it is being made."""

    text: str
    tag: str = "p"
    centred: bool = False
    bold: bool = False
    links: tuple[tuple[str, str], ...] = ()  # (href as printed, text)
    images: tuple[str, ...] = ()
    table: bool = False

    @property
    def linked(self) -> int:
        return sum(len(squeezed(text)) for _, text in self.links)

    def is_link_only(self) -> bool:
        """True when (nearly) all of the line is link text."""
        if not self.links:
            return False
        length = len(squeezed(self.text))
        return bool(length) and self.linked >= _LINK_NOISE * length

    def file_links(self) -> list[tuple[str, str]]:
        return [(href, text) for href, text in self.links if file_type(href, text)]


def body_lines(tree: Tree, container: Container, leave_out: frozenset[int] = frozenset()) -> list[Line]:
    """The container's lines in order, hidden parts, furniture and `leave_out` (places of elements) gone."""
    return _Walk(tree, container, leave_out).run()


class _Walk:
    """One pass over the container."""

    def __init__(self, tree: Tree, container: Container, leave_out: frozenset[int]) -> None:
        self.tree = tree
        self.container = container
        self.leave_out = leave_out
        self.lines: list[Line] = []
        self.parts: list[str] = []
        self.line = Line("")
        self.open = container.start is None
        self.anchor: tuple[str, list[str]] | None = None
        self.length = len(tree.text(container.node))

    def run(self) -> list[Line]:
        tags, texts, ends = self.tree.tags, self.tree.texts, self.tree.ends
        start, end, stop = self.container.start, self.container.end, self.container.stop
        leaving: list[tuple[int, str]] = []  # where the elements that the walk is in end, and their tags
        left = stop  # where the innermost of them ends
        place = self.container.node + 1
        while True:
            while left <= place and leaving:
                self._leave(leaving.pop()[1])
                left = leaving[-1][0] if leaving else stop
            if place >= stop or place == end:
                break
            tag = tags[place]
            if tag == TEXT:
                if self.open:
                    self.parts.append(texts[place])
                    if self.anchor:
                        self.anchor[1].append(texts[place])
                place += 1
            elif place == start:
                self.open = True
                place = ends[place]
            elif self._enter(place, tag):
                if tag in _LEFT:
                    left = ends[place]
                    leaving.append((left, tag))
                place += 1
            else:
                place = ends[place]
        self._flush()
        return self.lines

    def _enter(self, place: int, tag: str) -> bool:
        """Take what an element itself says; True when the walk goes into it."""
        attributes = self.tree.attributes[place]
        if tag in _SKIPPED or self._is_left_out(place, tag, attributes):
            return False
        if not self.open:
            return True
        if tag == "br":
            self._flush()
        elif tag == "img":
            self._image(attributes)
        elif tag == "table" and is_data_table(self.tree, place):
            self._flush()
            self._table(place)
        else:
            self._open_element(tag, attributes)
            return True
        return False

    def _open_element(self, tag: str, attributes: Attributes) -> None:
        if tag in BLOCK_TAGS:
            self._flush()
            self.line.tag = tag
            self.line.centred = tag == "center" or bool(attributes and _is_centred(attributes))
        elif tag == "a":
            self.anchor = ((attributes.get("href") or "").strip(), [])
        elif tag in {"b", "strong"}:
            self.line.bold = True

    def _is_left_out(self, place: int, tag: str, attributes: Attributes) -> bool:
        """True for hidden parts, the disclosure table, and furniture; a tool's name on most of the text is wrong."""
        if place in self.leave_out or hides(attributes):
            return True
        if not attributes and tag != "header":
            return False
        noise = 1 if tag == "header" else named_noise(tag, attributes)
        return bool(noise) and (noise == 2 or not self._is_most(place))

    def _is_most(self, place: int) -> bool:
        """True when a box named like furniture holds most of the text: then the name is wrong."""
        return 2 * len(self.tree.text(place)) > self.length

    def _leave(self, tag: str) -> None:
        if tag == "a" and self.anchor:
            href, parts = self.anchor
            self.anchor = None
            if href:
                self.line.links += ((href, clean("".join(parts))),)
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        if tag in BLOCK_TAGS:
            self._flush()

    def _image(self, attributes: Attributes) -> None:
        source = next((attributes[name] for name in ("data-original", "data-src", "src") if attributes.get(name)), "")
        if source and not source.startswith("data:"):
            self.line.images += (source.strip(),)

    def _table(self, table: int) -> None:
        """A data table as one line: a row a text line, cells parted by tabs."""
        tree = self.tree
        rows = []
        for row in tree.named("tr", table):
            cells = [child for child in tree.children(row) if tree.tags[child] in {"td", "th"}]
            texts = [self._cell_text(cell) for cell in cells if not hides(tree.attributes[cell])]
            if any(texts):
                rows.append("\t".join(texts).rstrip("\t"))
        if not rows:
            return
        links = tuple((href, shown_text(tree, link)) for link, href in tree.links(table))
        images = [tree.attributes[image].get("src") or "" for image in tree.named("img", table)]
        self.lines.append(Line("\n".join(rows), "table", links=links, images=tuple(filter(None, images)), table=True))

    def _cell_text(self, cell: int) -> str:
        """A cell's text in one line; its own lines and paragraphs are parted by a space."""
        tags, texts = self.tree.tags, self.tree.texts
        inside = range(cell + 1, self.tree.ends[cell])
        return clean("".join(texts[place] or (" " if tags[place] in _PARTING else "") for place in inside))

    def _flush(self) -> None:
        text = ""
        if self.parts:
            text = clean("".join(self.parts))
            self.parts = []
        line = self.line
        if text or line.links or line.images:
            line.text = text
            self.lines.append(line)
            self.line = Line("", line.tag, line.centred)
        else:
            line.bold = False


def _is_centred(attributes: Attributes) -> bool:
    align, style = attributes.get("align"), attributes.get("style")
    return bool((align and align.lower() == "center") or (style and _centred_by_style(style)))


def _centred_by_style(style: str) -> bool:
    return _short_style_centres(style) if len(style) <= REPEATED else bool(_CENTRED.search(style))


@lru_cache(maxsize=4096)
def _short_style_centres(style: str) -> bool:
    return bool(_CENTRED.search(style))


def is_attachment_only(line: Line) -> bool:
    """True when a line is attachment links and the word 附件, numbers and brackets around them."""
    if line.table or not line.links or not (files := line.file_links()):
        return False
    rest = line.text
    for _, text in files:
        rest = rest.replace(text, "", 1)
    return bool(_ATTACHMENT_ALONE.match(rest))


def to_blocks(lines: list[Line]) -> tuple[Block, ...]:
    """Lines with text as blocks with their roles."""
    kept = [line for line in lines if line.text]
    blocks = []
    last_prose = max((index for index, line in enumerate(kept) if line.text.endswith(("。", "；", "！"))), default=-1)
    for index, line in enumerate(kept):
        blocks.append(Block(_role(line, index, last_prose), line.text))
    return tuple(blocks)


def _role(line: Line, index: int, last_prose: int) -> str:
    """The role of a line: by its tag, its number, its words, then where it stands."""
    text = line.text
    if line.table or line.tag in _HEADING_TAGS:
        return "table" if line.table else "heading"
    if (text[0] in _OPENING or text[0].isdecimal()) and (numbered := _ROLES.match(text)):
        role = numbered.lastgroup or ""
        return role if role != "heading" or len(text) <= 60 or line.bold else "item"
    if (text[0] == "附" and _ATTACHMENT.match(text)) or is_attachment_only(line):
        return "attachment"
    if len(text) <= 24 and is_date_line(text):
        return "date"
    ends_open = text[-1] not in "。；！？：，"
    if index > max(last_prose, 0) and 2 <= len(text) <= 40 and ends_open and _is_organ_like(text):
        return "signature"
    return "heading" if line.centred and len(text) <= 60 and ends_open and index <= last_prose else "paragraph"


def _is_organ_like(text: str) -> bool:
    text = squeezed(text)
    return len(text) <= 4 or bool(_ORGAN_END.search(text))
