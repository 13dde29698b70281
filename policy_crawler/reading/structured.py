"""Structured data (JSON-LD, schema.org) that a page carries in a script: title, dates, author, publisher."""

import html
import json
import re
from collections.abc import Iterator

_SCRIPT = re.compile(
    r"<script[^<>]{0,200}application/ld\+json[^<>]{0,200}>(.{2,100000}?)</script", re.DOTALL | re.IGNORECASE
)
_MOST = 5  # scripts looked at
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Legislation|WebPage|GovernmentService)$")


def structured(source: str) -> dict[str, str]:
    """`headline`, `published`, `author`, `publisher` as the page's JSON-LD gives them; missing ones are left out."""
    if "ld+json" not in source:
        return {}
    found: dict[str, str] = {}
    for place, match in enumerate(_SCRIPT.finditer(source)):
        if place == _MOST:
            break
        try:
            data = json.loads(match[1].strip(), strict=False)
        except (ValueError, RecursionError):
            continue
        for entity in _entities(data):
            for name, value in _fields(entity):
                found.setdefault(name, value)
    return found


def _entities(data: object) -> Iterator[dict[str, object]]:
    """The articles in a script: the object itself, a list, or an @graph."""
    if isinstance(data, list):
        for part in data[:20]:
            yield from _entities(part) if isinstance(part, dict) else ()
    elif isinstance(data, dict):
        kind = data.get("@type")
        kinds = kind if isinstance(kind, list) else [kind]
        if any(isinstance(name, str) and _ARTICLE.search(name) for name in kinds) or "datePublished" in data:
            yield data
        graph = data.get("@graph")
        if isinstance(graph, list):
            for part in graph[:20]:
                yield from _entities(part) if isinstance(part, dict) else ()


def _fields(entity: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, keys in (
        ("headline", ("headline",)),
        ("published", ("datePublished", "pubDate")),
        ("author", ("author",)),
        ("publisher", ("publisher",)),
    ):
        for key in keys:
            value = _word(entity.get(key))
            if value:
                yield name, value
                break


def _word(value: object) -> str | None:
    """A text, or the name of a person or organisation."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return html.unescape(value).strip() or None if isinstance(value, str) else None
