"""Documents that sites serve as JSON: the answer of a detail API, or the row of a list that brings the text with it.

What the site's own script would draw is written out as HTML, so that the rest of reading needs no rule for it; the
evidence of each field then names the JSON key it came from.
"""

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urljoin

from policy_crawler.reading.dates import CHINA, find_day
from policy_crawler.reading.model import AttachmentLink, DocumentType, Evidence, Reading

Paths = tuple[str, ...]
_LONGEST = 8_000_000  # characters of one document's JSON
_FAR = 9_999_999_999  # an epoch above it counts milliseconds

# 时效 of the national database: its own numbers (the site's legend).
_IN_FORCE = {"1": "已废止", "2": "已修改", "3": "有效", "4": "尚未生效"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of JSON document. Paths are dotted keys below the first of `holders` that has all of `marks`.

    `labels`: (label of a disclosure table, where its value stands); `files`: (list, key of the address, key of the
    name)."""

    family: str
    marks: Paths
    title: Paths
    body: Paths
    published: Paths
    labels: tuple[tuple[str, Paths], ...] = ()
    files: tuple[str, str, str] | None = None
    file_urls: Paths = ()  # renderings of the document itself, its text where the body is empty
    download: tuple[str, str] = ("", "")  # template and key of the address its file is asked at, where there is no text
    deadline: str = ""
    type: DocumentType | None = None  # where every document of the service is of one
    holders: Paths = ("data", "results.data", "")


def _meta(*keys: str) -> Paths:
    """Where UCAP keeps a value of that name."""
    return tuple(f"domainMetaList.resultList.{key}" for key in keys)


SHAPES = (
    Shape(
        "nfra",
        ("docClob", "docTitle"),
        ("docSubtitle", "docTitle"),
        ("docClob", "docClobNohtml"),
        ("publishDate",),
        (("发文字号", ("documentNo",)), ("索引号", ("indexNo",))),
        ("attachmentInfoVOList", "urlOtherName", "title"),
        ("pdfFileUrl", "docFileUrl"),
    ),
    Shape(
        "flk",
        ("gbrq", "title", "sxx"),
        ("title",),
        ("content", "contentTree"),
        ("gbrq",),
        (("制定机关", ("zdjgName",)), ("施行日期", ("sxrq",)), ("时效性", ("sxx",))),
        download=("/law-search/download/pc?format=docx&bbbs={}&fileId=", "bbbs"),
    ),
    Shape(
        "flcaw", ("flxxmc", "tsy"), ("flxxmc",), ("tsy",), ("ksrq",), deadline="jsrq", type=DocumentType.CONSULTATION
    ),
    Shape(
        "gzk",
        ("ruleId",),
        ("title", "ruleName", "name"),
        ("contentHtml", "ruleContent", "content", "text"),
        ("publicationDate",),
        (
            ("发文字号", ("documentNumber", "fileNumber", "ruleNumber")),
            ("制定机关", ("issuer", "issueOrg", "publishOrg")),
            ("施行日期", ("implementationDate", "effectiveDate")),
            ("时效性", ("validity", "timeliness")),
        ),
    ),
    Shape(
        "wordpress",
        ("title.rendered", "content.rendered"),
        ("title.rendered",),
        ("content.rendered",),
        ("date",),
    ),
    *(
        Shape(
            "ucap-row",
            marks,
            ("title", "showTitle"),
            ("contentHtml", "content"),
            ("publishedTimeStr", "publishedTime"),
            (
                ("索引号", _meta("indexnumber")),
                ("发文字号", _meta("refno", "writtentext", "wh", "fwzh")),
                ("发文机关", _meta("writtendepartment", "department")),
                ("成文日期", _meta("writedate", "writtendate")),
                ("主题分类", _meta("theme")),
                ("时效性", _meta("aging")),
                ("信息来源", _meta("source")),
            ),
            ("resList", "filePath", "title"),
        )
        for marks in (
            ("title", "contentHtml"),
            ("title", "url", "domainMetaList"),
            ("title", "url", "publishedTimeStr"),
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A JSON document as HTML. `keys`: where each piece of evidence really stands; `deadline` as the JSON says it;
    `download`: where its file is asked for, when the file is all the text there is."""

    family: str
    html: str
    keys: dict[str, str]
    deadline: date | None = None
    deadline_key: str = ""
    type: DocumentType | None = None
    download: str = ""


def is_json(text: str) -> bool:
    """True for text that is a JSON object or list as a whole."""
    return _loaded(text) is not None


def drawn(text: str) -> Drawn | None:
    """The document in `text` written out as a page; None where it is no JSON or no document we know the shape of."""
    document = _loaded(text)
    for shape in SHAPES if isinstance(document, dict) else ():
        for holder in shape.holders:
            found = _at(document, holder)
            if isinstance(found, dict) and all(_has(found, mark) for mark in shape.marks):
                return _draw(shape, found)
    return None


def from_keys(reading: Reading, record: Drawn) -> Reading:
    """The reading of a drawn page, its evidence renamed to the JSON keys."""

    def renamed(evidence: Evidence) -> Evidence:
        return replace(evidence, source=record.keys.get(evidence.source, evidence.source))

    evidence = {name: renamed(found) for name, found in reading.evidence.items()}
    if "body" in evidence and "body" in record.keys:
        evidence["body"] = replace(evidence["body"], source=record.keys["body"])
    deadline = reading.deadline
    if deadline is None and record.deadline is not None:
        deadline = record.deadline
        evidence["deadline"] = Evidence(record.deadline_key, 0.9)
    return replace(
        reading,
        family=record.family,
        type=record.type or reading.type,
        evidence=evidence,
        deadline=deadline,
        attachments=(*reading.attachments, *_download(reading, record)),
        alternatives={
            name: tuple((value, renamed(found)) for value, found in others)
            for name, others in reading.alternatives.items()
        },
    )


def _download(reading: Reading, record: Drawn) -> Iterator[AttachmentLink]:
    if record.download:
        name = f"{reading.title or 'text'}.docx"
        yield AttachmentLink(record.download, urljoin(reading.url, record.download), name, "docx")


def _loaded(text: str) -> Any:
    start = text[:200].lstrip("\ufeff \t\r\n")[:1]
    if start not in {"{", "["} or len(text) > _LONGEST:
        return None
    try:
        return json.loads(text.strip("\ufeff \t\r\n"), strict=False)
    except (ValueError, RecursionError):
        return None


def _draw(shape: Shape, record: dict[str, Any]) -> Drawn:
    keys: dict[str, str] = {}
    head, rows = [], []
    title_key, title = _first(record, shape.title)
    if title:
        keys["meta ArticleTitle"] = f"key {title_key}"
        head.append(f'<meta name="ArticleTitle" content="{html.escape(_words(title))}">')
    published_key, published = _first(record, shape.published)
    if moment := _moment(published):
        keys["meta pubdate"] = f"key {published_key}"
        head.append(f'<meta name="PubDate" content="{moment}">')
    for label, paths in shape.labels:
        key, value = _first(record, paths)
        words = _IN_FORCE.get(str(value), "") if key == "sxx" else _words(value)
        if words:
            keys[f"table {label}"] = f"key {key}"
            rows.append(f"<tr><td>{label}</td><td>{html.escape(words)}</td></tr>")
    body_key, body = _first(record, shape.body)
    if body_key:
        keys["body"] = f"key {body_key}"
    files = list(_files(shape, record, alone=not body_key))
    page = (
        f'<html><head><meta charset="utf-8">{"".join(head)}</head><body><table>{"".join(rows)}</table>'
        f"<ucapcontent>{_markup(body)}{''.join(files)}</ucapcontent></body></html>"
    )
    deadline = find_day(_words(_at(record, shape.deadline))) if shape.deadline else None
    template, key = shape.download
    named = "" if body_key else _words(_at(record, key))
    return Drawn(
        shape.family,
        page,
        keys,
        deadline=deadline,
        deadline_key=f"key {shape.deadline}",
        type=shape.type,
        download=template.format(quote(named, safe="")) if template and named else "",
    )


def _files(shape: Shape, record: dict[str, Any], *, alone: bool) -> Iterator[str]:
    """Links to the document's files. `alone`: there is no text, so its renderings as files are it."""
    listed: list[tuple[str, str]] = []
    if shape.files:
        where, address, name = shape.files
        rows = _at(record, where)
        linked = [row for row in rows if isinstance(row, dict) and row.get(address)] if isinstance(rows, list) else []
        listed += [(str(row[address]), _words(row.get(name)) or str(row[address])) for row in linked]
    if alone:
        listed += [(str(url), str(url).rsplit("/", 1)[-1]) for path in shape.file_urls if (url := _at(record, path))]
    for url, name in listed:
        yield f'<p><a href="{html.escape(url)}">{html.escape(name)}</a></p>'


def _markup(body: Any) -> str:
    """The body's HTML: as it is, plain lines as paragraphs, a tree of articles in its order."""
    if isinstance(body, str):
        if "<" in body and ">" in body:
            return body
        return "".join(f"<p>{html.escape(line)}</p>" for line in body.splitlines() if line.strip())
    return "".join(f"<p>{html.escape(line)}</p>" for line in _tree_lines(body) if line)


def _tree_lines(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for child in node:
            yield from _tree_lines(child)
    elif isinstance(node, dict):
        for key in ("title", "name", "content", "text"):
            if isinstance(node.get(key), str):
                yield _words(node[key])
        for key in ("children", "content", "items"):
            if isinstance(node.get(key), list):
                yield from _tree_lines(node[key])


def _first(record: dict[str, Any], paths: Iterable[str]) -> tuple[str, Any]:
    """(path, value) of the first path that says something; ("", None) when none does."""
    for path in paths:
        value = _at(record, path)
        if value not in (None, "", [], {}) and not (isinstance(value, str) and not value.strip()):
            return path, value
    return "", None


def _has(record: dict[str, Any], path: str) -> bool:
    outer, _, key = path.rpartition(".")
    holder = _at(record, outer)
    return isinstance(holder, Mapping) and key in holder


def _at(value: Any, path: str) -> Any:
    """What stands at a dotted path. A list of {"key", "value"} is looked into by its keys, as UCAP writes them."""
    for step in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list):
            value = _in_list(value, step)
        else:
            return None
    return value


def _in_list(rows: list[Any], step: str) -> Any:
    for row in rows:
        if isinstance(row, Mapping):
            if row.get("key") == step:
                return row.get("value")
            if isinstance(row.get(step), list):
                return [inner for one in rows if isinstance(one, Mapping) for inner in one.get(step) or ()]
    return None


def _words(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    text = str(value)
    if "<" in text:
        parts = [part.partition(">") for part in text.split("<")]
        text = parts[0][0] + "".join(rest if closed else "<" + before for before, closed, rest in parts[1:])
    return " ".join(html.unescape(text).split())


def _moment(value: Any) -> str:
    """A date as pages write it in their head: text as it is, seconds or milliseconds as a moment in China."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, (int, float)) or (isinstance(value, str) and value.isdecimal() and len(value) in {10, 13}):
        seconds = float(value)
        seconds = seconds / 1000 if seconds > _FAR else seconds
        return f"{datetime.fromtimestamp(seconds, CHINA):%Y-%m-%d %H:%M}" if 0 < seconds <= _FAR else ""
    return _words(value)
