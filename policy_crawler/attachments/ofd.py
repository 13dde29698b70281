"""OFD (GB/T 33190-2016): text objects of each page, sorted by where they stand, and its pictures for OCR."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from policy_crawler.attachments.markup import attribute, local, parse
from policy_crawler.attachments.model import MAX_PAGES, SCANNED_BELOW, Budget, FileState, FileText, Part, Refused
from policy_crawler.attachments.packages import Package

_READABLE = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_Word = tuple[float, float, float, float, str]  # top, left, right, height in mm, text


@dataclass(slots=True)
class _Seen:
    """What became of the pages' pictures."""

    pages: int = 0
    waiting: int = 0
    recognised: int = 0
    unreadable: list[str] = field(default_factory=list)  # why, a picture each


def read(package: Package, budget: Budget) -> FileText:
    """The text with page numbers. A page's template (letter head, frame) is part of the page."""
    root = parse(_member(package, "OFD.xml"), "OFD.xml")
    parts: list[Part] = []
    seen = _Seen()
    for document in _texts(root, "DocRoot"):
        main = _join("", document)
        tree = parse(_member(package, main), main)
        folder = posixpath.dirname(main)
        templates = {attribute(node, "ID"): attribute(node, "BaseLoc") for node in _all(tree, "TemplatePage")}
        pictures = _pictures(package, folder, tree)
        for page in [node for node in _all(tree, "Page") if attribute(node, "BaseLoc")]:
            seen.pages += 1
            if seen.pages > MAX_PAGES:
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
            text = "\n".join(_lines([word for each in trees for word in _words(each)]))
            found = [Part(text, page=seen.pages)]
            if len("".join(text.split())) < SCANNED_BELOW:  # beside a text a picture is an emblem or a seal
                found += _recognised(package, budget, [pictures.get(i) for i in _shown(trees)], seen)
            parts.extend(budget.within(found))
    return _judged(tuple(parts), seen)


def _judged(parts: tuple[Part, ...], seen: _Seen) -> FileText:
    notes = [f"pictures that cannot be read: {'; '.join(seen.unreadable[:3])}"] if seen.unreadable else []
    if not any(part.confidence is None for part in parts) and (seen.waiting or (seen.recognised and not parts)):
        reason = f"its {seen.pages} pages are pictures without text"
        if seen.recognised:
            reason = f"{reason}; OCR read {seen.recognised} of them" if parts else "OCR found no text on its pages"
        return FileText("ofd", FileState.SCANNED, "; ".join([reason, *notes]), parts, seen.pages, waiting=seen.waiting)
    if parts:
        notes = ["read by OCR, which may err", *notes] if seen.recognised else notes
        notes = ["pages that are pictures", *notes] if seen.waiting else notes
        return FileText("ofd", FileState.TEXT, "; ".join(notes), parts, seen.pages, waiting=seen.waiting)
    if notes:
        return FileText("ofd", FileState.SCANNED, "; ".join(notes), pages=seen.pages)
    return FileText("ofd", FileState.EMPTY, f"its {seen.pages} pages have no text", pages=seen.pages)


def _recognised(package: Package, budget: Budget, names: list[str | None], seen: _Seen) -> Iterator[Part]:
    """The words of a page's pictures, as the package keeps them; a page waits where one of its pictures does."""
    for name in names:
        if name is None or name not in package.names:
            seen.unreadable.append("one that the package lacks")
            continue
        if not name.lower().endswith(_READABLE):
            seen.unreadable.append(f"{posixpath.basename(name)} of a kind that is not drawn here")
            continue
        try:
            words = budget.words(lambda name=name: _member(package, name))  # type: ignore[misc]
        except Refused as error:
            seen.unreadable.append(error.reason)
            continue
        if words is None:
            seen.waiting += 1
        else:
            seen.recognised += 1
            yield Part(words[0], page=seen.pages, confidence=words[1])


def _pictures(package: Package, folder: str, tree: etree._Element) -> dict[str | None, str]:
    """The document's pictures: their ids and where in the package they lie (GB/T 33190-2016, 7.9)."""
    found: dict[str | None, str] = {}
    for location in [*_texts(tree, "PublicRes"), *_texts(tree, "DocumentRes")]:
        name = _join(folder, location)
        content = package.read(name)
        if content is None:
            continue
        resources = parse(content, name)
        base = posixpath.join(posixpath.dirname(name), attribute(resources, "BaseLoc") or "")
        for medium in _all(resources, "MultiMedia"):
            for file in _texts(medium, "MediaFile"):
                found[attribute(medium, "ID")] = _join(base, file)
    return found


def _shown(trees: list[etree._Element]) -> list[str | None]:
    """The ids of the pictures on a page, each once, from the top down."""
    placed = [
        ((_numbers(attribute(node, "Boundary")) or [0.0, 0.0])[1::-1], attribute(node, "ResourceID"))
        for tree in trees
        for node in _all(tree, "ImageObject")
    ]
    return list(dict.fromkeys(name for _, name in sorted(placed, key=lambda each: each[0])))


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
