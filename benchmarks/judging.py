"""How much of the labelled pages a reader got right. Conventions of the labels: white space and width do not count; a
date is its day; a body is right when it begins and ends as labelled, so that a menu before it, a footer behind it or a
lost last paragraph each make it wrong; a file is known by the last part of its address."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from statistics import mean
from typing import Any
from urllib.parse import unquote, urlsplit

FIELDS = ("title", "published", "issuer", "doc_number", "index_number", "body", "attachments")
_BRACKETS = str.maketrans("[【﹝〈(]】﹞〉)", "〔〔〔〔〔〕〕〕〕〕")


def right(label: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, bool]:
    """For each field labelled on one page, whether it was read as labelled."""
    checks = {
        "title": lambda: _plain(label["title"]) == _plain(read.get("title")),
        "issuer": lambda: _plain(label["issuer"]) == _plain(read.get("issuer")),
        "index_number": lambda: _plain(label["index_number"]) == _plain(read.get("index_number")),
        "doc_number": lambda: _number(label["doc_number"]) == _number(read.get("doc_number")),
        "published": lambda: (label["published"] or "")[:10] == (read.get("published") or "")[:10],
        "attachments": lambda: _files(label["attachments"]) == _files(read.get("attachments") or ()),
    }
    verdict = {field: check() for field, check in checks.items() if field in label}
    if label.get("body_start") and label.get("body_end"):
        body = _plain(read.get("body"))
        starts, ends = _either(label, "body_start"), _either(label, "body_end")
        verdict["body"] = body.startswith(starts) and body.endswith(ends)
    return verdict


def shares(judged: Iterable[tuple[str, Mapping[str, bool]]]) -> dict[str, float]:
    """From (site, verdict) pairs the share right by field, every site counting alike."""
    by_field: dict[str, dict[str, list[bool]]] = {}
    for site, verdict in judged:
        for field, was_right in verdict.items():
            by_field.setdefault(field, {}).setdefault(site, []).append(was_right)
    return {field: mean(mean(verdicts) for verdicts in sites.values()) for field, sites in by_field.items()}


def _plain(value: Any) -> str:
    text = "".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    return "".join(unicodedata.normalize("NFKC", text).replace("\u200b", "").replace("\ufeff", "").split())


def _number(value: Any) -> str:
    return re.sub("〕第?0*([0-9]+)号", r"〕\1号", _plain(value).translate(_BRACKETS))


def _either(label: Mapping[str, Any], name: str) -> tuple[str, ...]:
    other = label.get(f"{name}_alt") or ()
    return tuple(map(_plain, [label[name], *([other] if isinstance(other, str) else other)]))


def _files(addresses: Iterable[str]) -> set[tuple[str, str]]:
    parts = (urlsplit(unquote(address.strip())) for address in addresses)
    return {(part.path.rpartition("/")[2], part.query) for part in parts}
