"""Feeds as files: RSS 2.0, Atom and JSON Feed 1.1 of what a channel was told last, for a web server or a feed reader.

The JSON file is the one that is read back; the two others are written from it. Each is replaced whole.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from lxml import etree

from schedules.alerts import Message
from schedules.channels.base import Channel, Envelope, TemporaryError
from storage.errors import OperatorError

MOST_ITEMS: Final = 200
ATOM: Final = "http://www.w3.org/2005/Atom"
_VERSION: Final = "https://jsonfeed.org/version/1.1"
_NAME = re.compile(r"[\w.-]+", re.UNICODE)
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class FeedChannel(Channel):
    """Adds each event to the three files of a feed. What was added before is not added again: here at least once is
    exactly once."""

    keeps: ClassVar[tuple[str, ...]] = ("subject", "text", "data")

    def __init__(self, folder: Path | None) -> None:
        """`folder`: where feeds that are named without a folder are."""
        self._folder = folder

    def split(self, message: Message) -> Sequence[Message]:
        """An entry each event."""
        return message.parts or [message]

    def send(self, message: Message, envelope: Envelope) -> str:
        """Add one entry. Trouble with the files raises TemporaryError."""
        stem = self._stem(envelope.target)
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
            with _locked(stem):
                feed = _load(stem)
                if any(item["id"] == f"urn:policy-crawler:{envelope.key}" for item in feed["items"]):
                    return f"{stem}: there already"
                feed["items"] = [_item(message, envelope), *feed["items"]][:MOST_ITEMS]
                write(stem, feed)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TemporaryError(f"{stem}: {error}", about="us") from error
        return f"{stem}: {len(feed['items'])} entries"

    def _stem(self, target: str) -> Path:
        path = Path(target)
        if path.is_absolute():
            return path
        if self._folder is None:
            raise TemporaryError("there is no folder for feeds here; name the feed by a whole path", about="us")
        return self._folder / target


def check(target: str) -> None:
    """Raise OperatorError unless a feed can have that name, or path without an ending."""
    path = Path(target)
    if not target or ".." in path.parts or not _NAME.fullmatch(path.name):
        raise OperatorError(f"not a feed's name: {target!r}; expected a name, or a path without .rss, .atom or .json")
    if not path.is_absolute() and len(path.parts) > 1:
        raise OperatorError(f"not a feed's name: {target!r}; expected a name alone or a whole path")


def write(stem: Path, feed: dict[str, Any]) -> None:
    """Write a feed's three files, each at once: who reads meanwhile sees the old or the new."""
    title, items = feed["title"], feed["items"]
    _replace(stem.with_name(stem.name + ".rss"), _rss(title, items))
    _replace(stem.with_name(stem.name + ".atom"), _atom(title, stem.name, items))
    _replace(stem.with_name(stem.name + ".json"), json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n")


def _load(stem: Path) -> dict[str, Any]:
    file = stem.with_name(stem.name + ".json")
    if not file.exists():
        return {"version": _VERSION, "title": f"policy-crawler: {stem.name}", "items": []}
    feed = json.loads(file.read_bytes())
    if not isinstance(feed, dict) or feed.get("version") != _VERSION:
        raise ValueError("the .json file is no feed of ours; move it away")
    return feed


def _item(message: Message, envelope: Envelope) -> dict[str, Any]:
    events = message.data.get("events") or [{}]
    links = events[0].get("links") or {}
    item: dict[str, Any] = {
        "id": f"urn:policy-crawler:{envelope.key}",
        "title": _plain(message.subject),
        "content_text": _plain(message.text),
        "date_published": envelope.created_at.isoformat(),
    }
    if link := links.get("source") or links.get("archive"):
        item["url"] = link
    if kind := events[0].get("kind"):
        item["tags"] = [kind]
    return item


def _plain(text: str) -> str:
    return _UNWANTED.sub("", text)


def _rss(title: str, items: Sequence[dict[str, Any]]) -> bytes:
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    _put(channel, "title", title)
    _put(channel, "link", "https://www.rssboard.org/rss-specification")
    _put(channel, "description", title)
    for item in items:
        entry = etree.SubElement(channel, "item")
        _put(entry, "title", item["title"])
        if "url" in item:
            _put(entry, "link", item["url"])
        _put(entry, "description", _html(item["content_text"]))
        _put(entry, "guid", item["id"]).set("isPermaLink", "false")
        _put(entry, "pubDate", format_datetime(datetime.fromisoformat(item["date_published"])))
        for tag in item.get("tags", []):
            _put(entry, "category", tag)
    return _document(root)


def _atom(title: str, name: str, items: Sequence[dict[str, Any]]) -> bytes:
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _put(root, f"{{{ATOM}}}id", f"urn:policy-crawler:feed:{name}")
    _put(root, f"{{{ATOM}}}title", title)
    _put(root, f"{{{ATOM}}}updated", items[0]["date_published"] if items else "1970-01-01T00:00:00+00:00")
    _put(etree.SubElement(root, f"{{{ATOM}}}author"), f"{{{ATOM}}}name", "policy-crawler")
    for item in items:
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        _put(entry, f"{{{ATOM}}}id", item["id"])
        _put(entry, f"{{{ATOM}}}title", item["title"])
        _put(entry, f"{{{ATOM}}}updated", item["date_published"])
        if "url" in item:
            etree.SubElement(entry, f"{{{ATOM}}}link", href=item["url"], rel="alternate")
        for tag in item.get("tags", []):
            etree.SubElement(entry, f"{{{ATOM}}}category", term=tag)
        _put(entry, f"{{{ATOM}}}content", item["content_text"]).set("type", "text")
    return _document(root)


def _put(parent: Any, name: str, text: str) -> Any:
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def _html(text: str) -> str:
    """Text as HTML that shows it: RSS readers take descriptions for HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>\n")


def _document(root: Any) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return made


def _replace(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.part")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


@contextmanager
def _locked(stem: Path) -> Iterator[None]:
    """One writer at a time, among processes too."""
    with stem.with_name(f".{stem.name}.lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
