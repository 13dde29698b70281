"""What the sample site publishes: `documents.toml` filled in for a day."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from importlib.resources import files
from string import Template
from typing import Any

NEWS = "www.itnews.example"
GXB = "www.gxb.example"
FGW = "www.fgw.example"
HOSTS = {"news": NEWS, "gxb-tz": GXB, "fgw-tz": FGW, "fgw-jd": FGW}
FGW_FOLDERS = {"fgw-tz": "/zcfb/tz/", "fgw-jd": "/zcfb/jd/"}


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its name with extension, and the lines of its text."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Published:
    """One document of the sample site, with its dates fixed."""

    key: str
    column: str
    title: str
    number: str | None
    office: str
    topic: str | None
    published: datetime  # local time of China, naive: as its page prints it
    signed: date
    lines: tuple[str, ...]
    attachments: tuple[File, ...] = ()
    pinned: bool = False
    links: Mapping[str, str] = field(default_factory=dict)  # text in the body -> key of the document it links to

    @property
    def host(self) -> str:
        """The host that publishes it."""
        return HOSTS[self.column]

    @cached_property
    def path(self) -> str:
        """The path of its page, in the form its site's software gives it."""
        day = self.published
        if self.column == "gxb-tz":
            return f"/zwgk/zcwj/wjfb/tz/art/{day:%Y}/art_{_hex(self.key)}.html"
        if self.column == "news":
            return f"/0/{100 + _number(self.key) % 900}/{100 + _number(self.key[::-1]) % 900}.htm"
        serial = 1400000 + _number(self.key)
        return f"{FGW_FOLDERS[self.column]}{day:%Y%m}/t{day:%Y%m%d}_{serial}.html"

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"http://{self.host}{self.path}"

    def file_path(self, number: int) -> str:
        """The path that serves attachment `number` (from 0), as its site's software builds it."""
        name = self.attachments[number].name
        if self.column == "gxb-tz":
            return f"/api-gateway/jpaas-web-server/front/document/download?fileUrl={_sealed(self.key, number)}"
        extension = name.rpartition(".")[2]
        stamp = _number(f"{self.key}{number}")
        folder = self.path.rpartition("/")[0]
        return f"{folder}/P0{self.published:%Y%m%d}{stamp:012d}.{extension}"

    def rewritten(self, old: str, new: str) -> "Published":
        """The same document with `old` replaced by `new`, which must occur exactly once."""
        found = sum(line.count(old) for line in self.lines)
        if found != 1:
            raise ValueError(f"{self.key}: expected {old!r} once in the body, found {found} times")
        return replace(self, lines=tuple(line.replace(old, new) for line in self.lines))


def load(today: date) -> dict[str, Published]:
    """Every document by its key, dated back from `today` (a day in China), in the order of the file."""
    text = files("console.demo").joinpath("documents.toml").read_text(encoding="utf-8")
    return {entry["key"]: _document(entry, today) for entry in tomllib.loads(text)["document"]}


def _document(entry: dict[str, Any], today: date) -> Published:
    day = today - timedelta(days=entry["age"])
    signed = day - timedelta(days=entry["written"])
    words = _words(day, signed)

    def fill(text: str) -> str:
        return Template(text).substitute(words)

    def lines(text: str) -> tuple[str, ...]:
        return tuple(fill(line) for line in text.strip().splitlines())

    return Published(
        key=entry["key"],
        column=entry["column"],
        title=fill(entry["title"]),
        number=fill(entry["number"]) if "number" in entry else None,
        office=entry["office"],
        topic=entry.get("topic"),
        published=datetime.combine(day, time.fromisoformat(entry["time"])),
        signed=signed,
        lines=lines(entry["body"]),
        attachments=tuple(File(fill(a["name"]), lines(a["body"])) for a in entry.get("attachments", ())),
        pinned=entry.get("pinned", False),
        links={fill(text): key for text, key in entry.get("links", {}).items()},
    )


def _words(day: date, signed: date) -> dict[str, str]:
    later = day.replace(day=1) + timedelta(days=62)
    words = {f"year{n}": str(day.year + n) for n in range(1, 4)}
    return words | {
        "year": str(day.year),
        "day": f"{day.month} 月 {day.day} 日",
        "signed": chinese_date(signed),
        "effective": chinese_date(later.replace(day=1)),
        "deadline": chinese_date(day + timedelta(days=30)),
    }


def chinese_date(day: date) -> str:
    """A date as official texts print it: 2026年4月13日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _hex(key: str) -> str:
    """32 hexadecimal digits that stay the same for a key, like the ids of Hanweb's articles."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def _number(key: str) -> int:
    """A number below 65536 that stays the same for a key."""
    return int(_hex(key)[:4], 16)


def _sealed(key: str, number: int) -> str:
    """What Hanweb prints instead of a file's path: opaque, and percent-encoded in the link."""
    return hashlib.blake2b(f"{key}/{number}".encode(), digest_size=48).hexdigest().upper() + "%3D%3D"
