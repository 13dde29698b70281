"""OFD (GB/T 33190-2016): text objects of each page, sorted by where they stand."""

import posixpath
from collections.abc import Iterator

from lxml import etree

from policy_crawler.attachments.markup import attribute, local, parse
from policy_crawler.attachments.model import MAX_PAGES, Budget, FileState, FileText, Part, Refused
from policy_crawler.attachments.packages import Package

_Word = tuple[float, float, float, float, str]  # top, left, right, height in mm, text


def read(package: Package, budget: Budget) -> FileText:
    """The text with page numbers. A page's template (letter head, frame) is part of the page."""
    root = parse(_member(package, "OFD.xml"), "OFD.xml")
    parts: list[Part] = []
    pages, pictured = 0, False
    for document in _texts(root, "DocRoot"):
        main = _join("", document)
        tree = parse(_member(package, main), main)
        folder = posixpath.dirname(main)
        templates = {attribute(node, "ID"): attribute(node, "BaseLoc") for node in _all(tree, "TemplatePage")}
        for page in [node for node in _all(tree, "Page") if attribute(node, "BaseLoc")]:
            pages += 1
            if pages > MAX_PAGES:
                raise Refused(FileState.TOO_LARGE, f"more than {MAX_PAGES:,} pages")
            name = _join(folder, attribute(page, "BaseLoc") or "")
            content = package.read(name)
            if content is None:
                continue  # a page of signatures only is listed without a file
            trees = [parse(content, name)]
            for use in _all(trees[0], "Template"):
                location = _join(folder, templates.get(attribute(use, "TemplateID")) or "")
                if (frame := package.read(location)) is not None:
                    trees.append(parse(frame, location))
            pictured |= any(True for each in trees for _ in _all(each, "ImageObject"))
            words = [word for each in trees for word in _words(each)]
            parts.extend(budget.within([Part("\n".join(_lines(words)), page=pages)]))
    if parts:
        return FileText("ofd", FileState.TEXT, parts=tuple(parts), pages=pages)
    if pictured:
        return FileText("ofd", FileState.SCANNED, f"its {pages} pages are pictures without text", pages=pages)
    return FileText("ofd", FileState.EMPTY, f"its {pages} pages have no text", pages=pages)


def _member(package: Package, name: str) -> bytes:
    content = package.read(name)
    if content is None:
        raise Refused(FileState.DAMAGED, f"the OFD lacks its {name}")
    return content


def _join(folder: str, location: str) -> str:
    """Locations are relative to the document's folder; those with a leading slash, to the package."""
    location = location.strip()
    return posixpath.normpath(location.lstrip("/") if location.startswith("/") else posixpath.join(folder, location))


def _all(tree: etree._Element, name: str) -> Iterator[etree._Element]:
    return (node for node in tree.iter() if local(node) == name)


def _texts(tree: etree._Element, name: str) -> list[str]:
    return [node.text for node in _all(tree, name) if node.text]


def _numbers(text: str | None) -> list[float]:
    try:
        return [float(word) for word in (text or "").split()]
    except ValueError:
        return []


def _words(tree: etree._Element) -> Iterator[_Word]:
    for node in _all(tree, "TextObject"):
        box = _numbers(attribute(node, "Boundary"))
        left, top, width, height = box if len(box) == 4 else (0.0, 0.0, 0.0, 0.0)
        for code in node:
            if local(code) == "TextCode" and code.text:
                x, y = (_numbers(attribute(code, name)) for name in ("X", "Y"))
                size = (_numbers(attribute(node, "Size")) or [height])[0]
                # Y is the base line inside the box: objects of one line share it though their boxes differ.
                yield top + (y[0] if y else height), left + (x[0] if x else 0.0), left + width, size, code.text


def _lines(words: list[_Word]) -> Iterator[str]:
    """Words whose base lines are within half a character of each other are one line; wide gaps become a space."""
    line: list[_Word] = []
    for word in sorted(words):
        if line and word[0] - line[0][0] > 0.5 * max(line[0][3], word[3], 1.0):
            yield _joined(line)
            line = []
        line.append(word)
    if line:
        yield _joined(line)


def _joined(line: list[_Word]) -> str:
    out, end = "", None
    for _, left, right, size, text in sorted(line, key=lambda word: word[1]):
        if end is not None and left - end > 0.5 * max(size, 1.0) and not out.endswith(" "):
            out += " "
        out, end = out + text, max(right, end or right)
    return out.strip()
